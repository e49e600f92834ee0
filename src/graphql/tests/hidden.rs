//! While synchronizers are hidden, nothing tells of them; what they do to other servers stays.

use super::world::World;
use crate::domain::Viewer;
use crate::graphql::api::Api;
use crate::graphql::service::{Answer, Operation, Outcome, Service};
use crate::graphql::{Synchronizers, provide, schema, sdl};
use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{FieldDefinition, TypeKind, TypeSystemDefinition};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What only speaks of synchronizers, in any name or description. `AUTOMATE` is a level of access,
/// which by itself says nothing of what automates.
const WORDS: &[&str] = &[
    "synchroni",
    "resync",
    "job",
    "revert",
    "undo",
    "undone",
    "dry run",
    "preview",
    "feature",
    "export",
    "incremental",
    "background",
    "queue",
    "direction",
    "carried over",
    "whose rights",
    "rules on it",
    "loop",
];

/// The one name that stays: how a client asks whether it may use them.
const QUESTION: &str = "synchronizersEnabled";
const ABOUT_IT: &str =
    "Whether synchronizers may be used: they are switched on, or in use from before.";

fn telling(text: &str) -> Vec<String> {
    let text = text.replace(QUESTION, "").replace(ABOUT_IT, "");
    let telling = |line: &&str| {
        let line = line.to_lowercase();
        WORDS.iter().any(|word| line.contains(word))
    };
    text.lines().filter(telling).map(str::to_owned).collect()
}

/// A service over a world, as a server makes one.
fn service(world: &World, usable: bool) -> Service {
    let mut api: Api = world.api.clone();
    Arc::make_mut(&mut api.info).synchronizers_enabled = usable;
    let mut builder = Service::builder(schema(api.clone()), sdl(Synchronizers::Shown));
    if !usable {
        builder = builder.showing_only(sdl(Synchronizers::Hidden), "it is off");
    }
    let builder = builder.providing(move |viewer, data| provide(&api, viewer, data));
    builder.build().unwrap()
}

async fn ask(service: &Service, viewer: &Viewer, query: &str, variables: Value) -> Value {
    let request = json!({ "query": query, "variables": variables });
    let operation = Operation::from_json(request).unwrap();
    let answer: Answer = match service.prepare(operation) {
        Ok(prepared) => service.execute(prepared, viewer).await,
        Err(answer) => {
            assert_eq!(answer.outcome(), Outcome::Refused);
            answer
        }
    };
    serde_json::from_slice(answer.body()).unwrap()
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default()
}

const INTROSPECTION: &str = "{ __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types { ...Type } directives { name description args { ...Input } } } }
  fragment Type on __Type { kind name description
    fields(includeDeprecated: true) { name description args { ...Input } type { ...Ref } }
    inputFields { ...Input } interfaces { ...Ref } possibleTypes { ...Ref }
    enumValues(includeDeprecated: true) { name description } }
  fragment Input on __InputValue { name description defaultValue type { ...Ref } }
  fragment Ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

#[tokio::test]
async fn introspection_and_definition_do_not_tell_of_it() {
    let world = World::new().await;
    let answer = ask(
        &service(&world, false),
        &world.ada,
        INTROSPECTION,
        json!({}),
    )
    .await;
    assert!(answer["errors"].is_null(), "{answer}");
    let printed = serde_json::to_string_pretty(&answer).unwrap();
    assert_eq!(telling(&printed), Vec::<String>::new());
    let hidden = sdl(Synchronizers::Hidden);
    assert_eq!(telling(&hidden), Vec::<String>::new());
    // The same words are found where it is shown, so the search can fail.
    assert!(telling(&sdl(Synchronizers::Shown)).len() > 100);

    let introspected = answer["data"]["__schema"]["types"].as_array().unwrap();
    let introspected: BTreeSet<_> = introspected
        .iter()
        .filter_map(|it| it["name"].as_str())
        .filter(|name| !name.starts_with("__"))
        .filter(|name| !["Boolean", "Float", "ID", "Int", "String"].contains(name))
        .map(str::to_owned)
        .collect();
    let defined: BTreeSet<_> = types(&hidden).into_iter().map(|(name, _)| name).collect();
    assert_eq!(introspected, defined);
}

#[tokio::test]
async fn every_field_and_type_of_it_is_refused() {
    let world = World::new().await;
    let service = service(&world, false);
    let shown = types(&sdl(Synchronizers::Hidden));
    let all = types(&sdl(Synchronizers::Shown));
    let hidden: Vec<_> = members(&all)
        .difference(&members(&shown))
        .copied()
        .collect();
    assert!(hidden.len() > 60, "{hidden:?}");
    for (of, field) in hidden {
        let query = match of {
            "Query" => format!("{{ {field} }}"),
            "Mutation" => format!("mutation {{ {field} }}"),
            "Subscription" => format!("subscription {{ {field} }}"),
            _ => format!("{{ node(id: \"x\") {{ ... on {of} {{ {field} }} }} }}"),
        };
        let answer = ask(&service, &world.ada, &query, json!({})).await;
        assert_eq!(code(&answer), "FEATURE_DISABLED", "{query}: {answer}");
        let message = answer["errors"][0]["message"].as_str().unwrap();
        let named = format!("\"{field}\" cannot be asked for: it is off");
        let within = format!("\"{of}\" cannot be asked for: it is off");
        assert!([named, within].iter().any(|it| it == message), "{message}");
    }
    let shown_names: BTreeSet<_> = shown.iter().map(|(name, _)| name).collect();
    for (name, _) in all.iter().filter(|(name, _)| !shown_names.contains(name)) {
        let query = format!("query($x: {name}) {{ viewer {{ id }} }}");
        let answer = ask(&service, &world.ada, &query, json!({})).await;
        assert_eq!(code(&answer), "FEATURE_DISABLED", "{query}: {answer}");
        let query = format!("{{ __type(name: \"{name}\") {{ name }} }}");
        let answer = ask(&service, &world.ada, &query, json!({})).await;
        assert_eq!(answer, json!({ "data": { "__type": null } }), "{name}");
    }
}

#[tokio::test]
async fn what_is_excluded_does_not_count() {
    let world = World::new().await;
    world.structure(&world.olga, "Plan").await;
    let service = service(&world, false);
    let shown = json!({ "data": { "structures": { "nodes": [{ "name": "Plan" }] } } });
    let fragment = "fragment Of on Structure { synchronizers { id currentJob { state } } }";
    for (declared, selected, fragment) in [
        ("", "synchronizers @include(if: false) { id }", ""),
        ("", "synchronizers @skip(if: true) { id }", ""),
        (
            "($on: Boolean!)",
            "synchronizers @include(if: $on) { id }",
            "",
        ),
        (
            "($on: Boolean!)",
            "... @include(if: $on) { synchronizers { id } }",
            "",
        ),
        ("($on: Boolean!)", "...Of @include(if: $on)", fragment),
        (
            "($on: Boolean = false)",
            "... on Structure @include(if: $on) { ...Of }",
            fragment,
        ),
    ] {
        let selected = format!("structures {{ nodes {{ name {selected} }} }}");
        let query = format!("query{declared} {{ {selected} }} {fragment}");
        let off = match declared {
            "($on: Boolean!)" => json!({ "on": false }),
            _ => json!({}),
        };
        let answer = ask(&service, &world.ada, &query, off).await;
        assert_eq!(answer, shown, "{query}");
        if !declared.is_empty() {
            let answer = ask(&service, &world.ada, &query, json!({ "on": true })).await;
            assert_eq!(code(&answer), "FEATURE_DISABLED", "{query}");
        }
    }
}

#[tokio::test]
async fn mistakes_are_not_answered_with_hidden_names() {
    let world = World::new().await;
    let service = service(&world, false);
    for query in [
        "{ synchroniser }",
        "{ jobz { id } }",
        "{ structures { nodes { synchronizer { id } } } }",
        "mutation { canceljob { id } }",
        "{ node(id: \"x\") { ... on Jobs { id } } }",
    ] {
        let answer = ask(&service, &world.ada, query, json!({})).await;
        assert_eq!(code(&answer), "GRAPHQL_VALIDATION_FAILED", "{answer}");
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(!message.contains("Did you mean"), "{message}");
    }
}

#[tokio::test]
async fn an_installation_that_uses_it_shows_all() {
    let world = World::new().await;
    let service = service(&world, true);
    let query = "{ serverInfo { synchronizersEnabled } jobs { totalCount }
                   __type(name: \"Synchronizer\") { name } }";
    let answer = ask(&service, &world.ada, query, json!({})).await;
    let shown = json!({ "data": {
        "serverInfo": { "synchronizersEnabled": true },
        "jobs": { "totalCount": 0 },
        "__type": { "name": "Synchronizer" },
    } });
    assert_eq!(answer, shown);
}

/// The types of a definition, and the fields of those that have some.
fn types(sdl: &str) -> Vec<(String, Vec<String>)> {
    let definitions = parse_schema(sdl).unwrap().definitions.into_iter();
    let types = definitions.filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(definition.node),
        _ => None,
    });
    types
        .map(|ty| {
            let fields: Vec<Positioned<FieldDefinition>> = match ty.kind {
                TypeKind::Object(it) => it.fields,
                TypeKind::Interface(it) => it.fields,
                _ => Vec::new(),
            };
            let fields = fields.iter().map(|it| it.node.name.node.to_string());
            (ty.name.node.to_string(), fields.collect())
        })
        .collect()
}

fn members(types: &[(String, Vec<String>)]) -> BTreeSet<(&str, &str)> {
    types
        .iter()
        .flat_map(|(ty, fields)| fields.iter().map(move |it| (ty.as_str(), it.as_str())))
        .collect()
}
