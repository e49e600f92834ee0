//! Rows: which go back, and in what order.
//!
//! Each row that the job left where it is now goes back to its place before, unless the forest
//! would not allow it: then it stays, and with it whatever depends on it. Only rows that the job
//! touched are touched.

use super::{Snapshot, places};
use crate::domain::{IssueId, Kept, Place, Plan, RowEdit, RowId};
use crate::store::undo::{ChangedRow, Spot};
use std::collections::{HashMap, HashSet};

/// Adds what undoes the job's edits of rows.
pub(super) fn plan(snapshot: &Snapshot<'_>, plan: &mut Plan) {
    let mut undo = Undo::begin(snapshot);
    undo.settle();
    undo.break_cycles();
    undo.write(plan);
}

/// Why a row does not go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    GoneAlready,
    RemovedSince,
    PutBackSince,
    MovedSince,
    IssueDeleted,
    ParentGone,
    HasChildren,
    Cycle,
}

impl Why {
    fn text(self) -> &'static str {
        match self {
            Self::GoneAlready => "{item} is not removed: it is gone already",
            Self::RemovedSince => "{item} is not moved back: it was removed since",
            Self::PutBackSince => "{item} does not come back: it has done so since",
            Self::MovedSince => "{item} stays where it is: it was moved since",
            Self::IssueDeleted => "{item} does not come back: the issue was deleted since",
            Self::ParentGone => {
                "{item} does not go back: the row that it stood under is not there any more"
            }
            Self::HasChildren => "{item} stays: rows that stay stand under it",
            Self::Cycle => "{item} does not go back: the row that it stood under is below it now",
        }
    }
}

/// The rows that go back, as far as is known.
struct Undo<'a> {
    snapshot: &'a Snapshot<'a>,
    /// By id: the row with its place afterwards, if it has one.
    going: HashMap<RowId, &'a ChangedRow>,
    /// The rows that go under a row.
    arrivals: HashMap<RowId, Vec<RowId>>,
    stays: Vec<(RowId, Why)>,
}

impl<'a> Undo<'a> {
    fn begin(snapshot: &'a Snapshot<'a>) -> Self {
        let mut undo = Self {
            snapshot,
            going: HashMap::new(),
            arrivals: HashMap::new(),
            stays: Vec::new(),
        };
        for row in snapshot.rows.iter().filter(|row| row.before != row.after) {
            let now = snapshot.spots.get(&row.row);
            if now == row.after.as_ref() {
                undo.going.insert(row.row, row);
                if let Some(parent) = row.before.as_ref().and_then(|spot| spot.parent) {
                    undo.arrivals.entry(parent).or_default().push(row.row);
                }
                continue;
            }
            let why = match (now, &row.before, &row.after) {
                (None, None, _) => Why::GoneAlready,
                (None, Some(_), _) => Why::RemovedSince,
                (Some(_), _, None) => Why::PutBackSince,
                (Some(_), _, Some(_)) => Why::MovedSince,
            };
            undo.stays.push((row.row, why));
        }
        undo
    }

    fn target(&self, row: RowId) -> Option<Option<&'a Spot>> {
        self.going.get(&row).map(|row| row.before.as_ref())
    }

    fn is_there_now(&self, row: RowId) -> bool {
        self.snapshot.forest.index_of(row).is_some()
    }

    /// Whether the row is there afterwards.
    fn is_there(&self, row: RowId) -> bool {
        match self.target(row) {
            Some(target) => target.is_some(),
            None => self.is_there_now(row),
        }
    }

    fn parent_now(&self, row: RowId) -> Option<RowId> {
        let forest = self.snapshot.forest;
        let parent = forest.find(row)?.parent?;
        Some(forest.row(parent).id)
    }

    /// The parent of a row that is there afterwards.
    fn parent(&self, row: RowId) -> Option<RowId> {
        match self.target(row) {
            Some(target) => target.and_then(|spot| spot.parent),
            None => self.parent_now(row),
        }
    }

    /// Lets stay what cannot go back for itself.
    fn settle(&mut self) {
        for row in &self.snapshot.rows {
            if let Some(why) = self.obstacle(row.row) {
                self.stay(row.row, why);
            }
        }
    }

    fn obstacle(&self, row: RowId) -> Option<Why> {
        let changed = self.going.get(&row)?;
        match &changed.before {
            Some(spot) => {
                let deleted = |issue: IssueId| !self.snapshot.exists(issue);
                if changed.after.is_none() && changed.issue.is_some_and(deleted) {
                    return Some(Why::IssueDeleted);
                }
                let there = spot.parent.is_none_or(|parent| self.is_there(parent));
                (!there).then_some(Why::ParentGone)
            }
            None => {
                let forest = self.snapshot.forest;
                let index = forest.index_of(row)?;
                let stays = forest
                    .children(Some(index))
                    .any(|child| !self.going.contains_key(&child.id));
                stays.then_some(Why::HasChildren)
            }
        }
    }

    /// Lets a row stay, and all that cannot go back because of it.
    fn stay(&mut self, row: RowId, why: Why) {
        let mut open = vec![(row, why)];
        while let Some((row, why)) = open.pop() {
            let Some(changed) = self.going.remove(&row) else {
                continue;
            };
            self.stays.push((row, why));
            if changed.after.is_none() {
                let waiting = self.arrivals.get(&row).into_iter().flatten();
                open.extend(waiting.map(|below| (*below, Why::ParentGone)));
            } else if let Some(up) = self.parent_now(row)
                && self.target(up) == Some(None)
            {
                open.push((up, Why::HasChildren));
            }
        }
    }

    /// Lets a row of each ring stay whose rows would stand under one another.
    fn break_cycles(&mut self) {
        let snapshot = self.snapshot;
        // Rows that hang together with the top. None of them goes elsewhere when a ring is broken:
        // what stays with a row of the ring hangs on the ring itself.
        let mut settled = HashSet::new();
        for row in snapshot.rows.iter().map(|row| row.row) {
            while let Some(ring) = self.ring_above(row, &mut settled) {
                self.stay(ring, Why::Cycle);
            }
        }
    }

    /// If the rows above a row close a ring: the last of those in it that would go back. Otherwise
    /// they are settled.
    fn ring_above(&self, row: RowId, settled: &mut HashSet<RowId>) -> Option<RowId> {
        let (mut path, mut on_path) = (Vec::new(), HashSet::new());
        let mut at = Some(row).filter(|row| self.is_there(*row));
        while let Some(here) = at.filter(|here| !settled.contains(here)) {
            if !on_path.insert(here) {
                let ring = path.iter().rev().take_while(|it| **it != here);
                let ring = ring.copied().chain([here]);
                return ring.filter(|it| self.going.contains_key(it)).max();
            }
            path.push(here);
            at = self.parent(here);
        }
        settled.extend(path);
        None
    }

    fn write(self, plan: &mut Plan) {
        let mut groups: HashMap<Option<RowId>, Vec<(&'a Spot, RowId)>> = HashMap::new();
        for (row, changed) in &self.going {
            if let Some(spot) = &changed.before {
                groups.entry(spot.parent).or_default().push((spot, *row));
            }
        }
        // A row is put in its place after all that stand above it there: so none is ever put under
        // itself.
        let mut depths = HashMap::new();
        let mut depth = |parent: Option<RowId>| self.depth(parent, &mut depths);
        let mut parents: Vec<_> = groups.keys().map(|it| (depth(*it), *it)).collect();
        parents.sort_unstable();
        for (_, parent) in parents {
            let arriving = groups.remove(&parent).unwrap_or_default();
            self.write_children(parent, &arriving, plan);
        }
        let gone = self.going.values().filter(|row| row.before.is_none());
        let mut gone: Vec<usize> = gone
            .filter_map(|row| self.snapshot.forest.index_of(row.row))
            .collect();
        gone.sort_unstable_by(|a, b| b.cmp(a));
        let remove = |index| RowEdit::Remove {
            id: self.snapshot.forest.row(index).id,
        };
        plan.rows.extend(gone.into_iter().map(remove));
        self.keep(plan);
    }

    /// The number of rows above the children of a row, with those that are known already.
    fn depth(&self, parent: Option<RowId>, known: &mut HashMap<RowId, usize>) -> usize {
        let (mut above, mut at) = (Vec::new(), parent);
        let mut depth = loop {
            let Some(row) = at else { break 0 };
            if let Some(depth) = known.get(&row) {
                break *depth;
            }
            above.push(row);
            at = self.parent(row);
        };
        for row in above.into_iter().rev() {
            depth += 1;
            known.insert(row, depth);
        }
        depth
    }

    /// Puts rows among the children of their parent that stay.
    fn write_children(
        &self,
        parent: Option<RowId>,
        arriving: &[(&'a Spot, RowId)],
        plan: &mut Plan,
    ) {
        let around = self.snapshot.siblings.get(&parent).into_iter().flatten();
        let staying = around.filter(|(row, _)| !self.going.contains_key(row));
        let staying = staying.map(|(row, key)| (key.as_str(), *row));
        let arriving = arriving.iter().map(|(spot, row)| (spot.key.as_str(), *row));
        for put in places::among(staying, arriving) {
            let after = put.after;
            self.put(put.row, Place { parent, after }, plan);
            plan.positions.insert(put.row, put.key);
        }
    }

    fn put(&self, row: RowId, place: Place, plan: &mut Plan) {
        if self.is_there_now(row) {
            plan.rows.push(RowEdit::Move { id: row, place });
            return;
        }
        let changed = self.going.get(&row);
        let issue = changed.and_then(|it| it.issue);
        if let Some(folder) = changed.and_then(|it| it.folder.clone()) {
            plan.folders.insert(row, folder);
        }
        let id = row;
        plan.rows.push(RowEdit::Add { id, issue, place });
    }

    fn keep(&self, plan: &mut Plan) {
        let changed: HashMap<RowId, &ChangedRow> = self
            .snapshot
            .rows
            .iter()
            .map(|row| (row.row, row))
            .collect();
        let kept = self.stays.iter().filter_map(|(row, why)| {
            let changed = changed.get(row)?;
            Some(Kept {
                row: Some(*row),
                issue: changed.issue,
                folder: changed.folder.clone(),
                text: why.text().to_owned(),
                ..Kept::default()
            })
        });
        plan.kept.extend(kept);
    }
}
