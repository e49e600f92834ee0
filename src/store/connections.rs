//! One writing and a few reading connections, each on a thread of its own, with bounded queues.

use super::StoreError;
use super::backup::{beside, refuse_foreign_log};
use super::migrations::{explain, migrate};
use super::recent::Touches;
use crate::telemetry::metrics::StoreMetrics;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tracing::Span;

/// Reading connections: four serve as many requests a second as two cores can.
const READERS: usize = 4;
/// Work that may wait for a connection; more is refused at once.
const QUEUE_LIMIT: usize = 4_096;
/// How long one read may take; a resync's scan of a million issues takes a few seconds.
const READ_DEADLINE: Duration = Duration::from_secs(60);
/// Instructions of SQLite's machine between two looks at the deadline.
const DEADLINE_CHECK: i32 = 10_000;
/// Prepared statements kept for each connection.
const STATEMENT_CACHE: usize = 256;

/// How long work waits before it is refused.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection.
    pub queue: Duration,
    /// For another process's lock.
    pub lock: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            queue: Duration::from_secs(20),
            lock: Duration::from_secs(10),
        }
    }
}

/// Which kind of connection a piece of work needs.
#[derive(Clone, Copy)]
pub(super) enum Lane {
    Read,
    Write,
}

/// Connections of one kind: a permit stands for one that is idle.
struct Pool {
    idle: Arc<Mutex<Vec<tokio_rusqlite::Connection>>>,
    permits: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Lane {
    pub(super) const ALL: [Self; 2] = [Self::Read, Self::Write];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

pub(super) struct Connections {
    readers: Pool,
    writer: Pool,
    patience: Duration,
    pub(super) metrics: StoreMetrics,
    pub(super) touches: Touches,
}

impl Connections {
    pub(super) async fn open(path: &Path, patience: Patience) -> Result<Self, String> {
        let writer = open_writer(path, patience.lock)?;
        let touches = Touches::default();
        touches.listen(&writer).map_err(|e| explain(&e))?;
        let readers = (0..READERS)
            .map(|_| open_reader(path, patience.lock))
            .collect::<Result<_, _>>()
            .map_err(|e| explain(&e))?;
        Ok(Self {
            readers: Pool::new(readers),
            writer: Pool::new(vec![writer]),
            patience: patience.queue,
            metrics: StoreMetrics::default(),
            touches,
        })
    }

    fn pool(&self, lane: Lane) -> &Pool {
        match lane {
            Lane::Read => &self.readers,
            Lane::Write => &self.writer,
        }
    }

    /// How long work waits before it is refused.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// How much work has a connection of the lane or waits for one.
    pub(super) fn queued(&self, lane: Lane) -> usize {
        QUEUE_LIMIT.saturating_sub(self.pool(lane).waiting.available_permits())
    }

    /// Runs `work` on a connection of the lane; a panic in it is an error, not an end.
    pub(super) async fn run<T, F>(&self, lane: Lane, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> T + Send + 'static,
    {
        let pool = self.pool(lane);
        let busy = || {
            self.metrics.refused(lane.name());
            StoreError::Busy
        };
        let _place = pool.waiting.try_acquire().map_err(|_| busy())?;
        let began = Instant::now();
        let permit = tokio::time::timeout(self.patience, Arc::clone(&pool.permits).acquire_owned())
            .await
            .map_err(|_| busy())?
            .map_err(|_| StoreError::Closed)?;
        self.metrics.waited(lane.name(), began.elapsed());
        let idle = Arc::clone(&pool.idle);
        let connection = lock(&idle).pop().ok_or(StoreError::Closed)?;
        let returned = connection.clone();
        let deadline = matches!(lane, Lane::Read).then(|| Instant::now() + READ_DEADLINE);
        let span = span_of(lane);
        let metrics = self.metrics.clone();
        connection
            .call_raw(move |connection| {
                let _inside = span.entered();
                let _timed = Timed {
                    metrics,
                    lane,
                    began: Instant::now(),
                };
                // The connection goes back before its permit, also if the caller has gone away.
                let _home = Home {
                    idle,
                    connection: Some(returned),
                    _permit: permit,
                };
                run_guarded(connection, deadline, work)
            })
            .await
            .map_err(|_| StoreError::Closed)?
    }

    /// Waits for the work that was begun, then closes.
    pub(super) async fn close(&self) {
        for (pool, count) in [(&self.readers, READERS), (&self.writer, 1)] {
            let Ok(permits) = pool.permits.acquire_many(count as u32).await else {
                return;
            };
            permits.forget();
            pool.permits.close();
            let idle = std::mem::take(&mut *lock(&pool.idle));
            for connection in idle {
                if let Err(error) = connection.close().await {
                    tracing::warn!(%error, "a database connection did not close cleanly");
                }
            }
        }
    }
}

impl Pool {
    fn new(connections: Vec<Connection>) -> Self {
        let permits = Arc::new(Semaphore::new(connections.len()));
        let idle = connections
            .into_iter()
            .map(tokio_rusqlite::Connection::from)
            .collect();
        let waiting = Arc::new(Semaphore::new(QUEUE_LIMIT));
        Self {
            idle: Arc::new(Mutex::new(idle)),
            permits,
            waiting,
        }
    }
}

struct Home {
    idle: Arc<Mutex<Vec<tokio_rusqlite::Connection>>>,
    connection: Option<tokio_rusqlite::Connection>,
    _permit: tokio::sync::OwnedSemaphorePermit,
}

impl Drop for Home {
    fn drop(&mut self) {
        lock(&self.idle).extend(self.connection.take());
    }
}

/// The span of a piece of work. Its thread has none of its own, so where this one is not asked for,
/// what is logged there belongs to the caller's.
fn span_of(lane: Lane) -> Span {
    let span = tracing::debug_span!("store", lane = lane.name());
    match span.is_disabled() {
        true => Span::current(),
        false => span,
    }
}

/// Tells how long a connection was held, however that ended.
struct Timed {
    metrics: StoreMetrics,
    lane: Lane,
    began: Instant,
}

impl Drop for Timed {
    fn drop(&mut self) {
        self.metrics.worked(self.lane.name(), self.began.elapsed());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run_guarded<T>(
    connection: &mut Connection,
    deadline: Option<Instant>,
    work: impl FnOnce(&mut Connection) -> T,
) -> Result<T, StoreError> {
    if let Some(deadline) = deadline {
        let late = move || Instant::now() > deadline;
        connection
            .progress_handler(DEADLINE_CHECK, Some(late))
            .map_err(StoreError::from)?;
    }
    catch_unwind(AssertUnwindSafe(|| work(connection))).map_err(|panic| {
        let said = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
        let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
        StoreError::Panicked(said.unwrap_or_else(|| "panic".to_owned()))
    })
}

/// Begins a transaction: at once exclusive for writes, a snapshot for reads; dropped, it rolls back.
pub(super) fn begin(connection: &mut Connection) -> rusqlite::Result<rusqlite::Transaction<'_>> {
    // A disk that failed may have failed the rollback as well.
    if !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    let read_only = connection.is_readonly("main")?;
    let behaviour = match read_only {
        true => TransactionBehavior::Deferred,
        false => TransactionBehavior::Immediate,
    };
    connection.transaction_with_behavior(behaviour)
}

fn open_writer(path: &Path, lock: Duration) -> Result<Connection, String> {
    refuse_foreign_log(path)?;
    make_private(path);
    let mut connection = Connection::open(path).map_err(|e| explain(&e))?;
    connection.busy_timeout(lock).map_err(|e| explain(&e))?;
    // FULL: a commit that was acknowledged survives a power cut.
    let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                    PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
                    PRAGMA cache_size = -65536; PRAGMA journal_size_limit = 67108864;";
    // Before anything is written: a file that is not ours must stay as it is.
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(|e| explain(&e))?;
    migrate(&mut connection)?;
    connection
        .execute_batch(settings)
        .map_err(|e| explain(&e))?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    Ok(connection)
}

/// Makes the file of a new database, for its owner alone: SQLite gives its log the same mode. That
/// of a file that is there is its owner's choice.
#[cfg(unix)]
fn make_private(path: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::File::options();
    // What is wrong, if it cannot be made, opening it says.
    let _ = options.write(true).create_new(true).mode(0o600).open(path);
}

#[cfg(not(unix))]
fn make_private(_: &Path) {}

fn open_reader(path: &Path, lock: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(lock)?;
    // Not mapped into memory: where a disk fails, or a file was cut off, a read of a mapping ends
    // the process, and a plain one is an error of the query.
    connection.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768;")?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    Ok(connection)
}

/// What is wrong if a file that is open is no longer where it was. The system keeps its content for
/// those who have it open, so that a clean stop still writes all of the log into the database.
pub(super) fn lost_file(database: &Path) -> Option<String> {
    if !database.exists() {
        let shown = database.display();
        return Some(format!("the database {shown} was moved or deleted"));
    }
    let log = beside(database, "-wal");
    (!log.exists()).then(|| {
        format!(
            "the log {} was moved or deleted: stop the server, which saves what was in it, before \
             anything else opens the database",
            log.display()
        )
    })
}
