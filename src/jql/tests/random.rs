//! What holds for every text and every tree.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::results::keys_by_page;
use super::samples::{compiled, keys, tracker};
use crate::jql::field::{Field, Kind, Operator};
use crate::jql::parse;
use crate::jql::tree::{Clause, Expr, Query, Sort};
use crate::jql::value::Value;

/// Words and signs of the language, to make texts that get further than noise does.
fn fragment() -> impl Strategy<Value = String> {
    let known = "and AND or not NOT in is empty null order by desc ( ) ( ) , = != ~ !~ < <= > >= ! \
        && || ' \" \\ key project type status epic \"Epic Link\" labels created rank summary \
        assignee currentUser() ABC-1 -7d 2024-01-31 Open 'In Progress' \u{0} é 日";
    let known: Vec<_> = known.split(' ').map(str::to_owned).collect();
    prop_oneof![8 => select(known), 1 => ".{0,3}"]
}

fn value(field: Field) -> BoxedStrategy<Value> {
    let texts: BoxedStrategy<String> = match field.kind() {
        Kind::Key | Kind::Reference => "(ABC|xyz)-[0-9]{1,2}".boxed(),
        Kind::Category => select(vec!["to do", "In Progress", "DONE"])
            .prop_map_into()
            .boxed(),
        Kind::Date => prop_oneof![
            "[-+]?[0-9]{1,6}[mhdw]",
            "-[0-9]{1,3}w [0-9]{1,2}d",
            "20[0-9]{2}[-]0[1-9]-[12][0-9]( [01][0-9]:[0-5][0-9])?",
        ]
        .boxed(),
        _ => prop_oneof![
            select(vec![
                "abc",
                "Bug",
                "Open",
                "In Progress",
                "High",
                "alice",
                "ui",
                "web",
                "1.0"
            ])
            .prop_map_into(),
            "[^\0]{1,12}",
            "[\\\\\"'%_!*?a ]{1,8}",
        ]
        .boxed(),
    };
    let is_named_empty =
        |field, text: &str| field == Field::Resolution && text.eq_ignore_ascii_case("unresolved");
    texts
        .prop_filter_map("a value of the field", move |text| {
            Value::read(field.kind(), &text).filter(|_| !is_named_empty(field, &text))
        })
        .boxed()
}

fn clause() -> impl Strategy<Value = Expr> {
    let fields: Vec<_> = Field::ALL
        .into_iter()
        .filter(|field| field.kind() != Kind::Order)
        .collect();
    let pairs = select(fields)
        .prop_flat_map(|field| (Just(field), select(field.kind().operators().to_vec())));
    pairs
        .prop_flat_map(|(field, operator)| {
            let user = match field.kind() {
                Kind::User => Just(Value::CurrentUser).boxed(),
                _ => value(field),
            };
            let any = prop_oneof![4 => value(field), 1 => Just(Value::Empty), 1 => user];
            let values = match operator {
                Operator::Is | Operator::IsNot => Just(vec![Value::Empty]).boxed(),
                Operator::In | Operator::NotIn => vec(any, 1..4).boxed(),
                Operator::Equal | Operator::NotEqual => vec(any, 1).boxed(),
                _ => vec(value(field), 1).boxed(),
            };
            (Just(field), Just(operator), values)
        })
        .prop_map(|(field, operator, values)| {
            Expr::Clause(Clause {
                field,
                operator,
                values,
            })
        })
}

/// Trees as the parser makes them: no AND directly within an AND, no OR within an OR.
fn expr() -> impl Strategy<Value = Expr> {
    clause().prop_recursive(4, 24, 4, |inner| {
        let flat = |parts: Vec<Expr>, all: bool| {
            let mut flat = Vec::new();
            for part in parts {
                match part {
                    Expr::And(inner) if all => flat.extend(inner),
                    Expr::Or(inner) if !all => flat.extend(inner),
                    part => flat.push(part),
                }
            }
            if all { Expr::And(flat) } else { Expr::Or(flat) }
        };
        prop_oneof![
            inner.clone().prop_map(|part| Expr::Not(Box::new(part))),
            (vec(inner, 2..4), any::<bool>()).prop_map(move |(parts, all)| flat(parts, all)),
        ]
    })
}

fn order() -> impl Strategy<Value = Vec<Sort>> {
    let fields: Vec<_> = Field::ALL
        .into_iter()
        .filter(|field| field.is_sortable())
        .collect();
    let sort = (select(fields), any::<bool>());
    vec(
        sort.prop_map(|(field, descending)| Sort { field, descending }),
        0..4,
    )
}

fn query() -> impl Strategy<Value = Query> {
    (proptest::option::weighted(0.9, expr()), order())
        .prop_map(|(filter, order)| Query { filter, order })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        // An error or a query, as long as it returns.
        drop(parse(&text));
    }

    #[test]
    fn a_text_of_fragments_is_refused_in_place_or_prints_to_itself(
        fragments in vec(fragment(), 0..20),
        glue in select(vec![" ", ""]),
    ) {
        let text = fragments.join(glue);
        match parse(&text) {
            Ok(query) => prop_assert_eq!(parse(&query.to_string()), Ok(query)),
            Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.column)),
        }
    }

    #[test]
    fn a_printed_query_parses_to_itself(query in query()) {
        let printed = query.to_string();
        prop_assert_eq!(parse(&printed), Ok(query), "{}", printed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_query_runs_and_shares_no_issue_with_its_negation(expr in expr()) {
        let connection = tracker();
        let find = |text: String| keys(&connection, &compiled(&text).select("issue.key"));
        let (found, rest) = (find(expr.to_string()), find(format!("NOT ({expr})")));
        for key in found.split_whitespace() {
            prop_assert!(!rest.split_whitespace().any(|other| other == key), "{}: {}", expr, key);
        }
        prop_assert_eq!(find(format!("NOT NOT ({expr})")), found);
    }

    #[test]
    fn pages_make_up_the_whole_result(query in query(), size in 1_u32..4) {
        let connection = tracker();
        let text = query.to_string();
        let whole = keys(&connection, &compiled(&text).select("issue.key"));
        prop_assert_eq!(keys_by_page(&connection, &text, size), whole, "{}", text);
    }
}
