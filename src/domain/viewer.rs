//! Who asks: the user behind a request's token.

use super::UserId;

/// The user whose token a request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The user's id.
    pub user_id: UserId,
    /// The user's name.
    pub name: String,
    /// Whether the user is an administrator.
    pub admin: bool,
}
