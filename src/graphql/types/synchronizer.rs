//! The type `Synchronizer`.

use super::settings::SynchronizerSettings;
use super::{Job, Structure, User, job};
use crate::domain::{self, SynchronizerId};
use crate::graphql::api::Overlap;
use crate::graphql::connection::Connection;
use crate::graphql::context::ContextExt;
use crate::graphql::error::Result;
use crate::graphql::ids;
use crate::graphql::loaders::{OverlapsOf, RunningJobOf, Unavailable};
use crate::store::{jobs, synchronizers};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use std::sync::Arc;

/// Which side of a resync is the truth.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Direction")]
pub(crate) enum Direction {
    /// Export: the issues of the tracker are updated from the hierarchy.
    FromStructure,
    /// Import: the hierarchy is updated from the issues of the tracker.
    IntoStructure,
}

/// What a synchronizer does.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Kind")]
pub(crate) enum SynchronizerKind {
    /// Keeps the issues of a query in the structure.
    SavedFilter,
    /// Keeps sub-tasks under their parents.
    SubTasks,
    /// Keeps a hierarchy of links and the hierarchy of rows alike.
    Links,
    /// Keeps epics, ranks and sub-tasks of a board and the hierarchy alike.
    Agile,
    /// Gives parents the status that their children are in.
    StatusRollup,
}

/// Whether a synchronizer works.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum SynchronizerState {
    /// Incremental synchronization is off; a resync can be run.
    Disabled,
    /// Incremental synchronization runs in the background.
    Enabled,
    /// Installed, but it cannot run: `unavailableReason` says why.
    NotAvailable,
}

/// Another synchronizer that claims what this one claims: they may undo each other's work.
#[derive(SimpleObject)]
pub(crate) struct SynchronizerWarning {
    /// What both claim and what may come of it, in one sentence.
    message: String,
    /// The other one, which is enabled.
    other: Synchronizer,
}

/// The warnings of a synchronizer against the enabled others of its structure.
pub(crate) async fn warnings(
    ctx: &Context<'_>,
    id: SynchronizerId,
) -> Result<Vec<SynchronizerWarning>> {
    let overlaps = ctx.loaders().find(OverlapsOf(id)).await?;
    let overlaps = overlaps.unwrap_or_default();
    let others = ctx
        .loaders()
        .find_map(overlaps.iter().map(|it| it.other))
        .await?;
    let warn = |it: &Overlap| {
        Some(SynchronizerWarning {
            message: it.message.to_owned(),
            other: Synchronizer(Arc::clone(others.get(&it.other)?)),
        })
    };
    Ok(overlaps.iter().filter_map(warn).collect())
}

/// A rule that keeps a structure and the tracker alike.
pub(crate) struct Synchronizer(pub(crate) Arc<synchronizers::Synchronizer>);

/// A rule that keeps a structure and the tracker alike.
#[Object]
impl Synchronizer {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::encode(self.0.id)
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it does.
    async fn kind(&self) -> SynchronizerKind {
        self.0.settings.kind().into()
    }

    /// The structure it is installed on.
    async fn structure(&self, ctx: &Context<'_>) -> Result<Structure> {
        ctx.loaders()
            .get(self.0.structure, "structure")
            .await
            .map(Structure)
    }

    /// The directions in which it can be resynced.
    async fn supported_directions(&self) -> Vec<Direction> {
        let directions = self.0.settings.kind().directions();
        directions.iter().copied().map(Into::into).collect()
    }

    /// Whether it works.
    async fn state(&self, ctx: &Context<'_>) -> Result<SynchronizerState> {
        let unavailable = ctx.loaders().find(Unavailable(self.0.id)).await?;
        Ok(match (unavailable, self.0.enabled) {
            (Some(_), _) => SynchronizerState::NotAvailable,
            (None, true) => SynchronizerState::Enabled,
            (None, false) => SynchronizerState::Disabled,
        })
    }

    /// Why it cannot run, or why the server switched it off; null if all is well.
    async fn unavailable_reason(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        match ctx.loaders().find(Unavailable(self.0.id)).await {
            Ok(None) => self.0.stopped_because.clone().map(Ok),
            found => found.transpose(),
        }
    }

    /// What is to be feared of it beside the enabled synchronizers of its structure: claims that
    /// contradict each other. Worth a look before it is enabled.
    async fn warnings(&self, ctx: &Context<'_>) -> Result<Vec<SynchronizerWarning>> {
        warnings(ctx, self.0.id).await
    }

    /// What it does in detail.
    async fn settings(&self) -> SynchronizerSettings {
        SynchronizerSettings::new(self.0.structure, self.0.settings.clone())
    }

    /// Every change that it makes is made with this user's permissions.
    async fn run_as(&self, ctx: &Context<'_>) -> Result<User> {
        ctx.loaders().get(self.0.run_as, "user").await.map(User)
    }

    /// The job that runs now, if any.
    async fn current_job(&self, ctx: &Context<'_>) -> Option<Result<Job>> {
        let found = ctx
            .loaders()
            .find(RunningJobOf(self.0.id))
            .await
            .transpose()?;
        Some(found.map(Job))
    }

    /// Its jobs, newest first.
    async fn jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Jobs of the page at the most, 0 to 500; default 50.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the last job before the page.")] after: Option<String>,
    ) -> Result<Connection<Job>> {
        let filter = jobs::Filter {
            synchronizer: Some(self.0.id),
            ..jobs::Filter::default()
        };
        job::page(ctx.api(), filter, first, after).await
    }
}
