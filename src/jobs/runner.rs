//! Carries the schedule out: looks for changes to synchronize, starts what may start, ends what
//! stopped. One step is public, so that tests can take it.

use super::schedule::{self, Entry};
use super::task::{self, Waits};
use super::{Jobs, loops, opening};
use crate::domain::{JobId, JobKind, JobState, Kind, LogLevel, SynchronizerId};
use crate::events::Event;
use crate::store::jobs::{self, Job, NewJob};
use crate::store::synchronizers::{self, Synchronizer, Unreadable};
use crate::store::{StoreError, Tx, pending};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::Instrument;

/// The least time between two looks at the queue: a burst of changes becomes one job.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The longest time between two looks: another process may have imported issues.
const LOOK_AT_LEAST_EVERY: Duration = Duration::from_millis(500);
/// The longest time between two looks while the database fails.
const LOOK_AGAIN_WITHIN: Duration = Duration::from_secs(5);
/// How often ended jobs that are past their time are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// What a runner may do.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Jobs that run at a time.
    pub workers: usize,
    /// How long ended jobs, their changes and the change feeds are kept.
    pub keep: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            workers: 4,
            keep: Duration::from_secs(90 * 24 * 3600),
        }
    }
}

/// Runs the jobs of one server.
pub struct Runner {
    jobs: Jobs,
    limits: Limits,
    tasks: JoinSet<()>,
    /// Enabled synchronizers that could not be read at the last look.
    unreadable: Vec<SynchronizerId>,
}

impl Runner {
    /// A runner that has not begun.
    pub fn new(jobs: Jobs, limits: Limits) -> Self {
        Self {
            jobs,
            limits,
            tasks: JoinSet::new(),
            unreadable: Vec::new(),
        }
    }

    /// Puts jobs that a crash interrupted back into the queue; how many.
    pub async fn recover(&self) -> Result<usize, StoreError> {
        self.jobs.store.write(jobs::recover).await
    }

    /// Runs until `stop` turns true, then lets running jobs reach a safe point.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        // What a crash left half written is not seen by anybody; it only takes room.
        if let Err(error) = pending::take_back(&self.jobs.store, None).await {
            tracing::warn!(%error, "what a job had written is taken back later");
        }
        let mut events = self.jobs.store.events().listen();
        let mut swept = Instant::now();
        let mut waits = Waits::up_to(LOOK_AGAIN_WITHIN);
        while !*stop.borrow() {
            let looked = Instant::now();
            let pause = match self.look().await {
                Ok(()) => {
                    self.jobs.trouble.send_replace(None);
                    waits.reset();
                    LOOK_EVERY
                }
                Err(error) => {
                    let wait = waits.next();
                    tracing::error!(%error, ?wait, "the job queue could not be looked at");
                    // A busy or a full disk is told by the store, which knows when it is over.
                    if !error.may_pass() {
                        let reason = format!("the job queue could not be looked at: {error}");
                        self.jobs.trouble.send_replace(Some(reason));
                    }
                    wait
                }
            };
            if swept.elapsed() >= SWEEP_EVERY {
                swept = Instant::now();
                self.jobs.sweep(self.limits.keep).await;
            }
            let until = looked + LOOK_AT_LEAST_EVERY;
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                _ = heard(&mut events, until) => {}
                Some(_) = self.tasks.join_next() => {}
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                () = sleep_until(looked + pause) => {}
            }
        }
        self.stop().await;
    }

    /// A look at the queue and, while the database cannot be written, whether it can be again.
    async fn look(&mut self) -> Result<(), StoreError> {
        if self.jobs.store.cannot_write() {
            self.jobs.store.try_writing().await?;
        }
        self.step().await
    }

    /// One look: queues incremental work, and starts what may start.
    pub async fn step(&mut self) -> Result<(), StoreError> {
        while self.tasks.try_join_next().is_some() {}
        self.queue_incremental().await?;
        let active = self.jobs.store.read(jobs::active).await?;
        let (queue, running): (Vec<&Job>, Vec<&Job>) =
            active.iter().partition(|job| job.state == JobState::Queued);
        let decision = schedule::next(&entries(&queue), &entries(&running), self.limits.workers);
        for id in decision.start {
            if let Some(job) = active.iter().find(|job| job.id == id) {
                self.start(job.clone()).await?;
            }
        }
        Ok(())
    }

    /// Waits until every job that was started has ended.
    pub async fn settle(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }

    async fn stop(mut self) {
        self.jobs.live.cancel_all();
        self.settle().await;
    }

    /// Makes an incremental job for each enabled synchronizer that has changes ahead of it and
    /// none waiting. Looks on a reading connection first: mostly there is nothing to do.
    async fn queue_incremental(&mut self) -> Result<(), StoreError> {
        let jobs = self.jobs.clone();
        let (behind, unreadable) = self
            .jobs
            .store
            .read(move |tx| {
                let (mut behind, mut unreadable) = (Vec::new(), Vec::new());
                for found in synchronizers::enabled(tx)? {
                    let synchronizer = match found {
                        Ok(synchronizer) => synchronizer,
                        Err(it) => {
                            unreadable.push(it);
                            continue;
                        }
                    };
                    if is_behind(tx, &synchronizer)?
                        && jobs.unavailable(tx, &synchronizer)?.is_none()
                    {
                        behind.push(synchronizer.id);
                    }
                }
                Ok::<_, StoreError>((behind, unreadable))
            })
            .await?;
        self.tell_unreadable(&unreadable);
        if behind.is_empty() {
            return Ok(());
        }
        self.jobs
            .store
            .write(move |tx| {
                for id in behind {
                    if let Some(synchronizer) = synchronizers::find(tx, id)? {
                        enqueue_incremental(tx, &synchronizer)?;
                    }
                }
                Ok(())
            })
            .await
    }

    /// Says once of each synchronizer that it stands still until somebody mends it.
    fn tell_unreadable(&mut self, found: &[Unreadable]) {
        for Unreadable { id, reason } in found {
            if !self.unreadable.contains(id) {
                tracing::error!(
                    synchronizer = id.0,
                    reason,
                    "a synchronizer cannot be read and is passed over; `understory check` tells more"
                );
            }
        }
        self.unreadable = found.iter().map(|it| it.id).collect();
    }

    async fn start(&mut self, job: Job) -> Result<(), StoreError> {
        let starting = job.clone();
        let started = self
            .jobs
            .store
            .write(move |tx| {
                if !jobs::start(tx, &starting)? {
                    return Ok(None);
                }
                let started = jobs::find(tx, starting.id)?;
                let tell = |job: Job| Ok::<_, StoreError>((opening::tell(tx, &job)?, job));
                started.map(tell).transpose()
            })
            .await?;
        let Some((opening, job)) = started else {
            return Ok(());
        };
        let progress = self.jobs.live.begin(&job);
        for sentence in opening {
            progress.log(LogLevel::Info, sentence);
        }
        let span = tracing::info_span!(
            "job",
            id = job.id.0,
            kind = job.kind.name(),
            structure = job.structure.0,
            synchronizer = job.synchronizer.map(|it| it.0),
            dry_run = job.dry_run,
        );
        let run = task::run_to_end(self.jobs.clone(), job, progress);
        self.tasks.spawn(run.instrument(span));
        Ok(())
    }
}

/// Waits for something that may concern the queue, or until an instant.
async fn heard(events: &mut tokio::sync::broadcast::Receiver<Event>, until: Instant) {
    // A lag, or the end of the channel, is a reason to look as well.
    while let Ok(Ok(event)) = timeout_at(until, events.recv()).await {
        if !matches!(event, Event::Synchronizer(_)) {
            return;
        }
    }
    if let Ok(Err(RecvError::Closed)) = timeout_at(until, events.recv()).await {
        sleep_until(until).await;
    }
}

pub(super) fn entries(jobs: &[&Job]) -> Vec<Entry> {
    jobs.iter()
        .map(|job| Entry {
            job: job.id,
            structure: job.structure,
            writes_issues: job.writes_issues,
        })
        .collect()
}

/// Whether a feed holds changes by others that the synchronizer has not seen.
fn is_behind(tx: &Tx<'_>, synchronizer: &Synchronizer) -> Result<bool, StoreError> {
    let Synchronizer {
        id,
        structure,
        cursor,
        settings,
        ..
    } = synchronizer;
    let sees_rows = settings.kind() != Kind::SavedFilter;
    Ok(synchronizers::sees_issue_changes(tx, *id, cursor.issues)?
        || (sees_rows && synchronizers::sees_row_changes(tx, *id, *structure, cursor.structure)?))
}

/// Queues an incremental job if there is something to do and none waits to do it.
pub(super) fn enqueue_incremental(
    tx: &Tx<'_>,
    synchronizer: &Synchronizer,
) -> Result<Option<JobId>, StoreError> {
    if !synchronizer.enabled || !is_behind(tx, synchronizer)? {
        return Ok(None);
    }
    let waits = jobs::active(tx)?.iter().any(|job| {
        job.state == JobState::Queued
            && job.kind == JobKind::Incremental
            && job.synchronizer == Some(synchronizer.id)
    });
    if waits || loops::breaks_loop(tx, synchronizer)? {
        return Ok(None);
    }
    let job = NewJob {
        kind: JobKind::Incremental,
        direction: None,
        dry_run: false,
        structure: synchronizer.structure,
        synchronizer: Some(synchronizer.id),
        settings: None,
        reverts: None,
        writes_issues: synchronizer.settings.kind().writes_issues(None),
        enable_afterwards: false,
        preview: None,
        max_removal_percent: None,
        requested_by: None,
    };
    jobs::enqueue(tx, &job).map(Some)
}
