//! The server's inside, as a process that can die: a store, jobs and a runner on a database file.

use super::work::{Orders, Synchronization, Told};
use super::world;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::{mpsc, oneshot, watch};
use understory::clock::Clock;
use understory::domain::{JobId, JobState, Millis};
use understory::jobs::{Jobs, Limits, Runner};
use understory::store::jobs::{self, ChangeLine, Job};
use understory::store::{Store, StoreError};

/// Jobs that run at a time.
pub(super) const WORKERS: usize = 3;

/// One life of the server.
pub(super) struct Process {
    pub(super) store: Store,
    pub(super) jobs: Jobs,
    runner: Runner,
    told: mpsc::UnboundedReceiver<Told>,
    power: watch::Sender<bool>,
    /// Jobs that were started and wait for their orders.
    started: BTreeMap<JobId, oneshot::Sender<Orders>>,
    database: PathBuf,
    /// How often it has lived.
    life: usize,
}

/// A database that holds what all worlds begin with, as bytes; made once, outside any runtime.
pub(super) fn furnished() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let folder = folder();
        let path = folder.path().join("db");
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let store = Store::open(&path, Clock::new(|| Millis(0))).await.unwrap();
            world::furnish(&store).await.unwrap();
            store.close().await;
        });
        std::fs::read(path).unwrap()
    })
}

/// A folder for one world; in memory where that exists, since each edit commits.
pub(super) fn folder() -> tempfile::TempDir {
    let shared = Path::new("/dev/shm");
    match shared.is_dir() {
        true => tempfile::tempdir_in(shared).unwrap(),
        false => tempfile::tempdir().unwrap(),
    }
}

impl Process {
    /// A first life, on a furnished database.
    pub(super) async fn begin(folder: &Path, clock: &Arc<AtomicI64>) -> Result<Self, StoreError> {
        let database = folder.join("db-1");
        std::fs::write(&database, furnished()).unwrap();
        Self::open(database, clock).await
    }

    async fn open(database: PathBuf, clock: &Arc<AtomicI64>) -> Result<Self, StoreError> {
        let hands = Arc::clone(clock);
        let clock = Clock::new(move || Millis(hands.load(Ordering::Relaxed)));
        let store = Store::open(&database, clock).await?;
        let (tell, told) = mpsc::unbounded_channel();
        let (power, on) = watch::channel(true);
        let work = Synchronization::new(store.clone(), tell, on);
        let jobs = Jobs::new(store.clone(), Arc::new(work));
        let limits = Limits {
            workers: WORKERS,
            ..Limits::default()
        };
        Ok(Self {
            runner: Runner::new(jobs.clone(), limits),
            store,
            jobs,
            told,
            power,
            started: BTreeMap::new(),
            database,
            life: 1,
        })
    }

    /// Dies, and lives again on what the disk held at that moment.
    pub(super) async fn restart(&mut self, clock: &Arc<AtomicI64>) -> Result<(), StoreError> {
        self.life += 1;
        let next = self.database.with_file_name(format!("db-{}", self.life));
        for end in ["", "-wal"] {
            let file = |path: &Path| PathBuf::from(format!("{}{end}", path.display()));
            if file(&self.database).exists() {
                std::fs::copy(file(&self.database), file(&next)).unwrap();
            }
        }
        let life = self.life;
        let dead = std::mem::replace(self, Self::open(next, clock).await?);
        self.life = life;
        drop(dead.runner);
        dead.power.send_replace(false);
        dead.store.close().await;
        self.runner.recover().await?;
        Ok(())
    }

    /// One look of the runner; the jobs that it started.
    pub(super) async fn look(&mut self) -> Result<Vec<Job>, String> {
        self.runner
            .step()
            .await
            .map_err(|error| error.to_string())?;
        let running = self.active().await?;
        let running = running.iter().filter(|job| job.state != JobState::Queued);
        let expected = running.count();
        let mut new = Vec::new();
        while self.started.len() < expected {
            match self.told.recv().await {
                Some(Told::Started(job, orders)) => {
                    self.started.insert(job.id, orders);
                    new.push(*job);
                }
                _ => return Err("a job without orders went on".to_owned()),
            }
        }
        Ok(new)
    }

    /// The jobs that were started and wait for orders.
    pub(super) fn waiting(&self) -> Vec<JobId> {
        self.started.keys().copied().collect()
    }

    /// Gives a waiting job its orders.
    pub(super) fn order(&mut self, job: JobId, orders: Orders) {
        if let Some(waiting) = self.started.remove(&job) {
            // A job that is gone tells nothing, and that is noticed.
            let _ = waiting.send(orders);
        }
    }

    /// What the running job tells next.
    pub(super) async fn hear(&mut self) -> Option<Told> {
        self.told.recv().await
    }

    /// Every job that has not ended.
    pub(super) async fn active(&self) -> Result<Vec<Job>, String> {
        self.store.read(jobs::active).await.map_err(text)
    }

    /// A job and its lines.
    pub(super) async fn job(&self, id: JobId) -> Result<(Job, Vec<ChangeLine>), String> {
        let found = self.store.read(move |tx| {
            let lines = jobs::changes(tx, id, -1, usize::MAX)?;
            let lines = lines.into_iter().map(|(_, line)| line).collect();
            Ok::<_, StoreError>((jobs::find(tx, id)?, lines))
        });
        let (job, lines) = found.await.map_err(text)?;
        Ok((job.ok_or("a job is gone")?, lines))
    }

    /// Waits until the runner has written the end of a job that stopped.
    pub(super) async fn ended(&self, id: JobId) -> Result<(), String> {
        loop {
            let (job, _) = self.job(id).await?;
            if job.state.is_ended() {
                return Ok(());
            }
            tokio::task::yield_now().await;
        }
    }
}

fn text(error: StoreError) -> String {
    error.to_string()
}
