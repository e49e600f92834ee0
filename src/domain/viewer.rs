//! Who asks: the user behind a request's token, and for how long the token lets them in.

use super::{Millis, UserId};
use std::time::Duration;

/// The user whose token a request carries.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Viewer {
    /// The user's id.
    pub user_id: UserId,
    /// The user's name.
    pub name: String,
    /// Whether the user is an administrator.
    pub admin: bool,
    /// When the token of this server that the request carries ends by itself; `None`: never, or it
    /// is an identity provider's.
    pub token_ends: Option<Millis>,
}

/// Whom a token lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Its user.
    pub viewer: Viewer,
    /// After how long it ends by itself; `None`: never.
    pub lasts: Option<Duration>,
}

/// Why a token lets nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// It was never one, or its user may not come in by it.
    #[error("the token is unknown")]
    Unknown,
    /// Somebody ended it.
    #[error("the token was revoked")]
    Revoked,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its user may not come in at all.
    #[error("the user of the token is deactivated")]
    Deactivated,
}
