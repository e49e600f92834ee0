//! Who may do what to a structure.
//!
//! The owner and administrators control it; rules give others a level; whom no rule matches does not
//! see it. What a viewer may not view does not exist for them: every way to a structure, its rows,
//! jobs and synchronizers asks here. Rights are those of the database at that moment, whatever they
//! were when the viewer came.

pub use crate::domain::AccessLevel;
use crate::domain::{GlobalPermission, Refusal, RefusalCode, StructureId, UserId, Viewer};
use crate::store::structures::{self, Structure};
use crate::store::{Failure, Store, StoreError, Tx, permissions};
use std::collections::HashMap;
use std::sync::Arc;

/// What a user may do to a structure.
pub fn level(tx: &Tx<'_>, user: UserId, structure: StructureId) -> Result<AccessLevel, StoreError> {
    let found = permissions::levels(tx, user, [structure])?;
    Ok(found.get(&structure).copied().unwrap_or(AccessLevel::None))
}

/// The structure, if it exists for the viewer.
pub fn find(
    tx: &Tx<'_>,
    viewer: &Viewer,
    id: StructureId,
) -> Result<Option<Structure>, StoreError> {
    Ok(structures::viewable_by_ids(tx, viewer.user_id, [id])?.pop())
}

/// Those of the given structures that exist for the viewer.
pub fn visible(
    tx: &Tx<'_>,
    viewer: &Viewer,
    ids: impl IntoIterator<Item = StructureId>,
) -> Result<HashMap<StructureId, Structure>, StoreError> {
    let found = structures::viewable_by_ids(tx, viewer.user_id, ids)?;
    Ok(found.into_iter().map(|it| (it.id, it)).collect())
}

/// [`visible`], from memory as far as they are there.
pub async fn viewable(
    store: &Store,
    viewer: &Viewer,
    ids: impl IntoIterator<Item = StructureId>,
) -> Result<Vec<Arc<Structure>>, StoreError> {
    store.viewable(viewer.user_id, ids).await
}

/// The structure, if it exists for the viewer and is in memory.
pub fn held(store: &Store, viewer: &Viewer, id: StructureId) -> Option<Arc<Structure>> {
    store.held_structure(viewer.user_id, id)
}

/// The structure, if the viewer has at least `needed`; `path` names the field that gave its id.
pub fn require(
    tx: &Tx<'_>,
    viewer: &Viewer,
    id: StructureId,
    needed: AccessLevel,
    path: &str,
) -> Result<Structure, Failure> {
    let structure = find(tx, viewer, id)?
        .ok_or_else(|| Refusal::not_found(path, "There is no such structure."))?;
    let level = level(tx, viewer.user_id, id)?;
    if level < needed {
        let message = format!(
            "This needs the access level {} on the structure; yours is {}.",
            needed.name(),
            level.name()
        );
        return Err(Refusal::new(RefusalCode::Forbidden, message)
            .at(path)
            .into());
    }
    Ok(structure)
}

/// The structure, if the viewer may control its synchronizers: that takes its control, and the
/// permission for synchronizers everywhere.
pub fn require_synchronizers(
    tx: &Tx<'_>,
    viewer: &Viewer,
    id: StructureId,
    path: &str,
) -> Result<Structure, Failure> {
    let structure = require(tx, viewer, id, AccessLevel::Control, path)?;
    let permission = GlobalPermission::ControlSynchronizers;
    if !permissions::holds(tx, viewer.user_id, permission)? {
        let message = format!(
            "This needs the global permission {}, which an administrator grants; you have the \
             access level CONTROL that it needs as well.",
            permission.name()
        );
        return Err(Refusal::new(RefusalCode::Forbidden, message)
            .at(path)
            .into());
    }
    Ok(structure)
}
