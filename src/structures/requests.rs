//! What users ask of the rows of a structure, and what they get.

use crate::domain::{Forest, RowId, StructureId};
use crate::store::structures::Structure;
use std::sync::Arc;

/// Rows that one request may name.
pub const REQUEST_LIMIT: usize = 1_000;

/// Where rows go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The parent row; `None` is the top level.
    pub under: Option<RowId>,
    /// The sibling before the first of them; `None` makes it the first child.
    pub after: Option<RowId>,
}

/// What a new row holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewRow {
    /// The issue of a key.
    Issue(String),
    /// A folder of a name.
    Folder(String),
}

/// A request to add rows.
#[derive(Clone, Debug)]
pub struct AddRows {
    /// To which structure.
    pub structure: StructureId,
    /// What they hold, in order.
    pub rows: Vec<NewRow>,
    /// Where they go.
    pub position: Position,
    /// The version that the request was made for.
    pub expected_version: Option<i64>,
}

/// A request to move rows with their subtrees.
#[derive(Clone, Debug)]
pub struct MoveRows {
    /// In which structure.
    pub structure: StructureId,
    /// Which rows, in the order in which they are to stand.
    pub rows: Vec<RowId>,
    /// Where they go.
    pub position: Position,
    /// The version that the request was made for.
    pub expected_version: Option<i64>,
}

/// A request to remove rows with their subtrees.
#[derive(Clone, Debug)]
pub struct RemoveRows {
    /// From which structure.
    pub structure: StructureId,
    /// Which rows.
    pub rows: Vec<RowId>,
    /// The version that the request was made for.
    pub expected_version: Option<i64>,
}

/// A structure after an edit of its rows.
#[derive(Clone, Debug)]
pub struct Edited {
    /// The structure.
    pub structure: Structure,
    /// Its rows.
    pub forest: Arc<Forest>,
    /// The rows that were added or moved, in the order of the request.
    pub rows: Vec<RowId>,
}
