//! Joins `jobs` with `sync`: what a job does is to run its synchronizer.

use crate::domain::{
    Direction, JobId, LogLevel, Refusal, RefusalCode, Settings, StructureId, UserId,
};
use crate::jobs::{Progress, Stopped, Work};
use crate::store::jobs::{Job, LogEntry};
use crate::store::synchronizers::Synchronizer;
use crate::store::{Failure, Store, StoreError, Tx};
use crate::sync::{self, Halt, Watch};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// Jobs that synchronize.
pub(super) struct Synchronization {
    store: Store,
}

impl Synchronization {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }
}

impl Work for Synchronization {
    fn run(&self, job: Job, progress: Arc<Progress>) -> BoxFuture<'static, Result<(), Stopped>> {
        let store = self.store.clone();
        async move {
            let watch: Arc<dyn Watch> = Arc::new(Watched(progress));
            sync::run(&store, &job, watch).await.map_err(stopped)
        }
        .boxed()
    }

    fn check_preview(
        &self,
        synchronizer: Synchronizer,
        direction: Direction,
        preview: JobId,
    ) -> BoxFuture<'static, Result<(), Failure>> {
        let store = self.store.clone();
        async move {
            let checked = sync::check_preview(&store, synchronizer, direction, preview).await;
            checked.map_err(|halt| match halt {
                Halt::Store(error) => Failure::Store(error),
                Halt::PreviewStale(message) => Refusal::new(RefusalCode::PreviewStale, message)
                    .at("input.previewJobId")
                    .into(),
                other => Refusal::new(RefusalCode::NotAvailable, other.to_string()).into(),
            })
        }
        .boxed()
    }

    fn check_settings(
        &self,
        tx: &Tx<'_>,
        structure: StructureId,
        settings: &Settings,
    ) -> Result<(), Failure> {
        sync::settings::check(tx, structure, settings)
    }

    fn unavailable(
        &self,
        tx: &Tx<'_>,
        structure: StructureId,
        settings: &Settings,
        run_as: UserId,
    ) -> Result<Option<String>, StoreError> {
        sync::availability::check(tx, structure, settings, run_as)
    }
}

fn stopped(halt: Halt) -> Stopped {
    let code = halt.code();
    match halt {
        Halt::Cancelled => Stopped::Cancelled,
        Halt::Store(error) if error.may_pass() => Stopped::Unlucky(error.to_string()),
        Halt::Store(StoreError::Damaged(_)) => {
            let message = "the database is damaged: an administrator has to look at it";
            Stopped::Failed(code, message.to_owned())
        }
        Halt::Store(error) => {
            tracing::error!(%error, "a job met an error of the store");
            Stopped::Failed(
                code,
                "an internal error; the server's log has it".to_owned(),
            )
        }
        other => Stopped::Failed(code, other.to_string()),
    }
}

/// The progress of a job, as its synchronizer sees it.
struct Watched(Arc<Progress>);

impl Watch for Watched {
    fn phase(&self, name: &'static str, total: Option<usize>) {
        self.0.phase(name, total);
    }

    fn advance(&self, done: usize) {
        self.0.advance(done);
    }

    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn ticks(&self) -> i64 {
        self.0.ticks()
    }

    fn log(&self, level: LogLevel, message: String) {
        self.0.log(level, message);
    }

    fn log_with(&self, closing: Vec<(LogLevel, String)>) -> Vec<LogEntry> {
        self.0.log_with(closing)
    }
}
