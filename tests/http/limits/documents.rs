//! What one operation may cost.

use serde_json::{Value, json};
use understory::graphql::service::Limits;

use super::{
    super::support::{config, start_within},
    refusal,
};

/// A limit of the number given; an operation that keeps within it, and one that does not.
struct Case {
    name: &'static str,
    set: fn(&mut Limits),
    within: String,
    beyond: String,
    /// Of either operation.
    variables: [Value; 2],
    code: &'static str,
}

fn case(
    name: &'static str,
    set: fn(&mut Limits),
    [within, beyond]: [&str; 2],
    code: &'static str,
) -> Case {
    Case {
        name,
        set,
        within: within.to_owned(),
        beyond: beyond.to_owned(),
        variables: [json!({}), json!({})],
        code,
    }
}

fn with_variables(case: Case, variables: [Value; 2]) -> Case {
    Case { variables, ..case }
}

const COMPLEX: &str = "QUERY_TOO_COMPLEX";

fn cases() -> Vec<Case> {
    let echo = "query($t: String!) { echo(text: $t) }";
    let twice = "query($t: String!) { a: echo(text: $t) b: echo(text: $t) }";
    let page = "query($n: Int!) { node { page(first: $n) { nodes { name } } } }";
    let thousand = format!("{{ echo(text: \"{}\") }}", "x".repeat(998));
    let more = format!("{{ echo(text: \"{}\") }}", "x".repeat(999));
    let fragment = "{ ...F ...F } fragment F on Query { a: hello }";
    let fragments = "{ ...F ...F } fragment F on Query { a: hello b: hello }";
    vec![
        case(
            "bytes",
            |it| it.document_bytes = 10,
            ["{ hello  }", "{ hello   }"],
            "DOCUMENT_TOO_LARGE",
        ),
        case(
            "tokens",
            |it| it.tokens = 6,
            ["{ hello a: hello }", "{ hello a: hello viewer }"],
            COMPLEX,
        ),
        case(
            "brackets",
            |it| it.brackets = 2,
            ["{ ... { hello } }", "{ ... { ... { hello } } }"],
            COMPLEX,
        ),
        case(
            "depth",
            |it| it.depth = 2,
            ["{ node { name } }", "{ node { node { name } } }"],
            COMPLEX,
        ),
        case(
            "nesting",
            |it| it.nesting = 2,
            ["{ ... { hello } }", "{ ... { ... { hello } } }"],
            COMPLEX,
        ),
        case(
            "selections",
            |it| it.selections = 4,
            [fragment, fragments],
            COMPLEX,
        ),
        case(
            "aliases",
            |it| it.aliases = 2,
            [fragment, fragments],
            COMPLEX,
        ),
        case(
            "directives",
            |it| it.directives = 1,
            [
                "{ hello @skip(if: false) }",
                "{ hello @skip(if: false) @include(if: true) }",
            ],
            COMPLEX,
        ),
        case(
            "directives of a fragment",
            |it| it.directives = 1,
            [
                "{ ...F } fragment F on Query { hello @skip(if: false) }",
                "{ ...F ...F } fragment F on Query { hello @skip(if: false) }",
            ],
            COMPLEX,
        ),
        with_variables(
            case(
                "uses of variables",
                |it| it.variable_uses = 1,
                [echo, twice],
                COMPLEX,
            ),
            [json!({"t": "a"}), json!({"t": "a"})],
        ),
        with_variables(
            case(
                "copies",
                |it| it.variable_copies = 6,
                [twice, twice],
                COMPLEX,
            ),
            [json!({"t": "x".repeat(64)}), json!({"t": "x".repeat(96)})],
        ),
        case(
            "literals",
            |it| it.string_bytes = 1_000,
            [&thousand, &more],
            "STRING_TOO_LONG",
        ),
        with_variables(
            case(
                "strings",
                |it| it.string_bytes = 1_000,
                [echo, echo],
                "STRING_TOO_LONG",
            ),
            [
                json!({"t": "x".repeat(1_000)}),
                json!({"t": "x".repeat(1_001)}),
            ],
        ),
        // The node, the page and what it costs to have one, the list, and two for each item.
        case(
            "complexity",
            |it| it.complexity = 1 + 11 + 1 + 3 * 2,
            [
                "{ node { page(first: 3) { nodes { name } } } }",
                "{ node { page(first: 4) { nodes { name } } } }",
            ],
            COMPLEX,
        ),
        with_variables(
            case(
                "complexity by variables",
                |it| it.complexity = 1 + 11 + 1 + 3 * 2,
                [page, page],
                COMPLEX,
            ),
            [json!({"n": 3}), json!({"n": 4})],
        ),
        with_variables(
            case("page", |it| it.page = 70, [page, page], "BAD_USER_INPUT"),
            [json!({"n": 70}), json!({"n": 71})],
        ),
    ]
}

#[tokio::test]
async fn one_more_than_an_operation_may_cost_is_refused() {
    for case in cases() {
        let mut limits = Limits::default();
        (case.set)(&mut limits);
        let server = start_within(config(), limits).await;
        let [within, beyond] = &case.variables;
        let refused = refusal(&server, &case.within, within).await;
        assert_eq!(refused, None, "{}", case.name);
        let refused = refusal(&server, &case.beyond, beyond).await;
        assert_eq!(refused.as_deref(), Some(case.code), "{}", case.name);
    }
}
