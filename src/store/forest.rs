//! Forests in the database: loading one, and writing edits of it as a new version.
//!
//! An edit writes the rows that it changes, a line of the change feed for each, and nothing else:
//! siblings are ordered by keys with room between them.

mod edition;
mod later;

use super::pending::Unseen;
use super::{Store, StoreError, Tx, params};
use crate::domain::forest::SourceRow;
use crate::domain::{
    Forest, ForestError, IdMap, IssueId, JobId, Place, RowEdit, RowId, StructureId, UserId,
};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

pub use edition::{Edition, versions};

/// Row changes in one version at the most; a larger change takes several versions, in one
/// transaction, so that no listener has to swallow a million rows at once.
pub const CHANGES_PER_VERSION: usize = 1_000;

/// Who or what made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// A user.
    User(UserId),
    /// A job, with the rights of a user.
    Job(JobId, UserId),
}

impl Author {
    pub(super) fn user(self) -> UserId {
        match self {
            Self::User(user) | Self::Job(_, user) => user,
        }
    }

    pub(super) fn job(self) -> Option<JobId> {
        match self {
            Self::User(_) => None,
            Self::Job(job, _) => Some(job),
        }
    }
}

/// A row to be written: what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewItem {
    /// An issue.
    Issue(IssueId),
    /// A folder with its name.
    Folder(String),
}

/// The current version of a structure's hierarchy.
pub fn find_version(tx: &Tx<'_>, structure: StructureId) -> Result<Option<i64>, StoreError> {
    tx.find(
        "SELECT version FROM structure WHERE id = ?",
        params![structure],
        |row| row.get(0),
    )
}

/// Reads a whole forest; `None` if there is no such structure.
pub fn load(tx: &Tx<'_>, structure: StructureId) -> Result<Option<Forest>, StoreError> {
    let Some(version) = find_version(tx, structure)? else {
        return Ok(None);
    };
    let mut rows = tx.query(
        "SELECT id, parent_id, issue_id FROM forest_row WHERE structure_id = ?
         ORDER BY parent_id, position, id",
        params![structure],
        |row| {
            Ok(SourceRow {
                id: row.get(0)?,
                parent: row.get(1)?,
                issue: row.get(2)?,
            })
        },
    )?;
    let unseen = Unseen::of(tx, structure)?;
    if !unseen.is_empty() {
        rows.retain(|row| !unseen.holds(row.id));
    }
    Ok(Some(Forest::build(version, rows)?))
}

/// The names of folders among the given rows.
pub fn folder_names(
    tx: &Tx<'_>,
    rows: impl IntoIterator<Item = RowId>,
) -> Result<HashMap<RowId, String>, StoreError> {
    let found = tx.query_ids(
        "SELECT id, folder FROM forest_row WHERE folder IS NOT NULL AND id IN ({})",
        &[],
        rows.into_iter().map(|row| row.0),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(found.into_iter().collect())
}

/// The structure that a row stands in.
pub fn find_structure_of(tx: &Tx<'_>, row: RowId) -> Result<Option<StructureId>, StoreError> {
    tx.find(
        "SELECT structure_id FROM seen_row WHERE id = ?",
        params![row],
        |it| it.get(0),
    )
}

/// The structures in which the given rows stand.
pub fn structures_of(
    tx: &Tx<'_>,
    rows: impl IntoIterator<Item = RowId>,
) -> Result<HashMap<RowId, StructureId>, StoreError> {
    let found = tx.query_ids(
        "SELECT id, structure_id FROM seen_row WHERE id IN ({})",
        &[],
        rows.into_iter().map(|row| row.0),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(found.into_iter().collect())
}

/// Those of the given rows that hold an issue.
pub fn rows_with_issues(
    tx: &Tx<'_>,
    rows: impl IntoIterator<Item = RowId>,
) -> Result<HashSet<RowId>, StoreError> {
    let found = tx.query_ids(
        "SELECT id FROM forest_row WHERE issue_id IS NOT NULL AND id IN ({})",
        &[],
        rows.into_iter().map(|row| row.0),
        |row| row.get(0),
    )?;
    Ok(found.into_iter().collect())
}

/// The structures in which an issue stands.
pub fn structures_with(tx: &Tx<'_>, issue: IssueId) -> Result<Vec<StructureId>, StoreError> {
    tx.query(
        "SELECT DISTINCT structure_id FROM seen_row WHERE issue_id = ? ORDER BY structure_id",
        params![issue],
        |row| row.get(0),
    )
}

/// Writes edits as new versions of a structure's hierarchy; the forest after them.
///
/// Rows with negative ids are new ones of a plan: they get their ids here. Folders that are added
/// find their names in `folders`, by the id that the edit gives. An edit that the forest refuses
/// is an error, and the transaction is to be rolled back.
pub fn apply(
    store: &Store,
    tx: &Tx<'_>,
    structure: StructureId,
    edits: &[RowEdit],
    folders: &HashMap<RowId, String>,
    author: Author,
) -> Result<Applied, StoreError> {
    let base = store
        .forest_in(tx, structure)?
        .ok_or_else(|| StoreError::Corrupt(format!("no structure {structure}")))?;
    let first = take_ids(tx, count_new(edits))?;
    let numbered = Numbered::new(edits, folders, first);
    let mut edition = Edition::new(base, structure, numbered, author)?;
    edition.write(tx, usize::MAX)?;
    Ok(Applied {
        forest: edition.close(tx)?,
        ids: edition.into_ids(),
    })
}

/// What [`apply`] made.
pub struct Applied {
    /// The forest after the edits.
    pub forest: Arc<Forest>,
    /// The ids that the plan's new rows got.
    pub ids: IdMap<RowId, RowId>,
}

fn is_new(edit: &RowEdit) -> bool {
    matches!(edit, RowEdit::Add { id, .. } if id.0 < 0)
}

/// How many rows edits add that need an id.
pub fn count_new(edits: &[RowEdit]) -> usize {
    edits.iter().filter(|edit| is_new(edit)).count()
}

/// Takes so many ids for rows; the first of them.
pub fn take_ids(tx: &Tx<'_>, count: usize) -> Result<i64, StoreError> {
    match count {
        0 => Ok(0),
        count => tx.take_ids("forest_row", count),
    }
}

/// Edits whose new rows have got their ids.
pub struct Numbered {
    edits: Vec<RowEdit>,
    /// The names of folders that are added.
    folders: HashMap<RowId, String>,
    ids: IdMap<RowId, RowId>,
    /// The ids that new rows have got.
    new: Range<i64>,
}

impl Numbered {
    /// Gives new rows, in the order of the edits, the ids from `first` on.
    pub fn new(edits: &[RowEdit], folders: &HashMap<RowId, String>, first: i64) -> Self {
        let new = edits.iter().filter(|edit| is_new(edit)).map(RowEdit::row);
        let ids: IdMap<RowId, RowId> = new.zip((first..).map(RowId)).collect();
        let real = |row: RowId| match row.0 {
            ..0 => ids.get(&row).copied().unwrap_or(row),
            _ => row,
        };
        let real_place = |place: Place| Place {
            parent: place.parent.map(real),
            after: place.after.map(real),
        };
        let numbered = edits.iter().map(|edit| match *edit {
            RowEdit::Add { id, issue, place } => RowEdit::Add {
                id: real(id),
                issue,
                place: real_place(place),
            },
            RowEdit::Move { id, place } => RowEdit::Move {
                id: real(id),
                place: real_place(place),
            },
            RowEdit::Remove { id } => RowEdit::Remove { id: real(id) },
        });
        Self {
            edits: numbered.collect(),
            folders: folders
                .iter()
                .map(|(row, name)| (real(*row), name.clone()))
                .collect(),
            new: first..first + ids.len() as i64,
            ids,
        }
    }

    /// Whether a row that is added had its id before.
    fn comes_back(&self, row: RowId) -> bool {
        !self.new.contains(&row.0)
    }
}

/// Checks that edits fit a forest without applying them.
pub fn check(forest: &Forest, edits: &[RowEdit]) -> Result<(), ForestError> {
    forest.edited(forest.version(), edits).map(|_| ())
}
