//! The type `StructureChange`: what one version changed in a hierarchy; and pages of versions.
//!
//! Who lists versions seldom wants every row of each: rows, and how many there are, are read when
//! they are asked for, unless whoever made the change had them at hand.

use super::{Job, Row, User};
use crate::domain::{Forest, RowId, StructureId};
use crate::graphql::api::Api;
use crate::graphql::connection::{self, Connection};
use crate::graphql::context::ContextExt;
use crate::graphql::cursor::{self, Cursor, List};
use crate::graphql::date_time::DateTime;
use crate::graphql::error::{ApiError, Result};
use crate::graphql::ids;
use crate::graphql::loaders::{RowChangesOf, RowCountsOf};
use crate::store::changes::{self, RowChange, RowChangeKind, RowCounts, Version};
use crate::store::structures;
use async_graphql::{Context, ID, Object};
use std::collections::HashSet;
use std::sync::Arc;

/// What one version changed in a hierarchy.
pub(crate) struct StructureChange {
    structure: StructureId,
    version: Version,
    /// The newest hierarchy, in which rows are shown.
    forest: Arc<Forest>,
    /// What it changed, if that has been read.
    rows: Option<Arc<Vec<RowChange>>>,
}

impl StructureChange {
    /// A version with what it changed; rows are shown as they stand in `forest`.
    pub(crate) fn new(
        structure: StructureId,
        version: Version,
        forest: &Arc<Forest>,
        rows: Option<Vec<RowChange>>,
    ) -> Self {
        Self {
            structure,
            version,
            forest: Arc::clone(forest),
            rows: rows.map(Arc::new),
        }
    }

    /// The version of the hierarchy that it made.
    pub(crate) fn made(&self) -> i64 {
        self.version.version
    }

    async fn rows(&self, ctx: &Context<'_>) -> Result<Arc<Vec<RowChange>>> {
        if let Some(rows) = &self.rows {
            return Ok(Arc::clone(rows));
        }
        let key = RowChangesOf(self.structure, self.version.version);
        Ok(ctx.loaders().find(key).await?.unwrap_or_default())
    }

    async fn counts(&self, ctx: &Context<'_>) -> Result<RowCounts> {
        let Some(rows) = &self.rows else {
            let key = RowCountsOf(self.structure, self.version.version);
            return Ok(ctx.loaders().find(key).await?.unwrap_or_default());
        };
        let mut counts = RowCounts::default();
        for change in rows.iter() {
            *match change.kind {
                RowChangeKind::Added => &mut counts.added,
                RowChangeKind::Moved => &mut counts.moved,
                RowChangeKind::Removed => &mut counts.removed,
            } += 1;
        }
        Ok(counts)
    }

    /// Those of the rows that are there, each once.
    fn shown(&self, rows: impl Iterator<Item = RowId>, mut seen: HashSet<RowId>) -> Vec<Row> {
        rows.filter(|row| seen.insert(*row))
            .filter_map(|row| Row::find(self.structure, &self.forest, row))
            .collect()
    }
}

fn of_kind(rows: &[RowChange], kind: RowChangeKind) -> impl Iterator<Item = RowId> {
    let of_kind = rows.iter().filter(move |it| it.kind == kind);
    of_kind.map(|it| it.row)
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
    async fn added(&self, ctx: &Context<'_>) -> Result<Vec<Row>> {
        let rows = self.rows(ctx).await?;
        Ok(self.shown(of_kind(&rows, RowChangeKind::Added), HashSet::new()))
    }

    /// The rows that were moved, each with its subtree, and not added by the same change.
    async fn moved(&self, ctx: &Context<'_>) -> Result<Vec<Row>> {
        let rows = self.rows(ctx).await?;
        let added = of_kind(&rows, RowChangeKind::Added).collect();
        Ok(self.shown(of_kind(&rows, RowChangeKind::Moved), added))
    }

    /// The ids of the rows that were removed, children before their parents.
    async fn removed_row_ids(&self, ctx: &Context<'_>) -> Result<Vec<ID>> {
        let rows = self.rows(ctx).await?;
        Ok(of_kind(&rows, RowChangeKind::Removed)
            .map(ids::encode)
            .collect())
    }

    /// How many rows were added, also those that are gone by now.
    async fn added_count(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.counts(ctx).await?.added)
    }

    /// How many rows were moved, each with its subtree.
    async fn moved_count(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.counts(ctx).await?.moved)
    }

    /// How many rows were removed.
    async fn removed_count(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.counts(ctx).await?.removed)
    }

    /// The job that made the change; null if a user did, or if the job is no longer kept.
    async fn job(&self, ctx: &Context<'_>) -> Option<Result<Job>> {
        let found = ctx.loaders().find(self.version.job?).await.transpose()?;
        Some(found.map(Job))
    }

    /// Who made the change, or with whose rights it was made.
    async fn user(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        let found = ctx.loaders().find(self.version.user?).await.transpose()?;
        Some(found.map(User))
    }

    /// When the change was made.
    async fn at(&self) -> DateTime {
        DateTime(self.version.at)
    }
}

/// A page of the versions of a structure, newest first.
pub(crate) async fn page(
    api: &Api,
    structure: &structures::Structure,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<StructureChange>> {
    let length = connection::length(first)?;
    let before = after
        .as_deref()
        .map(|after| cursor::decode(List::Versions, after))
        .transpose()?;
    let id = structure.id;
    let found = api
        .read(move |tx| changes::versions_before(tx, id, before, length + 1))
        .await?;
    let newest = found.first().map_or(0, |it| it.version);
    let newest = newest.max(structure.version);
    let forest = api.store.forest_since(id, newest).await?;
    let forest = forest.ok_or_else(|| ApiError::gone("structure"))?;
    let edge = |version: Version| {
        let cursor = Cursor::Number(List::Versions, version.version);
        (cursor, StructureChange::new(id, version, &forest, None))
    };
    let items = found.into_iter().map(edge).collect();
    let api = api.clone();
    let count = move || {
        let api = api.clone();
        async move { api.read(move |tx| changes::count_versions(tx, id)).await }
    };
    Ok(Connection::forwards(items, length, before.is_some(), count))
}
