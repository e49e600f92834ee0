//! The type `ServerInfo`.

use crate::graphql::api;
use async_graphql::Object;

/// What the server tells about itself.
pub(crate) struct ServerInfo<'a>(pub(crate) &'a api::ServerInfo);

/// What the server tells about itself.
#[Object]
impl ServerInfo<'_> {
    /// The version of the server.
    async fn version(&self) -> &str {
        &self.0.version
    }

    /// Whether synchronizers may be used: they are switched on, or in use from before.
    async fn synchronizers_enabled(&self) -> bool {
        self.0.synchronizers_enabled
    }

    /// Which tracker holds the issues.
    async fn tracker(&self) -> &str {
        &self.0.tracker
    }
}
