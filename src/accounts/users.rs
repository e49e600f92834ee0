//! Users: made by administrators, given a role, switched off and on. None is deleted, for what they
//! did keeps their names.

use super::require_admin;
use crate::domain::{Refusal, RefusalCode, Role, UserId, Viewer, user_name};
use crate::store::users::{self, User};
use crate::store::{Failure, Store, Tx};

/// What is to change of a user; what is `None` stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Changes {
    /// What the user may do everywhere.
    pub role: Option<Role>,
    /// Whether the user may come in.
    pub active: Option<bool>,
}

/// Makes a user whose name nobody has who could be taken for them.
pub fn make_user(tx: &Tx<'_>, name: &str, role: Role) -> Result<UserId, Failure> {
    let at = "input.name";
    let name =
        user_name::accept(name).map_err(|error| Refusal::invalid(at, format!("{error}.")))?;
    let message = match users::find_alike(tx, &name)? {
        None => return Ok(users::create(tx, &name, role)?),
        Some(known) if known.name == name => format!("There is a user “{name}” already."),
        Some(known) => format!(
            "“{name}” could be taken for the user “{}”: expected a name that differs in more than \
             case, spaces or the way in which characters are written.",
            known.name
        ),
    };
    Err(Refusal::new(RefusalCode::Conflict, message).at(at).into())
}

/// Makes a user, for administrators.
pub async fn create_user(
    store: &Store,
    viewer: &Viewer,
    name: &str,
    role: Role,
) -> Result<UserId, Failure> {
    let (viewer, name) = (viewer.clone(), name.to_owned());
    store
        .write(move |tx| {
            require_admin(tx, &viewer)?;
            make_user(tx, &name, role)
        })
        .await
}

/// Changes the role of a user or switches them off or on, for administrators.
pub async fn update_user(
    store: &Store,
    viewer: &Viewer,
    id: UserId,
    changes: Changes,
) -> Result<(), Failure> {
    let viewer = viewer.clone();
    store
        .write(move |tx| {
            require_admin(tx, &viewer)?;
            let unknown = || Refusal::not_found("input.id", "There is no such user.");
            let old = users::find(tx, id)?.ok_or_else(unknown)?;
            let new = User {
                role: changes.role.unwrap_or(old.role),
                active: changes.active.unwrap_or(old.active),
                ..old.clone()
            };
            if new == old {
                return Ok(());
            }
            let rules = new.active && new.role == Role::Admin;
            if !rules && users::is_last_admin(tx, &old)? {
                let message = format!(
                    "“{}” is the last active administrator: make another one first, or nobody \
                     could undo this.",
                    old.name
                );
                let refusal = Refusal::new(RefusalCode::Conflict, message);
                return Err(refusal.at("input.id").into());
            }
            Ok(users::update(tx, &new)?)
        })
        .await
}
