//! The type `StructureChange`: what one version changed in a hierarchy.

use super::{Job, Row, User};
use crate::domain::{RowId, StructureId};
use crate::graphql::context::ContextExt;
use crate::graphql::date_time::DateTime;
use crate::graphql::error::Result;
use crate::graphql::ids;
use crate::store::changes::Version;
use async_graphql::{Context, ID, Object};

/// What one version changed in a hierarchy.
pub(crate) struct StructureChange {
    pub(crate) structure: StructureId,
    pub(crate) version: Version,
    pub(crate) added: Vec<Row>,
    pub(crate) moved: Vec<Row>,
    pub(crate) removed: Vec<RowId>,
}

/// What one version changed in a hierarchy. Rows are shown as they stand by the time of the answer,
/// which may be later than the version: one that is gone by then is left out, for a later change
/// lists it as removed.
#[Object]
impl StructureChange {
    /// The structure.
    async fn structure_id(&self) -> ID {
        ids::encode(self.structure)
    }

    /// The version of the hierarchy that the change made.
    async fn version(&self) -> i64 {
        self.version.version
    }

    /// The rows that were added, in the order in which they were; also those that moved after.
    async fn added(&self) -> &[Row] {
        &self.added
    }

    /// The rows that were moved, each with its subtree, and not added by the same change.
    async fn moved(&self) -> &[Row] {
        &self.moved
    }

    /// The ids of the rows that were removed, children before their parents.
    async fn removed_row_ids(&self) -> Vec<ID> {
        self.removed.iter().copied().map(ids::encode).collect()
    }

    /// The job that made the change; null if a user did, or if the job is no longer kept.
    async fn job(&self, ctx: &Context<'_>) -> Option<Result<Job>> {
        let found = ctx.loaders().find(self.version.job?).await.transpose()?;
        Some(found.map(Job))
    }

    /// The user who made the change; null if a job did.
    async fn user(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        let found = ctx.loaders().find(self.version.user?).await.transpose()?;
        Some(found.map(User))
    }

    /// When the change was made.
    async fn at(&self) -> DateTime {
        DateTime(self.version.at)
    }
}
