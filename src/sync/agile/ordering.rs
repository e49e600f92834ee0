//! Rows by rank and ranks by rows, where changes of both sides meet among siblings.
//!
//! What the tracker has the say over is put among its siblings by rank; what the structure has the
//! say over is ranked by its row. Others keep place and rank if they can.

use super::changes::Touches;
use super::known::Known;
use super::line::{Line, nearest, primaries, siblings};
use super::place::{Placement, carried_by_structure};
use super::ranks;
use crate::domain::synchronizer::{AgileSettings, RankMode};
use crate::domain::{Direction, FieldEdit, Forest, IssueId, RowId};
use crate::sync::Halt;
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

/// Whose place among siblings, and whose rank, is the truth.
pub(super) struct Ordering<'a> {
    settings: &'a AgileSettings,
    /// Rows that are to stand by rank.
    imported: HashSet<RowId>,
    /// Issues that are to rank by their rows.
    exported: HashSet<IssueId>,
    /// Issues whose ranks come from the tracker: no measure of those of other families.
    foreign: HashSet<IssueId>,
}

impl<'a> Ordering<'a> {
    /// Who has the say over what, once every row has its parent.
    pub(super) fn of(
        placement: &Placement<'_, '_, '_>,
        settings: &'a AgileSettings,
        touches: &Touches,
    ) -> Self {
        let draft = &placement.draft;
        let mut exported = touches.won_by(Direction::FromStructure);
        let mut imported: HashSet<RowId> = touches
            .won_by(Direction::IntoStructure)
            .into_iter()
            .flat_map(|issue| draft.rows_of(issue))
            .collect();
        // The tracker put these where they are, so they stand there by rank.
        for row in &placement.by_epic {
            imported.insert(*row);
            draft.issue(*row).map(|issue| exported.remove(&issue));
        }
        // A sub-task stands under its parent in either direction.
        for arrival in &placement.by_parent {
            let base = draft.base();
            let carried = carried_by_structure(base, arrival, touches, &exported);
            if carried.is_empty() {
                imported.insert(arrival.row);
                exported.remove(&arrival.sub_task);
            }
            // Among themselves, those below it stand as before; but another row of theirs may be
            // the primary one now.
            let follows = |issue: &IssueId| {
                *issue == arrival.sub_task
                    || settings.rank_mode == RankMode::Consecutive
                    || base.rows_of(*issue).len() > 1
            };
            exported.extend(carried.into_iter().filter(follows));
        }
        let arrived = placement.by_parent.iter().map(|arrival| arrival.row);
        let arrived: HashSet<RowId> = arrived.chain(placement.by_epic.iter().copied()).collect();
        let foreign = imported
            .iter()
            .filter_map(|row| Some((row, draft.issue(*row)?)))
            .filter(|(row, issue)| arrived.contains(row) || touches.has_tracker_edit(*issue))
            .map(|(_, issue)| issue)
            .collect();
        Self {
            settings,
            imported,
            exported,
            foreign,
        }
    }

    /// Puts imported rows in the order of their ranks, parent by parent.
    pub(super) fn arrange(&mut self, placement: &mut Placement<'_, '_, '_>) -> Result<(), Halt> {
        let (draft, known) = (&mut placement.draft, &mut *placement.known);
        known.look(self.imported.iter().filter_map(|row| draft.issue(*row)))?;
        let in_scope = |row: &RowId| draft.issue(*row).is_some_and(|it| known.in_scope(it));
        self.imported.retain(in_scope);
        let parents: BTreeSet<Option<RowId>> =
            self.imported.iter().map(|row| draft.parent(*row)).collect();
        for parent in parents {
            let children = draft.children(parent);
            if ranks::are_in_place(draft, &children, &self.imported, known)? {
                children.iter().for_each(|row| {
                    self.imported.remove(row);
                });
                continue;
            }
            let is_exported = |issue| self.exported.contains(&issue);
            if children
                .iter()
                .any(|row| draft.issue(*row).is_some_and(is_exported))
            {
                let counts = |issue| !is_exported(issue);
                ranks::insert(draft, parent, &self.imported, counts, known)?;
            } else {
                ranks::arrange(draft, parent, known)?;
            }
        }
        Ok(())
    }

    /// Ranks exported issues by their rows, in the forest that comes out.
    pub(super) fn export(
        &self,
        forest: &Forest,
        known: &mut Known<'_>,
    ) -> Result<Vec<FieldEdit>, Halt> {
        known.look(self.exported.iter().copied())?;
        let mut rows = primaries(forest, &self.exported);
        rows.retain(|row| forest.row(*row).issue.is_some_and(|it| known.in_scope(it)));
        if self.settings.rank_mode == RankMode::Consecutive {
            return self.rank_runs(forest, Line::DepthFirst, &rows, known);
        }
        let of = |row: RowId| forest.find(row).map(|row| row.parent);
        let mixed: HashSet<_> = self.imported.iter().filter_map(|row| of(*row)).collect();
        let mut of_parent: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        for row in rows {
            of_parent
                .entry(forest.row(row).parent)
                .or_default()
                .push(row);
        }
        let mut edits = Vec::new();
        for (parent, rows) in of_parent {
            edits.extend(if mixed.contains(&parent) {
                let siblings = siblings(forest, parent);
                known.look(siblings.iter().filter_map(|row| forest.row(*row).issue))?;
                let sequence = ranks::sequence(forest, &siblings, known);
                let is_preferred = |issue| !self.exported.contains(&issue);
                let stays = ranks::preferred_that_stay(&sequence, is_preferred);
                ranks::follow(None, &sequence, &stays, None)
            } else {
                let few = self.rank_runs(forest, Line::Siblings, &rows, known)?;
                // One edit is the fewest there can be; otherwise all siblings are looked at.
                if few.len() <= 1 {
                    few
                } else {
                    ranks::from_rows(forest, &siblings(forest, parent), known)?
                }
            });
        }
        Ok(edits)
    }

    /// Ranks exported issues between their neighbours, run by run, all others staying as they are.
    /// The few edits that this takes are not always the fewest there could be.
    fn rank_runs(
        &self,
        forest: &Forest,
        line: Line,
        rows: &[usize],
        known: &mut Known<'_>,
    ) -> Result<Vec<FieldEdit>, Halt> {
        // Among siblings, foreign ranks are in order too; the ranks of other families are not theirs.
        let stands = |row: &usize| {
            let issue = forest.row(*row).issue;
            line == Line::Siblings || issue.is_some_and(|issue| !self.foreign.contains(&issue))
        };
        let mut edits = Vec::new();
        let mut left = rows.iter().copied().peekable();
        while let Some(first) = left.next() {
            // Neighbours without a rank get one, so they are of the run.
            let mut run = VecDeque::from([first]);
            let mut end = first;
            let before = loop {
                let before = line.before(forest, end).filter(&stands);
                match nearest(forest, before, known)? {
                    Some((row, issue)) if known.rank(issue).is_none() => {
                        run.push_front(row);
                        end = row;
                    }
                    before => break before,
                }
            };
            end = first;
            let after = loop {
                let after = line.after(forest, end).filter(&stands);
                match nearest(forest, after, known)? {
                    Some((row, issue))
                        if left.next_if_eq(&row).is_some() || known.rank(issue).is_none() =>
                    {
                        run.push_back(row);
                        end = row;
                    }
                    after => break after.map(|(_, issue)| issue),
                }
            };
            let before = before.map(|(_, issue)| issue);
            let sequence = ranks::sequence(forest, run.make_contiguous(), known);
            let low = before.and_then(|issue| known.rank(issue));
            let high = after.and_then(|issue| known.rank(issue));
            let stays = ranks::most_between(low, &sequence, high);
            edits.extend(ranks::follow(before, &sequence, &stays, after));
        }
        Ok(edits)
    }
}
