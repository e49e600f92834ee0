//! The type `UserError`: a refusal in the payload of a mutation.

use super::Job;
use crate::domain::{self, Refusal};
use crate::graphql::context::ContextExt;
use crate::graphql::error::Result;
use async_graphql::{Context, Enum, Object};

/// Why a request was refused.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::RefusalCode")]
pub(crate) enum UserErrorCode {
    /// What it names does not exist, or not for the viewer.
    NotFound,
    /// A value is not what was expected.
    Invalid,
    /// The viewer may see it and may not do this to it.
    Forbidden,
    /// Rules of this kind cannot be run in that direction.
    DirectionNotSupported,
    /// Running it changes data: repeat with `confirm: true`. The message says what is at risk.
    ConfirmationRequired,
    /// Something changed since the dry run that was named.
    PreviewStale,
    /// A resync of this synchronizer is queued or running already; the payload carries that job.
    AlreadyQueued,
    /// Synchronizers are switched off on this server.
    FeatureDisabled,
    /// The synchronizer cannot run; its `unavailableReason` says why.
    NotAvailable,
    /// The state is not the one that the request was made for.
    Conflict,
    /// There are as many as the server accepts: try again later.
    LimitExceeded,
}

/// A request that was understood and refused. Nothing was changed.
pub(crate) struct UserError(pub(crate) Refusal);

/// A request that was understood and refused. Nothing was changed.
#[Object]
impl UserError {
    /// Why, for a program.
    async fn code(&self) -> UserErrorCode {
        self.0.code.into()
    }

    /// Path into the arguments, such as `["input", "rows", "2"]`; null if no one field is at fault.
    async fn field(&self) -> Option<&[String]> {
        self.0.field.as_deref()
    }

    /// Why, for a person.
    async fn message(&self) -> &str {
        &self.0.message
    }

    /// The job that is in the way, if one is.
    async fn job(&self, ctx: &Context<'_>) -> Option<Result<Job>> {
        let found = ctx.loaders().find(self.0.job?).await.transpose()?;
        Some(found.map(Job))
    }
}
