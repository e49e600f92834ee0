//! What an operation without a name is called where it is told of: the root fields that it selects.
//!
//! Only fields of the schema, so that no text of a client's choice gets into the log, and only so
//! many that a line stays a line. The document is within its limits and has no cycle.

use super::types::Types;
use async_graphql::{
    Name, Positioned,
    parser::types::{ExecutableDocument, OperationDefinition, Selection},
};

/// Bytes of a label, but for what says that there is more.
const LENGTH: usize = 100;

/// The root fields of an operation, each once, in the order of the document.
pub(super) fn of(
    types: &Types,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> String {
    let root = types.root(operation.ty);
    let mut fields = Vec::new();
    collect(document, &operation.selection_set.node.items, &mut fields);
    fields.retain(|name| types.field(root, name).is_some());
    let mut label = String::new();
    for name in fields {
        if label.len() + name.len() > LENGTH {
            label += ", …";
            break;
        }
        if !label.is_empty() {
            label += ", ";
        }
        label += name;
    }
    label
}

fn collect<'a>(
    document: &'a ExecutableDocument,
    items: &'a [Positioned<Selection>],
    fields: &mut Vec<&'a Name>,
) {
    for item in items {
        match &item.node {
            Selection::Field(field) => {
                let name = &field.node.name.node;
                if !fields.contains(&name) {
                    fields.push(name);
                }
            }
            Selection::InlineFragment(inline) => {
                collect(document, &inline.node.selection_set.node.items, fields);
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                if let Some(fragment) = document.fragments.get(name) {
                    let items = &fragment.node.selection_set.node.items;
                    collect(document, items, fields);
                }
            }
        }
    }
}
