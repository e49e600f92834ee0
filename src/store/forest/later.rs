//! What edits that are written in several transactions leave to the last of them: rows that move or
//! go stand where they stood until then, and it is noted here where they will stand.

use super::super::{StoreError, Tx, params};
use crate::domain::{IdMap, RowId};
use std::collections::BTreeSet;
use std::ops::Bound;

/// Where a row stands: parent and key.
pub(super) type Spot = (Option<RowId>, String);

/// What the last of several transactions does.
#[derive(Default)]
pub(super) struct Later {
    moves: Vec<(RowId, Spot)>,
    removed: Vec<i64>,
    /// Where rows that move will stand.
    moved: IdMap<RowId, Spot>,
    spots: BTreeSet<Spot>,
}

impl Later {
    fn leave(&mut self, row: RowId) {
        if let Some(spot) = self.moved.remove(&row) {
            self.spots.remove(&spot);
        }
    }

    /// Lets a row move.
    pub(super) fn move_to(&mut self, row: RowId, spot: Spot) {
        self.leave(row);
        self.spots.insert(spot.clone());
        self.moved.insert(row, spot.clone());
        self.moves.push((row, spot));
    }

    /// Lets a row go.
    pub(super) fn remove(&mut self, row: RowId) {
        self.leave(row);
        self.removed.push(row.0);
    }

    /// The first key behind another among the children of a parent that rows will have.
    pub(super) fn next_key(&self, parent: Option<RowId>, above: &str) -> Option<&String> {
        let above = Bound::Excluded((parent, above.to_owned()));
        let next = self.spots.range((above, Bound::Unbounded)).next();
        next.filter(|(up, _)| *up == parent).map(|(_, key)| key)
    }

    /// Where a row will stand, if it moves.
    pub(super) fn moved(&self, row: RowId) -> Option<&Spot> {
        self.moved.get(&row)
    }

    /// Does it all. Nothing goes before what stood below it has moved away or gone; so several may go
    /// with one statement, and none takes along what stays.
    pub(super) fn write(self, tx: &Tx<'_>) -> Result<(), StoreError> {
        for (row, (parent, key)) in self.moves {
            move_row(tx, row, parent, &key)?;
        }
        tx.execute_ids("DELETE FROM forest_row WHERE id IN ({})", &self.removed)
    }
}

/// Puts a row in its place.
pub(super) fn move_row(
    tx: &Tx<'_>,
    row: RowId,
    parent: Option<RowId>,
    key: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE forest_row SET parent_id = ?, position = ? WHERE id = ?",
        params![parent, key, row],
    )?;
    Ok(())
}

/// Deletes a row that has nothing below it.
pub(super) fn remove_row(tx: &Tx<'_>, row: RowId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM forest_row WHERE id = ?", params![row])?;
    Ok(())
}
