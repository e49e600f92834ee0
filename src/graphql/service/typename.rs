//! `__typename`, wherever it stands: without arguments, without fields of its own, and with
//! directives that are whole.
//!
//! async-graphql 8.0.0-rc.5 takes it out of validation altogether. It depends on the document only,
//! so the verdict is cached with it.

use super::error::{Problem, code};
use async_graphql::parser::types::{Directive, ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Pos, Positioned};

/// What is wrong with the uses of `__typename` in a document.
pub(super) fn check(document: &ExecutableDocument) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (_, operation) in document.operations.iter() {
        look(&operation.node.selection_set.node, &mut problems);
    }
    for fragment in document.fragments.values() {
        look(&fragment.node.selection_set.node, &mut problems);
    }
    problems
}

fn look(set: &SelectionSet, problems: &mut Vec<Problem>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) if field.node.name.node == "__typename" => {
                check_field(field, problems);
            }
            Selection::Field(field) => look(&field.node.selection_set.node, problems),
            Selection::InlineFragment(fragment) => {
                look(&fragment.node.selection_set.node, problems);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn check_field(field: &Positioned<Field>, problems: &mut Vec<Problem>) {
    let mut wrong = |pos: Pos, message: String| {
        problems.push(Problem {
            code: code::GRAPHQL_VALIDATION_FAILED,
            message,
            locations: vec![pos],
        });
    };
    if let Some((name, _)) = field.node.arguments.first() {
        let message = format!("\"__typename\" takes no arguments, not \"{}\".", name.node);
        wrong(name.pos, message);
    }
    if !field.node.selection_set.node.items.is_empty() {
        let message = "\"__typename\" is a String!, of which nothing can be selected.";
        wrong(field.node.selection_set.pos, message.to_owned());
    }
    let directives = &field.node.directives;
    for (at, directive) in directives.iter().enumerate() {
        let name = &directive.node.name.node;
        if !matches!(name.as_str(), "skip" | "include") {
            wrong(
                directive.pos,
                format!("There is no directive \"@{name}\" for fields."),
            );
        } else if !has_condition_alone(&directive.node) {
            let message = format!("\"@{name}\" takes one argument, \"if\", of type Boolean!.");
            wrong(directive.pos, message);
        } else if directives[..at].iter().any(|it| it.node.name.node == *name) {
            wrong(
                directive.pos,
                format!("\"@{name}\" stands twice at the same field."),
            );
        }
    }
}

fn has_condition_alone(directive: &Directive) -> bool {
    matches!(directive.arguments.as_slice(), [(name, _)] if name.node == "if")
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    #[test]
    fn typename_is_used_as_any_other_field() {
        for good in [
            "{ __typename }",
            "query($yes: Boolean!) { a: __typename @skip(if: $yes) @include(if: true) }",
            "{ viewer { __typename ... on User { __typename } } }",
        ] {
            assert!(check(&parse_query(good).unwrap()).is_empty(), "{good}");
        }
        for bad in [
            "{ __typename @aa }",
            "{ __typename @skip }",
            "{ __typename @skip(unless: true) }",
            "{ __typename @skip(if: true, if: true) }",
            "{ __typename @skip(if: false) @skip(if: false) }",
            "{ __typename(x: 1) }",
            "{ viewer { __typename { id } } }",
            "{ ... { __typename @aa } }",
            "{ ...F } fragment F on Query { __typename @aa }",
        ] {
            assert_eq!(check(&parse_query(bad).unwrap()).len(), 1, "{bad}");
        }
    }
}
