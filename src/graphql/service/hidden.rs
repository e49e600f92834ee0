//! Refuses what the schema has and does not show.
//!
//! What an operation leaves out by `@skip` and `@include`, also by variables, does not count: so one
//! document serves clients of servers that show it and of those that do not. The rest is refused
//! before anything is checked closer, since a check would tell of types that are not shown.

use std::collections::HashSet;

use async_graphql::{
    Name, Pos, Positioned, Value as ConstValue, Variables,
    parser::types::{Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value;

use super::{
    error::{Problem, code},
    types::{Types, named},
};

/// What a schema does not show, and why.
pub(super) struct Hidden {
    shown: Types,
    reason: String,
}

impl Hidden {
    /// Hides all that `shown` does not have; the reason ends the message of a refusal.
    pub(super) fn new(shown: Types, reason: String) -> Self {
        Self { shown, reason }
    }

    /// Refuses an operation that selects something hidden.
    pub(super) fn check(
        &self,
        all: &Types,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> Result<(), Problem> {
        let mut walk = Walk {
            hidden: self,
            all,
            document,
            operation,
            variables,
            seen: HashSet::new(),
        };
        for Positioned { node, pos } in &operation.variable_definitions {
            walk.named_type(named(&node.var_type.node), *pos)?;
        }
        walk.selection_set(all.root(operation.ty), &operation.selection_set.node)
    }

    fn refuse(&self, what: &str, pos: Pos) -> Problem {
        let message = format!("\"{what}\" cannot be asked for: {}", self.reason);
        Problem::new(code::FEATURE_DISABLED, message).at(pos)
    }
}

struct Walk<'a> {
    hidden: &'a Hidden,
    all: &'a Types,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    /// Fragments that have been walked: what they select does not depend on where they are spread.
    seen: HashSet<&'a Name>,
}

impl<'a> Walk<'a> {
    fn selection_set(&mut self, on: &Name, set: &'a SelectionSet) -> Result<(), Problem> {
        for Positioned {
            node: selection, ..
        } in &set.items
        {
            if selection.directives().iter().any(|it| self.excludes(it)) {
                continue;
            }
            match selection {
                Selection::Field(Positioned { node: field, pos }) => {
                    let name = &field.name.node;
                    // Validation says so when a field does not exist at all.
                    let Some(known) = self.all.field(on, name) else {
                        continue;
                    };
                    if self.hidden.shown.field(on, name).is_none() {
                        return Err(self.hidden.refuse(name, *pos));
                    }
                    self.selection_set(&known.returns, &field.selection_set.node)?;
                }
                Selection::InlineFragment(Positioned { node: fragment, .. }) => {
                    let condition = fragment.type_condition.as_ref().map(|it| &it.node.on);
                    let on = match condition {
                        Some(condition) => {
                            self.named_type(&condition.node, condition.pos)?;
                            &condition.node
                        }
                        None => on,
                    };
                    self.selection_set(on, &fragment.selection_set.node)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let fragment = self.document.fragments.get(name);
                    let Some(Positioned { node: fragment, .. }) = fragment else {
                        continue;
                    };
                    if self.seen.insert(name) {
                        let on = &fragment.type_condition.node.on;
                        self.named_type(&on.node, on.pos)?;
                        self.selection_set(&on.node, &fragment.selection_set.node)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn named_type(&self, name: &Name, pos: Pos) -> Result<(), Problem> {
        if self.all.input(name).is_some() && self.hidden.shown.input(name).is_none() {
            return Err(self.hidden.refuse(name, pos));
        }
        Ok(())
    }

    /// Whether a directive keeps its selection from being executed, as far as that can be told:
    /// validation refuses an argument that is no boolean.
    fn excludes(&self, directive: &Positioned<Directive>) -> bool {
        let excluding = match directive.node.name.node.as_str() {
            "skip" => true,
            "include" => false,
            _ => return false,
        };
        let condition = directive.node.get_argument("if");
        let condition = match condition.map(|it| &it.node) {
            Some(Value::Boolean(value)) => Some(*value),
            Some(Value::Variable(name)) => self.variable(name),
            _ => None,
        };
        condition == Some(excluding)
    }

    fn variable(&self, name: &Name) -> Option<bool> {
        let default = || {
            let mut declared = self.operation.variable_definitions.iter();
            let declared = declared.find(|it| it.node.name.node == *name)?;
            Some(&declared.node.default_value.as_ref()?.node)
        };
        match self.variables.get(name).or_else(default) {
            Some(ConstValue::Boolean(value)) => Some(*value),
            _ => None,
        }
    }
}
