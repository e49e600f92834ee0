//! Rows added, moved and removed by users.
//!
//! Several rows go to one position in the given order, each after the one before it. A row takes
//! its subtree along, so a request must not name a row and one below it to be moved apart; to
//! remove both is no contradiction and is accepted. A request that changes nothing makes no version.

use super::access::{self, AccessLevel};
use super::requests::{AddRows, Edited, MoveRows, NewRow, Position, REQUEST_LIMIT, RemoveRows};
use crate::domain::forest::RowView;
use crate::domain::{
    Forest, ForestError, Place, Refusal, RefusalCode, RowEdit, RowId, StructureId, Viewer, text,
};
use crate::store::structures::{self, Structure};
use crate::store::{Editing, Failure, Store, StoreError, Tx, forest, issues};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Adds rows.
pub async fn add_rows(store: &Store, viewer: &Viewer, request: AddRows) -> Result<Edited, Failure> {
    check_count(request.rows.len(), "input.rows")?;
    let mut rows = request.rows;
    for (at, row) in rows.iter_mut().enumerate() {
        if let NewRow::Folder(name) = row {
            *name =
                text::name("The folder's name", name, text::SUMMARY_LIMIT).map_err(|error| {
                    Refusal::invalid(&format!("input.rows.{at}.folder"), format!("{error}."))
                })?;
        }
    }
    let of = (request.structure, request.expected_version);
    edit(store, viewer, of, move |edit| {
        edit.check_position(request.position)?;
        let (edits, folders) = additions(edit.tx, rows, request.position)?;
        edit.apply(&edits, &folders)
    })
    .await
}

/// Moves rows with their subtrees.
pub async fn move_rows(
    store: &Store,
    viewer: &Viewer,
    request: MoveRows,
) -> Result<Edited, Failure> {
    check_rows(&request.rows)?;
    let of = (request.structure, request.expected_version);
    edit(store, viewer, of, move |edit| {
        let moving = edit.find_rows(&request.rows)?;
        check_apart(&moving)?;
        edit.check_position(request.position)?;
        edit.check_target(&moving, request.position)?;
        let edits = edit.moves(&moving, request.position);
        let mut edited = edit.apply(&edits, &HashMap::new())?;
        edited.rows = request.rows;
        Ok(edited)
    })
    .await
}

/// Removes rows with their subtrees.
pub async fn remove_rows(
    store: &Store,
    viewer: &Viewer,
    request: RemoveRows,
) -> Result<Edited, Failure> {
    check_rows(&request.rows)?;
    let of = (request.structure, request.expected_version);
    edit(store, viewer, of, move |edit| {
        let removed = edit.find_rows(&request.rows)?;
        let edits = edit.removals(removed);
        edit.apply(&edits, &HashMap::new())
    })
    .await
}

/// Edits the rows of a structure, at the version that the user expects, in one transaction.
async fn edit(
    store: &Store,
    viewer: &Viewer,
    (structure, expected): (StructureId, Option<i64>),
    work: impl FnOnce(Edit<'_>) -> Result<Edited, Failure> + Send + 'static,
) -> Result<Edited, Failure> {
    let (handle, viewer) = (store.clone(), viewer.clone());
    let _editing = let_in(store, &viewer, structure).await?;
    store
        .write(move |tx| work(Edit::begin(&handle, tx, &viewer, structure, expected)?))
        .await
}

/// Waits while a job holds off edits of a structure.
async fn let_in(
    store: &Store,
    viewer: &Viewer,
    structure: StructureId,
) -> Result<Editing, Failure> {
    if let Some(editing) = store.try_editing(structure) {
        return Ok(editing);
    }
    // Whoever may not edit it is told so at once, and so learns nothing of its jobs.
    let viewer = viewer.clone();
    let may = move |tx: &Tx<'_>| {
        let path = "input.structureId";
        access::require(tx, &viewer, structure, AccessLevel::Edit, path).map(|_| ())
    };
    store.read(may).await?;
    Ok(store.editing(structure).await?)
}

/// An edit under way: the structure as its transaction sees it.
struct Edit<'a> {
    store: &'a Store,
    tx: &'a Tx<'a>,
    viewer: &'a Viewer,
    structure: Structure,
    forest: Arc<Forest>,
}

impl<'a> Edit<'a> {
    fn begin(
        store: &'a Store,
        tx: &'a Tx<'a>,
        viewer: &'a Viewer,
        id: StructureId,
        expected_version: Option<i64>,
    ) -> Result<Self, Failure> {
        let structure = access::require(tx, viewer, id, AccessLevel::Edit, "input.structureId")?;
        if let Some(expected) = expected_version.filter(|&it| it != structure.version) {
            let message = format!(
                "The structure is at version {}, not at the expected version {expected}: read it \
                 again and decide anew.",
                structure.version
            );
            let refusal = Refusal::new(RefusalCode::Conflict, message);
            return Err(refusal.at("input.expectedVersion").into());
        }
        let forest = store
            .forest_in(tx, id)?
            .ok_or_else(|| StoreError::Corrupt(format!("structure {id} has no forest")))?;
        Ok(Self {
            store,
            tx,
            viewer,
            structure,
            forest,
        })
    }

    fn find_rows(&self, rows: &[RowId]) -> Result<Vec<RowView>, Refusal> {
        let find = |(at, &row): (usize, &RowId)| {
            let path = format!("input.rowIds.{at}");
            self.forest
                .find(row)
                .ok_or_else(|| Refusal::not_found(&path, "There is no such row in this structure."))
        };
        rows.iter().enumerate().map(find).collect()
    }

    fn check_position(&self, position: Position) -> Result<(), Refusal> {
        let parent = match position.under.map(|under| self.forest.find(under)) {
            None => None,
            Some(Some(row)) => Some(row.index),
            Some(None) => {
                let path = "input.position.under";
                return Err(Refusal::not_found(
                    path,
                    "There is no such row in this structure.",
                ));
            }
        };
        let Some(after) = position.after else {
            return Ok(());
        };
        let path = "input.position.after";
        match self.forest.find(after) {
            None => Err(Refusal::not_found(
                path,
                "There is no such row in this structure.",
            )),
            Some(row) if row.parent != parent => Err(Refusal::invalid(
                path,
                match parent {
                    Some(_) => "This row is no child of the row that `under` names.",
                    None => "This row does not stand at the top level: name its parent in `under`.",
                },
            )),
            Some(_) => Ok(()),
        }
    }

    /// Checks that no row would stand in its own subtree, or after itself.
    fn check_target(&self, moving: &[RowView], position: Position) -> Result<(), Refusal> {
        let under = position.under.and_then(|under| self.forest.index_of(under));
        let into_itself =
            |row: &RowView| under.is_some_and(|under| self.forest.is_within(under, row.index));
        if moving.iter().any(into_itself) {
            let message = "A row cannot move under itself or under a row of its own subtree.";
            return Err(Refusal::invalid("input.position.under", message));
        }
        if moving.iter().any(|row| position.after == Some(row.id)) {
            let message = "This row is among those that move: name a row that stays.";
            return Err(Refusal::invalid("input.position.after", message));
        }
        Ok(())
    }

    /// The moves that are needed: rows at the front of the list that stand in place already stay.
    fn moves(&self, moving: &[RowView], position: Position) -> Vec<RowEdit> {
        let under = position.under.and_then(|under| self.forest.index_of(under));
        let mut after = position.after;
        let mut in_place = true;
        let mut edits = Vec::new();
        for row in moving {
            let previous = self.forest.previous_sibling(row.index).map(|it| it.id);
            in_place &= row.parent == under && previous == after;
            if !in_place {
                let place = Place {
                    parent: position.under,
                    after,
                };
                edits.push(RowEdit::Move { id: row.id, place });
            }
            after = Some(row.id);
        }
        edits
    }

    /// Every row of the subtrees, children before their parents.
    fn removals(&self, mut removed: Vec<RowView>) -> Vec<RowEdit> {
        removed.sort_unstable_by_key(|row| row.index);
        let mut indexes = Vec::new();
        for row in removed {
            // A row inside a subtree that was taken already goes with it.
            if indexes.last().is_none_or(|&last| row.index > last) {
                indexes.extend(row.index..row.index + row.size);
            }
        }
        let remove = |&index: &usize| RowEdit::Remove {
            id: self.forest.row(index).id,
        };
        indexes.iter().rev().map(remove).collect()
    }

    fn apply(self, edits: &[RowEdit], folders: &HashMap<RowId, String>) -> Result<Edited, Failure> {
        let author = forest::Author::User(self.viewer.user_id);
        let id = self.structure.id;
        let applied = forest::apply(self.store, self.tx, id, edits, folders, author)
            .map_err(too_many_rows)?;
        let added = edits.iter().filter_map(|edit| applied.ids.get(&edit.row()));
        let structure = structures::find(self.tx, id)?
            .ok_or_else(|| StoreError::Corrupt(format!("structure {id} is gone")))?;
        Ok(Edited {
            structure,
            rows: added.copied().collect(),
            forest: applied.forest,
        })
    }
}

/// The edits that add rows one behind the other, and the names of the folders among them.
fn additions(
    tx: &Tx<'_>,
    rows: Vec<NewRow>,
    position: Position,
) -> Result<(Vec<RowEdit>, HashMap<RowId, String>), Failure> {
    let (mut edits, mut folders) = (Vec::with_capacity(rows.len()), HashMap::new());
    let mut after = position.after;
    for (at, row) in rows.into_iter().enumerate() {
        let id = RowId(-1 - at as i64);
        let issue = match row {
            NewRow::Issue(key) => {
                let missing = || {
                    let path = format!("input.rows.{at}.issueKey");
                    Refusal::not_found(&path, "There is no issue of this key.")
                };
                Some(issues::find_id(tx, &key)?.ok_or_else(missing)?)
            }
            NewRow::Folder(name) => {
                folders.insert(id, name);
                None
            }
        };
        let place = Place {
            parent: position.under,
            after,
        };
        edits.push(RowEdit::Add { id, issue, place });
        after = Some(id);
    }
    Ok((edits, folders))
}

fn check_rows(rows: &[RowId]) -> Result<(), Refusal> {
    check_count(rows.len(), "input.rowIds")?;
    let mut seen = HashSet::with_capacity(rows.len());
    match rows.iter().position(|row| !seen.insert(*row)) {
        Some(at) => Err(Refusal::invalid(
            &format!("input.rowIds.{at}"),
            "This row is named twice.",
        )),
        None => Ok(()),
    }
}

fn check_count(count: usize, path: &str) -> Result<(), Refusal> {
    if (1..=REQUEST_LIMIT).contains(&count) {
        return Ok(());
    }
    let message = format!("Expected 1 to {REQUEST_LIMIT} rows in one request, found {count}.");
    Err(Refusal::invalid(path, message))
}

/// Checks that no row stands in the subtree of another.
fn check_apart(rows: &[RowView]) -> Result<(), Refusal> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_unstable_by_key(|&at| rows[at].index);
    let mut end = 0;
    for at in order {
        let row = &rows[at];
        if row.index < end {
            return Err(Refusal::invalid(
                &format!("input.rowIds.{at}"),
                "This row stands under another of these rows and moves with it: leave it out.",
            ));
        }
        end = row.index + row.size;
    }
    Ok(())
}

/// A structure that is full is the one reason why checked edits do not fit.
fn too_many_rows(error: StoreError) -> Failure {
    match error {
        StoreError::Forest(ForestError::TooManyRows) => {
            let message = format!("A structure holds at most {} rows.", ForestError::ROW_LIMIT);
            Refusal::invalid("input.rows", message).into()
        }
        other => other.into(),
    }
}
