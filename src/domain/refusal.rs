//! A request that was understood and refused: a code a program can act on, and one sentence that
//! says what was expected. Nothing was changed.

use super::JobId;

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusalCode {
    /// What it names does not exist, or not for this viewer.
    NotFound,
    /// A value is not what was expected.
    Invalid,
    /// The viewer may see it and may not do this to it.
    Forbidden,
    /// The synchronizer cannot be resynced in that direction.
    DirectionNotSupported,
    /// A resync changes data and was not confirmed.
    ConfirmationRequired,
    /// Something changed since the dry run that was named.
    PreviewStale,
    /// A resync of this synchronizer waits or runs already.
    AlreadyQueued,
    /// Synchronizers are switched off.
    FeatureDisabled,
    /// The synchronizer cannot run.
    NotAvailable,
    /// The state is not the one that the request was made for.
    Conflict,
    /// There are as many as accepted.
    LimitExceeded,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Its code.
    pub code: RefusalCode,
    /// Path into the input, outermost first; `None` where no one field is at fault.
    pub field: Option<Vec<String>>,
    /// What was expected, in one sentence.
    pub message: String,
    /// The job that is in the way.
    pub job: Option<JobId>,
}

impl Refusal {
    /// A refusal that concerns the request as a whole.
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self {
            code,
            field: None,
            message: message.into(),
            job: None,
        }
    }

    /// A value that is not what was expected; `path` is dotted, such as `input.name`.
    pub fn invalid(path: &str, message: impl Into<String>) -> Self {
        Self::new(RefusalCode::Invalid, message).at(path)
    }

    /// Something that does not exist for this viewer.
    pub fn not_found(path: &str, message: impl Into<String>) -> Self {
        Self::new(RefusalCode::NotFound, message).at(path)
    }

    /// The same refusal, pointing at a field.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        self.field = Some(path.split('.').map(str::to_owned).collect());
        self
    }
}
