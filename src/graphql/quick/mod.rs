//! Pages written as JSON at once, without a future and a map for every field.
//!
//! Executing a page of fifty rows field by field costs ten times what reading it does. So a list
//! whose items know how to write themselves looks at what is selected: if all of it is at hand, or
//! can be read for the whole page before, the page becomes one piece of text; if not, it is executed
//! like everything else. What comes out is the same, byte for byte, which the tests hold it to.

mod issues;
mod json;
mod plan;
mod rows;
#[cfg(test)]
mod tests;

use super::connection::Edge;
use super::types::{
    Change, IssueChange, Job, SavedFilter, Structure, StructureChange, Token, User,
};
use async_graphql::parser::types::{Field, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value, indexmap::IndexMap,
};
use plan::{Fragments, Plan, Selected};
use std::borrow::Cow;
use std::future::{Future, ready};

/// Bytes of an item, at a guess.
const ITEM: usize = 256;

/// The texts of the items of a page: a list as it is answered, but for its end.
pub(crate) struct Texts {
    list: String,
    ends: Vec<usize>,
}

impl Texts {
    fn of(items: usize) -> Self {
        let mut list = String::with_capacity(items * ITEM);
        list.push('[');
        Self {
            list,
            ends: Vec::with_capacity(items),
        }
    }

    fn add(&mut self, write: impl FnOnce(&mut String)) {
        if !self.ends.is_empty() {
            self.list.push(',');
        }
        write(&mut self.list);
        self.ends.push(self.list.len());
    }

    fn item(&self, at: usize) -> &str {
        // Behind the bracket, or behind the comma after the item before.
        let begin = at.checked_sub(1).map_or(1, |before| self.ends[before] + 1);
        &self.list[begin..self.ends[at]]
    }

    fn into_value(mut self) -> Value {
        self.list.push(']');
        raw(self.list)
    }
}

/// What pages hold. An item that can write itself says how; the others are executed.
pub(crate) trait PageItem: OutputType {
    /// The texts of a page's items, if all that is selected of them is at hand.
    fn write(
        _ctx: &ContextSelectionSet<'_>,
        _selected: &[&SelectionSet],
        _items: &[&Self],
    ) -> impl Future<Output = Option<Texts>> + Send {
        ready(None)
    }
}

impl PageItem for Change {}
impl PageItem for IssueChange {}
impl PageItem for Job {}
impl PageItem for SavedFilter {}
impl PageItem for Structure {}
impl PageItem for StructureChange {}
impl PageItem for Token {}
impl PageItem for User {}

/// The items of a page.
pub(crate) struct Nodes<'c, N>(pub(crate) Vec<&'c N>);

impl<N: PageItem> OutputType for Nodes<'_, N> {
    fn type_name() -> Cow<'static, str> {
        <Vec<&N> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<&N> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<&N> as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match N::write(ctx, &[&ctx.item.node], &self.0).await {
            Some(texts) => Ok(texts.into_value()),
            None => self.0.resolve(ctx, field).await,
        }
    }
}

/// The items of a page with their cursors.
pub(crate) struct Edges<'c, N: OutputType>(pub(crate) &'c [Edge<N>]);

impl<N: PageItem> OutputType for Edges<'_, N> {
    fn type_name() -> Cow<'static, str> {
        <&[Edge<N>] as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <&[Edge<N>] as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <&[Edge<N>] as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match self.write(ctx).await {
            Some(value) => Ok(value),
            None => self.0.resolve(ctx, field).await,
        }
    }
}

/// What can be selected of an edge.
enum EdgeField<'s> {
    Cursor,
    Node(Vec<&'s SelectionSet>),
    TypeName,
}

impl<'s> Selected<'s> for EdgeField<'s> {
    fn of(name: &str, below: Vec<&'s SelectionSet>, _: &'s Fragments) -> Option<Self> {
        Some(match name {
            "cursor" => Self::Cursor,
            "node" => Self::Node(below),
            "__typename" => Self::TypeName,
            _ => return None,
        })
    }
}

/// The same, the items written.
enum Written {
    Cursor,
    Node(Texts),
    TypeName,
}

impl<N: PageItem> Edges<'_, N> {
    async fn write(&self, ctx: &ContextSelectionSet<'_>) -> Option<Value> {
        let nodes: Vec<&N> = self.0.iter().map(Edge::item).collect();
        let mut plan = Plan::default();
        for (key, field) in plan::make(&[&ctx.item.node], &ctx.query_env.fragments)? {
            let written = match field {
                EdgeField::Cursor => Written::Cursor,
                EdgeField::Node(sets) => Written::Node(N::write(ctx, &sets, &nodes).await?),
                EdgeField::TypeName => Written::TypeName,
            };
            plan.push((key, written));
        }
        let type_name = format!("{}Edge", N::type_name());
        let mut texts = Texts::of(self.0.len());
        for (at, edge) in self.0.iter().enumerate() {
            texts.add(|out| {
                json::object(out, &plan, |field, out| match field {
                    Written::Cursor => json::quoted(out, |out| edge.place().write(out)),
                    Written::Node(texts) => out.push_str(texts.item(at)),
                    Written::TypeName => json::name(out, &type_name),
                });
            });
        }
        Some(texts.into_value())
    }
}

/// A value that is JSON text already.
pub(crate) fn raw(text: String) -> Value {
    let token = Name::new(async_graphql_value::RAW_VALUE_TOKEN);
    Value::Object(IndexMap::from_iter([(token, Value::String(text))]))
}

/// The text of a value that is JSON text already. No field of a document can have its name.
pub(crate) fn text_of(value: &Value) -> Option<&str> {
    let Value::Object(fields) = value else {
        return None;
    };
    match fields.first() {
        Some((token, Value::String(text))) if token == async_graphql_value::RAW_VALUE_TOKEN => {
            Some(text)
        }
        _ => None,
    }
}
