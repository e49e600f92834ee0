//! What is refused before it is executed, with which code, and how fast.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{code, run, service};
use crate::graphql::service::Outcome;

#[tokio::test]
async fn what_is_wrong_is_refused_with_its_code() {
    let service = service();
    let chain: String = (0..30)
        .map(|it| format!("fragment F{it} on Thing {{ ...F{0} ...F{0} }} ", it + 1))
        .chain(["fragment F30 on Thing { name }".to_owned()])
        .collect();
    let aliases: String = (0..501).map(|it| format!("a{it}: quick ")).collect();
    let cases = [
        ("{", json!(null), code::GRAPHQL_PARSE_FAILED),
        ("", json!(null), code::GRAPHQL_PARSE_FAILED),
        (&"{".repeat(100_000), json!(null), code::QUERY_TOO_COMPLEX),
        (
            &format!(
                "{{ int(it: {}{}) }}",
                "[".repeat(40_000),
                "]".repeat(40_000)
            ),
            json!(null),
            code::QUERY_TOO_COMPLEX,
        ),
        (
            &"{ quick } #".repeat(10_000),
            json!(null),
            code::DOCUMENT_TOO_LARGE,
        ),
        (
            &format!("{{ thing {{ ...F0 }} }} {chain}"),
            json!(null),
            code::QUERY_TOO_COMPLEX,
        ),
        // Also where no operation spreads them.
        (
            &format!("{{ quick }} {chain}"),
            json!(null),
            code::QUERY_TOO_COMPLEX,
        ),
        (
            "{ thing { ...A } } fragment A on Thing { ...B } fragment B on Thing { ...A }",
            json!(null),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "{ quick } fragment A on Query { ...A ...A }",
            json!(null),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            &format!("{{ {}name{} }}", "thing { ".repeat(15), " }".repeat(15)),
            json!(null),
            code::QUERY_TOO_COMPLEX,
        ),
        (
            &format!("{{ {}quick{} }}", "... { ".repeat(32), " }".repeat(32)),
            json!(null),
            code::QUERY_TOO_COMPLEX,
        ),
        (
            &format!("{{ {aliases} }}"),
            json!(null),
            code::QUERY_TOO_COMPLEX,
        ),
        (
            &format!("{{ quick {} }}", "@skip(if: false) ".repeat(501)),
            json!(null),
            code::QUERY_TOO_COMPLEX,
        ),
        ("{ nope }", json!(null), code::GRAPHQL_VALIDATION_FAILED),
        ("{ int }", json!(null), code::GRAPHQL_VALIDATION_FAILED),
        (
            "{ int(it: \"5\") }",
            json!(null),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "query($v: [Nope] = [1]) { int(it: $v) }",
            json!(null),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "{ choice(it: {number: 1, text: \"a\"}) }",
            json!(null),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        // A variable must fit its place, also if its value is left out or happens to fit.
        (
            "query($v: String) { optional(or: $v) }",
            json!({}),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "query($v: ID!) { echo(it: $v) }",
            json!({"v": "a"}),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "query($v: Int) { int(it: $v) }",
            json!({"v": 1}),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "query($v: [Int]!) { list(it: $v) }",
            json!({"v": [1]}),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "query($v: Int) { list(it: [$v]) }",
            json!({"v": 1}),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "query($v: Int!) { list(it: $v) }",
            json!({"v": 1}),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "query($v: ID!) { ...F } fragment F on Query { point(it: {x: 1, tags: [$v]}) }",
            json!({"v": "a"}),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "query($v: Boolean) { quick @skip(if: $v) }",
            json!({"v": true}),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "query($v: Int) { optional(nope: $v) }",
            json!({}),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "query($v: Int) { quick }",
            json!({}),
            code::GRAPHQL_VALIDATION_FAILED,
        ),
        (
            "query A { quick } query B { slow }",
            json!(null),
            code::OPERATION_RESOLUTION_FAILURE,
        ),
        // async-graphql takes this one for absent.
        (
            "query($v: Int!) { optional(it: $v) }",
            json!({}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Int!) { int(it: $v) }",
            json!({"v": null}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Int!) { int(it: $v) }",
            json!({"v": "5"}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Int!) { int(it: $v) }",
            json!({"v": 5.5}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Int!) { int(it: $v) }",
            json!({"v": 2147483648_i64}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Colour!) { colour(it: $v) }",
            json!({"v": "PINK"}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: [Int!]!) { list(it: $v) }",
            json!({"v": [1, null]}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: ID!) { id(it: $v) }",
            json!({"v": 1.5}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Choice!) { choice(it: $v) }",
            json!({"v": {}}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Choice!) { choice(it: $v) }",
            json!({"v": {"number": 1, "text": "a"}}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Choice!) { choice(it: $v) }",
            json!({"v": {"text": null}}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Point!) { point(it: $v) }",
            json!({"v": {}}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($v: Point!) { point(it: $v) }",
            json!({"v": {"x": 1, "z": 1}}),
            code::BAD_USER_INPUT,
        ),
        (
            "query($s: Boolean!) { quick @skip(if: $s) }",
            json!({"s": "yes"}),
            code::BAD_USER_INPUT,
        ),
    ];
    let began = Instant::now();
    for (query, variables, expected) in cases {
        let (outcome, body) = run(&service, query, variables.clone()).await;
        assert_eq!(
            outcome,
            Outcome::Refused,
            "{query:.100} {variables}: {body}"
        );
        assert_eq!(code(&body), expected, "{query:.100} {variables}: {body}");
        assert!(body.len() < 20 * 700, "{query:.100}: {} bytes", body.len());
    }
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn the_path_to_a_wrong_variable_is_named() {
    let variables = json!({"v": {"x": 1, "tags": ["a", 2]}});
    let (_, body) = run(&service(), "query($v: Point!) { point(it: $v) }", variables).await;
    assert!(
        body.contains(r#"Variable \"$v.tags[1]\" of type \"Point!\""#),
        "{body}"
    );
    assert!(
        body.contains("expected \\\"String\\\", a string, found an integer"),
        "{body}"
    );
}

#[tokio::test]
async fn large_variables_are_not_copied_often() {
    let uses = "list(it: $v) ".repeat(100);
    let query = format!("query($v: [Int!]!) {{ {uses} }}");
    let (_, body) = run(&service(), &query, json!({"v": vec![1; 100_000]})).await;
    assert_eq!(code(&body), code::QUERY_TOO_COMPLEX);
}

#[tokio::test]
async fn errors_are_few_and_short() {
    let many: String = (0..400).map(|it| format!("nope{it} ")).collect();
    let (_, body) = run(&service(), &format!("{{ {many} }}"), json!(null)).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["errors"].as_array().map(Vec::len), Some(20));

    let unknown = "x".repeat(2_000);
    let (_, body) = run(&service(), &format!("{{ {unknown} }}"), json!(null)).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    let message = body["errors"][0]["message"].as_str().unwrap();
    assert_eq!(message.chars().count(), 501);
}

#[tokio::test]
async fn a_syntax_error_is_one_line_that_does_not_echo_the_document() {
    let query = format!("{{ quick {}", "€".repeat(2_000));
    let (_, body) = run(&service(), &query, json!(null)).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    let error = &body["errors"][0];
    let message = error["message"].as_str().unwrap();
    assert!(
        message.starts_with("The document is not valid GraphQL: expected"),
        "{message}"
    );
    assert!(!message.contains(['\n', '€']), "{message}");
    assert_eq!(error["locations"][0]["line"], 1);
}
