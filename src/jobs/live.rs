//! The progress of running jobs, in memory: it is shown as it happens and never stored, because
//! the one writing connection is busy with the job itself.

use crate::domain::{JobId, JobState, StructureId, SynchronizerId};
use crate::events::{Event, Events};
use crate::store::jobs::Job;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The least time between two advances that are shown.
const SHOWN_EVERY: Duration = Duration::from_millis(50);

/// The progress of one running job.
pub struct Progress {
    job: (JobId, StructureId, Option<SynchronizerId>),
    events: Events,
    cancelled: AtomicBool,
    ticks: AtomicI64,
    state: Mutex<State>,
}

#[derive(Clone, Copy)]
struct State {
    phase: &'static str,
    done: usize,
    total: Option<usize>,
    shown: Instant,
}

impl Progress {
    fn new(job: &Job, events: Events) -> Self {
        Self {
            job: (job.id, job.structure, job.synchronizer),
            events,
            cancelled: AtomicBool::new(false),
            ticks: AtomicI64::new(0),
            state: Mutex::new(State {
                phase: "Starting",
                done: 0,
                total: None,
                shown: Instant::now(),
            }),
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

    fn show(&self) {
        self.ticks.fetch_add(1, Ordering::Relaxed);
        let (job, structure, synchronizer) = self.job;
        self.events
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

/// The running jobs.
#[derive(Clone)]
pub(super) struct Live {
    events: Events,
    running: Arc<Mutex<HashMap<JobId, Arc<Progress>>>>,
}

impl Live {
    pub(super) fn new(events: Events) -> Self {
        Self {
            events,
            running: Arc::default(),
        }
    }

    pub(super) fn begin(&self, job: &Job) -> Arc<Progress> {
        let progress = Arc::new(Progress::new(job, self.events.clone()));
        lock(&self.running).insert(job.id, Arc::clone(&progress));
        progress
    }

    pub(super) fn end(&self, job: JobId) {
        lock(&self.running).remove(&job);
    }

    pub(super) fn find(&self, job: JobId) -> Option<Arc<Progress>> {
        lock(&self.running).get(&job).cloned()
    }

    pub(super) fn cancel_all(&self) {
        lock(&self.running)
            .values()
            .for_each(|progress| progress.cancel());
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
