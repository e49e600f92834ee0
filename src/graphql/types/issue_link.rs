//! The type `IssueLink`.

use super::{Issue, LinkType};
use crate::domain::issue::Link;
use crate::graphql::context::ContextExt;
use crate::graphql::error::Result;
use crate::graphql::ids;
use async_graphql::{Context, ID, Object};
use std::sync::Arc;

/// A link between two issues. The source plays the outward role of the type.
pub(crate) struct IssueLink(pub(crate) Arc<Link>);

/// A link between two issues. The source plays the outward role of the type.
#[Object]
impl IssueLink {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::encode(self.0.id)
    }

    /// Its type.
    async fn r#type(&self, ctx: &Context<'_>) -> Result<LinkType> {
        ctx.loaders()
            .get(self.0.link_type, "link type")
            .await
            .map(LinkType)
    }

    /// The issue that plays the outward role.
    async fn source(&self, ctx: &Context<'_>) -> Result<Issue> {
        ctx.loaders()
            .get(self.0.source, "source of the link")
            .await
            .map(Issue)
    }

    /// The issue that plays the inward role.
    async fn target(&self, ctx: &Context<'_>) -> Result<Issue> {
        ctx.loaders()
            .get(self.0.target, "target of the link")
            .await
            .map(Issue)
    }
}
