//! The cost of a parsed document, counted without expanding it.
//!
//! Thirty fragments that each spread the next twice stand for a thousand million selections, in a
//! kilobyte. Each fragment is counted once and its sums reused, so that this costs as much as the
//! document is long; sums saturate. Cycles are refused here too, since later steps would follow
//! them.

use std::{
    collections::HashMap,
    ops::{Add, AddAssign},
};

use async_graphql::{
    Name, Positioned,
    parser::types::{Directive, ExecutableDocument, Selection, SelectionSet},
};
// A value in which variables may stand; async-graphql has no name for it.
use async_graphql_value::Value;

use super::{
    Limits,
    error::{Problem, code},
};

/// The sums over a selection set with everything that it spreads.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
struct Cost {
    selections: u64,
    aliases: u64,
    directives: u64,
    variable_uses: u64,
    depth: usize,
    nesting: usize,
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            variable_uses: self.variable_uses.saturating_add(other.variable_uses),
            depth: self.depth.max(other.depth),
            nesting: self.nesting.max(other.nesting),
        }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// Refuses a document over the limits or with a cycle of fragments; else tells how often its
/// expansion uses variables.
pub(super) fn check(document: &ExecutableDocument, limits: &Limits) -> Result<u64, Problem> {
    let mut counter = Counter {
        document,
        limits,
        fragments: HashMap::new(),
    };
    let mut total = Cost::default();
    for (_, operation) in document.operations.iter() {
        total += directives(&operation.node.directives);
        total += counter.selection_set(&operation.node.selection_set.node, 1)?;
    }
    // What is spread has been counted in each of its places. Validation also walks the fragments that
    // no operation spreads.
    let is_unused = |name: &&Name| !counter.fragments.contains_key(*name);
    let unused: Vec<_> = document.fragments.keys().filter(is_unused).collect();
    for name in unused {
        total += counter.fragment(name, 1)?;
    }
    for (what, count, limit) in [
        (
            "selections, with its fragments expanded,",
            total.selections,
            limits.selections,
        ),
        (
            "aliases, with its fragments expanded,",
            total.aliases,
            limits.aliases,
        ),
        (
            "directives, with its fragments expanded,",
            total.directives,
            limits.directives,
        ),
        (
            "uses of variables, with its fragments expanded,",
            total.variable_uses,
            limits.variable_uses,
        ),
        ("levels of fields", total.depth as u64, limits.depth as u64),
        (
            "levels of selection sets",
            total.nesting as u64,
            limits.nesting as u64,
        ),
    ] {
        if count > limit {
            return Err(Problem::new(
                code::QUERY_TOO_COMPLEX,
                format!("The document has {count} {what} and at most {limit} are accepted."),
            ));
        }
    }
    Ok(total.variable_uses)
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    limits: &'a Limits,
    /// `None` while the fragment is being counted: meeting it again then closes a cycle.
    fragments: HashMap<&'a Name, Option<Cost>>,
}

impl<'a> Counter<'a> {
    /// `level` bounds the recursion; the exact nesting is part of the result.
    fn selection_set(&mut self, set: &'a SelectionSet, level: usize) -> Result<Cost, Problem> {
        if level > self.limits.nesting {
            return Err(Problem::new(
                code::QUERY_TOO_COMPLEX,
                format!(
                    "The document nests selection sets, fragments followed, deeper than {} levels.",
                    self.limits.nesting
                ),
            ));
        }
        let mut total = Cost::default();
        for Positioned {
            node: selection, ..
        } in &set.items
        {
            let mut inner = match selection {
                Selection::Field(field) => {
                    let mut cost = Cost::default();
                    if !field.node.selection_set.node.items.is_empty() {
                        cost = self.selection_set(&field.node.selection_set.node, level + 1)?;
                    }
                    cost.depth += 1;
                    let aliases = u64::from(field.node.alias.is_some());
                    cost + Cost {
                        aliases,
                        ..arguments(&field.node.arguments)
                    }
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, level + 1)?
                }
                Selection::InlineFragment(fragment) => {
                    self.selection_set(&fragment.node.selection_set.node, level + 1)?
                }
            };
            inner.selections = inner.selections.saturating_add(1);
            total += inner + directives(selection.directives());
        }
        total.nesting += 1;
        Ok(total)
    }

    fn fragment(&mut self, name: &Name, level: usize) -> Result<Cost, Problem> {
        // Validation says so when a fragment does not exist.
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(Cost::default());
        };
        match self.fragments.get(name) {
            Some(Some(cost)) => return Ok(*cost),
            Some(None) => {
                return Err(Problem::new(
                    code::GRAPHQL_VALIDATION_FAILED,
                    format!("Fragment \"{name}\" spreads itself."),
                )
                .at(fragment.pos));
            }
            None => {}
        }
        self.fragments.insert(name, None);
        let cost = self.selection_set(&fragment.node.selection_set.node, level)?
            + directives(&fragment.node.directives);
        self.fragments.insert(name, Some(cost));
        Ok(cost)
    }
}

fn directives(directives: &[Positioned<Directive>]) -> Cost {
    directives.iter().fold(Cost::default(), |sum, directive| {
        sum + Cost {
            directives: 1,
            ..Cost::default()
        } + arguments(&directive.node.arguments)
    })
}

fn arguments(arguments: &[(Positioned<Name>, Positioned<Value>)]) -> Cost {
    let variable_uses = arguments
        .iter()
        .map(|(_, value)| variables_in(&value.node))
        .sum();
    Cost {
        variable_uses,
        ..Cost::default()
    }
}

fn variables_in(value: &Value) -> u64 {
    match value {
        Value::Variable(_) => 1,
        Value::List(items) => items.iter().map(variables_in).sum(),
        Value::Object(fields) => fields.values().map(variables_in).sum(),
        _ => 0,
    }
}
