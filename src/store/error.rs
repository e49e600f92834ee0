//! What can go wrong between the server and its database, in words for an administrator.

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
