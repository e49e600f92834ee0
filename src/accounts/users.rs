//! Users: made by administrators, given a role, switched off and on. None is deleted, for what they
//! did keeps their names.

use super::require_admin;
use crate::domain::text::{self, NAME_LIMIT, TextError};
use crate::domain::{Refusal, RefusalCode, Role, UserId, Viewer};
use crate::store::users::{self, User};
use crate::store::{Failure, Store, StoreError, Tx};

/// What is to change of a user; what is `None` stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Changes {
    /// What the user may do everywhere.
    pub role: Option<Role>,
    /// Whether the user may come in.
    pub active: Option<bool>,
}

/// Accepts the name of a user.
pub fn accept_name(name: &str) -> Result<String, TextError> {
    text::name("The user's name", name, NAME_LIMIT)
}

/// The user whom an identity provider names, `None` if they may not come in. Made at first sight, as
/// a member; a role that is given is the user's from now on, without one they keep theirs.
pub async fn admit(
    store: &Store,
    name: &str,
    role: Option<Role>,
) -> Result<Option<Viewer>, StoreError> {
    let Ok(name) = accept_name(name) else {
        return Ok(None);
    };
    let wanted = name.clone();
    let find = move |tx: &Tx<'_>| users::find_by_name(tx, &wanted);
    let known = store.read(find).await?;
    // Few requests bring news of a user, so most only read.
    let news = match &known {
        Some(user) => user.active && role.is_some_and(|role| role != user.role),
        None => true,
    };
    let user = if news {
        let write = move |tx: &Tx<'_>| {
            let kept = users::find_by_name(tx, &name)?.map(|user| user.role);
            let role = role.or(kept).unwrap_or(Role::Member);
            let id = users::ensure(tx, &name, role)?;
            users::find(tx, id)
        };
        store.write(write).await?
    } else {
        known
    };
    Ok(user.filter(|user| user.active).map(|user| Viewer {
        user_id: user.id,
        name: user.name,
        admin: user.role == Role::Admin,
        token_ends: None,
    }))
}

/// Makes a user, for administrators.
pub async fn create_user(
    store: &Store,
    viewer: &Viewer,
    name: &str,
    role: Role,
) -> Result<UserId, Failure> {
    let name =
        accept_name(name).map_err(|error| Refusal::invalid("input.name", format!("{error}.")));
    let viewer = viewer.clone();
    store
        .write(move |tx| {
            require_admin(tx, &viewer)?;
            let name = name?;
            if users::find_by_name(tx, &name)?.is_some() {
                let message = format!("There is a user “{name}” already.");
                let refusal = Refusal::new(RefusalCode::Conflict, message);
                return Err(refusal.at("input.name").into());
            }
            Ok(users::create(tx, &name, role)?)
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
            let ruled = |user: &User| user.active && user.role == Role::Admin;
            if ruled(&old) && !ruled(&new) && users::count_active_admins(tx)? == 1 {
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
