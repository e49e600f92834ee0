//! What is selected of a type, worked out once for all items of a page.
//!
//! Fragments are spread, the selections of fields that are asked for twice are merged. What
//! `@skip` and `@include` leave out is gone from the document before it is executed.

use async_graphql::parser::types::{Field, FragmentDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned};
use std::collections::HashMap;

/// The fragments of a document.
pub(super) type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Fields in the order in which they are answered, each with its key, quoted and with a colon, and
/// with a comma before it unless it is the first.
pub(super) type Plan<F> = Vec<(String, F)>;

/// What can be selected of a type.
pub(super) trait Selected<'s>: Sized {
    /// Whether a fragment with this condition is about the type. Validation has refused those that
    /// never could be, so that only types in unions and interfaces need to look.
    fn is_meant(_condition: &str) -> bool {
        true
    }

    /// A field, with what is selected below it; `None` if it cannot be written.
    fn of(name: &str, below: Vec<&'s SelectionSet>, fragments: &'s Fragments) -> Option<Self>;
}

/// The plan of some selections; `None` if one of them cannot be written.
pub(super) fn make<'s, S: Selected<'s>>(
    sets: &[&'s SelectionSet],
    fragments: &'s Fragments,
) -> Option<Plan<S>> {
    let mut found = Vec::new();
    for set in sets {
        collect::<S>(set, fragments, &mut found)?;
    }
    let plan = found.into_iter().enumerate().map(|(at, it)| {
        let name = it.field.name.node.as_str();
        let comma = if at > 0 { "," } else { "" };
        // A name is letters, digits and underscores.
        let key = [comma, "\"", it.key, "\":"].concat();
        Some((key, S::of(name, it.below, fragments)?))
    });
    plan.collect()
}

/// A field under its key.
struct Found<'s> {
    key: &'s str,
    field: &'s Field,
    below: Vec<&'s SelectionSet>,
}

fn collect<'s, S: Selected<'s>>(
    set: &'s SelectionSet,
    fragments: &'s Fragments,
    found: &mut Vec<Found<'s>>,
) -> Option<()> {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                let field = &field.node;
                if !field.arguments.is_empty() {
                    return None;
                }
                let key = field.response_key().node.as_str();
                let below = &field.selection_set.node;
                match found.iter_mut().find(|it| it.key == key) {
                    Some(known) => known.below.push(below),
                    None => found.push(Found {
                        key,
                        field,
                        below: vec![below],
                    }),
                }
            }
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref();
                if condition.is_none_or(|it| S::is_meant(&it.node.on.node)) {
                    collect::<S>(&fragment.node.selection_set.node, fragments, found)?;
                }
            }
            Selection::FragmentSpread(spread) => {
                let fragment = &fragments.get(&spread.node.fragment_name.node)?.node;
                if S::is_meant(&fragment.type_condition.node.on.node) {
                    collect::<S>(&fragment.selection_set.node, fragments, found)?;
                }
            }
        }
    }
    Some(())
}
