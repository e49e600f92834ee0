//! What changed on each side goes to the other, issue by issue and apart for epics and for ranks.
//! Where both sides changed the same, the later edit wins.
//!
//! Only what bears on the changes is looked at: issues that were touched, what moves with them, and
//! their siblings. What was not touched is taken to be in order, as a synchronization left it.

use super::known::Known;
use super::place::{Placement, carried_by_structure};
use super::{Snapshot, after, epics, ranks};
use crate::domain::synchronizer::{AgileSettings, RankMode};
use crate::domain::{Direction, FieldEdit, Forest, IssueId, Millis, Plan, RowId};
use crate::sync::Halt;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// When an issue was last touched on each side, since the last synchronization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touch {
    /// In the structure: it stands elsewhere.
    pub structure: Option<Millis>,
    /// In the tracker: what the rule is about was edited.
    pub tracker: Option<Millis>,
    /// In the tracker, something was edited that may bear on the rule, such as on its scope. No
    /// edit of a place yields to that.
    pub perhaps: bool,
}

impl Touch {
    /// The side that is the truth; on a tie, the structure.
    fn winner(self) -> Option<Direction> {
        if self.structure.is_some() && self.structure >= self.tracker {
            Some(Direction::FromStructure)
        } else if self.tracker.is_some() || self.perhaps {
            Some(Direction::IntoStructure)
        } else {
            None
        }
    }
}

/// The issues that were touched in one respect.
#[derive(Clone, Debug, Default)]
pub struct Touches(HashMap<IssueId, Touch>);

impl Touches {
    /// Notes an edit in the structure.
    pub fn in_structure(&mut self, issue: IssueId, at: Millis) {
        let touch = self.0.entry(issue).or_default();
        touch.structure = touch.structure.max(Some(at));
    }

    /// Notes an edit in the tracker.
    pub fn in_tracker(&mut self, issue: IssueId, at: Millis) {
        let touch = self.0.entry(issue).or_default();
        touch.tracker = touch.tracker.max(Some(at));
    }

    /// Notes an edit in the tracker that may bear on the rule.
    pub fn perhaps(&mut self, issue: IssueId) {
        self.0.entry(issue).or_default().perhaps = true;
    }

    pub(super) fn winner(&self, issue: IssueId) -> Option<Direction> {
        self.0.get(&issue).and_then(|touch| touch.winner())
    }

    pub(super) fn won_by(&self, direction: Direction) -> HashSet<IssueId> {
        let won = self
            .0
            .iter()
            .filter(|(_, touch)| touch.winner() == Some(direction));
        won.map(|(issue, _)| *issue).collect()
    }
}

/// What changed.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Issues whose epic, or whose place under one, was touched.
    pub epics: Touches,
    /// Issues whose rank, or whose place among siblings, was touched.
    pub ranks: Touches,
    /// Issues whose sub-tasks are to be looked at.
    pub parents: HashSet<IssueId>,
}

/// Carries changes over.
pub fn plan_incremental(
    snapshot: Snapshot<'_>,
    known: &mut Known<'_>,
    changes: &Changes,
) -> Result<Plan, Halt> {
    let (forest, settings) = (snapshot.forest, snapshot.settings);
    let imported = changes.epics.won_by(Direction::IntoStructure);
    let parents = changes.parents.clone();
    let mut placement = Placement::of_some(snapshot, known, &changes.epics, parents);
    placement.enqueue(imported)?;
    placement.run()?;
    let mut ordering = Ordering::of(&placement, settings, &changes.ranks);
    if settings.sync_rank {
        ordering.arrange(&mut placement)?;
    }
    let mut plan = Plan {
        rows: placement.draft.finish(),
        notes: placement.notes(),
        ..Plan::default()
    };
    let made = after(forest, &plan.rows)?;
    if settings.sync_epics {
        let rows = primaries(&made, &placement.exempt);
        plan.fields = epics::from_rows(&made, &rows, placement.known)?;
    }
    if settings.sync_rank {
        plan.fields.extend(ordering.export(&made, placement.known)?);
    }
    plan.issues_scanned = placement.known.count();
    Ok(plan)
}

/// The places of the primary rows of some issues, depth-first.
fn primaries(forest: &Forest, issues: &HashSet<IssueId>) -> Vec<usize> {
    let rows = issues.iter().filter_map(|issue| forest.primary(*issue));
    let mut rows: Vec<usize> = rows.map(|row| row.index).collect();
    rows.sort_unstable();
    rows
}

/// Whose place among siblings, and whose rank, is the truth.
struct Ordering<'a> {
    settings: &'a AgileSettings,
    /// Rows that are to stand by rank.
    imported: HashSet<RowId>,
    /// Issues that are to rank by their rows.
    exported: HashSet<IssueId>,
    /// Issues whose ranks come from the tracker: no measure of those of other families.
    foreign: HashSet<IssueId>,
}

impl<'a> Ordering<'a> {
    fn of(
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
        let edited = |issue: &IssueId| touches.0.get(issue).is_some_and(|it| it.tracker.is_some());
        let arrived = placement.by_parent.iter().map(|arrival| arrival.row);
        let arrived: HashSet<RowId> = arrived.chain(placement.by_epic.iter().copied()).collect();
        let foreign = imported
            .iter()
            .filter_map(|row| Some((row, draft.issue(*row)?)))
            .filter(|(row, issue)| arrived.contains(row) || edited(issue))
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
    fn arrange(&mut self, placement: &mut Placement<'_, '_, '_>) -> Result<(), Halt> {
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
    fn export(&self, forest: &Forest, known: &mut Known<'_>) -> Result<Vec<FieldEdit>, Halt> {
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
        let stands = |row: &usize| {
            let issue = forest.row(*row).issue;
            issue.is_some_and(|issue| !self.foreign.contains(&issue))
        };
        let counts = |known: &Known<'_>, issue: IssueId| {
            let ranked = known.rank(issue).is_some();
            known.in_scope(issue) && (ranked || self.exported.contains(&issue))
        };
        let mut edits = Vec::new();
        let mut left = rows.iter().copied().peekable();
        while let Some(first) = left.next() {
            let before = line.before(forest, first).filter(&stands);
            let before = nearest(forest, before, counts, known)?;
            let mut run = vec![first];
            let mut last = first;
            let after = loop {
                let after = line.after(forest, last).filter(&stands);
                let after = nearest(forest, after, counts, known)?;
                match after {
                    Some((row, _)) if left.next_if_eq(&row).is_some() => {
                        run.push(row);
                        last = row;
                    }
                    _ => break after.map(|(_, issue)| issue),
                }
            };
            let before = before.map(|(_, issue)| issue);
            let sequence = ranks::sequence(forest, &run, known);
            let low = before.and_then(|issue| known.rank(issue));
            let high = after.and_then(|issue| known.rank(issue));
            let stays = ranks::most_between(low, &sequence, high);
            edits.extend(ranks::follow(before, &sequence, &stays, after));
        }
        Ok(edits)
    }
}

/// The children of a parent that are primary rows.
fn siblings(forest: &Forest, parent: Option<usize>) -> Vec<usize> {
    let rows = forest.children(parent).map(|row| row.index);
    rows.filter(|row| is_primary(forest, *row)).collect()
}

fn is_primary(forest: &Forest, row: usize) -> bool {
    let primary = forest.row(row).issue.and_then(|it| forest.primary(it));
    primary.is_some_and(|primary| primary.index == row)
}

/// The nearest primary row whose issue counts, and that issue.
fn nearest(
    forest: &Forest,
    rows: impl Iterator<Item = usize>,
    counts: impl Fn(&Known<'_>, IssueId) -> bool,
    known: &mut Known<'_>,
) -> Result<Option<(usize, IssueId)>, Halt> {
    let rows = rows.filter(|row| is_primary(forest, *row));
    known.first(
        rows.filter_map(|row| Some((row, forest.row(row).issue?))),
        counts,
    )
}

/// Which rows follow each other in the order of ranks.
#[derive(Clone, Copy)]
enum Line {
    DepthFirst,
    Siblings,
}

impl Line {
    fn before(self, forest: &Forest, row: usize) -> impl Iterator<Item = usize> + '_ {
        let step = move |row: &usize| match self {
            Self::DepthFirst => row.checked_sub(1),
            Self::Siblings => forest.previous_sibling(*row).map(|it| it.index),
        };
        std::iter::successors(Some(row), step).skip(1)
    }

    fn after(self, forest: &Forest, row: usize) -> impl Iterator<Item = usize> + '_ {
        let parent = forest.row(row).parent.map(|up| forest.row(up));
        let end = match (self, parent) {
            (Self::Siblings, Some(parent)) => parent.index + parent.size,
            _ => forest.len(),
        };
        let step = move |row: &usize| {
            let next = match self {
                Self::DepthFirst => row + 1,
                Self::Siblings => row + forest.row(*row).size,
            };
            (next < end).then_some(next)
        };
        std::iter::successors(Some(row), step).skip(1)
    }
}
