//! A forest that a planner edits: the base stays as it is, what is touched is noted beside it.
//!
//! `finish` turns the notes into the fewest edits, in an order in which each can be made: rows in
//! the order of the forest that comes out, so that none is put under its own subtree on the way,
//! and removals last, deepest first.

use super::lis::longest_increasing;
use crate::domain::{Forest, IssueId, Place, RowEdit, RowId};
use std::collections::{HashMap, HashSet};

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
    touched: HashMap<RowId, Touched>,
    /// Rows put at the end of each parent, in order; an entry counts if its turn is the row's last.
    ends: HashMap<Option<RowId>, Vec<(RowId, usize)>>,
    /// The children of a removed row that stand in its place.
    lifted: HashMap<RowId, Vec<RowId>>,
    added: Vec<(RowId, IssueId)>,
    added_of: HashMap<IssueId, RowId>,
    turn: usize,
}

impl<'f> Draft<'f> {
    /// A draft that equals its base.
    pub fn new(base: &'f Forest) -> Self {
        Self {
            base,
            touched: HashMap::new(),
            ends: HashMap::new(),
            lifted: HashMap::new(),
            added: Vec::new(),
            added_of: HashMap::new(),
            turn: 0,
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
    /// those would close a cycle, the first that can. So what cannot be moved once, cannot later.
    pub fn move_under(&mut self, issue: IssueId, parent: IssueId) -> Result<(), WouldCycle> {
        let rows: Vec<RowId> = self.rows_of(issue).collect();
        let parents: Vec<RowId> = self.rows_of(parent).collect();
        for under in parents {
            for &row in &rows {
                if self.move_to_end(row, Some(under)).is_ok() {
                    return Ok(());
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
        let came = self
            .ends
            .get(&Some(row))
            .into_iter()
            .flatten()
            .any(|(child, turn)| {
                self.touched.get(child)
                    == Some(&Touched::End {
                        parent: Some(row),
                        turn: *turn,
                    })
            });
        !own && !came
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
        let came: Vec<RowId> = self
            .ends
            .get(&Some(row))
            .into_iter()
            .flatten()
            .filter(|(child, turn)| {
                self.touched.get(child)
                    == Some(&Touched::End {
                        parent: Some(row),
                        turn: *turn,
                    })
            })
            .map(|(child, _)| *child)
            .collect();
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

    /// The edits that turn the base into the draft: the fewest, in an order that can be applied.
    pub fn finish(self) -> Vec<RowEdit> {
        Finish::new(&self).edits()
    }
}

/// The way from notes to edits.
struct Finish<'d, 'f> {
    draft: &'d Draft<'f>,
    /// Parents among whose children a removed row left its own.
    lifting: HashSet<Option<RowId>>,
    /// Parents whose children change, in the order in which they are written.
    parents: Vec<Option<RowId>>,
    written: HashSet<Option<RowId>>,
    edits: Vec<RowEdit>,
}

impl<'d, 'f> Finish<'d, 'f> {
    fn new(draft: &'d Draft<'f>) -> Self {
        let changed: HashSet<Option<RowId>> = draft
            .touched
            .iter()
            .filter(|(_, touched)| **touched != Touched::Gone)
            .map(|(row, _)| draft.parent(*row))
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
            written: HashSet::new(),
            edits: Vec::new(),
        }
    }

    fn edits(mut self) -> Vec<RowEdit> {
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
        let end = self.at_end(parent);
        let base = self.draft.base;
        let own =
            |row: &RowId| base.index_of(*row).is_some() && self.draft.base_parent(*row) == parent;
        if self.lifting.contains(&parent) || end.iter().any(own) {
            self.write_in_full(parent, &end);
        } else {
            let last = self.last_staying(parent);
            self.write_chain(parent, last, &end);
        }
    }

    /// The rows that were put at the end of a parent and are still there, in order.
    fn at_end(&self, parent: Option<RowId>) -> Vec<RowId> {
        let put = self.draft.ends.get(&parent).into_iter().flatten();
        put.filter(|(row, turn)| {
            self.draft.touched.get(row)
                == Some(&Touched::End {
                    parent,
                    turn: *turn,
                })
        })
        .map(|(row, _)| *row)
        .collect()
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
    fn write_in_full(&mut self, parent: Option<RowId>, end: &[RowId]) {
        let base = self.draft.base;
        let level = parent.and_then(|row| base.index_of(row));
        let mut order = Vec::new();
        for child in base.children(level) {
            if self.draft.is_untouched(child.id) {
                order.push(child.id);
            } else if self.draft.is_gone(child.id) {
                order.extend(self.draft.expand(child.id));
            }
        }
        order.extend_from_slice(end);
        let home = |row: RowId| base.find(row).filter(|view| view.parent == level);
        let own: Vec<usize> = order
            .iter()
            .filter_map(|row| home(*row).map(|view| view.index))
            .collect();
        let mut stays = longest_increasing(&own).into_iter();
        let mut last = None;
        for row in order {
            let stays = home(row).is_some() && stays.next() == Some(true);
            if !stays {
                self.push(
                    row,
                    Place {
                        parent,
                        after: last,
                    },
                );
            }
            last = Some(row);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::forest::samples::{any_forest, forest, outline};
    use crate::sync::diff::diff;
    use proptest::prelude::*;

    fn apply(base: &Forest, edits: &[RowEdit]) -> Forest {
        base.edited(2, edits).unwrap()
    }

    #[test]
    fn children_of_a_removed_row_stand_in_its_place() {
        let base = forest("1\n 2\n  3\n  4\n   5\n 6");
        let mut draft = Draft::new(&base);
        draft.remove_lifting(RowId(2));
        draft.remove_lifting(RowId(4));
        assert_eq!(draft.parent(RowId(5)), Some(RowId(1)));
        assert_eq!(outline(&apply(&base, &draft.finish())), "1\n 3\n 5\n 6");
    }

    #[test]
    fn two_rows_can_change_places_with_each_other() {
        let base = forest("1\n 2\n3");
        let mut draft = Draft::new(&base);
        assert_eq!(draft.move_to_end(RowId(1), Some(RowId(2))), Err(WouldCycle));
        draft.move_to_end(RowId(2), Some(RowId(3))).unwrap();
        draft.move_to_end(RowId(1), Some(RowId(2))).unwrap();
        assert_eq!(outline(&apply(&base, &draft.finish())), "3\n 2\n  1");
    }

    /// One step of a planner, by small numbers that are reduced to what is there.
    #[derive(Clone, Debug)]
    enum Step {
        Append(i64, usize),
        Move(usize, usize),
        Lift(usize),
        RemoveLeaf(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            (1i64..9, 0usize..12).prop_map(|(issue, at)| Step::Append(issue, at)),
            (0usize..12, 0usize..12).prop_map(|(row, at)| Step::Move(row, at)),
            (0usize..12).prop_map(Step::Lift),
            (0usize..12).prop_map(Step::RemoveLeaf),
        ];
        prop::collection::vec(step, 0..12)
    }

    /// Takes the steps in a draft and, one by one, in real forests.
    fn take(base: &Forest, steps: &[Step]) -> (Vec<RowEdit>, Forest) {
        let mut draft = Draft::new(base);
        let mut real = base.clone();
        let mut moved = HashSet::new();
        for step in steps {
            let row = |at: usize| (at < real.len()).then(|| real.row(at).id);
            let last_of = |parent: Option<RowId>| {
                let level = parent.and_then(|id| real.index_of(id));
                real.children(level).last().map(|child| child.id)
            };
            match *step {
                Step::Append(issue, at) => {
                    let place = Place {
                        parent: row(at),
                        after: last_of(row(at)),
                    };
                    let id = draft.append(IssueId(issue), row(at));
                    moved.insert(id);
                    let edit = RowEdit::Add {
                        id,
                        issue: Some(IssueId(issue)),
                        place,
                    };
                    real = apply(&real, &[edit]);
                }
                Step::Move(from, to) => {
                    let (Some(id), parent) = (row(from), row(to)) else {
                        continue;
                    };
                    if draft.move_to_end(id, parent).is_err() {
                        continue;
                    }
                    moved.insert(id);
                    let mut after = last_of(parent);
                    if after == Some(id) {
                        let at = real.index_of(id).unwrap();
                        after = real.previous_sibling(at).map(|row| row.id);
                    }
                    real = apply(
                        &real,
                        &[RowEdit::Move {
                            id,
                            place: Place { parent, after },
                        }],
                    );
                }
                Step::Lift(at) => {
                    let Some(id) = row(at).filter(|id| !moved.contains(id)) else {
                        continue;
                    };
                    let view = real.find(id).unwrap();
                    let children: Vec<_> = real.children(Some(view.index)).collect();
                    if children.iter().any(|child| moved.contains(&child.id)) {
                        continue;
                    }
                    draft.remove_lifting(id);
                    let parent = view.parent.map(|up| real.row(up).id);
                    let mut edits = Vec::new();
                    let mut after = Some(id);
                    for child in children {
                        edits.push(RowEdit::Move {
                            id: child.id,
                            place: Place { parent, after },
                        });
                        after = Some(child.id);
                    }
                    edits.push(RowEdit::Remove { id });
                    real = apply(&real, &edits);
                }
                Step::RemoveLeaf(at) => {
                    let Some(id) = row(at).filter(|id| id.0 > 0 && !moved.contains(id)) else {
                        continue;
                    };
                    if real.find(id).unwrap().child_count > 0 {
                        continue;
                    }
                    assert!(draft.is_childless(id));
                    draft.remove(id);
                    real = apply(&real, &[RowEdit::Remove { id }]);
                }
            }
        }
        for view in real.rows() {
            let parent = view.parent.map(|up| real.row(up).id);
            assert_eq!(draft.parent(view.id), parent, "{}", view.id);
        }
        (draft.finish(), real)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn a_draft_ends_where_its_steps_lead_with_the_fewest_edits(
            base in any_forest(8, 8), steps in steps()
        ) {
            let (edits, real) = take(&base, &steps);
            let drafted = apply(&base, &edits);
            prop_assert_eq!(outline(&drafted), outline(&real));
            prop_assert_eq!(edits.len(), diff(&base, &drafted).len(), "{:?}", edits);
        }
    }
}
