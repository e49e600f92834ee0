//! How a call turns into a payload: what a user can act on goes there, the rest is an error.

use crate::domain::Refusal;
use crate::graphql::error::{ApiError, Result};
use crate::graphql::ids::{self, GlobalId};
use crate::graphql::types::UserError;
use crate::store::Failure;
use async_graphql::{ID, SimpleObject};

/// Keeps a refusal apart from a failing store.
pub(super) fn accept<T>(outcome: Result<T, Failure>) -> Result<Result<T, Refusal>> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(Failure::Refused(refusal)) => Ok(Err(refusal)),
        Err(Failure::Store(error)) => Err(ApiError::from(error)),
    }
}

/// The `userErrors` of a refusal.
pub(super) fn errors(refusal: Refusal) -> Vec<UserError> {
    vec![UserError(refusal)]
}

/// What became of a request to delete something.
#[derive(SimpleObject)]
pub(super) struct DeletePayload {
    /// The id of what was deleted; null if the request was refused.
    deleted_id: Option<ID>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl DeletePayload {
    /// The payload of a call that gives the id of what it deleted.
    pub(super) fn new<I: GlobalId>(outcome: Result<I, Failure>) -> Result<Self> {
        Ok(match accept(outcome)? {
            Ok(id) => Self {
                deleted_id: Some(ids::encode(id)),
                user_errors: vec![],
            },
            Err(refusal) => Self {
                deleted_id: None,
                user_errors: errors(refusal),
            },
        })
    }
}
