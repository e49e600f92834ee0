//! What is served keeps to a public contract: every name, type and nullability in it that is served
//! at all is served so. Runs when `UNDERSTORY_CONTRACT` names a definition.

use crate::graphql::{Synchronizers, sdl};
use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    FieldDefinition, InputValueDefinition, TypeKind, TypeSystemDefinition,
};
use std::collections::{BTreeMap, BTreeSet};

/// Members of the contract that are not served yet.
const NOT_YET: &[&str] = &[];

#[test]
fn what_is_served_keeps_to_the_contract() {
    let Ok(path) = std::env::var("UNDERSTORY_CONTRACT") else {
        return;
    };
    let contract = members(&std::fs::read_to_string(path).unwrap());
    let served = members(&sdl(Synchronizers::Shown));
    let later = |member: &str| {
        let of = |name: &&str| member == *name || member.starts_with(&format!("{name}."));
        NOT_YET.iter().any(of)
    };
    let mut broken = BTreeSet::new();
    for (member, shape) in &contract {
        match served.get(member) {
            Some(found) if found == shape && !later(member) => {}
            None if later(member) => {}
            found => {
                broken.insert(format!("{member}: expected {shape}, found {found:?}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Every type, field, argument and value with its type, by path.
fn members(sdl: &str) -> BTreeMap<String, String> {
    let mut members = BTreeMap::new();
    for definition in parse_schema(sdl).unwrap().definitions {
        let TypeSystemDefinition::Type(definition) = definition else {
            continue;
        };
        let name = definition.node.name.node.to_string();
        let directives = definition.node.directives.iter();
        let one_of = directives.clone().any(|it| it.node.name.node == "oneOf");
        let mut put = |path: String, shape: String| members.insert(path, shape);
        match &definition.node.kind {
            TypeKind::Scalar => {
                put(name, "scalar".to_owned());
            }
            TypeKind::Object(it) => {
                for interface in &it.implements {
                    put(
                        format!("{name}.{}", interface.node),
                        "implemented".to_owned(),
                    );
                }
                put(name.clone(), "object".to_owned());
                fields(&name, &it.fields, &mut members);
            }
            TypeKind::Interface(it) => {
                put(name.clone(), "interface".to_owned());
                fields(&name, &it.fields, &mut members);
            }
            TypeKind::Union(it) => {
                put(name.clone(), "union".to_owned());
                for member in &it.members {
                    put(format!("{name}.{}", member.node), "member".to_owned());
                }
            }
            TypeKind::Enum(it) => {
                put(name.clone(), "enum".to_owned());
                for value in &it.values {
                    put(
                        format!("{name}.{}", value.node.value.node),
                        "value".to_owned(),
                    );
                }
            }
            TypeKind::InputObject(it) => {
                put(
                    name.clone(),
                    if one_of { "one of" } else { "input" }.to_owned(),
                );
                values(&name, &it.fields, &mut members);
            }
        }
    }
    members
}

fn fields(
    of: &str,
    fields: &[Positioned<FieldDefinition>],
    members: &mut BTreeMap<String, String>,
) {
    for field in fields {
        let path = format!("{of}.{}", field.node.name.node);
        members.insert(path.clone(), field.node.ty.node.to_string());
        values(&path, &field.node.arguments, members);
    }
}

fn values(
    of: &str,
    values: &[Positioned<InputValueDefinition>],
    members: &mut BTreeMap<String, String>,
) {
    for value in values {
        let default = value.node.default_value.as_ref();
        let default = default.map_or(String::new(), |it| format!(" = {}", it.node));
        let path = format!("{of}.{}", value.node.name.node);
        members.insert(path, format!("{}{default}", value.node.ty.node));
    }
}
