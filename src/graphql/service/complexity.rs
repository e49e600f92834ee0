//! What an operation may cost, from the sizes of the pages that it asks for.
//!
//! The cost is about the number of values that the answer can hold: a field costs one, and what
//! stands in a list costs as often as the list is long. Pages are as long as `first` or `last` say,
//! lists by ids as long as the list of ids, and other lists are taken to have a few items. All this
//! is read off the schema, so a new field has its price without being listed anywhere; the few
//! prices that are not one stand below. A fragment is counted once, wherever it is spread.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{ExecutableDocument, Field as Selected, OperationDefinition, Selection},
};
use async_graphql_value::{ConstValue, Value};

use super::{
    Limits,
    error::{Problem, code},
    types::{Field, Types},
};

/// Of any field.
const FIELD: u64 = 1;
/// Of a page in addition, since it takes statements of its own, however few items it has.
const PAGE: u64 = 10;
/// Of a search by JQL in addition, since it may look at every issue.
const SEARCH: u64 = 2_000;
/// Of a change in addition, since it takes a transaction of its own.
const MUTATION: u64 = 100;
/// Items of a list whose length no argument tells.
const UNTOLD: u64 = 5;
/// Items of such a list in introspection, which leads from types to fields to types.
const UNTOLD_OF_SCHEMA: u64 = 10;

/// The cost of a selection set, which depends on whether it is that of a page: there, lists are as
/// long as the page.
#[derive(Clone, Copy, Default)]
struct Cost {
    /// Of what stands there once.
    once: u64,
    /// Of one item of each list whose length is not known from itself.
    each: u64,
}

impl Cost {
    fn with_lists_of(self, length: u64) -> u64 {
        self.once.saturating_add(self.each.saturating_mul(length))
    }

    fn and(self, other: Self) -> Self {
        Self {
            once: self.once.saturating_add(other.once),
            each: self.each.saturating_add(other.each),
        }
    }
}

/// How operations are priced.
impl Types {
    /// The cost of one operation of a document; refuses one that is over the limit, or that asks for
    /// a longer page than accepted.
    pub(super) fn price(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        values: &Variables,
        limits: &Limits,
    ) -> Result<u64, Problem> {
        let mut pricing = Pricing {
            types: self,
            document,
            operation,
            values,
            limits,
            fragments: HashMap::new(),
        };
        let root = self.root(operation.ty);
        let cost = pricing
            .selections(root, &operation.selection_set.node.items)?
            .with_lists_of(UNTOLD);
        check(cost, limits)?;
        Ok(cost)
    }
}

/// Refuses what costs more than accepted.
pub(super) fn check(cost: u64, limits: &Limits) -> Result<(), Problem> {
    if cost <= limits.complexity {
        return Ok(());
    }
    let message = format!(
        "The operation costs {cost} and at most {} is accepted: ask for shorter pages or fewer \
         fields, or split it. The cost is about the number of values that the answer can hold.",
        limits.complexity
    );
    Err(Problem::new(code::QUERY_TOO_COMPLEX, message))
}

struct Pricing<'a> {
    types: &'a Types,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    values: &'a Variables,
    limits: &'a Limits,
    fragments: HashMap<&'a Name, Cost>,
}

impl<'a> Pricing<'a> {
    fn selections(
        &mut self,
        on: &'a Name,
        items: &'a [Positioned<Selection>],
    ) -> Result<Cost, Problem> {
        let mut sum = Cost::default();
        for item in items {
            sum = sum.and(match &item.node {
                Selection::Field(field) => self.field(on, &field.node)?,
                Selection::InlineFragment(Positioned { node: fragment, .. }) => {
                    let on = fragment
                        .type_condition
                        .as_ref()
                        .map_or(on, |it| &it.node.on.node);
                    self.selections(on, &fragment.selection_set.node.items)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node)?
                }
            });
        }
        Ok(sum)
    }

    fn fragment(&mut self, name: &'a Name) -> Result<Cost, Problem> {
        if let Some(cost) = self.fragments.get(name) {
            return Ok(*cost);
        }
        // Validation says so when a fragment does not exist.
        let Some(Positioned { node: fragment, .. }) = self.document.fragments.get(name) else {
            return Ok(Cost::default());
        };
        let on = &fragment.type_condition.node.on.node;
        let cost = self.selections(on, &fragment.selection_set.node.items)?;
        self.fragments.insert(name, cost);
        Ok(cost)
    }

    fn field(&mut self, on: &'a Name, selected: &'a Selected) -> Result<Cost, Problem> {
        // `__typename`, and what validation is going to refuse.
        let Some(known) = self.types.field(on, &selected.name.node) else {
            return Ok(Cost {
                once: FIELD,
                each: 0,
            });
        };
        let inner = self.selections(&known.returns, &selected.selection_set.node.items)?;
        let page = self.page(known, selected)?;
        let mut own = FIELD;
        for (price, applies) in [
            (PAGE, page.is_some()),
            (SEARCH, known.arguments.contains_key("jql")),
            (MUTATION, self.types.is_mutation(on)),
        ] {
            own += if applies { price } else { 0 };
        }
        let inside = inner.with_lists_of(page.unwrap_or(untold(&known.returns)));
        let has_items = known.is_list && !selected.selection_set.node.items.is_empty();
        if !has_items {
            return Ok(Cost {
                once: own.saturating_add(inside),
                each: 0,
            });
        }
        let item = inside.saturating_add(FIELD);
        Ok(match self.told_length(selected) {
            Some(length) => Cost {
                once: own.saturating_add(item.saturating_mul(length)),
                each: 0,
            },
            None => Cost {
                once: own,
                each: item,
            },
        })
    }

    /// The length of the page that a field returns, if it returns one.
    fn page(&self, known: &Field, selected: &Selected) -> Result<Option<u64>, Problem> {
        if !known.arguments.contains_key("first") {
            return Ok(None);
        }
        let mut length = self.limits.default_page;
        for name in ["first", "last"] {
            let Some(asked) = self.argument(selected, name).and_then(integer) else {
                continue;
            };
            if asked > self.limits.page {
                let message = format!("`{name}` is {asked}: expected 0 to {}.", self.limits.page);
                return Err(Problem::new(code::BAD_USER_INPUT, message).at(selected.name.pos));
            }
            length = asked;
        }
        Ok(Some(length))
    }

    /// The length of a list that has one item for each of the ids given.
    fn told_length(&self, selected: &Selected) -> Option<u64> {
        match self.argument(selected, "ids")? {
            Given::Literal(Value::List(ids)) => Some(ids.len() as u64),
            Given::Variable(ConstValue::List(ids)) => Some(ids.len() as u64),
            _ => None,
        }
    }

    /// The value of an argument, if it has one.
    fn argument(&self, selected: &'a Selected, name: &str) -> Option<Given<'a>> {
        let value = &selected.get_argument(name)?.node;
        let Value::Variable(variable) = value else {
            return Some(Given::Literal(value));
        };
        let default = || {
            let mut declared = self.operation.variable_definitions.iter();
            let declared = declared.find(|it| it.node.name.node == *variable)?;
            declared.node.default_value.as_ref().map(|it| &it.node)
        };
        self.values
            .get(variable)
            .or_else(default)
            .map(Given::Variable)
    }
}

/// How long lists are taken to be that stand in a type.
fn untold(within: &Name) -> u64 {
    if within.starts_with("__") {
        UNTOLD_OF_SCHEMA
    } else {
        UNTOLD
    }
}

/// The value of an argument, from the document or from the variables.
enum Given<'a> {
    Literal(&'a Value),
    Variable(&'a ConstValue),
}

/// A number of items; null and what validation is going to refuse are none.
fn integer(given: Given<'_>) -> Option<u64> {
    let (Given::Literal(Value::Number(number)) | Given::Variable(ConstValue::Number(number))) =
        given
    else {
        return None;
    };
    // A negative one is for the resolver to refuse.
    number.as_i64().map(|it| u64::try_from(it).unwrap_or(0))
}
