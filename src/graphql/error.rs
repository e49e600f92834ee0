//! Errors of resolvers: a code that a program can act on and a sentence for a person.
//!
//! What only an administrator can mend is logged under a number and hidden. The type has no
//! `Display`, so that no inner message becomes an API error by a mere `?`. Refusals of mutations are
//! no errors: they are in the payloads.

use crate::domain::{Refusal, RefusalCode};
use crate::store::{Failure, StoreError};
use async_graphql::ErrorExtensions;
use std::sync::Arc;

/// What a resolver returns.
pub(crate) type Result<T, E = ApiError> = std::result::Result<T, E>;

/// The `extensions.code` of errors that come from resolvers.
pub(crate) mod code {
    /// An id that this server did not give, or one of another type.
    pub(crate) const BAD_ID: &str = "BAD_ID";
    /// A cursor that this list did not give.
    pub(crate) const BAD_CURSOR: &str = "BAD_CURSOR";
    /// An argument out of its range.
    pub(crate) const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
    /// The row of a cursor is no longer in the list.
    pub(crate) const CURSOR_GONE: &str = "CURSOR_GONE";
    /// What it names does not exist, or not for this viewer.
    pub(crate) const NOT_FOUND: &str = "NOT_FOUND";
    /// It was deleted while the request was answered.
    pub(crate) const GONE: &str = "GONE";
    /// Changes since that version are no longer kept.
    pub(crate) const VERSION_GONE: &str = "VERSION_GONE";
    /// More work waits than the server takes on.
    pub(crate) const BUSY: &str = "BUSY";
    /// The database cannot be used now; nothing was changed.
    pub(crate) const UNAVAILABLE: &str = "UNAVAILABLE";
    /// A defect, or a damaged database.
    pub(crate) const INTERNAL: &str = "INTERNAL";
}

/// Why a field has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) code: &'static str,
    message: String,
}

impl ApiError {
    /// An error with a code and one sentence.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// An argument that is not what was expected.
    pub(crate) fn bad_input(message: impl Into<String>) -> Self {
        Self::new(code::BAD_USER_INPUT, message)
    }

    /// Something that an object refers to and that was deleted after the object was read.
    pub(crate) fn gone(what: &str) -> Self {
        let message = format!("The {what} was deleted while this was answered: ask again.");
        Self::new(code::GONE, message)
    }
}

impl From<&StoreError> for ApiError {
    fn from(error: &StoreError) -> Self {
        if matches!(error, StoreError::Busy) {
            let message = "The server has more work than it takes on: try again in a moment.";
            return Self::new(code::BUSY, message);
        }
        // The line carries the id of the request, which answers give in their extensions.
        tracing::error!(%error, "a request failed");
        if error.may_pass() {
            let message = format!("The server cannot use its database now: {error}.");
            return Self::new(code::UNAVAILABLE, message);
        }
        let message = "The server failed; its log has the reason.";
        Self::new(code::INTERNAL, message)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::from(&error)
    }
}

impl From<Arc<StoreError>> for ApiError {
    fn from(error: Arc<StoreError>) -> Self {
        Self::from(&*error)
    }
}

/// In a query, which has no payload to carry refusals.
impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal.code {
            RefusalCode::Invalid => code::BAD_USER_INPUT,
            RefusalCode::NotFound => code::NOT_FOUND,
            RefusalCode::Forbidden => "FORBIDDEN",
            RefusalCode::DirectionNotSupported => "DIRECTION_NOT_SUPPORTED",
            RefusalCode::ConfirmationRequired => "CONFIRMATION_REQUIRED",
            RefusalCode::PreviewStale => "PREVIEW_STALE",
            RefusalCode::AlreadyQueued => "ALREADY_QUEUED",
            RefusalCode::FeatureDisabled => "FEATURE_DISABLED",
            RefusalCode::NotAvailable => "NOT_AVAILABLE",
            RefusalCode::Conflict => "CONFLICT",
            RefusalCode::LimitExceeded => "LIMIT_EXCEEDED",
        };
        Self::new(code, refusal.message)
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Store(error) => error.into(),
        }
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        Self::new(error.message).extend_with(|_, extensions| extensions.set("code", error.code))
    }
}
