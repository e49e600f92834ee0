//! A forest that a planner edits: the base stays as it is, what is touched is noted beside it.
//!
//! `finish` turns the notes into the fewest edits, in an order in which each can be made: rows in
//! the order of the forest that comes out, so that none is put under its own subtree on the way,
//! and removals last, deepest first.

mod finish;
#[cfg(test)]
mod tests;

use crate::domain::{Forest, IdMap, IssueId, RowEdit, RowId};
use finish::Finish;

/// Where a touched row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Touched {
    /// At the end of a parent's children, in the order of `turn`.
    End { parent: Option<RowId>, turn: usize },
    /// In the place of a removed row that was its parent.
    InPlaceOf { removed: RowId },
    /// Nowhere.
    Gone,
}

/// A move that would put a row under itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WouldCycle;

/// A forest under edit.
pub struct Draft<'f> {
    base: &'f Forest,
    touched: IdMap<RowId, Touched>,
    /// Rows put at the end of each parent, in order; an entry counts if its turn is the row's last.
    ends: IdMap<Option<RowId>, Vec<(RowId, usize)>>,
    /// The children of a removed row that stand in its place.
    lifted: IdMap<RowId, Vec<RowId>>,
    added: Vec<(RowId, IssueId)>,
    added_of: IdMap<IssueId, RowId>,
    turn: usize,
    arranged: IdMap<Option<RowId>, Arrangement>,
}

/// Another order of a parent's children, each with whether it is pinned: not to be moved for it.
type Arrangement = Vec<(RowId, bool)>;

impl<'f> Draft<'f> {
    /// A draft that equals its base.
    pub fn new(base: &'f Forest) -> Self {
        Self {
            base,
            touched: IdMap::default(),
            ends: IdMap::default(),
            lifted: IdMap::default(),
            added: Vec::new(),
            added_of: IdMap::default(),
            turn: 0,
            arranged: IdMap::default(),
        }
    }

    /// The forest that it started from.
    pub fn base(&self) -> &'f Forest {
        self.base
    }

    /// The parent of a row as it stands now.
    pub fn parent(&self, row: RowId) -> Option<RowId> {
        match self.touched.get(&row) {
            Some(Touched::End { parent, .. }) => *parent,
            Some(Touched::InPlaceOf { removed }) => self.parent_of_place(*removed),
            Some(Touched::Gone) => self.parent_of_place(row),
            None => self.base_parent(row),
        }
    }

    fn base_parent(&self, row: RowId) -> Option<RowId> {
        self.base.find(row)?.parent.map(|up| self.base.row(up).id)
    }

    /// The parent of the place that a removed row left: the nearest row above it that is there.
    fn parent_of_place(&self, removed: RowId) -> Option<RowId> {
        let mut up = self.base_parent(removed);
        while let Some(row) = up.filter(|row| self.is_gone(*row)) {
            up = self.base_parent(row);
        }
        up
    }

    /// The issue that a row holds; `None` for a folder.
    pub fn issue(&self, row: RowId) -> Option<IssueId> {
        match self.base.find(row) {
            Some(view) => view.issue,
            None => self
                .added
                .get((-row.0 - 1) as usize)
                .map(|(_, issue)| *issue),
        }
    }

    /// The issue of the row above a row.
    pub fn parent_issue(&self, row: RowId) -> Option<IssueId> {
        self.parent(row).and_then(|up| self.issue(up))
    }

    /// Whether a row was removed.
    pub fn is_gone(&self, row: RowId) -> bool {
        self.touched.get(&row) == Some(&Touched::Gone)
    }

    /// Whether a row still stands where it stood in the base.
    pub fn is_untouched(&self, row: RowId) -> bool {
        !self.touched.contains_key(&row)
    }

    /// The rows of an issue that are there now: those of the base in their order, then a new one.
    pub fn rows_of(&self, issue: IssueId) -> impl Iterator<Item = RowId> + '_ {
        let old = self
            .base
            .rows_of(issue)
            .map(|row| row.id)
            .filter(|row| !self.is_gone(*row));
        old.chain(self.added_of.get(&issue).copied())
    }

    /// The row that stands for an issue: its first in the base, or the one that was added.
    pub fn primary(&self, issue: IssueId) -> Option<RowId> {
        self.rows_of(issue).next()
    }

    /// The children of a row (`None`: the top level) as they stand now, but for [`arrange`].
    ///
    /// [`arrange`]: Self::arrange
    pub fn children(&self, parent: Option<RowId>) -> Vec<RowId> {
        let mut order = Vec::new();
        let level = parent.and_then(|row| self.base.index_of(row));
        if level.is_some() == parent.is_some() {
            for child in self.base.children(level) {
                if self.is_untouched(child.id) {
                    order.push(child.id);
                } else if self.is_gone(child.id) {
                    order.extend(self.expand(child.id));
                }
            }
        }
        order.extend(self.at_end(parent));
        order
    }

    /// Whether a parent surely has the children that it has in the base, in their order.
    pub fn has_children_of_base(&self, parent: Option<RowId>) -> bool {
        if self.touched.is_empty() {
            return true;
        }
        let level = parent.and_then(|row| self.base.index_of(row));
        level.is_some() == parent.is_some()
            && !self.ends.contains_key(&parent)
            && self
                .base
                .children(level)
                .all(|row| self.is_untouched(row.id))
    }

    /// The rows that were put at the end of a parent and are still there, in order.
    fn at_end(&self, parent: Option<RowId>) -> impl Iterator<Item = RowId> + '_ {
        let put = self.ends.get(&parent).into_iter().flatten();
        put.filter(move |(row, turn)| {
            let end = Touched::End {
                parent,
                turn: *turn,
            };
            self.touched.get(row) == Some(&end)
        })
        .map(|(row, _)| *row)
    }

    /// The rows below a row as they stand now, but for [`arrange`].
    ///
    /// [`arrange`]: Self::arrange
    pub fn below(&self, row: RowId) -> Vec<RowId> {
        let mut found = self.children(Some(row));
        let mut next = 0;
        while let Some(row) = found.get(next).copied() {
            found.extend(self.children(Some(row)));
            next += 1;
        }
        found
    }

    /// The parents to which rows were moved or added, in no order.
    pub fn receiving(&self) -> impl Iterator<Item = Option<RowId>> + '_ {
        self.ends.keys().copied()
    }

    /// Whether one of the issue's rows stands directly under one of the parent's rows.
    pub fn stands_under(&self, issue: IssueId, parent: IssueId) -> bool {
        self.rows_of(issue)
            .any(|row| self.parent_issue(row) == Some(parent))
    }

    /// Whether a row lies in the subtree of another, itself included.
    pub fn is_within(&self, row: RowId, ancestor: RowId) -> bool {
        let mut at = Some(row);
        while let Some(row) = at {
            if row == ancestor {
                return true;
            }
            at = self.parent(row);
        }
        false
    }

    /// Adds an issue as last child; its new row.
    pub fn append(&mut self, issue: IssueId, parent: Option<RowId>) -> RowId {
        let row = RowId(-(self.added.len() as i64) - 1);
        self.added.push((row, issue));
        self.added_of.entry(issue).or_insert(row);
        self.put_at_end(row, parent);
        row
    }

    /// Moves a row, with its subtree, to be the last child of a parent.
    pub fn move_to_end(&mut self, row: RowId, parent: Option<RowId>) -> Result<(), WouldCycle> {
        if parent.is_some_and(|parent| self.is_within(parent, row)) {
            return Err(WouldCycle);
        }
        self.put_at_end(row, parent);
        Ok(())
    }

    /// Moves a row of one issue to be the last child of a row of another: the primary ones or, where
    /// those would close a cycle, the first that can; the row that was moved. So what cannot be
    /// moved once, cannot later.
    pub fn move_under(&mut self, issue: IssueId, parent: IssueId) -> Result<RowId, WouldCycle> {
        let rows: Vec<RowId> = self.rows_of(issue).collect();
        let parents: Vec<RowId> = self.rows_of(parent).collect();
        for under in parents {
            for &row in &rows {
                if self.move_to_end(row, Some(under)).is_ok() {
                    return Ok(row);
                }
            }
        }
        Err(WouldCycle)
    }

    fn put_at_end(&mut self, row: RowId, parent: Option<RowId>) {
        self.turn += 1;
        self.touched.insert(
            row,
            Touched::End {
                parent,
                turn: self.turn,
            },
        );
        self.ends.entry(parent).or_default().push((row, self.turn));
    }

    /// Whether a row of the base has no child left, neither its own nor one that was moved there.
    pub fn is_childless(&self, row: RowId) -> bool {
        let Some(view) = self.base.find(row) else {
            return false;
        };
        let own = self
            .base
            .children(Some(view.index))
            .any(|child| self.keeps(row, child.id));
        !own && self.at_end(Some(row)).next().is_none()
    }

    fn keeps(&self, parent: RowId, child: RowId) -> bool {
        match self.touched.get(&child) {
            None => true,
            Some(Touched::End { parent: now, .. }) => *now == Some(parent),
            Some(Touched::InPlaceOf { .. }) => false,
            Some(Touched::Gone) => {
                let lifted = self.lifted.get(&child).into_iter().flatten();
                lifted.clone().any(|up| self.stands_in_place_of(*up, child))
            }
        }
    }

    fn stands_in_place_of(&self, row: RowId, removed: RowId) -> bool {
        match self.touched.get(&row) {
            Some(Touched::InPlaceOf { removed: now }) => *now == removed,
            Some(Touched::Gone) => {
                let lifted = self.lifted.get(&row).into_iter().flatten();
                lifted.clone().any(|up| self.stands_in_place_of(*up, row))
            }
            _ => false,
        }
    }

    /// Removes a row that has no children.
    pub fn remove(&mut self, row: RowId) {
        self.touched.insert(row, Touched::Gone);
    }

    /// Removes a row of the base that was not moved; its own children stand in its place.
    ///
    /// Rows that were moved under it before are put at the end of its parent.
    pub fn remove_lifting(&mut self, row: RowId) {
        let Some(view) = self.base.find(row) else {
            return;
        };
        let parent = self.parent(row);
        let came: Vec<RowId> = self.at_end(Some(row)).collect();
        let mut stay = Vec::new();
        for child in self.base.children(Some(view.index)) {
            if self.is_untouched(child.id) {
                stay.push(child.id);
            } else if self.is_gone(child.id) {
                stay.extend(self.expand(child.id));
            }
        }
        for child in &stay {
            self.touched
                .insert(*child, Touched::InPlaceOf { removed: row });
        }
        self.lifted.insert(row, stay);
        self.touched.insert(row, Touched::Gone);
        for child in came {
            self.put_at_end(child, parent);
        }
    }

    /// The rows that stand in the place of a removed one, in order.
    fn expand(&self, removed: RowId) -> Vec<RowId> {
        let mut found = Vec::new();
        for row in self.lifted.get(&removed).into_iter().flatten() {
            match self.touched.get(row) {
                Some(Touched::InPlaceOf { removed: now }) if *now == removed => found.push(*row),
                Some(Touched::Gone) => found.extend(self.expand(*row)),
                _ => {}
            }
        }
        found
    }

    /// Puts all children of a parent, as [`children`] tells them, into another order, in which the
    /// pinned ones follow each other as before: these are not moved for it. To be said last, when
    /// every row has its parent.
    ///
    /// [`children`]: Self::children
    pub fn arrange(&mut self, parent: Option<RowId>, order: Vec<(RowId, bool)>) {
        self.arranged.insert(parent, order);
    }

    /// The edits that turn the base into the draft: the fewest, in an order that can be applied.
    pub fn finish(&self) -> Vec<RowEdit> {
        Finish::new(self).edits()
    }
}
