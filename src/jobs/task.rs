//! One started job, from its start to its end in the database, whatever the disk does meanwhile.
//!
//! A trouble that may pass, such as a full disk, has changed nothing: the job waits, longer each
//! time, and is done again. If that never helps it fails with the reason; and since that has to be
//! written as well, writing it is tried until it succeeds or the server stops. A job whose end
//! could not be written begins anew at the next start.

use super::{Jobs, Progress, Stopped, ending};
use crate::domain::{JobKind, JobState, LogLevel};
use crate::store::jobs::{self, End, Job};
use crate::store::{StoreError, Tx, synchronizers};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::sleep;
use tracing::Instrument;

/// Tries of a job before a trouble that may pass counts as one that does not: about two minutes.
const TRIES: u32 = 9;
/// How often a job that waits looks whether it was cancelled.
const CANCEL_CHECK: Duration = Duration::from_millis(50);

/// Ever longer waits between tries, up to a longest one.
pub(super) struct Waits {
    tries: u32,
    longest: Duration,
}

impl Waits {
    pub(super) fn up_to(longest: Duration) -> Self {
        Self { tries: 0, longest }
    }

    /// How long to wait before the next try.
    pub(super) fn next(&mut self) -> Duration {
        let doubled = Duration::from_millis(500) * 2_u32.pow(self.tries.min(16));
        self.tries += 1;
        doubled.min(self.longest)
    }

    /// It went well.
    pub(super) fn reset(&mut self) {
        self.tries = 0;
    }
}

/// Runs a started job until its end is in the database, or the server stops; then tells how it came
/// out.
pub(super) async fn run_to_end(jobs: Jobs, job: Job, progress: Arc<Progress>) {
    let began = Instant::now();
    tracing::info!("job started");
    if let Err(stopped) = run_patiently(&jobs, &job, &progress).await {
        write_end(&jobs, &job, stopped, &progress).await;
    }
    jobs.live.end(job.id);
    ending::tell(&jobs, job.id, began.elapsed()).await;
}

async fn run_patiently(jobs: &Jobs, job: &Job, progress: &Arc<Progress>) -> Result<(), Stopped> {
    let mut waits = Waits::up_to(Duration::from_secs(30));
    loop {
        // As a task of its own, so that a panic is the job's and not the runner's.
        let work = jobs.work.run(job.clone(), Arc::clone(progress));
        let ran = tokio::spawn(work.in_current_span()).await;
        let ended = ran.unwrap_or_else(|panic| {
            let message = format!("the job broke off: {panic}");
            Err(Stopped::Failed("INTERNAL", message))
        });
        let Err(Stopped::Unlucky(reason)) = &ended else {
            return ended;
        };
        if waits.tries + 1 >= TRIES {
            return ended;
        }
        let wait = waits.next();
        tracing::warn!(reason, ?wait, "a job is tried again");
        progress.phase("Waiting for the database", None);
        let message = format!("It could not be done: {reason}. It is tried again.");
        progress.log(LogLevel::Warning, message);
        if cancelled_within(wait, progress).await {
            return Err(Stopped::Cancelled);
        }
    }
}

async fn cancelled_within(wait: Duration, progress: &Progress) -> bool {
    let mut left = wait;
    while !left.is_zero() && !progress.is_cancelled() {
        let step = left.min(CANCEL_CHECK);
        sleep(step).await;
        left -= step;
    }
    progress.is_cancelled()
}

async fn write_end(jobs: &Jobs, job: &Job, stopped: Stopped, progress: &Arc<Progress>) {
    let mut waits = Waits::up_to(Duration::from_secs(5));
    loop {
        let (ending, stopped, seen) = (job.clone(), stopped.clone(), Arc::clone(progress));
        let written = jobs
            .store
            .write(move |tx| end(tx, &ending, &stopped, &seen));
        let Err(error) = written.await else { return };
        if !error.may_pass() || jobs.live.is_stopping() {
            tracing::error!(%error, "the end of a job could not be written");
            return;
        }
        let wait = waits.next();
        tracing::warn!(%error, ?wait, "the end of a job is written later");
        sleep(wait).await;
    }
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
            Some(("UNAVAILABLE".to_owned(), message.clone())),
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
