//! Each error names the column and what was expected there.

use crate::jql::parse;

fn error(text: &str) -> String {
    match parse(text) {
        Ok(query) => panic!("{text} is a query: {query}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn errors_name_the_column_and_what_was_expected_there() {
    let cases = [
        ("= x", r#"column 1: expected a field name, found "=""#),
        (
            "type = a AND",
            "column 13: expected a field name, found the end of the query",
        ),
        (
            "type = a AND = b",
            r#"column 14: expected a field name, found "=""#,
        ),
        (
            "(type = a",
            r#"column 10: expected AND, OR or ")", found the end of the query"#,
        ),
        ("()", r#"column 2: expected a field name, found ")""#),
        (
            "type = a)",
            r#"column 9: expected AND, OR or ORDER BY, found ")""#,
        ),
        (
            "type = a b",
            r#"column 10: expected AND, OR or ORDER BY, found "b""#,
        ),
        (
            "type = 'a' 'b c'",
            "column 12: expected AND, OR or ORDER BY, found 'b c'",
        ),
        (
            "type",
            "column 5: expected an operator that issuetype takes (=, !=, IN, NOT IN, IS, IS NOT), found the end of the query",
        ),
        (
            "type = ",
            "column 8: expected a value, found the end of the query",
        ),
        ("type = AND", r#"column 8: expected a value, found "AND""#),
        ("type = = b", r#"column 8: expected a value, found "=""#),
        ("type not like b", r#"column 10: expected IN, found "like""#),
        (
            "type is Bug",
            r#"column 9: expected EMPTY or NULL, found "Bug""#,
        ),
        (
            "type in Bug",
            r#"column 9: expected "(" and a list of values, found "Bug""#,
        ),
        ("type in ()", r#"column 10: expected a value, found ")""#),
        ("type in (a,)", r#"column 12: expected a value, found ")""#),
        (
            "type in (a b)",
            r#"column 12: expected a comma or ")", found "b""#,
        ),
        (
            "type in (a",
            r#"column 11: expected a comma or ")", found the end of the query"#,
        ),
        ("ORDER Rank", r#"column 7: expected BY, found "Rank""#),
        (
            "ORDER BY",
            "column 9: expected a field name, found the end of the query",
        ),
        (
            "ORDER BY text",
            r#"column 10: expected a field that can be sorted by, found "text""#,
        ),
        (
            "ORDER BY key up",
            r#"column 14: expected ASC, DESC, a comma or the end of the query, found "up""#,
        ),
        (
            "rank = 1",
            r#"column 1: expected a field to compare, found "rank""#,
        ),
        (
            "key = ABC",
            r#"column 7: expected an issue key such as ABC-123, found "ABC""#,
        ),
        (
            "parent IN (A-1, 1-A)",
            r#"column 17: expected an issue key such as ABC-123, found "1-A""#,
        ),
        (
            "key = A--1",
            r#"column 7: expected an issue key such as ABC-123, found "A--1""#,
        ),
        (
            "key = 'A-+1'",
            "column 7: expected an issue key such as ABC-123, found 'A-+1'",
        ),
        (
            "key > EMPTY",
            r#"column 7: expected an issue key such as ABC-123, found "EMPTY""#,
        ),
        (
            "key = A-99999999999999999999",
            r#"column 7: expected an issue key such as ABC-123, found "A-99999999999999999999""#,
        ),
        (
            "statusCategory = Open",
            r#"column 18: expected "To Do", "In Progress" or Done, found "Open""#,
        ),
        (
            "created > soon",
            r#"column 11: expected a date such as 2024-01-31, "2024-01-31 10:00" or -7d, found "soon""#,
        ),
        (
            "created ~ soon",
            r#"column 9: expected an operator that created takes (=, !=, <, <=, >, >=, IN, NOT IN, IS, IS NOT), found "~""#,
        ),
        (
            "summary = x",
            r#"column 9: expected an operator that summary takes (~, !~, IS, IS NOT), found "=""#,
        ),
        (
            "status was Open",
            r#"column 8: expected an operator that status takes (=, !=, IN, NOT IN, IS, IS NOT), found "was""#,
        ),
        (
            "summary ~ ' '",
            "column 11: expected a text to search for, found ' '",
        ),
        (
            "assignee = membersOf(x)",
            r#"column 12: unknown function "membersOf"; known is currentUser()"#,
        ),
        (
            "assignee = currentUser(x)",
            r#"column 24: expected ")", for currentUser() takes no argument, found "x""#,
        ),
        (
            "project = currentUser()",
            r#"column 11: expected a value, found "currentUser""#,
        ),
        (
            "assignee = (bob)",
            r#"column 12: expected the name of a user, or currentUser(), found "(""#,
        ),
        (
            "foo = 1",
            r#"column 1: unknown field "foo"; known are key, project, issuetype, status, statusCategory, resolution, priority, labels, component, fixVersion, assignee, reporter, summary, text, parent, "Epic Link", created, updated, resolved, Rank"#,
        ),
        (
            "type = \"a",
            "column 8: the text that opens with \" here is never closed",
        ),
        (
            "type = 'a\" ",
            "column 8: the text that opens with ' here is never closed",
        ),
        (
            r#"type = "a\qb""#,
            r#"column 10: expected \", \', \\, \n, \r, \t or \u with four hexadecimal digits"#,
        ),
        (
            r#"type = "\u12g4""#,
            r#"column 9: expected \", \', \\, \n, \r, \t or \u with four hexadecimal digits"#,
        ),
        (
            r#"type = "\u0000""#,
            r#"column 9: expected \", \', \\, \n, \r, \t or \u with four hexadecimal digits"#,
        ),
        (
            "type = [a]",
            "column 8: the character '[' must stand in quotes",
        ),
        (
            "type = a ; x",
            "column 10: the character ';' must stand in quotes",
        ),
        ("type = a\0b", "column 9: the query holds a NUL character"),
        // Columns count characters, and the first error is the one that is told.
        (
            "labels = 日本語 日",
            r#"column 14: expected AND, OR or ORDER BY, found "日""#,
        ),
        ("foo = \"a", "column 1: unknown field"),
    ];
    for (text, expected) in cases {
        let error = error(text);
        let matches =
            error == expected || text.starts_with("foo = \"") && error.starts_with(expected);
        assert!(matches, "{text}\n     got {error}\nexpected {expected}");
    }
}

#[test]
fn errors_repeat_little_of_a_long_text() {
    let error = error(&format!("{} = 1", "x".repeat(9_000)));
    assert!(
        error.contains(&format!("\"{}…\"", "x".repeat(40))),
        "{error}"
    );
    assert!(error.len() < 400);
}

#[test]
fn limits_are_errors_at_the_place_where_they_are_passed() {
    assert_eq!(
        error(&format!("labels = {}", "x".repeat(9_992))),
        "column 10001: the query is longer than 10000 bytes"
    );
    let nested = |depth: usize| format!("{}type = a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(100)).is_ok());
    assert_eq!(
        error(&nested(101)),
        "column 101: more than 100 levels of NOT and parentheses"
    );
    assert!(parse(&format!("{}type = a", "!".repeat(100))).is_ok());
    for deep in ["(".repeat(10_000), "!".repeat(10_000), "NOT ".repeat(2_500)] {
        assert!(error(&deep).ends_with("more than 100 levels of NOT and parentheses"));
    }
    assert!(error(&"(".repeat(1_000_000)).contains("longer than 10000 bytes"));

    let clauses = |count: usize| vec!["text~a"; count].join("|");
    assert!(parse(&clauses(500)).is_ok());
    assert_eq!(error(&clauses(501)), "column 3501: more than 500 clauses");

    let values = |count: usize| format!("type IN ({})", vec!["a"; count].join(","));
    assert!(parse(&values(1_000)).is_ok());
    assert_eq!(error(&values(1_001)), "column 2010: more than 1000 values");
    let words = |count: usize| format!("text ~ '{}'", vec!["a"; count].join(" "));
    assert!(parse(&words(1_000)).is_ok());
    assert_eq!(error(&words(1_001)), "column 8: more than 1000 values");
}
