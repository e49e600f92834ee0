//! Rows under their epics and, if the rule says so, sub-tasks under their parents.
//!
//! A row that moves takes its subtree along, maybe out of an epic that rows in it belong to, and
//! makes room for what could not be moved before. So all that it disturbed is looked at again, in
//! the order of ranks, until nothing is left: each row moves once at the most, since what stands
//! directly under its own epic or parent stays there.

use super::Snapshot;
use super::changes::Touches;
use super::known::{ByRank, Known};
use crate::domain::forest::RowView;
use crate::domain::{Direction, Forest, IdSet, IssueId, Note, NoteKind, RowId};
use crate::sync::Halt;
use crate::sync::draft::Draft;
use crate::sync::sub_tasks::{self, Arrival};
use std::collections::{BTreeSet, HashSet};

/// Rows being put where the tracker says.
pub(super) struct Placement<'a, 't, 'f> {
    pub(super) known: &'a mut Known<'t>,
    pub(super) draft: Draft<'f>,
    add_sub_tasks: bool,
    /// Whether rows follow epics; else only sub-tasks are placed.
    follow_epics: bool,
    /// What an incremental run carries over.
    touches: Option<&'a Touches>,
    /// Issues that epics do not pull: the structure has the say over them.
    pub(super) exempt: HashSet<IssueId>,
    queue: BTreeSet<ByRank>,
    blocked: BTreeSet<ByRank>,
    sub_tasks: Vec<(IssueId, IssueId)>,
    /// Whether `sub_tasks` holds all there are.
    complete: bool,
    /// Issues that are new in the structure and whose sub-tasks are not yet known.
    new_parents: HashSet<IssueId>,
    stuck: Vec<(IssueId, IssueId)>,
    moves: usize,
    /// The rows that were put under their epics, or out of foreign ones.
    pub(super) by_epic: Vec<RowId>,
    /// The rows that were put under their parents.
    pub(super) by_parent: Vec<Arrival>,
}

impl<'a, 't, 'f> Placement<'a, 't, 'f> {
    /// Nothing placed yet, all sub-tasks given.
    pub(super) fn of_all(
        snapshot: Snapshot<'f>,
        known: &'a mut Known<'t>,
        follow_epics: bool,
    ) -> Self {
        Self {
            known,
            draft: Draft::new(snapshot.forest),
            add_sub_tasks: snapshot.settings.add_sub_tasks,
            follow_epics,
            touches: None,
            exempt: HashSet::new(),
            queue: BTreeSet::new(),
            blocked: BTreeSet::new(),
            sub_tasks: snapshot.sub_tasks,
            complete: true,
            new_parents: HashSet::new(),
            stuck: Vec::new(),
            moves: 0,
            by_epic: Vec::new(),
            by_parent: Vec::new(),
        }
    }

    /// Nothing placed yet. Epics pull what the tracker has the say over; the sub-tasks of these
    /// parents are looked at, and those of issues that are new in the structure.
    pub(super) fn of_some(
        snapshot: Snapshot<'f>,
        known: &'a mut Known<'t>,
        touches: &'a Touches,
        parents: HashSet<IssueId>,
    ) -> Self {
        let follow_epics = snapshot.settings.sync_epics;
        Self {
            touches: Some(touches),
            exempt: touches.won_by(Direction::FromStructure),
            complete: false,
            new_parents: parents,
            ..Self::of_all(snapshot, known, follow_epics)
        }
    }

    /// Has those of the issues looked at that do not stand as their epics say.
    pub(super) fn enqueue(
        &mut self,
        issues: impl IntoIterator<Item = IssueId>,
    ) -> Result<(), Halt> {
        if !self.follow_epics {
            return Ok(());
        }
        let issues: Vec<IssueId> = issues.into_iter().collect();
        self.known.look(issues.iter().copied())?;
        let rows = issues.iter().flat_map(|issue| self.draft.rows_of(*issue));
        self.known
            .look(rows.filter_map(|row| self.draft.parent_issue(row)))?;
        for issue in issues {
            if self.is_misplaced(issue)? {
                self.queue.insert(self.known.by_rank(issue));
            }
        }
        Ok(())
    }

    /// Has all issues looked at that may not stand as their epics say. To be said before anything
    /// is moved, with all that there is to know known: then one walk over the rows tells most that
    /// do stand so.
    pub(super) fn enqueue_all(&mut self) -> Result<(), Halt> {
        if !self.follow_epics {
            return Ok(());
        }
        let base = self.draft.base();
        let rows = base.rows().filter(|row| !self.stands_well(base, row));
        let held = rows.filter_map(|row| row.issue);
        let missing = self.known.members().filter(|issue| {
            let is_wanted = self.known.epic(*issue).is_some_and(|epic| base.holds(epic));
            is_wanted && !base.holds(*issue)
        });
        let suspects: IdSet<IssueId> = held.chain(missing).collect();
        self.enqueue(suspects)
    }

    /// Whether a row of the base stands where its issue's epic wants it.
    fn stands_well(&self, base: &Forest, row: &RowView) -> bool {
        let Some(issue) = row.issue.filter(|issue| self.known.is_member(*issue)) else {
            return true;
        };
        let own = self.known.epic(issue);
        let mut above = base.ancestors(row.index).map(|up| up.issue);
        let nearest = above.next().flatten();
        let is_stray = nearest.is_some_and(|up| own != Some(up) && self.known.is_epic(up));
        let is_home = own.is_none_or(|epic| {
            let epic = Some(epic);
            nearest == epic || above.any(|up| up == epic)
        });
        !is_stray && is_home
    }

    fn is_misplaced(&mut self, issue: IssueId) -> Result<bool, Halt> {
        if !self.known.is_member(issue) || self.exempt.contains(&issue) {
            return Ok(false);
        }
        let outside = self
            .home(issue)
            .is_some_and(|epic| !self.stands_below(issue, epic));
        Ok(outside || !self.strays(issue)?.is_empty())
    }

    /// The epic of an issue, if that stands in the structure.
    fn home(&self, issue: IssueId) -> Option<IssueId> {
        let epic = self.known.epic(issue)?;
        self.draft.primary(epic).map(|_| epic)
    }

    fn stands_below(&self, issue: IssueId, epic: IssueId) -> bool {
        self.draft.rows_of(issue).any(|row| {
            let mut above =
                std::iter::successors(self.draft.parent(row), |up| self.draft.parent(*up));
            above.any(|up| self.draft.issue(up) == Some(epic))
        })
    }

    /// The rows of an issue that stand directly under an epic that is not its own.
    fn strays(&mut self, issue: IssueId) -> Result<Vec<RowId>, Halt> {
        let draft = &self.draft;
        let rows = || {
            let rows = draft.rows_of(issue);
            rows.filter_map(|row| Some((row, draft.parent_issue(row)?)))
        };
        self.known.look(rows().map(|(_, above)| above))?;
        let own = self.known.epic(issue);
        let foreign = |above: IssueId| self.known.is_epic(above) && own != Some(above);
        let strays = rows().filter(|(_, above)| foreign(*above));
        Ok(strays.map(|(row, _)| row).collect())
    }

    /// Places all that was enqueued, and what that asks for in turn.
    pub(super) fn run(&mut self) -> Result<(), Halt> {
        loop {
            let before = self.moves;
            self.queue.append(&mut self.blocked);
            while let Some(next) = self.queue.pop_first() {
                if !self.exempt.contains(&next.2) && !self.settle(next.2)? {
                    self.blocked.insert(next);
                }
            }
            self.place_sub_tasks()?;
            if self.moves == before && self.queue.is_empty() {
                return Ok(());
            }
        }
    }

    /// Puts the rows of an issue where its epic says; whether they stand there now.
    fn settle(&mut self, issue: IssueId) -> Result<bool, Halt> {
        let home = self.home(issue);
        if let Some(epic) = home
            && !self.stands_below(issue, epic)
        {
            if self.draft.primary(issue).is_none() {
                let under = self.draft.primary(epic);
                let row = self.draft.append(issue, under);
                self.new_parents.insert(issue);
                self.moved(row)?;
            } else if let Ok(row) = self.draft.move_under(issue, epic) {
                self.moved(row)?;
            } else {
                return Ok(false);
            }
        }
        let mut settled = true;
        for row in self.strays(issue)? {
            let places: Vec<Option<RowId>> = match home {
                Some(epic) => self.draft.rows_of(epic).map(Some).collect(),
                None => vec![None],
            };
            let mut places = places.into_iter();
            if places.any(|place| self.draft.move_to_end(row, place).is_ok()) {
                self.moved(row)?;
            } else {
                settled = false;
            }
        }
        Ok(settled)
    }

    fn moved(&mut self, row: RowId) -> Result<(), Halt> {
        self.moves += 1;
        self.by_epic.push(row);
        self.disturbed(row)
    }

    /// Looks again at what a move may have taken out of its epic, and at what stands above where it
    /// came from and could not move because its epic or its parent stood below it.
    fn disturbed(&mut self, row: RowId) -> Result<(), Halt> {
        let base = self.draft.base();
        let Some(view) = base.find(row).filter(|_| self.follow_epics) else {
            return Ok(());
        };
        let below = self.draft.below(row);
        let below: Vec<IssueId> = below
            .into_iter()
            .filter_map(|it| self.draft.issue(it))
            .collect();
        self.enqueue(below)?;
        let subtree = view.index..view.index + view.size;
        let above: Vec<IssueId> = base
            .ancestors(view.index)
            .filter_map(|up| up.issue)
            .collect();
        self.known.look(above.iter().copied())?;
        // A sub-task that stood above its parent can stand under it now.
        if !self.complete && above.iter().any(|it| self.known.of(*it).is_sub_task) {
            let moved = subtree.clone().filter_map(|index| base.row(index).issue);
            self.new_parents.extend(moved);
        }
        let waits = |issue: &IssueId| {
            let epic = self.known.epic(*issue);
            let mut rows = epic.into_iter().flat_map(|epic| base.rows_of(epic));
            rows.any(|row| subtree.contains(&row.index))
        };
        let waiting: Vec<IssueId> = above.into_iter().filter(waits).collect();
        self.enqueue(waiting)
    }

    fn place_sub_tasks(&mut self) -> Result<(), Halt> {
        if !self.add_sub_tasks {
            return Ok(());
        }
        self.find_sub_tasks()?;
        let placed = sub_tasks::place(&mut self.draft, &self.sub_tasks);
        self.moves += placed.arrived.len();
        for arrival in &placed.arrived {
            if let Some(touches) = self.touches {
                // What a user put elsewhere and the rule puts elsewhere again, stands where a user
                // wanted it as far as epics go.
                let carried =
                    carried_by_structure(self.draft.base(), arrival, touches, &self.exempt);
                self.exempt.extend(carried);
            }
            self.disturbed(arrival.row)?;
        }
        self.by_parent.extend(placed.arrived);
        self.stuck = placed.blocked;
        Ok(())
    }

    /// The sub-tasks of what is new in the structure, and theirs, which will be new too.
    fn find_sub_tasks(&mut self) -> Result<(), Halt> {
        let mut parents = std::mem::take(&mut self.new_parents);
        if self.complete {
            return Ok(());
        }
        let mut seen: HashSet<IssueId> = self.sub_tasks.iter().map(|(_, parent)| *parent).collect();
        parents.retain(|parent| !seen.contains(parent));
        while !parents.is_empty() {
            let found = self.known.sub_tasks(&parents)?;
            seen.extend(parents);
            let new = found.iter().map(|(sub_task, _)| *sub_task);
            parents = new
                .filter(|it| self.draft.primary(*it).is_none() && !seen.contains(it))
                .collect();
            self.sub_tasks.extend(found);
        }
        Ok(())
    }

    /// What could not be placed.
    pub(super) fn notes(&self) -> Vec<Note> {
        let epics = self.blocked.iter().map(|(.., issue)| Note {
            kind: NoteKind::Skipped,
            issue: *issue,
            other: self.known.epic(*issue),
            text: "{issue} is not moved under its epic {other}, which stands in its subtree"
                .to_owned(),
        });
        let stuck = self.stuck.iter().copied().map(sub_tasks::skipped);
        epics.chain(stuck).collect()
    }
}

/// The issues that a sub-task takes along to its parent, itself first, if that is the consequence of
/// an edit of the structure: of its own rows or else of those of its parent. Not those over which
/// the tracker has the say.
pub(super) fn carried_by_structure(
    base: &Forest,
    arrival: &Arrival,
    touches: &Touches,
    by_structure: &HashSet<IssueId>,
) -> Vec<IssueId> {
    let is_consequence = match touches.winner(arrival.sub_task) {
        Some(winner) => winner == Direction::FromStructure,
        None => by_structure.contains(&arrival.parent),
    };
    if !is_consequence {
        return Vec::new();
    }
    let subtree = base
        .find(arrival.row)
        .map(|top| top.index..top.index + top.size);
    let below = subtree.into_iter().flatten().skip(1);
    let below = below.filter_map(|index| base.row(index).issue);
    let lost = |issue: &IssueId| touches.winner(*issue) == Some(Direction::IntoStructure);
    std::iter::once(arrival.sub_task)
        .chain(below.filter(|issue| !lost(issue)))
        .collect()
}
