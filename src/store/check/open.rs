//! Opening a database to look at it: reading only, whatever state it is in.

use super::{Report, check, unfinished};
use crate::domain::Millis;
use crate::store::backup::{BackupError, refuse_foreign_log};
use crate::store::connections::begin;
use crate::store::health::Health;
use crate::store::migrations::{APPLICATION_ID, explain, newest_version};
use crate::store::{StoreError, Tx};
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// How long a statement waits for another process's lock.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a database was not looked at, or not repaired.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// It cannot be opened as one of this version.
    #[error("cannot check the database {path}: {reason}")]
    Open {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What was there before the repair could not be kept, so nothing was repaired.
    #[error("nothing was repaired: {0}")]
    NotKept(#[from] BackupError),
    /// A repair failed, and all of it was taken back.
    #[error("nothing was repaired: {0}")]
    Store(#[from] StoreError),
}

impl CheckError {
    pub(super) fn open(path: &Path, reason: impl Into<String>) -> Self {
        Self::Open {
            path: path.display().to_string(),
            reason: reason.into(),
        }
    }
}

/// Looks at the database in a file; nothing is written.
pub fn inspect(path: &Path, watch: &mut dyn FnMut(&'static str)) -> Result<Report, CheckError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = open(path, flags)?;
    look(&mut connection, watch).map_err(|error| CheckError::open(path, error.to_string()))
}

/// Opens a database of this version.
pub(super) fn open(path: &Path, flags: OpenFlags) -> Result<Connection, CheckError> {
    let fails = |reason: String| CheckError::open(path, reason);
    if !path.is_file() {
        return Err(fails("there is no such file".to_owned()));
    }
    refuse_foreign_log(path).map_err(fails)?;
    let opened = || {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // What is sorted may be as large as the database: that is not for the memory.
        connection.execute_batch("PRAGMA temp_store = FILE; PRAGMA cache_size = -65536;")?;
        let number = |pragma: &str| {
            connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0))
        };
        let (application, version) = (number("application_id")?, number("user_version")?);
        Ok((connection, application, version))
    };
    let (connection, application, version) =
        opened().map_err(|error| fails(unreadable(path, &error)))?;
    if application != i64::from(APPLICATION_ID) {
        return Err(fails("it is no database of Understory".to_owned()));
    }
    let newest = newest_version();
    if version < newest {
        return Err(fails(format!(
            "it is of version {version}, and this program checks version {newest}: a server, an \
             import or `understory token list` brings it there"
        )));
    }
    if version > newest {
        return Err(fails(format!(
            "it was written by a newer version of Understory (database version {version}, this \
             program knows up to {newest}): use that version"
        )));
    }
    Ok(connection)
}

/// What is wrong with a file that cannot even be opened to be looked at.
fn unreadable(path: &Path, error: &rusqlite::Error) -> String {
    if error.sqlite_error_code() != Some(ErrorCode::DatabaseCorrupt) {
        return explain(error);
    }
    match missing_bytes(path) {
        Some((here, expected)) => format!(
            "the file was cut off: it has {here} bytes of the {expected} that its header tells of; \
             restore a backup"
        ),
        None => format!("the file is damaged from its beginning on ({error}); restore a backup"),
    }
}

/// The length of a file and the one that its header tells of, if that is more.
fn missing_bytes(path: &Path) -> Option<(u64, u64)> {
    let mut file = File::open(path).ok()?;
    let mut header = [0; 32];
    file.read_exact(&mut header).ok()?;
    // The size of a page, where 1 stands for 65,536, and the number of pages.
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let pages = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
    let (here, expected) = (file.metadata().ok()?.len(), page * u64::from(pages));
    (here < expected).then_some((here, expected))
}

/// Checks what a connection sees at this instant. Nothing is committed: there is nothing to commit,
/// and on a damaged file even that can fail.
pub(super) fn look(
    connection: &mut Connection,
    watch: &mut dyn FnMut(&'static str),
) -> Result<Report, StoreError> {
    let transaction = begin(connection)?;
    if !has_pending(&transaction) {
        return Ok(within(&transaction, |tx| check(tx, watch)));
    }
    // What cannot be read is told by the rules.
    let unfinished = within(&transaction, unfinished::all).unwrap_or_default();
    for (table, seen) in SEEN {
        let view = format!("CREATE TEMP VIEW {table} AS SELECT * FROM main.{seen}");
        transaction.execute_batch(&view)?;
    }
    let mut report = within(&transaction, |tx| check(tx, watch));
    report.unfinished = unfinished;
    for (table, _) in SEEN {
        transaction.execute_batch(&format!("DROP VIEW temp.{table}"))?;
    }
    Ok(report)
}

/// Tables of which a part may be unseen because a job has not written all of it yet, each with the
/// part that is seen.
const SEEN: [(&str, &str); 4] = [
    ("forest_row", "seen_row"),
    ("structure_version", "seen_version"),
    ("forest_change", "seen_change"),
    ("job_change", "seen_job_change"),
];

/// Whether a job has not written all of something yet: then the rules look at what is seen, through
/// views of this connection alone, which go before the tables of their names.
fn has_pending(connection: &Connection) -> bool {
    let any = "SELECT EXISTS (SELECT 1 FROM pending_write)";
    // Of a damaged file that cannot tell, everything is looked at.
    connection
        .query_row(any, [], |row| row.get(0))
        .unwrap_or(false)
}

/// Runs `work` in one transaction, which is committed unless it fails.
pub(super) fn change<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = begin(connection)?;
    let done = within(&transaction, work)?;
    transaction.commit()?;
    Ok(done)
}

fn within<T>(transaction: &Transaction<'_>, work: impl FnOnce(&Tx<'_>) -> T) -> T {
    let (statements, health) = (AtomicU64::new(0), Health::default());
    let now = Millis(jiff::Timestamp::now().as_millisecond());
    work(&Tx::new(transaction, now, &statements, &health))
}
