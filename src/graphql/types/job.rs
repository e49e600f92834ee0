//! The type `Job`, and pages of jobs.

use super::settings::SynchronizerSettings;
use super::synchronizer::Direction;
use super::{Change, Structure, Synchronizer, User};
use crate::domain::{self, JobId};
use crate::graphql::api::{Api, Wait};
use crate::graphql::connection::{self, Connection};
use crate::graphql::context::ContextExt;
use crate::graphql::cursor::{self, Cursor, List};
use crate::graphql::date_time::DateTime;
use crate::graphql::error::Result;
use crate::graphql::ids;
use crate::graphql::loaders::{LogOf, RevertOf, WaitOf};
use crate::store::jobs;
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use std::sync::Arc;

/// What a job is.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::JobKind")]
pub(crate) enum JobKind {
    /// Carries over what changed, in the background.
    Incremental,
    /// Makes both sides agree, once, in a chosen direction.
    Resync,
    /// Runs a rule that is not installed once, into the structure.
    Import,
    /// Runs a rule that is not installed once, from the structure.
    Export,
    /// Undoes what another job changed.
    Revert,
}

/// Where a job is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::JobState")]
pub(crate) enum JobState {
    /// Waits for its turn: `waitingFor` names the jobs before it.
    Queued,
    /// Plans or applies.
    Running,
    /// Asked to stop; ends at the next safe point.
    Cancelling,
    /// Ended well.
    Succeeded,
    /// Ended, but some changes were refused: `counts.failed`, and FAILED entries in `changes`.
    PartiallySucceeded,
    /// Changed nothing, unless `counts` says otherwise; `error` says why.
    Failed,
    /// Ended at the request of a user.
    Cancelled,
}

/// How far a job has come.
#[derive(SimpleObject)]
pub(crate) struct JobProgress {
    /// What it is doing now, such as `Scanning issues`.
    phase: String,
    /// How much of the phase is done.
    done: i64,
    /// Of how much; null until known.
    total: Option<i64>,
}

/// How many changes of each kind a job made or, in a dry run, would make.
#[derive(SimpleObject)]
pub(crate) struct ChangeCounts {
    /// Issues looked at.
    issues_scanned: usize,
    /// Rows added.
    rows_added: usize,
    /// Rows moved, each with its subtree.
    rows_moved: usize,
    /// Rows removed.
    rows_removed: usize,
    /// Links made.
    links_added: usize,
    /// Links deleted.
    links_removed: usize,
    /// Issues with another rank.
    ranks_changed: usize,
    /// Issues with another epic.
    epics_changed: usize,
    /// Issues with another status.
    statuses_changed: usize,
    /// Edits on the losing side, made since the last synchronization, that the job overwrites.
    conflicts: usize,
    /// Edits that the rule asks for and that cannot be made.
    skipped: usize,
    /// Edits that were refused while the job went on.
    failed: usize,
}

impl From<domain::ChangeCounts> for ChangeCounts {
    fn from(counts: domain::ChangeCounts) -> Self {
        Self {
            issues_scanned: counts.issues_scanned,
            rows_added: counts.rows_added,
            rows_moved: counts.rows_moved,
            rows_removed: counts.rows_removed,
            links_added: counts.links_added,
            links_removed: counts.links_removed,
            ranks_changed: counts.ranks_changed,
            epics_changed: counts.epics_changed,
            statuses_changed: counts.statuses_changed,
            conflicts: counts.conflicts,
            skipped: counts.skipped,
            failed: counts.failed,
        }
    }
}

/// Whether a line of a job's log wants attention.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::LogLevel")]
pub(crate) enum LogLevel {
    /// It says what was done.
    Info,
    /// It says what a person may want to look at.
    Warning,
}

/// One line of a job's log.
#[derive(SimpleObject)]
pub(crate) struct JobLogEntry {
    /// When it was written.
    at: DateTime,
    /// Whether it wants attention.
    level: LogLevel,
    /// What was decided and why, at most 1,000 characters.
    message: String,
}

impl From<jobs::LogEntry> for JobLogEntry {
    fn from(entry: jobs::LogEntry) -> Self {
        Self {
            at: DateTime(entry.at),
            level: entry.level.into(),
            message: entry.message,
        }
    }
}

/// Why a job failed.
#[derive(SimpleObject)]
pub(crate) struct JobError {
    /// A code that a program can act on, such as `REMOVAL_LIMIT_EXCEEDED`.
    code: String,
    /// The reason in words.
    message: String,
}

/// One queued piece of work: a synchronization, a one-off import or export, or an undo.
pub(crate) struct Job(pub(crate) Arc<jobs::Job>);

/// One queued piece of work: a synchronization, a one-off import or export, or an undo.
#[Object]
impl Job {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::encode(self.0.id)
    }

    /// Its number: how logs and messages name it. Later jobs have higher ones.
    async fn number(&self) -> i64 {
        self.0.id.0
    }

    /// What it is.
    async fn kind(&self) -> JobKind {
        self.0.kind.into()
    }

    /// Which side is the truth; null for incremental synchronization, which carries over both ways,
    /// and for a revert.
    async fn direction(&self) -> Option<Direction> {
        self.0.direction.map(Into::into)
    }

    /// Where it is in its life.
    async fn state(&self) -> JobState {
        self.0.state.into()
    }

    /// True: the job only works out what it would change.
    async fn dry_run(&self) -> bool {
        self.0.dry_run
    }

    /// The structure that it reads or writes.
    async fn structure(&self, ctx: &Context<'_>) -> Result<Structure> {
        ctx.loaders()
            .get(self.0.structure, "structure")
            .await
            .map(Structure)
    }

    /// The synchronizer that it runs, or whose work it undoes; null once that is uninstalled, and of
    /// a one-off.
    async fn synchronizer(&self, ctx: &Context<'_>) -> Option<Result<Synchronizer>> {
        let found = ctx.loaders().find(self.0.synchronizer?).await.transpose()?;
        Some(found.map(Synchronizer))
    }

    /// The rule that a one-off import or export runs; null for other jobs.
    async fn settings(&self) -> Option<SynchronizerSettings> {
        let settings = self.0.settings.clone()?;
        Some(SynchronizerSettings::new(self.0.structure, settings))
    }

    /// The jobs that must end before this one starts, of those that the viewer may see; empty once
    /// it runs.
    async fn waiting_for(&self, ctx: &Context<'_>) -> Result<Vec<Job>> {
        let wait = self.wait(ctx).await?;
        let before = wait.map(|wait| wait.jobs.clone()).unwrap_or_default();
        Ok(ctx
            .loaders()
            .find_all(&before)
            .await?
            .into_iter()
            .map(Job)
            .collect())
    }

    /// Why it does not start yet, in one sentence; null unless it waits.
    async fn waiting_reason(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let wait = self.wait(ctx).await.transpose()?;
        Some(wait.map(|wait| wait.reason.clone()))
    }

    /// How far it has come.
    async fn progress(&self) -> JobProgress {
        JobProgress {
            phase: self.0.phase.clone(),
            done: self.0.done,
            total: self.0.total,
        }
    }

    /// How many changes it made or, in a dry run, would make.
    async fn counts(&self) -> ChangeCounts {
        self.0.counts.into()
    }

    /// What it changed or, in a dry run, would change, in order.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Changes of the page at the most, 0 to 500; default 50.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor of the last change before the page.")] after: Option<String>,
    ) -> Result<Connection<Change>> {
        changes(ctx.api(), self.0.id, first, after).await
    }

    /// What it decided and why, and what to look at: at most 100 entries, the oldest first. Grows
    /// while the job runs.
    async fn log(&self, ctx: &Context<'_>) -> Result<Vec<JobLogEntry>> {
        let found = ctx.loaders().find(LogOf(self.0.id)).await?;
        let log = found.unwrap_or_default();
        Ok(log.into_iter().map(Into::into).collect())
    }

    /// Why it failed; of a dry run that succeeded, why a run would fail.
    async fn error(&self) -> Option<JobError> {
        let (code, message) = self.0.error.clone()?;
        Some(JobError { code, message })
    }

    /// The job that this one undoes; null unless it is a revert, or if that is no longer kept.
    async fn reverts(&self, ctx: &Context<'_>) -> Option<Result<Job>> {
        let found = ctx.loaders().find(self.0.reverts?).await.transpose()?;
        Some(found.map(Job))
    }

    /// The job that undid this one, or is about to. A revert that failed, was cancelled or was
    /// itself reverted does not count.
    async fn reverted_by(&self, ctx: &Context<'_>) -> Result<Option<Job>> {
        let Some(by) = ctx.loaders().find(RevertOf(self.0.id)).await? else {
            return Ok(None);
        };
        Ok(ctx.loaders().find(by).await?.map(Job))
    }

    /// Who asked for it; null for incremental synchronization.
    async fn requested_by(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        let found = ctx.loaders().find(self.0.requested_by?).await.transpose()?;
        Some(found.map(User))
    }

    /// When it was queued.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was started; null while it waits.
    async fn started_at(&self) -> Option<DateTime> {
        self.0.started_at.map(DateTime)
    }

    /// When it ended; null before.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime)
    }

    /// Grows with every change of the job: drop a snapshot that is older than the one you hold.
    async fn revision(&self) -> i64 {
        self.0.revision
    }
}

impl Job {
    async fn wait(&self, ctx: &Context<'_>) -> Result<Option<Arc<Wait>>> {
        if self.0.state != domain::JobState::Queued {
            return Ok(None);
        }
        ctx.loaders().find(WaitOf(self.0.id)).await
    }
}

/// A page of jobs, newest first.
pub(crate) async fn page(
    api: &Api,
    filter: jobs::Filter,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<Job>> {
    let length = connection::length(first)?;
    let before = after
        .as_deref()
        .map(|after| cursor::decode(List::Jobs, after))
        .transpose()?;
    let asked = filter.clone();
    let found = api
        .read(move |tx| jobs::page(tx, &asked, before.map(JobId), length + 1))
        .await?;
    let edge = |job: jobs::Job| {
        let cursor = Cursor::Number(List::Jobs, job.id.0);
        (cursor, Job(Arc::new(api.jobs.with_progress(job))))
    };
    let items = found.into_iter().map(edge).collect();
    let api = api.clone();
    let count = move || {
        let (api, filter) = (api.clone(), filter.clone());
        async move { api.read(move |tx| jobs::count(tx, &filter)).await }
    };
    Ok(Connection::forwards(items, length, before.is_some(), count))
}

/// A page of what a job changed.
async fn changes(
    api: &Api,
    job: JobId,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<Change>> {
    let length = connection::length(first)?;
    let after = after
        .as_deref()
        .map(|after| cursor::decode(List::Changes, after))
        .transpose()?;
    let from = after.unwrap_or(-1);
    let found = api
        .read(move |tx| jobs::changes(tx, job, from, length + 1))
        .await?;
    let edge = |(seq, line)| (Cursor::Number(List::Changes, seq), Change(line));
    let items = found.into_iter().map(edge).collect();
    let api = api.clone();
    let count = move || {
        let api = api.clone();
        async move { api.read(move |tx| jobs::count_changes(tx, job)).await }
    };
    Ok(Connection::forwards(items, length, after.is_some(), count))
}
