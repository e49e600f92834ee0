//! One job from its start to its end: runs its work, writes the end of one that stopped, and tells
//! the log and the metrics how it came out.

use super::{Jobs, Progress, Stopped};
use crate::domain::{JobKind, JobState, LogLevel};
use crate::store::jobs::{self, End, Job};
use crate::store::synchronizers;
use crate::store::{StoreError, Tx};
use crate::telemetry::metrics::JobOutcome;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::{Instrument, Span};

/// Runs a job that was started.
pub(super) async fn run(jobs: Jobs, job: Job, progress: Arc<Progress>) {
    let (id, began) = (job.id, Instant::now());
    tracing::info!("job started");
    // A task of its own, so that a panic ends the job and not the runner.
    let work = jobs.work.run(job.clone(), Arc::clone(&progress));
    let ran = tokio::spawn(work.instrument(Span::current())).await;
    let ended = ran.unwrap_or_else(|panic| {
        Err(Stopped::Failed(
            "INTERNAL",
            format!("the job broke off: {panic}"),
        ))
    });
    if let Err(stopped) = ended {
        let written = jobs
            .store
            .write(move |tx| end(tx, &job, &stopped, &progress))
            .await;
        if let Err(error) = written {
            tracing::error!(%error, "the end of a job could not be written");
        }
    }
    jobs.live.end(id);
    match jobs.store.read(move |tx| jobs::find(tx, id)).await {
        Ok(Some(job)) => tell(&jobs, &job, began.elapsed()),
        Ok(None) => tracing::info!("job was deleted while it ran"),
        Err(error) => tracing::error!(%error, "how a job ended could not be read"),
    }
}

/// Tells how a job came out. The messages of its errors stay out of the server's log: they hold
/// names and queries, and whoever may see the job finds them there.
fn tell(jobs: &Jobs, job: &Job, duration: Duration) {
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

/// Writes the end of a job that stopped.
fn end(tx: &Tx<'_>, job: &Job, stopped: &Stopped, progress: &Progress) -> Result<(), StoreError> {
    let Some(now) = jobs::find(tx, job.id)?.filter(|job| !job.state.is_ended()) else {
        return Ok(());
    };
    let (state, error) = match stopped {
        // Nobody cancelled it: the server stops, and the job begins anew when it is back.
        Stopped::Cancelled if now.state == JobState::Running => {
            return jobs::requeue(tx, &now, progress.ticks());
        }
        Stopped::Cancelled => (JobState::Cancelled, None),
        Stopped::Failed(code, message) => (
            JobState::Failed,
            Some(((*code).to_owned(), message.clone())),
        ),
        Stopped::Unlucky(message) => (
            JobState::Failed,
            Some(("INTERNAL".to_owned(), message.clone())),
        ),
    };
    let mut closing = match &error {
        None => vec![(
            LogLevel::Info,
            "It stopped as it was asked to: nothing was changed.".to_owned(),
        )],
        Some((_, message)) => {
            let message = format!(
                "It failed, and nothing was changed: {}.",
                message.trim_end_matches('.')
            );
            vec![(LogLevel::Warning, message)]
        }
    };
    if let (JobKind::Incremental, Stopped::Failed(_, message), Some(id)) =
        (now.kind, stopped, now.synchronizer)
    {
        // It would fail again at once, and again: a person has to look at it.
        let because = format!("incremental synchronization failed: {message}");
        synchronizers::disable(tx, id, Some(&because))?;
        let message = "Its synchronizer was disabled: it would fail again at once.";
        closing.push((LogLevel::Warning, message.to_owned()));
    }
    jobs::finish(
        tx,
        &now,
        &End {
            state,
            counts: now.counts,
            error,
            ticks: progress.ticks(),
            log: progress.log_with(closing),
        },
    )
}
