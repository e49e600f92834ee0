//! Who may do what to a structure.
//!
//! The owner and administrators control it, nobody else sees it. What a viewer may not view does
//! not exist for them: every way to a structure, its rows, jobs and synchronizers asks here.

use crate::domain::{Refusal, RefusalCode, StructureId, Viewer};
use crate::store::structures::{self, Structure};
use crate::store::{Failure, StoreError, Tx};
use std::collections::HashMap;

/// What a viewer may do to a structure; each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccessLevel {
    /// Nothing: it does not exist for the viewer.
    None,
    /// Read it.
    View,
    /// Change its rows.
    Edit,
    /// Change its rows by synchronizers that others installed.
    Automate,
    /// Everything: rename it, delete it, install synchronizers.
    Control,
}

impl AccessLevel {
    /// The name under which it is served.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::View => "VIEW",
            Self::Edit => "EDIT",
            Self::Automate => "AUTOMATE",
            Self::Control => "CONTROL",
        }
    }
}

/// What a viewer may do to a structure.
pub fn level(viewer: &Viewer, structure: &Structure) -> AccessLevel {
    if viewer.admin || structure.owner == Some(viewer.user_id) {
        AccessLevel::Control
    } else {
        AccessLevel::None
    }
}

/// The structure, if it exists for the viewer.
pub fn find(
    tx: &Tx<'_>,
    viewer: &Viewer,
    id: StructureId,
) -> Result<Option<Structure>, StoreError> {
    let found = structures::find(tx, id)?;
    Ok(found.filter(|structure| level(viewer, structure) >= AccessLevel::View))
}

/// Those of the given structures that exist for the viewer.
pub fn visible(
    tx: &Tx<'_>,
    viewer: &Viewer,
    ids: impl IntoIterator<Item = StructureId>,
) -> Result<HashMap<StructureId, Structure>, StoreError> {
    let found = structures::by_ids(tx, ids)?;
    Ok(found
        .into_iter()
        .filter(|structure| level(viewer, structure) >= AccessLevel::View)
        .map(|structure| (structure.id, structure))
        .collect())
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
    if level(viewer, &structure) < needed {
        let message = format!(
            "This needs the access level {} on the structure.",
            needed.name()
        );
        return Err(Refusal::new(RefusalCode::Forbidden, message)
            .at(path)
            .into());
    }
    Ok(structure)
}
