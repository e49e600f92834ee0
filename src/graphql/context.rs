//! What resolvers find in their context: the API once for the schema, viewer and loaders with each
//! operation. `provide` puts the latter in; without it no operation can run.

use super::api::Api;
use super::loaders::Loaders;
use crate::domain::Viewer;
use async_graphql::{Context, Data};

/// Puts into the data of an operation what its resolvers expect there.
pub fn provide(api: &Api, viewer: &Viewer, data: &mut Data) {
    data.insert(viewer.clone());
    data.insert(Loaders::new(api, viewer));
}

/// Typed access to the context.
pub(crate) trait ContextExt<'a> {
    /// What resolvers call.
    fn api(&self) -> &'a Api;

    /// Who asks.
    fn viewer(&self) -> &'a Viewer;

    /// The loaders of the operation.
    fn loaders(&self) -> &'a Loaders;
}

impl<'a> ContextExt<'a> for Context<'a> {
    fn api(&self) -> &'a Api {
        self.data_unchecked()
    }

    fn viewer(&self) -> &'a Viewer {
        self.data_unchecked()
    }

    fn loaders(&self) -> &'a Loaders {
        self.data_unchecked()
    }
}
