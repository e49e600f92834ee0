//! Metrics: what the parts count joined with what is measured when somebody looks.

use crate::domain::{JobKind, JobState};
use crate::graphql::service::{Began, Ended, Observer, OperationKind, Outcome, outcome_name};
use crate::http::Exposition;
use crate::store::jobs::{self, Job};
use crate::store::{Store, StoreError, synchronizers};
use crate::telemetry::metrics::{
    Format, JobMetrics, Levels, Measured, OperationMetrics, Registry, TransportMetrics,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::time::Duration;

/// Counts operations.
pub(super) struct Operations(pub(super) OperationMetrics);

impl Observer for Operations {
    fn operation_refused(&self, code: &'static str) {
        self.0.refused(code);
    }

    fn operation_began(&self, began: &Began<'_>) {
        if let Some(field) = began.field {
            self.0.subscribed(field);
        }
    }

    fn operation_ended(&self, ended: &Ended<'_>) {
        let kind = ended.kind.as_str();
        let fits = ended.outcome != Some(Outcome::Refused);
        let outcome = outcome_name(ended.outcome, ended.errors);
        self.0.ended(kind, ended.name, outcome, fits);
        // A subscription takes as long as its client likes.
        if ended.kind != OperationKind::Subscription {
            self.0.took(kind, ended.name, ended.duration);
        }
        if let Some(field) = ended.field {
            self.0.unsubscribed(field);
        }
    }
}

/// Measures and writes down.
pub(super) struct Metrics {
    store: Store,
    registry: Registry,
    levels: Levels,
}

impl Metrics {
    /// Without `jobs`, as on a server where synchronizers are switched off, nothing tells of them.
    pub(super) fn new(
        store: &Store,
        jobs: Option<&JobMetrics>,
        operations: &OperationMetrics,
        transports: &TransportMetrics,
    ) -> Self {
        let levels = Levels::default();
        Self {
            registry: Registry::new(operations, transports, jobs, store.metrics(), &levels),
            store: store.clone(),
            levels,
        }
    }

    async fn measure(&self) -> Result<Measured, StoreError> {
        let sizes = self.store.sizes().await?;
        let measured = self.store.read(|tx| {
            let mut measured = Measured::default();
            let active = jobs::active(tx)?;
            measure_jobs(&active, tx.now().0, &mut measured);
            let (enabled, stopped) = synchronizers::count_enabled_and_stopped(tx)?;
            measured.synchronizers_enabled = enabled;
            measured.synchronizers_stopped = stopped;
            Ok::<_, StoreError>(measured)
        });
        let queued = self.store.queued();
        Ok(Measured {
            store_queue: queued.map(|(lane, count)| (lane, count as u64)).collect(),
            database_bytes: vec![
                ("main", sizes.file),
                ("wal", sizes.log),
                ("free", sizes.free),
            ],
            forests: sizes.forests as u64,
            forest_rows: sizes.forest_rows as u64,
            forest_bytes: sizes.forest_bytes as u64,
            ..measured.await?
        })
    }
}

/// Counts the jobs that have not ended; zeros too, since a series that stops says nothing.
fn measure_jobs(active: &[Job], now: i64, measured: &mut Measured) {
    for kind in JobKind::ALL {
        let of_kind = || active.iter().filter(|job| job.kind == *kind);
        for state in [JobState::Queued, JobState::Running, JobState::Cancelling] {
            let count = of_kind().filter(|job| job.state == state).count();
            measured
                .jobs
                .push((kind.name(), state.name(), count as u64));
        }
        let waiting = of_kind().filter(|job| job.state == JobState::Queued);
        let oldest = waiting.map(|job| job.created_at.0).min();
        // A clock that was set back makes nobody wait for less than no time.
        let age = oldest.map_or(0, |since| u64::try_from(now - since).unwrap_or_default());
        measured
            .oldest_waiting
            .push((kind.name(), Duration::from_millis(age)));
    }
}

impl Exposition for Metrics {
    fn write(&self, format: Format) -> BoxFuture<'_, Result<String, String>> {
        async move {
            let measured = self.measure().await.map_err(|error| error.to_string())?;
            self.levels.set(&measured);
            self.registry
                .write(format)
                .map_err(|error| error.to_string())
        }
        .boxed()
    }
}
