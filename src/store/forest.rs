//! Forests in the database: loading one, and writing edits of it as a new version.
//!
//! An edit writes the rows that it changes, a line of the change feed for each, and nothing else:
//! siblings are ordered by keys with room between them.

mod writer;

use super::{Store, StoreError, Tx, params};
use crate::domain::forest::SourceRow;
use crate::domain::{
    Forest, ForestError, IssueId, JobId, Place, RowEdit, RowId, StructureId, UserId,
};
use crate::events::Event;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use writer::Writer;

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
    let rows = tx.query(
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
        "SELECT structure_id FROM forest_row WHERE id = ?",
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
        "SELECT id, structure_id FROM forest_row WHERE id IN ({})",
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
        "SELECT DISTINCT structure_id FROM forest_row WHERE issue_id = ? ORDER BY structure_id",
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
    apply_watched(
        store,
        tx,
        Edition {
            structure,
            edits,
            folders,
            positions: &HashMap::new(),
            author,
        },
        &|_| {},
    )
}

/// Edits of one structure, and who makes them.
pub struct Edition<'a> {
    /// The structure.
    pub structure: StructureId,
    /// The edits, in an order in which each can be made.
    pub edits: &'a [RowEdit],
    /// The names of folders that are added, by the ids that the edits give.
    pub folders: &'a HashMap<RowId, String>,
    /// Keys that rows get among their siblings, where that is decided; the others get new ones.
    pub positions: &'a HashMap<RowId, String>,
    /// Who makes them.
    pub author: Author,
}

/// [`apply`], telling from time to time how many edits have been written.
pub fn apply_watched(
    store: &Store,
    tx: &Tx<'_>,
    edition: Edition<'_>,
    written: &dyn Fn(usize),
) -> Result<Applied, StoreError> {
    let Edition {
        structure,
        edits,
        folders,
        positions,
        author,
    } = edition;
    let base = store
        .forest_in(tx, structure)?
        .ok_or_else(|| StoreError::Corrupt(format!("no structure {structure}")))?;
    if edits.is_empty() {
        return Ok(Applied {
            forest: base,
            ids: HashMap::new(),
        });
    }
    let (edits, ids) = number_new_rows(tx, edits)?;
    let versions = edits.len().div_ceil(CHANGES_PER_VERSION) as i64;
    let forest = Arc::new(base.edited(base.version() + versions, &edits)?);
    let folders: HashMap<RowId, &str> = folders
        .iter()
        .map(|(row, name)| (ids.get(row).copied().unwrap_or(*row), name.as_str()))
        .collect();
    let mut writer = Writer {
        tx,
        structure,
        base: &base,
        author,
        folders,
        positions,
        version: base.version(),
        seq: 0,
        written,
    };
    writer.write(&edits)?;
    tx.execute(
        "UPDATE structure SET version = ?, row_count = ?, updated_at = ? WHERE id = ?",
        params![forest.version(), forest.len(), tx.now(), structure],
    )?;
    tx.install(structure, Some(Arc::clone(&forest)));
    tx.publish(Event::Structure(structure));
    Ok(Applied { forest, ids })
}

/// What [`apply`] made.
pub struct Applied {
    /// The forest after the edits.
    pub forest: Arc<Forest>,
    /// The ids that the plan's new rows got.
    pub ids: HashMap<RowId, RowId>,
}

type Numbered = (Vec<RowEdit>, HashMap<RowId, RowId>);

fn number_new_rows(tx: &Tx<'_>, edits: &[RowEdit]) -> Result<Numbered, StoreError> {
    let new: Vec<RowId> = edits
        .iter()
        .filter(|edit| matches!(edit, RowEdit::Add { .. }) && edit.row().0 < 0)
        .map(RowEdit::row)
        .collect();
    if new.is_empty() {
        return Ok((edits.to_vec(), HashMap::new()));
    }
    let first = tx.take_ids("forest_row", new.len())?;
    let ids: HashMap<RowId, RowId> = new
        .iter()
        .zip(first..)
        .map(|(&row, id)| (row, RowId(id)))
        .collect();
    let real = |row: RowId| ids.get(&row).copied().unwrap_or(row);
    let real_place = |place: Place| Place {
        parent: place.parent.map(real),
        after: place.after.map(real),
    };
    let numbered = edits
        .iter()
        .map(|edit| match *edit {
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
        })
        .collect();
    Ok((numbered, ids))
}

/// Checks that edits fit a forest without applying them.
pub fn check(forest: &Forest, edits: &[RowEdit]) -> Result<(), ForestError> {
    forest.edited(forest.version(), edits).map(|_| ())
}
