//! What operations cost, on a small schema to the unit and on the served one within bounds.

use std::path::{Path, PathBuf};

use async_graphql::{Variables, parser::parse_query};
use serde_json::{Value, json};

use super::{Limits, code};
use crate::graphql::service::types::Types;

const SDL: &str = "
    type Query { here: Node many(ids: [ID!]!): [Node!]! page(first: Int, last: Int): Page! found(jql: String!): Node
                 list: [Node!]! node: Node! }
    type Mutation { change: Node! }
    type Node { name: String! labels: [String!]! page(first: Int, last: Int): Page! list: [Node!]! }
    type Page { nodes: [Node!]! edges: [Edge!]! total: Int! }
    type Edge { node: Node! }
    schema { query: Query mutation: Mutation }";

/// The cost of an operation of a document, or the code with which it is refused.
fn price(sdl: &str, document: &str, name: Option<&str>, variables: Value) -> Result<u64, String> {
    let document = parse_query(document).unwrap_or_else(|error| panic!("{document}: {error}"));
    let mut operations = document.operations.iter();
    let (_, operation) = operations
        .find(|(found, _)| name.is_none() || found.map(|it| it.as_str()) == name)
        .unwrap();
    let variables = Variables::from_json(variables);
    Types::from_sdl(sdl)
        .unwrap()
        .price(&document, &operation.node, &variables, &Limits::default())
        .map_err(|problem| format!("{} {}", problem.code, problem.message))
}

#[test]
fn what_stands_in_a_list_costs_as_often_as_the_list_is_long() {
    for (document, variables, cost) in [
        ("{ __typename }", json!({}), 1),
        ("{ here { name labels } }", json!({}), 3),
        // A list of which nothing is known: five.
        ("{ list { name } }", json!({}), 1 + 5 * 2),
        (
            "{ list { list { name } } }",
            json!({}),
            1 + 5 * (1 + 1 + 5 * 2),
        ),
        // A list by ids.
        (
            "{ many(ids: [\"a\", \"b\"]) { name } }",
            json!({}),
            1 + 2 * 2,
        ),
        (
            "query($i: [ID!]!) { many(ids: $i) { name } }",
            json!({"i": ["a", "b", "c"]}),
            1 + 3 * 2,
        ),
        // Pages.
        (
            "{ page(first: 3) { nodes { name } } }",
            json!({}),
            11 + 1 + 3 * 2,
        ),
        (
            "{ page(last: 3) { total nodes { name } } }",
            json!({}),
            11 + 2 + 3 * 2,
        ),
        ("{ page(first: 0) { nodes { name } } }", json!({}), 11 + 1),
        ("{ page { nodes { name } } }", json!({}), 11 + 1 + 50 * 2),
        (
            "{ page(first: null) { nodes { name } } }",
            json!({}),
            11 + 1 + 50 * 2,
        ),
        (
            "{ page(first: 3) { edges { node { name } } nodes { name } } }",
            json!({}),
            11 + 1 + 3 * 3 + 1 + 3 * 2,
        ),
        (
            "query($n: Int) { page(first: $n) { nodes { name } } }",
            json!({"n": 4}),
            11 + 1 + 4 * 2,
        ),
        (
            "query($n: Int = 5) { page(first: $n) { nodes { name } } }",
            json!({}),
            11 + 1 + 5 * 2,
        ),
        (
            "query($n: Int) { page(first: $n) { nodes { name } } }",
            json!({}),
            11 + 1 + 50 * 2,
        ),
        // Pages in pages multiply; lists in the items of a page are none of its own.
        (
            "{ page(first: 3) { nodes { page(first: 4) { nodes { name } } } } }",
            json!({}),
            11 + 1 + 3 * (1 + 11 + 1 + 4 * 2),
        ),
        (
            "{ page(first: 3) { nodes { list { name } } } }",
            json!({}),
            11 + 1 + 3 * (1 + 1 + 5 * 2),
        ),
        // Fragments cost where they are spread.
        (
            "{ page(first: 3) { ...P } } fragment P on Page { nodes { ...N } ... { total } }
             fragment N on Node { name }",
            json!({}),
            11 + 1 + 3 * 2 + 1,
        ),
        ("{ found(jql: \"\") { name } }", json!({}), 2_001 + 1),
        ("mutation { change { name } }", json!({}), 101 + 1),
    ] {
        let found = price(SDL, document, None, variables);
        assert_eq!(found, Ok(cost), "{document}");
    }
}

#[test]
fn what_costs_too_much_is_refused_with_cost_and_limit() {
    let nested = "{ page(first: 500) { nodes { page(first: 500) { nodes { name } } } } }";
    let refusal = price(SDL, nested, None, json!({})).unwrap_err();
    assert!(refusal.starts_with(code::QUERY_TOO_COMPLEX), "{refusal}");
    assert!(refusal.contains(" 506512 "), "{refusal}");
    assert!(refusal.contains(" 200000 "), "{refusal}");
    let searches: String = (0..100)
        .map(|it| format!("s{it}: found(jql: \"\") {{ name }} "))
        .collect();
    assert!(price(SDL, &format!("{{ {searches} }}"), None, json!({})).is_err());
    let deep = format!("{{ {}name{} }}", "list { ".repeat(30), " }".repeat(30));
    assert!(price(SDL, &deep, None, json!({})).is_err(), "sums saturate");
}

#[test]
fn longer_pages_than_accepted_are_refused() {
    for (document, variables) in [
        ("{ page(first: 501) { total } }", json!({})),
        ("{ here { page(last: 501) { total } } }", json!({})),
        (
            "query($n: Int!) { page(first: $n) { total } }",
            json!({"n": 501}),
        ),
    ] {
        let refusal = price(SDL, document, None, variables).unwrap_err();
        assert!(refusal.starts_with(code::BAD_USER_INPUT), "{refusal}");
        assert!(refusal.contains("501: expected 0 to 500"), "{refusal}");
    }
}

#[test]
fn introspection_is_priced_and_goes_round_in_circles_only_so_often() {
    let mut of_type = "kind name".to_owned();
    for _ in 0..9 {
        of_type = format!("kind name ofType {{ {of_type} }}");
    }
    let usual = format!(
        "{{ __schema {{ queryType {{ name }} types {{ ...T }} directives {{ name locations args {{ ...I }} }} }} }}
         fragment T on __Type {{ kind name description specifiedByURL isOneOf
           fields(includeDeprecated: true) {{ name description args {{ ...I }} type {{ {of_type} }} isDeprecated }}
           inputFields {{ ...I }} interfaces {{ {of_type} }} possibleTypes {{ {of_type} }}
           enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} }}
         fragment I on __InputValue {{ name description type {{ {of_type} }} defaultValue }}"
    );
    let cost = price(SDL, &usual, None, json!({})).unwrap();
    assert!(cost < Limits::default().complexity / 2, "{cost}");
    let circle = |times: usize| {
        let (open, close) = ("fields { type { ".repeat(times), " } }".repeat(times));
        format!("{{ __schema {{ types {{ {open}name{close} }} }} }}")
    };
    assert!(price(SDL, &circle(2), None, json!({})).is_ok());
    assert!(price(SDL, &circle(5), None, json!({})).is_err());
}

fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            documents(&path, found);
        } else if path.extension().is_some_and(|it| it == "graphql") {
            found.push(path);
        }
    }
}

/// The operations of the playground and the cookbook; where a variable says how long a page is, as
/// long as the playground asks for it at the most.
#[test]
fn what_the_playground_and_the_cookbook_ask_costs_a_quarter_of_the_limit_at_most() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sdl = crate::graphql::sdl(crate::graphql::Synchronizers::Shown);
    let ids: Vec<String> = (0..500).map(|it| it.to_string()).collect();
    let mut operations = 0;
    for folder in ["playground/src", "schema/operations"] {
        let mut files = Vec::new();
        documents(&root.join(folder), &mut files);
        let texts: Vec<String> = files
            .iter()
            .map(|file| std::fs::read_to_string(file).unwrap())
            .collect();
        // Fragments are shared between the files of the playground.
        let all = texts.join("\n");
        let parsed = parse_query(&all).unwrap();
        for (name, _) in parsed.operations.iter() {
            let name = name.expect("a name").as_str();
            let variables = json!({ "first": 100, "ids": ids });
            let cost = price(&sdl, &all, Some(name), variables).expect(name);
            assert!(cost <= Limits::default().complexity / 4, "{name}: {cost}");
            operations += 1;
        }
    }
    assert!(operations > 40, "{operations}");
}
