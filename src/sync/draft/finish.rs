//! From what a draft notes to the edits that make it so: the fewest, and in an order in which each
//! can be made.

use super::{Arrangement, Draft, Touched};
use crate::domain::forest::RowView;
use crate::domain::lis::longest_increasing;
use crate::domain::{IdSet, Place, RowEdit, RowId};

/// The way from notes to edits.
pub(super) struct Finish<'d, 'f> {
    draft: &'d Draft<'f>,
    /// Parents among whose children a removed row left its own.
    lifting: IdSet<Option<RowId>>,
    /// Parents whose children change, in the order in which they are written.
    parents: Vec<Option<RowId>>,
    written: IdSet<Option<RowId>>,
    edits: Vec<RowEdit>,
}

impl<'d, 'f> Finish<'d, 'f> {
    pub(super) fn new(draft: &'d Draft<'f>) -> Self {
        let changed: IdSet<Option<RowId>> = draft
            .touched
            .iter()
            .filter(|(_, touched)| **touched != Touched::Gone)
            .map(|(row, _)| draft.parent(*row))
            .chain(draft.arranged.keys().copied())
            .collect();
        let mut parents: Vec<_> = changed.into_iter().collect();
        // Rows of the base in depth-first order, then new ones in the order of their making.
        parents.sort_unstable_by_key(|parent| match parent {
            None => (0, 0),
            Some(row) => match draft.base.index_of(*row) {
                Some(index) => (1, index as i64),
                None => (2, -row.0),
            },
        });
        let lifting = draft.lifted.keys().map(|row| draft.parent(*row)).collect();
        Self {
            draft,
            lifting,
            parents,
            written: IdSet::default(),
            edits: Vec::new(),
        }
    }

    pub(super) fn edits(mut self) -> Vec<RowEdit> {
        for parent in std::mem::take(&mut self.parents) {
            self.write_with_ancestors(parent);
        }
        let base = self.draft.base;
        let mut gone: Vec<usize> = self
            .draft
            .touched
            .iter()
            .filter(|(_, touched)| **touched == Touched::Gone)
            .filter_map(|(row, _)| base.index_of(*row))
            .collect();
        gone.sort_unstable_by(|a, b| b.cmp(a));
        self.edits
            .extend(gone.into_iter().map(|index| RowEdit::Remove {
                id: base.row(index).id,
            }));
        self.edits
    }

    /// Writes the children of a parent after those of every touched row above it, outermost first:
    /// then the row is where it stays, and nothing can be put under its own subtree.
    fn write_with_ancestors(&mut self, parent: Option<RowId>) {
        if self.written.contains(&parent) {
            return;
        }
        let above: Vec<RowId> =
            std::iter::successors(parent, |row| self.draft.parent(*row)).collect();
        for row in above.into_iter().rev() {
            if !self.draft.is_untouched(row) {
                self.write(self.draft.parent(row));
            }
        }
        self.write(parent);
    }

    fn write(&mut self, parent: Option<RowId>) {
        if !self.written.insert(parent) {
            return;
        }
        if let Some(arrangement) = self.draft.arranged.get(&parent) {
            self.write_arranged(parent, arrangement);
            return;
        }
        let end: Vec<RowId> = self.draft.at_end(parent).collect();
        let base = self.draft.base;
        let own =
            |row: &RowId| base.index_of(*row).is_some() && self.draft.base_parent(*row) == parent;
        if self.lifting.contains(&parent) || end.iter().any(own) {
            self.write_in_full(parent);
        } else {
            let last = self.last_staying(parent);
            self.write_chain(parent, last, &end);
        }
    }

    /// The last child of the base that stays under the parent, found from the end.
    fn last_staying(&self, parent: Option<RowId>) -> Option<RowId> {
        let base = self.draft.base;
        let within = match parent {
            Some(row) => {
                let view = base.find(row)?;
                view.index..view.index + view.size
            }
            None => 0..base.len(),
        };
        let level = parent.and_then(|row| base.index_of(row));
        let mut at = within
            .end
            .checked_sub(1)
            .filter(|&last| Some(last) != level)?;
        while base.row(at).parent != level {
            at = base.row(at).parent?;
        }
        let mut child = Some(base.row(at));
        while let Some(row) = child {
            if self.draft.is_untouched(row.id) {
                return Some(row.id);
            }
            child = base.previous_sibling(row.index);
        }
        None
    }

    /// Writes a parent of the base whose own children change places: all of them are looked at.
    fn write_in_full(&mut self, parent: Option<RowId>) {
        let base = self.draft.base;
        let level = parent.and_then(|row| base.index_of(row));
        let order = self.draft.children(parent);
        let home = |row: RowId| base.find(row).filter(|view| view.parent == level);
        let own: Vec<usize> = order
            .iter()
            .filter_map(|row| home(*row).map(|view| view.index))
            .collect();
        let mut stays = longest_increasing(&own).into_iter();
        let stays = |row: &RowId| home(*row).is_some() && stays.next() == Some(true);
        let staying: Vec<bool> = order.iter().map(stays).collect();
        self.write_around(parent, order.into_iter().zip(staying));
    }

    /// Writes a parent whose children were given an order. A row that may move can stay only if as
    /// many pinned ones stand before it as in the base; of those that can, the most stay.
    fn write_arranged(&mut self, parent: Option<RowId>, order: &Arrangement) {
        let base = self.draft.base;
        let level = parent.and_then(|row| base.index_of(row));
        let is_own = |view: &RowView| view.parent == level && level.is_some() == parent.is_some();
        // Of each own child: its place in the base, its place now, and how many pinned ones stand
        // before it now.
        let mut own: Vec<(usize, usize, usize)> = Vec::new();
        let mut before = 0;
        for (at, &(row, is_pinned)) in order.iter().enumerate() {
            if let Some(view) = base.find(row).filter(is_own) {
                own.push((view.index, at, before));
            }
            before += usize::from(is_pinned);
        }
        own.sort_unstable();
        let mut staying = vec![false; order.len()];
        let mut before = 0;
        own.retain(|&(_, at, before_now)| {
            let is_pinned = order[at].1;
            let can_stay = is_pinned || before == before_now;
            before += usize::from(is_pinned);
            can_stay
        });
        own.sort_unstable_by_key(|(_, at, _)| *at);
        let places: Vec<usize> = own.iter().map(|(index, ..)| *index).collect();
        for ((_, at, _), stays) in own.iter().zip(longest_increasing(&places)) {
            staying[*at] = stays;
        }
        let rows = order.iter().map(|(row, _)| *row);
        self.write_around(parent, rows.zip(staying));
    }

    /// Writes the rows of a parent that do not stay, each behind the one before it.
    fn write_around(&mut self, parent: Option<RowId>, rows: impl Iterator<Item = (RowId, bool)>) {
        let mut after = None;
        for (row, stays) in rows {
            if !stays {
                self.push(row, Place { parent, after });
            }
            after = Some(row);
        }
    }

    fn write_chain(&mut self, parent: Option<RowId>, last: Option<RowId>, rows: &[RowId]) {
        let mut after = last;
        for &row in rows {
            self.push(row, Place { parent, after });
            after = Some(row);
        }
    }

    fn push(&mut self, row: RowId, place: Place) {
        self.edits.push(match self.draft.base.index_of(row) {
            Some(_) => RowEdit::Move { id: row, place },
            None => RowEdit::Add {
                id: row,
                issue: self.draft.issue(row),
                place,
            },
        });
    }
}
