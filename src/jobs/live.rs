//! The progress and the log of running jobs, in memory: they are shown as they happen, because the
//! one writing connection is busy with the job itself. The log is stored with the job's end, the
//! progress never.

use crate::domain::{JobId, JobState, LogLevel, StructureId, SynchronizerId};
use crate::events::Event;
use crate::store::Store;
use crate::store::jobs::{Job, LOG_LIMIT, LogEntry};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The least time between two advances that are shown.
const SHOWN_EVERY: Duration = Duration::from_millis(50);

/// The progress of one running job.
pub struct Progress {
    job: (JobId, StructureId, Option<SynchronizerId>),
    store: Store,
    cancelled: AtomicBool,
    ticks: AtomicI64,
    state: Mutex<State>,
    log: Mutex<Vec<LogEntry>>,
}

#[derive(Clone, Copy)]
struct State {
    phase: &'static str,
    done: usize,
    total: Option<usize>,
    shown: Instant,
}

impl Progress {
    fn new(job: &Job, store: Store) -> Self {
        Self {
            job: (job.id, job.structure, job.synchronizer),
            store,
            cancelled: AtomicBool::new(false),
            ticks: AtomicI64::new(0),
            state: Mutex::new(State {
                phase: "Starting",
                done: 0,
                total: None,
                shown: Instant::now(),
            }),
            log: Mutex::default(),
        }
    }

    /// A new phase begins, of `total` steps if that is known.
    pub fn phase(&self, phase: &'static str, total: Option<usize>) {
        *lock(&self.state) = State {
            phase,
            done: 0,
            total,
            shown: Instant::now(),
        };
        self.show();
    }

    /// So many steps of the phase are done; shown at most twenty times a second.
    pub fn advance(&self, done: usize) {
        let mut state = lock(&self.state);
        state.done = done;
        if state.shown.elapsed() >= SHOWN_EVERY {
            state.shown = Instant::now();
            drop(state);
            self.show();
        }
    }

    /// Says in the job's log what was decided and why, in a whole sentence.
    pub fn log(&self, level: LogLevel, message: impl Into<String>) {
        let entry = LogEntry::new(self.store.clock().now(), level, message);
        push(&mut lock(&self.log), entry);
        self.show();
    }

    /// What was said, followed by what is only true once it is committed.
    pub fn log_with(&self, closing: Vec<(LogLevel, String)>) -> Vec<LogEntry> {
        let mut log = lock(&self.log).clone();
        for (level, message) in closing {
            push(
                &mut log,
                LogEntry::new(self.store.clock().now(), level, message),
            );
        }
        log
    }

    fn show(&self) {
        self.ticks.fetch_add(1, Ordering::Relaxed);
        let (job, structure, synchronizer) = self.job;
        self.store
            .events()
            .publish(Event::Job(job, structure, synchronizer));
    }

    /// Asks the job to stop at the next safe point.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// How often something new was shown.
    pub fn ticks(&self) -> i64 {
        self.ticks.load(Ordering::Relaxed)
    }
}

/// How a job began and how it ended matters most: where the log is full, the middle of it goes.
fn push(log: &mut Vec<LogEntry>, entry: LogEntry) {
    if log.len() == LOG_LIMIT {
        log.remove(LOG_LIMIT / 2);
    }
    log.push(entry);
}

/// How long the progress of an ended job is kept: no read takes longer.
const KEPT: Duration = Duration::from_secs(90);

/// The running jobs, and those that just ended: whoever read one as running, and looks here after
/// its end, must not go back to what is stored alone.
#[derive(Clone)]
pub(super) struct Live {
    store: Store,
    jobs: Arc<Mutex<HashMap<JobId, Kept>>>,
    stopping: Arc<AtomicBool>,
}

struct Kept {
    progress: Arc<Progress>,
    ended: Option<Instant>,
}

impl Live {
    pub(super) fn new(store: &Store) -> Self {
        Self {
            store: store.clone(),
            jobs: Arc::default(),
            stopping: Arc::default(),
        }
    }

    pub(super) fn begin(&self, job: &Job) -> Arc<Progress> {
        let progress = Arc::new(Progress::new(job, self.store.clone()));
        let kept = Kept {
            progress: Arc::clone(&progress),
            ended: None,
        };
        let mut jobs = lock(&self.jobs);
        jobs.retain(|_, it| it.ended.is_none_or(|at| at.elapsed() < KEPT));
        jobs.insert(job.id, kept);
        progress
    }

    pub(super) fn end(&self, job: JobId) {
        if let Some(kept) = lock(&self.jobs).get_mut(&job) {
            kept.ended = Some(Instant::now());
        }
    }

    pub(super) fn find(&self, job: JobId) -> Option<Arc<Progress>> {
        let jobs = lock(&self.jobs);
        jobs.get(&job).map(|kept| Arc::clone(&kept.progress))
    }

    /// Asks all jobs to stop, because the server does.
    pub(super) fn cancel_all(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        lock(&self.jobs)
            .values()
            .for_each(|kept| kept.progress.cancel());
    }

    /// Whether the server stops.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// What the log of a running job says so far.
    pub(super) fn log(&self, job: JobId) -> Vec<LogEntry> {
        self.find(job)
            .map(|progress| lock(&progress.log).clone())
            .unwrap_or_default()
    }

    /// The job as it is at this moment.
    pub(super) fn show(&self, mut job: Job) -> Job {
        if !matches!(job.state, JobState::Running | JobState::Cancelling) {
            return job;
        }
        if let Some(progress) = self.find(job.id) {
            let ticks = progress.ticks();
            let state = *lock(&progress.state);
            job.phase = state.phase.to_owned();
            job.done = state.done as i64;
            job.total = state.total.map(|total| total as i64);
            job.revision += ticks;
        }
        job
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::domain::{JobKind, Millis};
    use crate::store::users::{self, Role};
    use crate::store::{jobs, structures};

    /// A job as a reader has it who read the store while it ran.
    async fn running(store: &Store) -> Job {
        let new = jobs::NewJob {
            kind: JobKind::Import,
            direction: None,
            dry_run: true,
            structure: StructureId(1),
            synchronizer: None,
            settings: None,
            reverts: None,
            writes_issues: false,
            enable_afterwards: false,
            preview: None,
            max_removal_percent: None,
            requested_by: None,
        };
        let started = store.write(move |tx| {
            let owner = users::ensure(tx, "ada", Role::Admin)?;
            let structure = structures::create(tx, "It", "", owner)?;
            let id = jobs::enqueue(tx, &jobs::NewJob { structure, ..new })?;
            let job = jobs::find(tx, id)?.expect("the job");
            jobs::start(tx, &job)?;
            jobs::find(tx, id)
        });
        started.await.unwrap().expect("the job")
    }

    #[tokio::test]
    async fn whoever_read_a_job_as_running_sees_no_lower_revision_after_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::new(|| Millis(0));
        let store = Store::open(&folder.path().join("it.db"), clock)
            .await
            .unwrap();
        let job = running(&store).await;
        let live = Live::new(&store);
        let progress = live.begin(&job);
        progress.phase("Planning", Some(3));
        progress.phase("Applying", None);
        let shown = live.show(job.clone()).revision;
        assert_eq!(shown, job.revision + 2);
        live.end(job.id);
        assert_eq!(live.show(job).revision, shown);
    }
}
