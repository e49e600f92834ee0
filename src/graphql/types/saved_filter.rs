//! The type `SavedFilter`, and pages of filters.

use super::User;
use crate::domain::FilterId;
use crate::graphql::api::Api;
use crate::graphql::connection::{self, Connection};
use crate::graphql::context::ContextExt;
use crate::graphql::cursor::{self, Cursor, List};
use crate::graphql::error::Result;
use crate::graphql::ids;
use crate::store::filters;
use async_graphql::{Context, ID, Object};
use std::sync::Arc;

/// A named query for issues.
pub(crate) struct SavedFilter(pub(crate) Arc<filters::SavedFilter>);

/// A named query for issues.
#[Object]
impl SavedFilter {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::encode(self.0.id)
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The query, in JQL.
    async fn jql(&self) -> &str {
        &self.0.jql
    }

    /// Who made it.
    async fn owner(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        let found = ctx.loaders().find(self.0.owner?).await.transpose()?;
        Some(found.map(User))
    }
}

/// A page of saved filters, oldest first.
pub(crate) async fn page(
    api: &Api,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<SavedFilter>> {
    let length = connection::length(first)?;
    let after = after
        .as_deref()
        .map(|it| cursor::decode(List::SavedFilters, it))
        .transpose()?;
    let from = FilterId(after.unwrap_or(0));
    let found = api
        .read(move |tx| filters::page(tx, from, length + 1))
        .await?;
    let edge = |it: filters::SavedFilter| {
        (
            Cursor::Number(List::SavedFilters, it.id.0),
            SavedFilter(Arc::new(it)),
        )
    };
    let items = found.into_iter().map(edge).collect();
    let api = api.clone();
    let count = move || {
        let api = api.clone();
        async move { api.read(filters::count).await }
    };
    Ok(Connection::forwards(items, length, after.is_some(), count))
}
