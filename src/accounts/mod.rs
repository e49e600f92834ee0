//! Users, their tokens, and what they may do everywhere: what administrators decide, and what
//! everybody does with their own.
//!
//! Each request is checked and carried out in one write transaction, by the rights that the
//! database has at that moment. What a user may do to a structure is in `structures`.

mod grants;
mod provider;
mod tokens;
mod users;

pub use grants::{grant, grants, revoke};
pub use provider::{Provider, Told};
pub use tokens::{NewSecret, TokenRequest, create_token, keep, revoke_token};
pub use users::{Changes, create_user, make_user, update_user};

use crate::domain::{Refusal, RefusalCode, Viewer};
use crate::store::{Failure, Tx};

/// Refuses what only administrators may do.
fn require_admin(tx: &Tx<'_>, viewer: &Viewer) -> Result<(), Failure> {
    if crate::store::users::is_admin(tx, viewer.user_id)? {
        return Ok(());
    }
    let message = "This is for administrators.";
    Err(Refusal::new(RefusalCode::Forbidden, message).into())
}
