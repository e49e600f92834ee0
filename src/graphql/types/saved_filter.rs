//! The type `SavedFilter`.

use super::User;
use crate::graphql::context::ContextExt;
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
