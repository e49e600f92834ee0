//! A copy of the database while a server uses it, and what tells such a copy from the original.
//!
//! The copy is of one instant: pages are read within one read transaction, so writers neither wait
//! nor are waited for. It is made under another name, checked, flushed to the disk and only then
//! given its own name, so that a file with that name is a whole backup. Restoring is to put it in
//! the place of the database while no server runs.
//!
//! A database that a server has opened says in its header that it has a write-ahead log, a backup
//! says that it has none. So a log that was left beside a restored backup is known to be of the
//! database that stood there before, whose pages must not get into this one.

use super::migrations::{APPLICATION_ID, explain};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::NamedTempFile;

/// Pages between two looks of whoever watches: 4 MiB.
const STEP: i32 = 1_024;
/// How long a step waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// What is copied, and how.
#[derive(Clone, Debug)]
pub struct BackupRequest {
    /// The database.
    pub from: PathBuf,
    /// The file to make.
    pub to: PathBuf,
    /// Whether a file that is there already is replaced.
    pub replace: bool,
    /// Whether a copy in which SQLite finds damage is refused.
    pub only_if_whole: bool,
}

/// A backup that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupMade {
    /// Its length.
    pub bytes: u64,
    /// The version of the database in it.
    pub version: i64,
}

/// Why no backup was made; nothing was left behind.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database cannot be read.
    #[error("cannot back up the database {}: {reason}", .path.display())]
    Source {
        /// The database.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The backup cannot be written.
    #[error("cannot write the backup {}: {reason}", .path.display())]
    Target {
        /// The file that was to be made.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// Makes a backup; `watch` is told the pages that are done, of how many.
pub fn back_up(
    request: &BackupRequest,
    mut watch: impl FnMut(u64, u64),
) -> Result<BackupMade, BackupError> {
    let source_fails = |reason: String| BackupError::Source {
        path: request.from.clone(),
        reason,
    };
    let target_fails = |reason: String| BackupError::Target {
        path: request.to.clone(),
        reason,
    };
    let (source, version) = open_source(&request.from).map_err(source_fails)?;
    let folder = folder_of(&request.to);
    check_target(request).map_err(target_fails)?;
    let unwritable = |error: std::io::Error| target_fails(error.to_string());
    let made = tempfile::Builder::new()
        .prefix(".understory-backup-")
        .tempfile_in(folder)
        .map_err(unwritable)?;
    copy(&source, made.path(), &mut watch).map_err(|error| target_fails(explain(&error)))?;
    settle(&made, request.only_if_whole).map_err(target_fails)?;
    made.as_file().sync_all().map_err(unwritable)?;
    let bytes = made.as_file().metadata().map_err(unwritable)?.len();
    let kept = match request.replace {
        true => made.persist(&request.to),
        false => made.persist_noclobber(&request.to),
    };
    kept.map_err(|error| unwritable(error.error))?;
    sync_folder(folder).map_err(unwritable)?;
    Ok(BackupMade { bytes, version })
}

/// Refuses a database whose log is another's or all that is left: SQLite would mix both, or take an
/// empty file for a new database and throw the log away.
pub(super) fn refuse_foreign_log(database: &Path) -> Result<(), String> {
    let log = beside(database, "-wal");
    let holds_something = |path: &Path| path.metadata().is_ok_and(|file| file.len() > 0);
    if !database.exists() || !holds_something(&log) {
        return Ok(());
    }
    if !holds_something(database) {
        return Err(format!(
            "the file is empty, and its log is not ({}): restore a backup, or move both away to \
             begin a new database",
            log.display()
        ));
    }
    let mut header = [0; 20];
    let read = File::open(database).and_then(|mut file| file.read_exact(&mut header));
    // Byte 18 is the version of the format for writers: 2 with a write-ahead log, 1 without.
    if read.is_err() || header[18] != 1 {
        return Ok(());
    }
    Err(format!(
        "it is a backup that was put here, and beside it lies {}, the log of the database that was \
         here before: move that and {} away, since what they hold does not belong to the backup",
        log.display(),
        beside(database, "-shm").display()
    ))
}

fn open_source(path: &Path) -> Result<(Connection, i64), String> {
    if !path.is_file() {
        return Err("there is no such file".to_owned());
    }
    refuse_foreign_log(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // From here on, all that is read is of this instant.
        connection.execute_batch("BEGIN")?;
        let number = |pragma: &str| {
            connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0))
        };
        let (application, version) = (number("application_id")?, number("user_version")?);
        Ok((connection, application, version))
    };
    let (connection, application, version) =
        open().map_err(|error: rusqlite::Error| explain(&error))?;
    if application != i64::from(APPLICATION_ID) {
        return Err("it is no database of Understory".to_owned());
    }
    Ok((connection, version))
}

fn check_target(request: &BackupRequest) -> Result<(), String> {
    let BackupRequest {
        from, to, replace, ..
    } = request;
    if to.is_dir() {
        return Err("it is a folder: expected the name of a file to make".to_owned());
    }
    let same = |a: &Path, b: &Path| matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b);
    if same(from, to) {
        return Err("it is the database itself: choose another path".to_owned());
    }
    if is_part_of(to, from) {
        return Err(format!(
            "it belongs to the database {}, which would be lost with it: choose another path",
            from.display()
        ));
    }
    for ending in ["-wal", "-shm", "-journal"] {
        let other = beside(to, ending);
        if other.exists() {
            return Err(format!(
                "{} lies beside it, which belongs to a database in use or one that was not closed: \
                 choose another path, or move it away if that database is gone",
                other.display()
            ));
        }
    }
    if to.exists() && !replace {
        return Err(
            "it exists already: choose another path, or replace it with --force".to_owned(),
        );
    }
    Ok(())
}

/// Whether a path is, however it is spelled, a file that the engine or a server keeps beside a
/// database: also one that is not there now, since it would be taken for what it is named.
fn is_part_of(path: &Path, database: &Path) -> bool {
    let in_its_folder = |path: &Path| {
        let folder = folder_of(path).canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    let spellings = |path: &Path| [in_its_folder(path), path.canonicalize().ok()];
    let paths: Vec<PathBuf> = spellings(path).into_iter().flatten().collect();
    let mut databases = spellings(database).into_iter().flatten();
    databases.any(|database| {
        let mut parts = ["-wal", "-shm", "-journal", ".lock"]
            .into_iter()
            .flat_map(|ending| spellings(&beside(&database, ending)))
            .flatten();
        parts.any(|part| paths.contains(&part))
    })
}

fn copy(source: &Connection, to: &Path, watch: &mut impl FnMut(u64, u64)) -> rusqlite::Result<()> {
    let mut target = Connection::open(to)?;
    // The file is flushed once, when it is complete.
    target.execute_batch("PRAGMA synchronous = OFF")?;
    {
        let backup = Backup::new(source, &mut target)?;
        loop {
            let step = backup.step(STEP)?;
            let progress = backup.progress();
            let all = u64::try_from(progress.pagecount).unwrap_or_default();
            let left = u64::try_from(progress.remaining).unwrap_or_default();
            watch(all.saturating_sub(left), all);
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
    // A file by itself: it says that there is no log, and needs none to be read.
    target.execute_batch("PRAGMA journal_mode = DELETE")?;
    target.close().map_err(|(_, error)| error)
}

fn settle(made: &NamedTempFile, only_if_whole: bool) -> Result<(), String> {
    if !only_if_whole {
        return Ok(());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let found = Connection::open_with_flags(made.path(), flags)
        .and_then(|copy| copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)))
        .unwrap_or_else(|error| error.to_string());
    match found.as_str() {
        "ok" => Ok(()),
        damage => Err(format!(
            "the database is damaged, and so would be its copy ({damage}): `understory check` says \
             how far"
        )),
    }
}

/// A file whose name begins as that of a database.
pub(super) fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn folder_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// A new name is on the disk once its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}
