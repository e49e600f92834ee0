//! What can go wrong between the server and its database, in words for an administrator.
//!
//! An error is kept apart from others where something else is to be done about it.

use crate::domain::{ForestError, Refusal};

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened, read or written.
    #[error("cannot open the database {path}: {reason}")]
    Open {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// More work waits than the store takes on.
    #[error("the database is busy: try again in a moment")]
    Busy,
    /// Another process kept the database locked for longer than is waited for.
    #[error("another process keeps the database locked; nothing was changed")]
    Locked,
    /// There is no room for what was to be written.
    #[error("the disk with the database is full; nothing was changed")]
    Full,
    /// The file or its folder may not be written.
    #[error("the database may only be read: {0}; nothing was changed")]
    ReadOnly(String),
    /// Reading or writing the file failed.
    #[error("the disk with the database fails: {0}; nothing was changed")]
    Disk(String),
    /// The file holds what no database should.
    #[error(
        "the database file is damaged: {0}; `understory check` says how far, a backup mends it"
    )]
    Damaged(String),
    /// The engine refused a statement.
    #[error("database: {0}")]
    Engine(String),
    /// What is stored does not read as what was written.
    #[error("the database holds an unexpected value: {0}")]
    Corrupt(String),
    /// The closure panicked; the transaction was rolled back.
    #[error("an internal error rolled the transaction back: {0}")]
    Panicked(String),
    /// The store was closed.
    #[error("the database is closed")]
    Closed,
    /// A forest edit that the caller should have checked.
    #[error(transparent)]
    Forest(#[from] ForestError),
}

impl StoreError {
    /// Whether the same may go well in a while, with nobody doing anything to the database.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Busy | Self::Locked | Self::Full | Self::ReadOnly(_) | Self::Disk(_)
        )
    }
}

/// What an error of the engine means to those who run the server.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::{ErrorCode, ffi};
        let Some(failed) = error.sqlite_error() else {
            return Self::Engine(error.to_string());
        };
        match (failed.code, failed.extended_code) {
            (ErrorCode::OperationInterrupted, _) => Self::Busy,
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Self::Locked,
            // The index of the write-ahead log could not grow, for which it takes a full disk.
            (ErrorCode::DiskFull, _) | (_, ffi::SQLITE_IOERR_SHMSIZE) => Self::Full,
            (ErrorCode::ReadOnly | ErrorCode::PermissionDenied, _) => {
                Self::ReadOnly(error.to_string())
            }
            (_, ffi::SQLITE_IOERR_SHORT_READ | ffi::SQLITE_IOERR_CORRUPTFS) => {
                Self::Damaged("it is shorter than it was".to_owned())
            }
            (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => {
                Self::Damaged(error.to_string())
            }
            (ErrorCode::SystemIoFailure | ErrorCode::CannotOpen, code) => {
                Self::Disk(format!("{error} (code {code} of SQLite)"))
            }
            _ => Self::Engine(error.to_string()),
        }
    }
}

/// Why a request was not carried out: refused, or not possible now.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The request was understood and refused; the user can act on it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed; the user can only try again.
    #[error(transparent)]
    Store(#[from] StoreError),
}
