//! When work runs: the queue, what may run beside what, and the life of a job.
//!
//! `schedule` is pure: from what waits and what runs it says what starts, and of each job that
//! waits, why. `runner` carries that out, and makes incremental jobs where enabled synchronizers
//! have changes ahead of them: their cursors in the change feeds, not messages, say so, so a crash
//! forgets nothing. `task` takes a started job to its end, `ending` tells how it came out. `requests`
//! and `reverts` are what users ask of jobs, `loops` stops rules that undo each other, `opening`
//! begins a job's log, `sweep` deletes the past. What a job does is [`Work`], which `app`
//! plugs in.

mod ending;
mod live;
mod loops;
mod opening;
mod requests;
mod reverts;
mod runner;
pub mod schedule;
mod sweep;
mod task;

pub use live::Progress;
pub use requests::{QueueLimits, ResyncRequest, RunOnceRequest, Waits};
pub use reverts::RevertRequest;
pub use runner::{Limits, Runner};
pub use schedule::Wait;

use crate::domain::{Direction, JobId, Settings, StructureId, UserId};
use crate::store::jobs::Job;
use crate::store::synchronizers::Synchronizer;
use crate::store::{Failure, Store, StoreError, Tx};
use crate::telemetry::metrics::JobMetrics;
use futures_util::future::BoxFuture;
use live::Live;
use std::sync::Arc;
use tokio::sync::watch;

/// What jobs do.
pub trait Work: Send + Sync {
    /// Runs a started job; on success its end has been written with its changes.
    fn run(&self, job: Job, progress: Arc<Progress>) -> BoxFuture<'static, Result<(), Stopped>>;

    /// Refuses a dry run that is no longer what would happen.
    fn check_preview(
        &self,
        synchronizer: Synchronizer,
        direction: Direction,
        preview: JobId,
    ) -> BoxFuture<'static, Result<(), Failure>>;

    /// Refuses settings that a job could not run with on a structure.
    fn check_settings(
        &self,
        tx: &Tx<'_>,
        structure: StructureId,
        settings: &Settings,
    ) -> Result<(), Failure>;

    /// Why a rule cannot run on a structure with the rights of a user; `None` if it can.
    fn unavailable(
        &self,
        tx: &Tx<'_>,
        structure: StructureId,
        settings: &Settings,
        run_as: UserId,
    ) -> Result<Option<String>, StoreError>;
}

/// Why a job ended without success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It was asked to.
    Cancelled,
    /// It cannot be done; a code and a message.
    Failed(&'static str, String),
    /// It could not be done this time, through no fault of its own: it is tried again.
    Unlucky(String),
}

/// The jobs of one server. Cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    store: Store,
    live: Live,
    work: Arc<dyn Work>,
    queue: QueueLimits,
    metrics: JobMetrics,
    /// Why no job can begin, as long as that is so.
    trouble: watch::Sender<Option<String>>,
}

impl Jobs {
    /// Jobs over a store, doing `work`.
    pub fn new(store: Store, work: Arc<dyn Work>) -> Self {
        Self {
            live: Live::new(&store),
            store,
            work,
            queue: QueueLimits::default(),
            metrics: JobMetrics::default(),
            trouble: watch::Sender::default(),
        }
    }

    /// Why no job can begin: the queue cannot be looked at, through no fault of the disk.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.borrow().clone()
    }

    /// What is counted of jobs.
    pub fn metrics(&self) -> &JobMetrics {
        &self.metrics
    }

    /// Why a synchronizer cannot run; `None` if it can.
    fn unavailable(
        &self,
        tx: &Tx<'_>,
        synchronizer: &Synchronizer,
    ) -> Result<Option<String>, StoreError> {
        let Synchronizer {
            structure,
            settings,
            run_as,
            ..
        } = synchronizer;
        self.work.unavailable(tx, *structure, settings, *run_as)
    }

    /// Jobs of which so many may wait.
    #[must_use]
    pub fn with_queue(self, queue: QueueLimits) -> Self {
        Self { queue, ..self }
    }
}
