//! What jobs do, with a hand on each: a started job waits for its orders, may be held while it
//! plans, and may die at any point as with its process.
//!
//! It does what the server's own work does, so what is tested is all but that wiring.

use futures_util::future::BoxFuture;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc as blocking};
use tokio::sync::{mpsc, oneshot, watch};
use understory::domain::{Direction, JobId, Refusal, RefusalCode, Settings, StructureId, UserId};
use understory::jobs::{Progress, Stopped, Work};
use understory::store::jobs::Job;
use understory::store::synchronizers::Synchronizer;
use understory::store::{Failure, Store, StoreError, Tx};
use understory::sync::{self, Halt, Watch};

/// Rounds in which a job plans beside all who write; after that, holding it would hold some of them.
const ROUNDS_BESIDE_WRITERS: usize = 3;

/// What becomes of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It runs to its end.
    Ends,
    /// Its process dies when it comes to this phase, counted from 1; a job of fewer phases ends.
    DiesAt(usize),
    /// Its process dies after its commit, before anyone hears of that.
    DiesAfterCommit,
}

/// What a job is to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Orders {
    pub(super) fate: Fate,
    /// In how many rounds of planning it is held once, while others write.
    pub(super) holds: usize,
}

/// What a job tells the simulation.
pub(super) enum Told {
    /// It was started and waits for its orders.
    Started(Box<Job>, oneshot::Sender<Orders>),
    /// It has read its snapshot and is held; goes on when told to.
    Held(blocking::Sender<()>),
    /// It ended, well or not.
    Ended(JobId),
    /// It died.
    Died(JobId),
}

/// The work of one process.
pub(super) struct Synchronization {
    store: Store,
    told: mpsc::UnboundedSender<Told>,
    power: watch::Receiver<bool>,
}

impl Synchronization {
    pub(super) fn new(
        store: Store,
        told: mpsc::UnboundedSender<Told>,
        power: watch::Receiver<bool>,
    ) -> Self {
        Self { store, told, power }
    }
}

impl Work for Synchronization {
    fn run(&self, job: Job, progress: Arc<Progress>) -> BoxFuture<'static, Result<(), Stopped>> {
        let (store, told, mut power) = (self.store.clone(), self.told.clone(), self.power.clone());
        Box::pin(async move {
            let ended = tokio::select! {
                // Nobody hears what a dead process has to say.
                _ = power.wait_for(|on| !on) => return Err(Stopped::Cancelled),
                ended = obey(&store, job, progress, &told) => ended,
            };
            match ended {
                Some(ended) => ended,
                None => {
                    let _ = power.wait_for(|on| !on).await;
                    Err(Stopped::Cancelled)
                }
            }
        })
    }

    fn check_preview(
        &self,
        synchronizer: Synchronizer,
        direction: Direction,
        preview: JobId,
    ) -> BoxFuture<'static, Result<(), Failure>> {
        let store = self.store.clone();
        Box::pin(async move {
            let checked = sync::check_preview(&store, synchronizer, direction, preview).await;
            checked.map_err(|halt| match halt {
                Halt::Store(error) => Failure::Store(error),
                Halt::PreviewStale(message) => {
                    Refusal::new(RefusalCode::PreviewStale, message).into()
                }
                other => Refusal::new(RefusalCode::NotAvailable, other.to_string()).into(),
            })
        })
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

/// Runs a job as it is ordered to; `None` if it died.
async fn obey(
    store: &Store,
    job: Job,
    progress: Arc<Progress>,
    told: &mpsc::UnboundedSender<Told>,
) -> Option<Result<(), Stopped>> {
    let (id, (give, orders)) = (job.id, oneshot::channel());
    let _ = told.send(Told::Started(Box::new(job.clone()), give));
    let orders = orders.await.ok()?;
    let held = Arc::new(Hand {
        orders,
        progress,
        told: told.clone(),
        phases: AtomicUsize::new(0),
        rounds: AtomicUsize::new(0),
        dead: AtomicBool::new(false),
    });
    let ended = sync::run(store, &job, held.clone()).await;
    if held.dead.load(Ordering::Relaxed) || orders.fate == Fate::DiesAfterCommit && ended.is_ok() {
        let _ = told.send(Told::Died(id));
        return None;
    }
    let _ = told.send(Told::Ended(id));
    Some(ended.map_err(stopped))
}

fn stopped(halt: Halt) -> Stopped {
    let code = halt.code();
    match halt {
        Halt::Cancelled => Stopped::Cancelled,
        Halt::Store(error) if error.may_pass() => Stopped::Unlucky(error.to_string()),
        other => Stopped::Failed(code, other.to_string()),
    }
}

/// The hand on a running job.
struct Hand {
    orders: Orders,
    progress: Arc<Progress>,
    told: mpsc::UnboundedSender<Told>,
    phases: AtomicUsize,
    rounds: AtomicUsize,
    dead: AtomicBool,
}

impl Watch for Hand {
    fn phase(&self, name: &'static str, total: Option<usize>) {
        self.progress.phase(name, total);
        let phase = 1 + self.phases.fetch_add(1, Ordering::Relaxed);
        if self.orders.fate == Fate::DiesAt(phase) {
            self.dead.store(true, Ordering::Relaxed);
        }
        // Each round of planning begins with a look at one side; its snapshot is taken by then.
        let begins = matches!(name, "Scanning issues" | "Reading changes");
        let round = self.rounds.fetch_add(begins.into(), Ordering::Relaxed) + 1;
        if begins && round <= self.orders.holds.min(ROUNDS_BESIDE_WRITERS) {
            let (go_on, told_to) = blocking::channel();
            let _ = self.told.send(Told::Held(go_on));
            // An error says that the simulation has ended.
            let _ = told_to.recv();
        }
    }

    fn advance(&self, done: usize) {
        self.progress.advance(done);
    }

    fn is_cancelled(&self) -> bool {
        self.dead.load(Ordering::Relaxed) || self.progress.is_cancelled()
    }

    fn ticks(&self) -> i64 {
        self.progress.ticks()
    }
}
