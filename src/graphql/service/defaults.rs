//! Defaults of arguments, where the variable in their place was left out.
//!
//! The specification gives such an argument its default; async-graphql 8.0.0-rc.5 gives it null, which fails or means
//! something else. So the argument is taken out of the document, with the variable if that was its only
//! use. Only what is known to be valid is taken out, so that validation still sees every mistake: an
//! argument that the schema has, with a default, and a variable of the same named type.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned, Variables,
    parser::{
        Error, parse_schema,
        types::{
            DocumentOperations, ExecutableDocument, FieldDefinition, OperationDefinition,
            OperationType, Selection, SelectionSet, TypeKind, TypeSystemDefinition,
        },
    },
};
use async_graphql_value::Value;

use super::variables::named;

/// The fields of the schema, as far as defaults are concerned.
pub(super) struct ArgumentDefaults {
    roots: [Name; 3],
    types: HashMap<Name, HashMap<Name, Field>>,
}

struct Field {
    /// The named type of what the field returns.
    returns: Name,
    /// The named types of the arguments that have a default.
    with_default: HashMap<Name, Name>,
}

impl ArgumentDefaults {
    /// Reads the fields from the schema's definition language.
    pub(super) fn from_sdl(sdl: &str) -> Result<Self, Error> {
        let mut roots = ["Query", "Mutation", "Subscription"].map(Name::new);
        let mut types = HashMap::new();
        for definition in parse_schema(sdl)?.definitions {
            match definition {
                TypeSystemDefinition::Schema(Positioned { node: schema, .. }) => {
                    let named = [schema.query, schema.mutation, schema.subscription];
                    for (root, named) in roots.iter_mut().zip(named) {
                        if let Some(named) = named {
                            *root = named.node;
                        }
                    }
                }
                TypeSystemDefinition::Type(Positioned {
                    node: definition, ..
                }) => {
                    let fields = match definition.kind {
                        TypeKind::Object(object) => object.fields,
                        TypeKind::Interface(interface) => interface.fields,
                        _ => continue,
                    };
                    let fields = fields
                        .into_iter()
                        .map(|field| Field::of(field.node))
                        .collect();
                    types.insert(definition.name.node, fields);
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        Ok(Self { roots, types })
    }

    /// Takes the arguments out of one operation of a document. Fragments are only touched if there is no other
    /// operation, whose variables they could use too.
    pub(super) fn apply(
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
        let root = match operation.ty {
            OperationType::Query => &self.roots[0],
            OperationType::Mutation => &self.roots[1],
            OperationType::Subscription => &self.roots[2],
        };
        self.take_out(root, &mut operation.selection_set.node, &omitted);
        if alone {
            for Positioned { node: fragment, .. } in document.fragments.values_mut() {
                let on = fragment.type_condition.node.on.node.clone();
                self.take_out(&on, &mut fragment.selection_set.node, &omitted);
            }
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
            !omitted.contains_key(name) || used.contains(name)
        });
    }

    fn take_out(&self, on: &Name, set: &mut SelectionSet, omitted: &HashMap<Name, Name>) {
        for Positioned {
            node: selection, ..
        } in &mut set.items
        {
            match selection {
                Selection::Field(Positioned { node: field, .. }) => {
                    let known = self
                        .types
                        .get(on)
                        .and_then(|fields| fields.get(&field.name.node));
                    let Some(known) = known else { continue };
                    field.arguments.retain(|(name, value)| match &value.node {
                        Value::Variable(variable) => {
                            let expected = known.with_default.get(&name.node);
                            expected.is_none() || expected != omitted.get(variable)
                        }
                        _ => true,
                    });
                    self.take_out(&known.returns, &mut field.selection_set.node, omitted);
                }
                Selection::InlineFragment(Positioned { node: fragment, .. }) => {
                    let on = fragment
                        .type_condition
                        .as_ref()
                        .map_or(on, |it| &it.node.on.node);
                    self.take_out(&on.clone(), &mut fragment.selection_set.node, omitted);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }
}

impl Field {
    fn of(definition: FieldDefinition) -> (Name, Self) {
        let with_default = definition
            .arguments
            .into_iter()
            .filter(|argument| argument.node.default_value.is_some())
            .map(|argument| {
                (
                    argument.node.name.node,
                    named(&argument.node.ty.node).clone(),
                )
            });
        let field = Self {
            returns: named(&definition.ty.node).clone(),
            with_default: with_default.collect(),
        };
        (definition.name.node, field)
    }
}

/// The variables without value and default, and their named types.
fn omitted(operation: &OperationDefinition, values: &Variables) -> HashMap<Name, Name> {
    operation
        .variable_definitions
        .iter()
        .map(|definition| &definition.node)
        .filter(|it| it.default_value.is_none() && !values.contains_key(&it.name.node))
        .map(|it| (it.name.node.clone(), named(&it.var_type.node).clone()))
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
