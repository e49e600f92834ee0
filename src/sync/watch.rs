//! How a run tells what it does, and hears that it should stop; and the ways it can end early.

use crate::domain::LogLevel;
use crate::store::StoreError;
use crate::store::jobs::LogEntry;

/// The one who watches a run.
pub trait Watch: Send + Sync {
    /// A new phase begins, of `total` steps if that is known.
    fn phase(&self, name: &'static str, total: Option<usize>);

    /// So many steps of the phase are done.
    fn advance(&self, done: usize);

    /// Whether the run should stop at the next safe point.
    fn is_cancelled(&self) -> bool;

    /// How often the run has shown something new.
    fn ticks(&self) -> i64;

    /// Says in the job's log what was decided and why, in a whole sentence. Who keeps no log need
    /// not listen.
    fn log(&self, _level: LogLevel, _message: String) {}

    /// What was said, followed by what is only true once it is committed.
    fn log_with(&self, _closing: Vec<(LogLevel, String)>) -> Vec<LogEntry> {
        Vec::new()
    }

    /// Stops here if that was asked for.
    fn check(&self) -> Result<(), Halt> {
        if self.is_cancelled() {
            Err(Halt::Cancelled)
        } else {
            Ok(())
        }
    }
}

/// Nobody watches, nobody cancels.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn phase(&self, _: &'static str, _: Option<usize>) {}
    fn advance(&self, _: usize) {}
    fn is_cancelled(&self) -> bool {
        false
    }
    fn ticks(&self) -> i64 {
        0
    }
}

/// Why a run ended without changing anything.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// A user asked for it.
    #[error("cancelled")]
    Cancelled,
    /// What the settings name is gone.
    #[error("the synchronizer is not available: {0}")]
    NotAvailable(String),
    /// What a job changed cannot be undone any more.
    #[error("{0}")]
    NotRevertible(String),
    /// The plan is not the one of the dry run that it was bound to.
    #[error("{0}")]
    PreviewStale(String),
    /// More would be removed than was allowed.
    #[error("{0}")]
    RemovalLimitExceeded(String),
    /// The settings are no longer those that it was planned with.
    #[error("the settings of the synchronizer were changed while the job ran; nothing was changed")]
    SettingsChanged,
    /// Both sides changed while it was planned; it has to be planned again.
    #[error("both sides changed meanwhile")]
    Outdated,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Halt {
    /// The code that the job's error carries.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cancelled => "CANCELLED",
            Self::NotAvailable(_) => "NOT_AVAILABLE",
            Self::PreviewStale(_) => "PREVIEW_STALE",
            Self::RemovalLimitExceeded(_) => "REMOVAL_LIMIT_EXCEEDED",
            Self::NotRevertible(_) | Self::SettingsChanged | Self::Outdated => "CONFLICT",
            Self::Store(_) => "INTERNAL",
        }
    }
}
