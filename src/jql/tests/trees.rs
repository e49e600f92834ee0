//! Texts → trees. A query prints its tree with the fewest parentheses, which shows its shape.

use crate::jql::field::{Field, Operator};
use crate::jql::parse;
use crate::jql::tree::{Clause, Expr, Query, Sort};
use crate::jql::value::{IssueKey, Value};

#[test]
fn a_query_is_a_filter_and_an_order() {
    let clause = |field, operator, values| {
        Expr::Clause(Clause {
            field,
            operator,
            values,
        })
    };
    let key = |number| {
        Value::Key(IssueKey {
            project: "ABC".to_owned(),
            number,
        })
    };
    let text = |text: &str| Value::Text(text.to_owned());
    assert_eq!(
        parse(
            "not key in (abc-1, 'ABC-2') and (assignee != currentUser() or labels is null) ORDER BY rank desc"
        ),
        Ok(Query {
            filter: Some(Expr::And(vec![
                Expr::Not(Box::new(clause(
                    Field::Key,
                    Operator::In,
                    vec![key(1), key(2)]
                ))),
                Expr::Or(vec![
                    clause(
                        Field::Assignee,
                        Operator::NotEqual,
                        vec![Value::CurrentUser]
                    ),
                    clause(Field::Labels, Operator::Is, vec![Value::Empty]),
                ]),
            ])),
            order: vec![Sort {
                field: Field::Rank,
                descending: true
            }],
        })
    );
    assert_eq!(
        parse(r#"summary ~ "\"a b\" \\ c""#).map(|query| query.filter),
        Ok(Some(clause(
            Field::Summary,
            Operator::Contains,
            vec![text(r#""a b" \ c"#)]
        )))
    );
    assert_eq!(
        parse(" \n "),
        Ok(Query {
            filter: None,
            order: vec![]
        })
    );
}

#[test]
fn texts_print_in_their_plain_form() {
    let cases = [
        ("", ""),
        ("order by Rank", "ORDER BY Rank"),
        (
            "ORDER  BY created dEsC,key aSc , summary",
            "ORDER BY created DESC, key, summary",
        ),
        ("project=ABC", "project = ABC"),
        ("project = ABC order by key", "project = ABC ORDER BY key"),
        // AND binds tighter than OR, NOT tighter than both.
        (
            "type = a or type = b and type = c",
            "issuetype = a OR issuetype = b AND issuetype = c",
        ),
        (
            "(type = a or type = b) and type = c",
            "(issuetype = a OR issuetype = b) AND issuetype = c",
        ),
        (
            "type = a and (type = b and (type = c))",
            "issuetype = a AND issuetype = b AND issuetype = c",
        ),
        (
            "not type = a and not (type = b or type = c)",
            "NOT issuetype = a AND NOT (issuetype = b OR issuetype = c)",
        ),
        (
            "!!type = a || !(type=b)&&type=c",
            "NOT NOT issuetype = a OR NOT issuetype = b AND issuetype = c",
        ),
        (
            "type = a & type = b | type = c",
            "issuetype = a AND issuetype = b OR issuetype = c",
        ),
        ("((((status = Open))))", "status = Open"),
        // Names of fields, in any case.
        (
            "ISSUEKEY = a-1 and issue = b_2-2 and ID = c3-003",
            "key = A-1 AND key = B_2-2 AND key = C3-3",
        ),
        (
            "epic = A-1 and 'epic link' = A-2",
            "\"Epic Link\" = A-1 AND \"Epic Link\" = A-2",
        ),
        (
            "TYPE = a and issueType = b",
            "issuetype = a AND issuetype = b",
        ),
        (
            "ResolutionDate > -1d and createdDate < 1h",
            "resolved > -1d AND created < 1h",
        ),
        // Operators.
        (
            "key>A-1 AND key >=A-1 AND key<A-1 AND key<= A-1 AND key!=A-1",
            "key > A-1 AND key >= A-1 AND key < A-1 AND key <= A-1 AND key != A-1",
        ),
        ("summary~a AND summary !~ b", "summary ~ a AND summary !~ b"),
        (
            "status in(a,b)and status Not  In ( c )",
            "status IN (a, b) AND status NOT IN (c)",
        ),
        (
            "parent is null AND parent IS NOT empty",
            "parent IS EMPTY AND parent IS NOT EMPTY",
        ),
        (
            "assignee = null OR assignee in (bob, Empty)",
            "assignee = EMPTY OR assignee IN (bob, EMPTY)",
        ),
        ("resolution != 'unresolved'", "resolution != EMPTY"),
        // Values.
        ("assignee = CURRENTUSER( )", "assignee = currentUser()"),
        ("assignee = currentUser", "assignee = currentUser"),
        (
            "assignee = a.b-c_d@example.com",
            "assignee = \"a.b-c_d@example.com\"",
        ),
        (
            "labels = 日本語 and labels = 'a b'",
            "labels = 日本語 AND labels = \"a b\"",
        ),
        (
            "labels = 'it\\'s' and labels = \"\\\\ \\u00e9\\n\"",
            "labels = \"it's\" AND labels = \"\\\\ é\\n\"",
        ),
        (
            "labels = 'EMPTY' or labels = \"and\"",
            "labels = \"EMPTY\" OR labels = \"and\"",
        ),
        (
            "labels = by and labels = desc",
            "labels = by AND labels = desc",
        ),
        (
            "fixVersion = 1.0 and labels = ''",
            "fixVersion = 1.0 AND labels = \"\"",
        ),
        (
            "statuscategory in ('to do', Indeterminate, done)",
            "statusCategory IN (\"To Do\", \"In Progress\", Done)",
        ),
        (
            "created > 2024-1-31 and created < '2024/02/01 9:05' and updated >= -168h and updated < \"1w 1m\"",
            "created > 2024-01-31 AND created < \"2024-02-01 09:05\" AND updated >= -1w AND updated < 10081m",
        ),
    ];
    for (text, printed) in cases {
        let query = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(query.to_string(), printed, "{text}");
        assert_eq!(parse(printed), Ok(query), "{printed}");
    }
}

#[test]
fn a_query_knows_what_it_depends_on() {
    let depends = |text: &str| {
        let query = parse(text).unwrap();
        (query.is_time_dependent(), query.is_viewer_dependent())
    };
    assert_eq!(depends(""), (false, false));
    assert_eq!(
        depends("created > 2024-01-31 AND reporter = alice"),
        (false, false)
    );
    assert_eq!(
        depends("status = Open AND NOT (type = Bug OR updated < -7d)"),
        (true, false)
    );
    assert_eq!(depends("reporter IN (alice, currentUser())"), (false, true));
}
