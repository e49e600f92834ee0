//! The type `LinkType`.

use crate::domain::issue;
use crate::graphql::ids;
use async_graphql::{ID, Object};
use std::sync::Arc;

/// A type of link, with its name from both ends: in "source blocks target", `blocks` is outward.
pub(crate) struct LinkType(pub(crate) Arc<issue::LinkType>);

/// A type of link, with its name from both ends: in "source blocks target", `blocks` is outward.
#[Object]
impl LinkType {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::encode(self.0.id)
    }

    /// Its name, such as `Blocks`.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How the target sees the source, such as `is blocked by`.
    async fn inward(&self) -> &str {
        &self.0.inward
    }

    /// How the source sees the target, such as `blocks`.
    async fn outward(&self) -> &str {
        &self.0.outward
    }
}
