//! The three edits of a forest, and why one may be refused.

use crate::domain::{IssueId, RowId};

/// Where a row goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The parent row; `None` is the top level.
    pub parent: Option<RowId>,
    /// The sibling before it; `None` makes it the first child.
    pub after: Option<RowId>,
}

/// One edit of a forest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowEdit {
    /// A new row; without an issue it is a folder.
    Add {
        /// The new row.
        id: RowId,
        /// What it holds.
        issue: Option<IssueId>,
        /// Where it goes.
        place: Place,
    },
    /// A row goes elsewhere, with its subtree.
    Move {
        /// The row.
        id: RowId,
        /// Where it goes.
        place: Place,
    },
    /// A row without children goes away.
    Remove {
        /// The row.
        id: RowId,
    },
}

impl RowEdit {
    /// The row that is edited.
    pub fn row(&self) -> RowId {
        match *self {
            Self::Add { id, .. } | Self::Move { id, .. } | Self::Remove { id } => id,
        }
    }

    /// Where it goes, if it stays.
    pub fn place(&self) -> Option<Place> {
        match *self {
            Self::Add { place, .. } | Self::Move { place, .. } => Some(place),
            Self::Remove { .. } => None,
        }
    }
}

/// Why an edit of a forest was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForestError {
    /// The row is not in the forest.
    #[error("row {0} is not in this structure")]
    UnknownRow(RowId),
    /// `after` is no child of `parent`.
    #[error("row {after} is not a child of the given parent")]
    NotAChild {
        /// The sibling that was named.
        after: RowId,
    },
    /// A row would stand in its own subtree.
    #[error("row {0} would stand under itself")]
    Cycle(RowId),
    /// A row with children was to be removed alone.
    #[error("row {0} still has children")]
    HasChildren(RowId),
    /// An id stands twice.
    #[error("row {0} stands in the structure already")]
    Duplicate(RowId),
    /// More rows than an index can count.
    #[error("a structure holds at most {limit} rows", limit = ForestError::ROW_LIMIT)]
    TooManyRows,
}

impl ForestError {
    /// The largest number of rows of a structure.
    pub const ROW_LIMIT: usize = 10_000_000;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::forest::samples::{forest, outline};

    #[test]
    fn a_row_that_was_removed_and_added_again_in_one_go_is_edited_as_any_other() {
        let (row, issue) = (RowId(2), Some(IssueId(2)));
        let place = |parent: Option<i64>| Place {
            parent: parent.map(RowId),
            after: None,
        };
        let add = |parent| RowEdit::Add {
            id: row,
            issue,
            place: place(parent),
        };
        let (remove, below) = (RowEdit::Remove { id: row }, Some(1));
        let base = forest("1\n2");
        let moved = RowEdit::Move {
            id: row,
            place: place(None),
        };
        let edited = base.edited(2, &[remove, add(below), moved]).unwrap();
        assert_eq!(outline(&edited), "2\n1");
        let gone = base.edited(2, &[remove, add(below), remove]).unwrap();
        assert_eq!(outline(&gone), "1");
        let twice = base.edited(2, &[remove, add(below), add(None)]);
        assert_eq!(twice.unwrap_err(), ForestError::Duplicate(row));
    }
}
