//! The type `Board`.

use crate::graphql::ids;
use crate::store::boards;
use async_graphql::{ID, Object};
use std::sync::Arc;

/// A named query whose issues a team plans.
pub(crate) struct Board(pub(crate) Arc<boards::Board>);

/// A named query whose issues a team plans.
#[Object]
impl Board {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::encode(self.0.id)
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its query, in JQL.
    async fn jql(&self) -> &str {
        &self.0.jql
    }

    /// Whether its issues are planned in the order of their ranks.
    async fn ranked(&self) -> bool {
        self.0.ranked
    }
}
