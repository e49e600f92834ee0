//! Permissions everywhere: administrators give and take them.

use super::require_admin;
use crate::domain::{Refusal, RefusalCode, Viewer};
use crate::store::permissions::{self, Grant};
use crate::store::{Failure, Store, users};

/// Grants of one server at the most: they are listed whole.
const GRANTS: usize = 1_000;

/// Every grant, for administrators.
pub async fn grants(store: &Store, viewer: &Viewer) -> Result<Vec<Grant>, Failure> {
    let viewer = viewer.clone();
    store
        .read(move |tx| {
            require_admin(tx, &viewer)?;
            Ok(permissions::grants(tx)?)
        })
        .await
}

/// Gives a permission to a subject; a second time changes nothing.
pub async fn grant(store: &Store, viewer: &Viewer, grant: Grant) -> Result<(), Failure> {
    let viewer = viewer.clone();
    store
        .write(move |tx| {
            require_admin(tx, &viewer)?;
            if let Some(id) = grant.subject.user()
                && users::find(tx, id)?.is_none()
            {
                let message = "There is no such user.";
                return Err(Refusal::not_found("input.subject.userId", message).into());
            }
            let given = permissions::grants(tx)?;
            if given.contains(&grant) {
                return Ok(());
            }
            if given.len() >= GRANTS {
                let message = format!(
                    "There are {GRANTS} grants already, the most that are kept: grant it to a \
                     role instead."
                );
                return Err(Refusal::new(RefusalCode::Conflict, message).into());
            }
            Ok(permissions::grant(tx, grant)?)
        })
        .await
}

/// Takes a permission back from a subject.
pub async fn revoke(store: &Store, viewer: &Viewer, grant: Grant) -> Result<(), Failure> {
    let viewer = viewer.clone();
    store
        .write(move |tx| {
            require_admin(tx, &viewer)?;
            if permissions::revoke(tx, grant)? {
                return Ok(());
            }
            let message = "This subject was not granted the permission.";
            Err(Refusal::not_found("input.subject", message).into())
        })
        .await
}
