//! Who asks: the user behind a request's token.

use super::{Millis, UserId};

/// The user whose token a request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
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
