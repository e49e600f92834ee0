//! A table of cases from the GraphQL specification: what the library does is part of what is
//! promised, so that a change of its version must not change it unseen.

use serde_json::{Value, json};

use super::{run, service};
use crate::graphql::service::Outcome;

#[tokio::test]
async fn values_come_out_as_the_specification_says() {
    let service = service();
    for (query, variables, data) in [
        // Response keys keep the order of the document, also when later fields are ready first.
        (
            "{ slow quick }",
            json!(null),
            r#"{"slow":"slow","quick":"quick"}"#,
        ),
        (
            "{ ...F quick a: slow } fragment F on Query { slow }",
            json!(null),
            r#"{"slow":"slow","quick":"quick","a":"slow"}"#,
        ),
        (
            "{ thing { name } thing { b: name } }",
            json!(null),
            r#"{"thing":{"name":"thing","b":"thing"}}"#,
        ),
        (
            "{ thing { __typename } }",
            json!(null),
            r#"{"thing":{"__typename":"Thing"}}"#,
        ),
        (
            "query($s: Boolean!) { quick @skip(if: $s) viewer }",
            json!({"s": true}),
            r#"{"viewer":"Ada"}"#,
        ),
        ("{ int(it: 5) }", json!(null), r#"{"int":5}"#),
        (
            "query($v: Int!) { int(it: $v) }",
            json!({"v": 2147483647}),
            r#"{"int":2147483647}"#,
        ),
        (
            "query($v: Int! = 4) { int(it: $v) }",
            json!({}),
            r#"{"int":4}"#,
        ),
        (
            "query($v: Float!) { float(it: $v) }",
            json!({"v": 2}),
            r#"{"float":2.0}"#,
        ),
        ("{ float(it: 2) }", json!(null), r#"{"float":2.0}"#),
        (
            "query($v: Colour!) { colour(it: $v) }",
            json!({"v": "RED"}),
            r#"{"colour":"RED"}"#,
        ),
        (
            "{ colour(it: GREEN) }",
            json!(null),
            r#"{"colour":"GREEN"}"#,
        ),
        (
            "query($v: [Int!]!) { list(it: $v) }",
            json!({"v": [1, 2]}),
            r#"{"list":[1,2]}"#,
        ),
        (
            "query($v: [Int!]!) { list(it: $v) }",
            json!({"v": 1}),
            r#"{"list":[1]}"#,
        ),
        ("{ list(it: 1) }", json!(null), r#"{"list":[1]}"#),
        (
            "query($v: ID!) { id(it: $v) }",
            json!({"v": 12}),
            r#"{"id":"12"}"#,
        ),
        (
            "query($v: Choice!) { choice(it: $v) }",
            json!({"v": {"text": "a"}}),
            r#"{"choice":"text a"}"#,
        ),
        (
            "query($v: Int!) { choice(it: {number: $v}) }",
            json!({"v": 1}),
            r#"{"choice":"number 1"}"#,
        ),
        (
            "query($v: Point!) { point(it: $v) }",
            json!({"v": {"x": 1}}),
            r#"{"point":"1 7 None"}"#,
        ),
        (
            "query($v: Point!) { point(it: $v) }",
            json!({"v": {"x": 1, "y": 2, "tags": ["a"]}}),
            r#"{"point":"1 2 Some([\"a\"])"}"#,
        ),
        // Absent and null are told apart, also through variables.
        ("{ optional }", json!(null), r#"{"optional":"Undefined 3"}"#),
        (
            "{ optional(it: null) }",
            json!(null),
            r#"{"optional":"Null 3"}"#,
        ),
        (
            "query($v: Int) { optional(it: $v) }",
            json!({}),
            r#"{"optional":"Undefined 3"}"#,
        ),
        (
            "query($v: Int) { optional(it: $v) }",
            json!({"v": null}),
            r#"{"optional":"Null 3"}"#,
        ),
        (
            "query($v: Int) { optional(it: $v) }",
            json!({"v": 1}),
            r#"{"optional":"Value(1) 3"}"#,
        ),
        // So is an argument with a default.
        (
            "query($v: Int) { optional(or: $v) }",
            json!({}),
            r#"{"optional":"Undefined 3"}"#,
        ),
        (
            "query($v: Int) { optional(or: $v) }",
            json!({"v": 4}),
            r#"{"optional":"Undefined 4"}"#,
        ),
        (
            "query($v: Int = 5) { optional(or: $v) }",
            json!({}),
            r#"{"optional":"Undefined 5"}"#,
        ),
        (
            "query($v: Int) { ...F } fragment F on Query { ... { optional(it: $v, or: $v) } }",
            json!({}),
            r#"{"optional":"Undefined 3"}"#,
        ),
        (
            "query($v: Int) { point(it: {x: 1, y: $v}) }",
            json!({}),
            r#"{"point":"1 7 None"}"#,
        ),
        // Variables within literals, and a default that makes a nullable one fit.
        (
            "query($v: Int!) { list(it: [$v, 2]) }",
            json!({"v": 1}),
            r#"{"list":[1,2]}"#,
        ),
        (
            "query($v: Int = 6) { int(it: $v) }",
            json!({}),
            r#"{"int":6}"#,
        ),
        (
            "query($v: [String!]) { ...F } fragment F on Query { point(it: {x: 1, tags: $v}) }",
            json!({"v": ["a"]}),
            r#"{"point":"1 7 Some([\"a\"])"}"#,
        ),
        (
            "mutation { write again: write }",
            json!(null),
            r#"{"write":1,"again":1}"#,
        ),
    ] {
        let expected = (Outcome::Executed, format!(r#"{{"data":{data}}}"#));
        assert_eq!(
            run(&service, query, variables.clone()).await,
            expected,
            "{query} {variables}"
        );
    }
}

#[tokio::test]
async fn a_failing_field_nulls_the_nearest_that_may_be_null() {
    let service = service();
    for (query, data, path) in [
        (
            "{ quick thing { name must } }",
            json!({"quick": "quick", "thing": null}),
            json!(["thing", "must"]),
        ),
        (
            "{ things { name must } }",
            json!({"things": [null, null]}),
            json!(["things", 0, "must"]),
        ),
        (
            "{ thing { thing { must } } }",
            json!({"thing": null}),
            json!(["thing", "thing", "must"]),
        ),
        (
            "{ thing { name may } }",
            json!({"thing": {"name": "thing", "may": null}}),
            json!(["thing", "may"]),
        ),
        ("{ quick must }", Value::Null, json!(["must"])),
    ] {
        let (outcome, body) = run(&service, query, json!(null)).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(outcome, Outcome::Executed, "{query}");
        assert_eq!(body.get("data"), Some(&data), "{query}");
        assert_eq!(
            body["errors"].as_array().map(Vec::len),
            Some(1),
            "{query}: {body}"
        );
        assert_eq!(body["errors"][0]["path"], path, "{query}");
    }
}
