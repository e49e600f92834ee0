//! Variables against the places where they are used.
//!
//! The specification's rule that all usages of variables are allowed. async-graphql 8.0.0-rc.5 has
//! it too, but never calls it, so that a variable declared with another type than its place has
//! went unnoticed until, for some values, a resolver failed. It depends on the document only, so
//! the verdict is cached with it.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{
        BaseType, Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
        Type, VariableDefinition,
    },
};
use async_graphql_value::{ConstValue, Value};

use super::{
    error::{Problem, code},
    types::{InputType, Place, Types},
};

/// What one definition uses, fragments that it spreads aside.
#[derive(Default)]
struct Uses<'a> {
    variables: Vec<Use<'a>>,
    spreads: Vec<&'a Name>,
}

/// A variable where a value of some type is expected.
struct Use<'a> {
    variable: &'a Name,
    expected: &'a Type,
    place_has_default: bool,
    /// In an input object of which exactly one field must be given, and not null.
    in_one_of: bool,
    pos: Pos,
}

/// How uses of variables are checked.
impl Types {
    /// All uses of variables in a document that their types do not allow.
    pub(super) fn check_positions(&self, document: &ExecutableDocument) -> Vec<Problem> {
        let fragments: HashMap<_, _> = document
            .fragments
            .iter()
            .map(|(name, Positioned { node: fragment, .. })| {
                let mut uses = Uses::default();
                let on = &fragment.type_condition.node.on.node;
                self.collect(on, &fragment.selection_set.node, &mut uses);
                (name, uses)
            })
            .collect();
        let mut problems = Vec::new();
        for (
            _,
            Positioned {
                node: operation, ..
            },
        ) in document.operations.iter()
        {
            if !operation.variable_definitions.is_empty() {
                self.check_operation(operation, &fragments, &mut problems);
            }
        }
        problems
    }

    fn check_operation<'a>(
        &'a self,
        operation: &'a OperationDefinition,
        fragments: &HashMap<&'a Name, Uses<'a>>,
        problems: &mut Vec<Problem>,
    ) {
        let declared: HashMap<_, _> = operation
            .variable_definitions
            .iter()
            .map(|it| (&it.node.name.node, &it.node))
            .collect();
        let mut own = Uses::default();
        self.collect(
            self.root(operation.ty),
            &operation.selection_set.node,
            &mut own,
        );
        let mut seen = HashSet::new();
        let mut reached = vec![&own];
        while let Some(uses) = reached.pop() {
            let wrong = uses.variables.iter().filter_map(|it| {
                let declared = declared.get(it.variable)?;
                (!it.is_allowed(declared)).then(|| it.problem(declared))
            });
            problems.extend(wrong);
            let new = uses.spreads.iter().filter(|name| seen.insert(**name));
            reached.extend(new.filter_map(|name| fragments.get(name)));
        }
    }

    fn collect<'a>(&'a self, on: &'a Name, set: &'a SelectionSet, uses: &mut Uses<'a>) {
        for Positioned {
            node: selection, ..
        } in &set.items
        {
            for directive in selection.directives() {
                self.collect_directive(directive, uses);
            }
            match selection {
                Selection::Field(Positioned { node: field, .. }) => {
                    let Some(known) = self.field(on, &field.name.node) else {
                        continue;
                    };
                    for (name, value) in &field.arguments {
                        if let Some(place) = known.arguments.get(&name.node) {
                            self.collect_value(place, &value.node, name.pos, uses);
                        }
                    }
                    self.collect(&known.returns, &field.selection_set.node, uses);
                }
                Selection::InlineFragment(Positioned { node: fragment, .. }) => {
                    let on = fragment
                        .type_condition
                        .as_ref()
                        .map_or(on, |it| &it.node.on.node);
                    self.collect(on, &fragment.selection_set.node, uses);
                }
                Selection::FragmentSpread(spread) => {
                    uses.spreads.push(&spread.node.fragment_name.node);
                }
            }
        }
    }

    /// `@skip` and `@include`; the schema's own directives take no variables here.
    fn collect_directive<'a>(&'a self, directive: &'a Positioned<Directive>, uses: &mut Uses<'a>) {
        if matches!(directive.node.name.node.as_str(), "skip" | "include") {
            for (name, value) in &directive.node.arguments {
                self.collect_value(self.condition(), &value.node, name.pos, uses);
            }
        }
    }

    fn collect_value<'a>(
        &'a self,
        place: &'a Place,
        value: &'a Value,
        pos: Pos,
        uses: &mut Uses<'a>,
    ) {
        self.collect_typed(&place.ty, place.has_default, value, pos, uses);
    }

    fn collect_typed<'a>(
        &'a self,
        expected: &'a Type,
        place_has_default: bool,
        value: &'a Value,
        pos: Pos,
        uses: &mut Uses<'a>,
    ) {
        match (value, &expected.base) {
            (Value::Variable(variable), _) => {
                uses.variables.push(Use {
                    variable,
                    expected,
                    place_has_default,
                    in_one_of: false,
                    pos,
                });
            }
            (Value::List(items), BaseType::List(item)) => {
                for value in items {
                    self.collect_typed(item, false, value, pos, uses);
                }
            }
            // A single value stands for a list of one.
            (Value::Object(_), BaseType::List(item)) => {
                self.collect_typed(item, false, value, pos, uses);
            }
            (Value::Object(fields), BaseType::Named(name)) => {
                let Some(InputType::Object(object)) = self.input(name) else {
                    return;
                };
                for (name, value) in fields {
                    let Some(place) = object.fields.get(name) else {
                        continue;
                    };
                    let first = uses.variables.len();
                    self.collect_value(place, value, pos, uses);
                    if object.one_of && matches!(value, Value::Variable(_)) {
                        uses.variables[first].in_one_of = true;
                    }
                }
            }
            _ => {}
        }
    }
}

impl Use<'_> {
    fn is_allowed(&self, declared: &VariableDefinition) -> bool {
        let ty = &declared.var_type.node;
        let default = declared.default_value.as_ref().map(|it| &it.node);
        if self.in_one_of && ty.nullable {
            return false;
        }
        // A default on either side stands in for a value that is left out.
        let stands_in = self.place_has_default || default.is_some_and(|it| *it != ConstValue::Null);
        if !self.expected.nullable && ty.nullable && stands_in {
            return fits_base(&ty.base, &self.expected.base);
        }
        fits(ty, self.expected)
    }

    fn problem(&self, declared: &VariableDefinition) -> Problem {
        let message = format!(
            "Variable \"${}\" of type \"{}\" is used where \"{}\" is expected.",
            self.variable, declared.var_type.node, self.expected
        );
        Problem::new(code::GRAPHQL_VALIDATION_FAILED, message).at(self.pos)
    }
}

fn fits(ty: &Type, expected: &Type) -> bool {
    (expected.nullable || !ty.nullable) && fits_base(&ty.base, &expected.base)
}

fn fits_base(ty: &BaseType, expected: &BaseType) -> bool {
    match (ty, expected) {
        (BaseType::Named(ty), BaseType::Named(expected)) => ty == expected,
        (BaseType::List(ty), BaseType::List(expected)) => fits(ty, expected),
        _ => false,
    }
}
