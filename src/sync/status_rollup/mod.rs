//! Gives parents the status that their children are in.
//!
//! A parent whose direct child issues are all in listed statuses gets the earliest of these.
//! Parents are settled from the bottom up, and what one gets counts for the next, so one run
//! settles all of them. Statuses are looked up while it goes on: an incremental run sees the
//! children of what changed, and those of a parent further up only if something below it did
//! change. Nothing is planned that the workflow refuses.

mod ladder;
mod order;
#[cfg(test)]
mod tests;

use crate::domain::issue::Status;
use crate::domain::synchronizer::StatusRollupSettings;
use crate::domain::{FieldEdit, Forest, IssueId, Note, NoteKind, Plan};
use crate::store::catalog::{ProjectId, StatusId};
use ladder::Ladder;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What the planner sees.
pub struct Snapshot<'a> {
    /// The structure.
    pub forest: &'a Forest,
    /// The rule.
    pub settings: &'a StatusRollupSettings,
    /// Every status of the tracker.
    pub statuses: &'a [(StatusId, Status)],
    /// The parents from which an incremental run works its way up; `None`: all.
    pub looked_at: Option<HashSet<IssueId>>,
}

/// An issue as the rule sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its status.
    pub status: StatusId,
    /// Its project, whose workflow holds.
    pub project: ProjectId,
    /// Whether it is of the rule's projects and types.
    pub in_scope: bool,
}

/// The state of the tracker that a plan is made on.
pub trait Tracker {
    /// Why it could not be read.
    type Error;

    /// The given issues, distinct and in no order.
    fn see(&self, issues: &[IssueId]) -> Result<Vec<(IssueId, Seen)>, Self::Error>;

    /// Why an issue of a project may not go from one status, by name, to another; `None` if it may.
    fn refusal(&self, project: ProjectId, from: &str, to: &str) -> Option<String>;
}

/// What would give every parent the status that its children are in.
pub fn plan<T: Tracker>(snapshot: &Snapshot<'_>, tracker: &T) -> Result<Plan, T::Error> {
    let forest = snapshot.forest;
    let mut rollup = Rollup {
        forest,
        tracker,
        ladder: Ladder::new(&snapshot.settings.statuses, snapshot.statuses),
        resolution: snapshot.settings.resolution.as_deref(),
        seen: HashMap::new(),
        plan: Plan::default(),
    };
    let first = match &snapshot.looked_at {
        None => {
            let parents = order::all_parents(forest);
            rollup.see_with_children(&parents)?;
            parents
        }
        Some(looked_at) => {
            let is_parent = |issue: &IssueId| order::children(forest, *issue).next().is_some();
            let mut first: Vec<IssueId> = looked_at.iter().copied().filter(is_parent).collect();
            first.sort_unstable_by_key(|issue| forest.primary(*issue).map(|row| row.index));
            first
        }
    };
    let mut due: HashSet<IssueId> = first.iter().copied().collect();
    for group in order::groups(forest, first) {
        if group.iter().any(|issue| due.contains(issue)) {
            for moved in rollup.settle(&group)? {
                due.extend(order::parents(forest, moved));
            }
        }
    }
    rollup.plan.issues_scanned = rollup.seen.len();
    Ok(rollup.plan)
}

struct Rollup<'a, T> {
    forest: &'a Forest,
    tracker: &'a T,
    ladder: Ladder<'a>,
    resolution: Option<&'a str>,
    /// What was looked at, with the statuses that the plan gives.
    seen: HashMap<IssueId, Seen>,
    plan: Plan,
}

/// A change of one issue from the status that it has by now.
struct Step {
    issue: IssueId,
    from: StatusId,
    to: StatusId,
}

/// How a group came to rest.
#[derive(Default)]
struct Rest {
    steps: Vec<Step>,
    /// Steps that are not allowed, and why, by the place of the issue in the group.
    refused: BTreeMap<usize, (Step, String)>,
}

impl<T: Tracker> Rollup<'_, T> {
    /// Plans the statuses of one parent, or of several that stand above each other; those that get
    /// another one.
    fn settle(&mut self, group: &[IssueId]) -> Result<Vec<IssueId>, T::Error> {
        self.see(group.to_vec())?;
        let in_scope = |issue: &IssueId| self.seen.get(issue).is_some_and(|it| it.in_scope);
        let members: Vec<IssueId> = group.iter().copied().filter(in_scope).collect();
        self.see_with_children(&members)?;
        let mut moved: Vec<(IssueId, StatusId)> = members
            .iter()
            .map(|issue| (*issue, self.seen[issue].status))
            .collect();
        let rest = self.come_to_rest(&members);
        moved.retain(|(issue, from)| self.seen[issue].status != *from);
        for (issue, from) in &moved {
            let edits = self.edits(*issue, *from, &rest.steps);
            self.plan.fields.extend(edits);
        }
        for (step, reason) in rest.refused.values() {
            let note = self.failed(step, reason);
            self.plan.notes.push(note);
        }
        Ok(moved.into_iter().map(|(issue, _)| issue).collect())
    }

    /// Gives issues their statuses until none is in need of another, next always to the first that
    /// is.
    ///
    /// This comes to an end also where issues stand above each other. After an issue got a status, one
    /// before it changes only if one below that did, so to this status or an earlier one. What the
    /// issue finds below itself when its turn comes again is then no later than what it has: each
    /// further status is earlier than the one before, until an issue after it changes.
    fn come_to_rest(&mut self, members: &[IssueId]) -> Rest {
        let places: HashMap<IssueId, usize> =
            (0..).zip(members).map(|(at, it)| (*it, at)).collect();
        let mut due: BTreeSet<usize> = (0..members.len()).collect();
        let mut rest = Rest::default();
        while let Some(at) = due.pop_first() {
            let issue = members[at];
            rest.refused.remove(&at);
            let Some(step) = self.step(issue) else {
                continue;
            };
            if let Some(reason) = self.refusal(issue, step.from, step.to) {
                rest.refused.insert(at, (step, reason));
                continue;
            }
            self.give(issue, step.to);
            rest.steps.push(step);
            let above = order::parents(self.forest, issue);
            due.extend(above.filter_map(|parent| places.get(&parent)));
        }
        rest
    }

    /// From the status that an issue has by now to the one that it should get, if these differ.
    fn step(&self, issue: IssueId) -> Option<Step> {
        let place = |issue: IssueId| self.ladder.place(self.seen.get(&issue)?.status);
        let mut earliest = None;
        for child in order::children(self.forest, issue) {
            let place = place(child)?;
            earliest = Some(earliest.map_or(place, |it: usize| it.min(place)));
        }
        let earliest = earliest.filter(|it| place(issue) != Some(*it))?;
        Some(Step {
            issue,
            from: self.seen.get(&issue)?.status,
            to: self.ladder.target(earliest)?,
        })
    }

    /// What takes an issue from its first status to its last: one edit, or the steps that it took
    /// among issues that stand above each other, if the workflow wants them.
    fn edits(&self, issue: IssueId, from: StatusId, steps: &[Step]) -> Vec<FieldEdit> {
        let to = self.seen[&issue].status;
        if self.refusal(issue, from, to).is_none() {
            return vec![self.edit(&Step { issue, from, to })];
        }
        let own = steps.iter().filter(|step| step.issue == issue);
        own.map(|step| self.edit(step)).collect()
    }

    fn edit(&self, step: &Step) -> FieldEdit {
        let resolution = self.resolution.filter(|_| self.ladder.is_done(step.to));
        FieldEdit::Status {
            issue: step.issue,
            from: self.ladder.name(step.from).to_owned(),
            to: self.ladder.name(step.to).to_owned(),
            resolution: resolution.map(str::to_owned),
        }
    }

    fn failed(&self, step: &Step, reason: &str) -> Note {
        let (from, to) = (self.ladder.name(step.from), self.ladder.name(step.to));
        Note {
            kind: NoteKind::Failed,
            issue: step.issue,
            other: None,
            text: format!("{{issue}} cannot go from “{from}” to “{to}”: {reason}"),
        }
    }

    fn refusal(&self, issue: IssueId, from: StatusId, to: StatusId) -> Option<String> {
        let project = self.seen[&issue].project;
        let (from, to) = (self.ladder.name(from), self.ladder.name(to));
        self.tracker.refusal(project, from, to)
    }

    fn give(&mut self, issue: IssueId, status: StatusId) {
        if let Some(seen) = self.seen.get_mut(&issue) {
            seen.status = status;
        }
    }

    fn see_with_children(&mut self, parents: &[IssueId]) -> Result<(), T::Error> {
        let below = parents
            .iter()
            .flat_map(|issue| order::children(self.forest, *issue));
        self.see(parents.iter().copied().chain(below).collect())
    }

    fn see(&mut self, mut issues: Vec<IssueId>) -> Result<(), T::Error> {
        issues.retain(|issue| !self.seen.contains_key(issue));
        issues.sort_unstable();
        issues.dedup();
        if !issues.is_empty() {
            self.seen.extend(self.tracker.see(&issues)?);
        }
        Ok(())
    }
}
