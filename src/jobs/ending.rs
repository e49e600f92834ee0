//! Tells the log and the metrics how a job came out.

use super::Jobs;
use crate::domain::{JobId, JobState};
use crate::store::jobs::{self, Job};
use crate::telemetry::metrics::JobOutcome;
use std::time::Duration;

/// Tells how a job came out that ran for so long.
pub(super) async fn tell(jobs: &Jobs, id: JobId, duration: Duration) {
    match jobs.store.read(move |tx| jobs::find(tx, id)).await {
        Ok(Some(job)) => tell_of(jobs, &job, duration),
        Ok(None) => tracing::info!("job was deleted while it ran"),
        Err(error) => tracing::error!(%error, "how a job ended could not be read"),
    }
}

/// The messages of its errors stay out of the server's log: they hold
/// names and queries, and whoever may see the job finds them there.
fn tell_of(jobs: &Jobs, job: &Job, duration: Duration) {
    let state = job.state.name();
    let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if !job.state.is_ended() {
        tracing::info!(state, duration_ms, "job was interrupted and waits again");
        return;
    }
    let code = job.error.as_ref().map(|(code, _)| code.as_str());
    let changes = job.counts.total();
    if job.state == JobState::Failed {
        tracing::warn!(state, code, duration_ms, "job ended");
    } else {
        tracing::info!(state, changes, duration_ms, "job ended");
    }
    let counts = &job.counts;
    let changes = [
        ("row_added", counts.rows_added),
        ("row_moved", counts.rows_moved),
        ("row_removed", counts.rows_removed),
        ("link_added", counts.links_added),
        ("link_removed", counts.links_removed),
        ("rank_changed", counts.ranks_changed),
        ("epic_changed", counts.epics_changed),
        ("status_changed", counts.statuses_changed),
    ];
    let applied = !job.dry_run && job.state != JobState::Failed;
    jobs.metrics.ended(&JobOutcome {
        kind: job.kind.name(),
        outcome: state,
        dry_run: job.dry_run,
        duration,
        changes: if applied { &changes } else { &[] },
        error: code,
    });
}
