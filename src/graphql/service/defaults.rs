//! Defaults of arguments, where the variable in their place was left out.
//!
//! The specification gives such an argument its default; async-graphql 8.0.0-rc.5 gives it null,
//! which fails or means something else. So the argument is taken out of the document, with the
//! variable if that was its only use. That the variable fits has been checked before, and nothing
//! else is touched, so that the library's validation still sees every mistake.

use std::collections::HashSet;

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{
        DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
    },
};
use async_graphql_value::Value;

use super::types::Types;

/// How arguments with a default are taken out of a document.
impl Types {
    /// Takes the arguments out of one operation of a document. Fragments are only touched if there
    /// is no other operation, whose variables they could use too.
    pub(super) fn apply_defaults(
        &self,
        document: &mut ExecutableDocument,
        chosen: Option<&str>,
        values: &Variables,
    ) {
        let (operation, alone) = match (&mut document.operations, chosen) {
            (DocumentOperations::Single(operation), _) => (&mut operation.node, true),
            (DocumentOperations::Multiple(operations), Some(name)) => {
                let alone = operations.len() == 1;
                let Some(operation) = operations.get_mut(name) else {
                    return;
                };
                (&mut operation.node, alone)
            }
            (DocumentOperations::Multiple(_), None) => return,
        };
        let omitted = omitted(operation, values);
        if omitted.is_empty() {
            return;
        }
        let root = self.root(operation.ty);
        let mut taken = HashSet::new();
        self.take_out(
            root,
            &mut operation.selection_set.node,
            &omitted,
            &mut taken,
        );
        if alone {
            for Positioned { node: fragment, .. } in document.fragments.values_mut() {
                let on = fragment.type_condition.node.on.node.clone();
                self.take_out(&on, &mut fragment.selection_set.node, &omitted, &mut taken);
            }
        }
        if taken.is_empty() {
            return;
        }
        let mut used = HashSet::new();
        collect_variables(&operation.selection_set.node, &mut used);
        for fragment in document.fragments.values() {
            collect_variables(&fragment.node.selection_set.node, &mut used);
        }
        for directive in &operation.directives {
            for (_, value) in &directive.node.arguments {
                variables_of(&value.node, &mut used);
            }
        }
        operation.variable_definitions.retain(|definition| {
            let name = &definition.node.name.node;
            !taken.contains(name) || used.contains(name)
        });
    }

    fn take_out(
        &self,
        on: &Name,
        set: &mut SelectionSet,
        omitted: &HashSet<Name>,
        taken: &mut HashSet<Name>,
    ) {
        for Positioned {
            node: selection, ..
        } in &mut set.items
        {
            match selection {
                Selection::Field(Positioned { node: field, .. }) => {
                    let known = self.field(on, &field.name.node);
                    let Some(known) = known else { continue };
                    field.arguments.retain(|(name, value)| match &value.node {
                        Value::Variable(variable) => {
                            let place = known.arguments.get(&name.node);
                            let out = place.is_some_and(|place| place.has_default)
                                && omitted.contains(variable);
                            if out {
                                taken.insert(variable.clone());
                            }
                            !out
                        }
                        _ => true,
                    });
                    self.take_out(
                        &known.returns,
                        &mut field.selection_set.node,
                        omitted,
                        taken,
                    );
                }
                Selection::InlineFragment(Positioned { node: fragment, .. }) => {
                    let on = fragment
                        .type_condition
                        .as_ref()
                        .map_or(on, |it| &it.node.on.node);
                    self.take_out(
                        &on.clone(),
                        &mut fragment.selection_set.node,
                        omitted,
                        taken,
                    );
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }
}

/// The variables without value and default.
fn omitted(operation: &OperationDefinition, values: &Variables) -> HashSet<Name> {
    operation
        .variable_definitions
        .iter()
        .map(|definition| &definition.node)
        .filter(|it| it.default_value.is_none() && !values.contains_key(&it.name.node))
        .map(|it| it.name.node.clone())
        .collect()
}

fn collect_variables(set: &SelectionSet, into: &mut HashSet<Name>) {
    for Positioned {
        node: selection, ..
    } in &set.items
    {
        for directive in selection.directives() {
            for (_, value) in &directive.node.arguments {
                variables_of(&value.node, into);
            }
        }
        match selection {
            Selection::Field(Positioned { node: field, .. }) => {
                for (_, value) in &field.arguments {
                    variables_of(&value.node, into);
                }
                collect_variables(&field.selection_set.node, into);
            }
            Selection::InlineFragment(Positioned { node: fragment, .. }) => {
                collect_variables(&fragment.selection_set.node, into);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn variables_of(value: &Value, into: &mut HashSet<Name>) {
    match value {
        Value::Variable(name) => {
            into.insert(name.clone());
        }
        Value::List(items) => items.iter().for_each(|item| variables_of(item, into)),
        Value::Object(fields) => fields.values().for_each(|field| variables_of(field, into)),
        _ => {}
    }
}
