//! Everything in the schema is described, and the schema is written down as it is served.

use crate::graphql::{Synchronizers, sdl};
use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    FieldDefinition, InputValueDefinition, TypeKind, TypeSystemDefinition,
};

#[test]
fn everything_has_a_description() {
    let mut missing = Vec::new();
    for definition in parse_schema(sdl(Synchronizers::Shown)).unwrap().definitions {
        let TypeSystemDefinition::Type(definition) = definition else {
            continue;
        };
        let name = definition.node.name.node.to_string();
        check(&definition.node.description, name.clone(), &mut missing);
        match &definition.node.kind {
            TypeKind::Object(it) => fields(&name, &it.fields, &mut missing),
            TypeKind::Interface(it) => fields(&name, &it.fields, &mut missing),
            TypeKind::InputObject(it) => arguments(&name, &it.fields, &mut missing),
            TypeKind::Enum(it) => {
                for value in &it.values {
                    let path = format!("{name}.{}", value.node.value.node);
                    check(&value.node.description, path, &mut missing);
                }
            }
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

fn fields(of: &str, fields: &[Positioned<FieldDefinition>], missing: &mut Vec<String>) {
    for field in fields {
        let path = format!("{of}.{}", field.node.name.node);
        check(&field.node.description, path.clone(), missing);
        arguments(&path, &field.node.arguments, missing);
    }
}

fn arguments(of: &str, values: &[Positioned<InputValueDefinition>], missing: &mut Vec<String>) {
    for value in values {
        let path = format!("{of}.{}", value.node.name.node);
        check(&value.node.description, path, missing);
    }
}

fn check(description: &Option<Positioned<String>>, path: String, missing: &mut Vec<String>) {
    let blank = description
        .as_ref()
        .is_none_or(|text| text.node.trim().is_empty());
    if blank {
        missing.push(path);
    }
}

#[test]
fn the_definition_has_no_tabs() {
    let sdl = sdl(Synchronizers::Shown);
    assert!(!sdl.contains('\t'));
    if let Ok(path) = std::env::var("UNDERSTORY_WRITE_SDL") {
        std::fs::write(path, sdl).unwrap();
    }
}
