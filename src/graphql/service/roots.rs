//! Fragments at the root of a subscription.
//!
//! async-graphql 8.0.0-rc.5 passes over them: the stream ends at once, without data and without an
//! error. So what they hold is put in their place. Cycles have been refused before, and the size of
//! what is expanded has been counted.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, FragmentDefinition, OperationDefinition,
        OperationType, Selection, SelectionSet,
    },
};

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Expands the fragments at the root of each subscription; `root` is the name of its type. A
/// fragment that nothing spreads any more goes, since validation would call it unused.
pub(super) fn expand(document: &mut ExecutableDocument, root: &str) {
    if !document
        .operations
        .iter()
        .any(|(_, it)| to_expand(&it.node))
    {
        return;
    }
    let before = spread(document);
    let operations: Vec<_> = match &mut document.operations {
        DocumentOperations::Single(one) => vec![one],
        DocumentOperations::Multiple(many) => many.values_mut().collect(),
    };
    for operation in operations {
        if to_expand(&operation.node) {
            let items = &mut operation.node.selection_set.node.items;
            let mut fields = Vec::new();
            let held = std::mem::take(items);
            put(&mut fields, held, &[], &document.fragments, root);
            *items = fields;
        }
    }
    let after = spread(document);
    let fragments = &mut document.fragments;
    fragments.retain(|name, _| after.contains(name) || !before.contains(name));
}

fn to_expand(operation: &OperationDefinition) -> bool {
    let is_field = |item: &Positioned<Selection>| matches!(item.node, Selection::Field(_));
    operation.ty == OperationType::Subscription
        && !operation.selection_set.node.items.iter().all(is_field)
}

/// Puts selections behind `fields`, with the directives of the fragments that held them. What fits
/// no subscription stays, for validation to see.
fn put(
    fields: &mut Vec<Positioned<Selection>>,
    items: Vec<Positioned<Selection>>,
    directives: &[Positioned<Directive>],
    fragments: &Fragments,
    root: &str,
) {
    for mut item in items {
        let (held, own) = match &mut item.node {
            Selection::Field(field) => {
                field.node.directives.extend_from_slice(directives);
                fields.push(item);
                continue;
            }
            Selection::InlineFragment(inline) => {
                let on = inline.node.type_condition.as_ref();
                let fits = on.is_none_or(|on| on.node.on.node == root);
                let held = fits.then(|| inline.node.selection_set.node.items.clone());
                (held, &inline.node.directives)
            }
            Selection::FragmentSpread(spread) => {
                let found = fragments.get(&spread.node.fragment_name.node);
                let found = found.filter(|it| it.node.type_condition.node.on.node == root);
                let held = found.map(|it| it.node.selection_set.node.items.clone());
                (held, &spread.node.directives)
            }
        };
        match held {
            Some(held) => {
                let directives = [directives, own].concat();
                put(fields, held, &directives, fragments, root);
            }
            None => fields.push(item),
        }
    }
}

/// The fragments that operations spread, directly or through others.
fn spread(document: &ExecutableDocument) -> HashSet<Name> {
    let mut found = HashSet::new();
    for (_, operation) in document.operations.iter() {
        follow(&operation.node.selection_set.node, document, &mut found);
    }
    found
}

fn follow(set: &SelectionSet, document: &ExecutableDocument, found: &mut HashSet<Name>) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => follow(&field.node.selection_set.node, document, found),
            Selection::InlineFragment(inline) => {
                follow(&inline.node.selection_set.node, document, found);
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                if let Some(fragment) = document.fragments.get(name)
                    && found.insert(name.clone())
                {
                    follow(&fragment.node.selection_set.node, document, found);
                }
            }
        }
    }
}
