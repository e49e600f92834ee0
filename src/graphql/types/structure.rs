//! The type `Structure`, and pages of structures.

use super::permission::StructurePermission;
use super::{Row, StructureChange, Synchronizer, User, row, structure_change};
use crate::graphql::api::Api;
use crate::graphql::connection::{Connection, Window};
use crate::graphql::context::ContextExt;
use crate::graphql::cursor;
use crate::graphql::date_time::DateTime;
use crate::graphql::error::Result;
use crate::graphql::ids;
use crate::graphql::loaders::{AccessTo, RulesOf, SynchronizersOf};
use crate::store::structures;
use crate::structures::access;
use async_graphql::{Context, Enum, ID, Object};
use std::sync::Arc;

/// What a viewer may do to a structure; each level includes those before it.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "access::AccessLevel")]
pub(crate) enum AccessLevel {
    /// Nothing: it does not exist for the viewer.
    None,
    /// Read it.
    View,
    /// Change its rows.
    Edit,
    /// Run rules on it once: imports and exports.
    Automate,
    /// Everything: rename it, delete it, say who may do what.
    Control,
}

/// A name and an ordered hierarchy of rows.
pub(crate) struct Structure(pub(crate) Arc<structures::Structure>);

impl From<structures::Structure> for Structure {
    fn from(structure: structures::Structure) -> Self {
        Self(Arc::new(structure))
    }
}

/// A name and an ordered hierarchy of rows.
#[Object]
impl Structure {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::encode(self.0.id)
    }

    /// Its name; several structures may share one.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is for.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// Who made it, or was given it.
    async fn owner(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        let found = ctx.loaders().find(self.0.owner?).await.transpose()?;
        Some(found.map(User))
    }

    /// What the viewer may do to it.
    async fn viewer_access(&self, ctx: &Context<'_>) -> Result<AccessLevel> {
        let found = ctx.loaders().find(AccessTo(self.0.id)).await?;
        Ok(found.unwrap_or(access::AccessLevel::None).into())
    }

    /// The rules that give others access, beside its owner and administrators; null unless the
    /// viewer has CONTROL.
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Option<Vec<StructurePermission>>> {
        let found = ctx.loaders().find(RulesOf(self.0.id)).await?;
        Ok(found.map(|rules| rules.iter().map(Into::into).collect()))
    }

    /// Grows with every change of the hierarchy: by one, or by several for a large change.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Number of rows.
    async fn row_count(&self) -> i64 {
        self.0.row_count
    }

    /// Rows in depth-first order, at least as new as `version`, or as they were at `atVersion`. When
    /// the row of `after` is gone or out of this list, the error has the code `CURSOR_GONE`: start
    /// again. When changes since `atVersion` are no longer kept, it is `VERSION_GONE`.
    async fn rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows of the page at the most, 0 to 500; default 50.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the last row before the page.")] after: Option<String>,
        #[graphql(desc = "Only rows of this row's subtree, without itself.")] under: Option<ID>,
        #[graphql(desc = "Only so many levels, 1 or more; 1 shows direct children.")]
        max_depth: Option<i32>,
        #[graphql(desc = "The rows as they were at this version, 0 to `version`.")]
        at_version: Option<i64>,
    ) -> Result<Connection<Row>> {
        let (store, id) = (&ctx.api().store, self.0.id);
        let source = match at_version {
            Some(version) => row::Source::at_version(store, id, version).await?,
            None => row::Source::newest(store, id, self.0.version).await?,
        };
        let request = row::Request {
            first,
            after,
            under,
            max_depth,
        };
        row::page(source, request)
    }

    /// Its versions, newest first, with who or what made each and what it changed.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Versions of the page at the most, 0 to 500; default 50.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor of the last version before the page.")] after: Option<String>,
    ) -> Result<Connection<StructureChange>> {
        structure_change::page(ctx.api(), &self.0, first, after).await
    }

    /// What keeps it in sync, in the order of installation.
    async fn synchronizers(&self, ctx: &Context<'_>) -> Result<Vec<Synchronizer>> {
        let found = ctx.loaders().find(SynchronizersOf(self.0.id)).await?;
        Ok(found
            .unwrap_or_default()
            .into_iter()
            .map(Synchronizer)
            .collect())
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When its name, its description or its hierarchy last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

/// A page of structures, by name.
pub(crate) async fn page(
    api: &Api,
    filter: structures::Filter,
    window: Window,
    after: Option<structures::Place>,
    before: Option<structures::Place>,
) -> Result<Connection<Structure>> {
    let Window { length, backwards } = window;
    let (asked, bounded) = (filter.clone(), (after.is_some(), before.is_some()));
    let mut found = api
        .read(move |tx| {
            let (after, before) = (after.as_ref(), before.as_ref());
            structures::page(tx, &asked, after, before, length + 1, backwards)
        })
        .await?;
    let more = found.len() > length;
    if backwards {
        found.drain(..usize::from(more));
    } else {
        found.truncate(length);
    }
    let edge = |it: structures::Structure| (cursor::encode_place(&it.name, it.id), it.into());
    let items = found.into_iter().map(edge).collect();
    let (has_previous, has_next) = if backwards {
        (more, bounded.1)
    } else {
        (bounded.0, more)
    };
    let api = api.clone();
    let count = move || {
        let (api, filter) = (api.clone(), filter.clone());
        async move { api.read(move |tx| structures::count(tx, &filter)).await }
    };
    Ok(Connection::new(items, has_next, has_previous, count))
}
