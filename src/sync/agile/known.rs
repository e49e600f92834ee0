//! What is known of issues while a plan is made: asked for once each, and in bulk.

use crate::domain::{IdPages, IssueId};
use crate::sync::Halt;
use std::collections::HashSet;

/// What the rule needs to know of an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether the rule is about it.
    pub in_scope: bool,
    /// Whether it is an epic.
    pub is_epic: bool,
    /// Whether it is a sub-task.
    pub is_sub_task: bool,
    /// What it names as its epic.
    pub epic: Option<IssueId>,
    /// Whether that is an epic; what is none does not count.
    pub epic_is_epic: bool,
    /// Its place in the tracker's global order.
    pub rank: Option<String>,
}

/// Where the facts come from.
pub trait Tracker {
    /// The facts of those of the issues that exist.
    fn facts(&self, issues: &[IssueId]) -> Result<Vec<(IssueId, Facts)>, Halt>;

    /// The sub-tasks of the given parents, with these, in key order.
    fn sub_tasks(&self, parents: &HashSet<IssueId>) -> Result<Vec<(IssueId, IssueId)>, Halt>;
}

/// Issues that a search for one looks at in one go.
const MOST_AT_ONCE: usize = 1_024;

/// Issues by rank: those without one last, then by id.
pub(super) type ByRank = (bool, String, IssueId);

/// The facts that were asked for until now.
pub struct Known<'t> {
    tracker: &'t dyn Tracker,
    facts: IdPages<Option<Facts>>,
    count: usize,
    /// Whether nothing is left to be asked for.
    complete: bool,
    none: Facts,
}

impl<'t> Known<'t> {
    /// Nothing yet.
    pub fn new(tracker: &'t dyn Tracker) -> Self {
        Self {
            tracker,
            facts: IdPages::default(),
            count: 0,
            complete: false,
            none: Facts::default(),
        }
    }

    /// Makes facts known that need not be asked for.
    pub fn insert(&mut self, issue: IssueId, facts: Facts) {
        let known = self.facts.get_mut(issue.0).replace(facts);
        self.count += usize::from(known.is_none());
    }

    /// Says that all was made known that a planner will ask for.
    pub(super) fn complete(&mut self) {
        self.complete = true;
    }

    /// How many issues were looked at.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Makes sure that the facts of these issues are known.
    pub fn look(&mut self, issues: impl IntoIterator<Item = IssueId>) -> Result<(), Halt> {
        if self.complete {
            return Ok(());
        }
        let mut missing: Vec<IssueId> = issues
            .into_iter()
            .filter(|issue| self.find(*issue).is_none())
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        missing.sort_unstable();
        missing.dedup();
        let found = self.tracker.facts(&missing)?;
        // What does not exist is asked for once only, too.
        let missing = missing.into_iter();
        missing.for_each(|issue| self.insert(issue, Facts::default()));
        let found = found.into_iter();
        found.for_each(|(issue, facts)| self.insert(issue, facts));
        Ok(())
    }

    fn find(&self, issue: IssueId) -> Option<&Facts> {
        self.facts.get(issue.0)?.as_ref()
    }

    /// The facts of an issue; those of one that was not looked at are empty.
    pub fn of(&self, issue: IssueId) -> &Facts {
        self.find(issue).unwrap_or(&self.none)
    }

    /// The sub-tasks in scope of the given parents, with these, in key order.
    pub(super) fn sub_tasks(
        &mut self,
        parents: &HashSet<IssueId>,
    ) -> Result<Vec<(IssueId, IssueId)>, Halt> {
        let mut found = self.tracker.sub_tasks(parents)?;
        self.look(found.iter().map(|(sub_task, _)| *sub_task))?;
        found.retain(|(sub_task, _)| self.in_scope(*sub_task));
        Ok(found)
    }

    pub(super) fn in_scope(&self, issue: IssueId) -> bool {
        self.of(issue).in_scope
    }

    pub(super) fn is_epic(&self, issue: IssueId) -> bool {
        self.of(issue).is_epic
    }

    /// Whether an issue is one that epics hold.
    pub(super) fn is_member(&self, issue: IssueId) -> bool {
        let facts = self.of(issue);
        facts.in_scope && !facts.is_epic && !facts.is_sub_task
    }

    /// The epic of an issue.
    pub(super) fn epic(&self, issue: IssueId) -> Option<IssueId> {
        let facts = self.of(issue);
        facts
            .epic
            .filter(|epic| facts.epic_is_epic && *epic != issue)
    }

    pub(super) fn rank(&self, issue: IssueId) -> Option<&str> {
        self.of(issue).rank.as_deref()
    }

    /// Sorts issues by rank.
    pub(super) fn by_rank(&self, issue: IssueId) -> ByRank {
        let rank = self.rank(issue);
        (rank.is_none(), rank.unwrap_or_default().to_owned(), issue)
    }

    /// The first of some things whose issue is wanted, few being looked at beyond it.
    pub(super) fn first<T>(
        &mut self,
        mut things: impl Iterator<Item = (T, IssueId)>,
        is_wanted: impl Fn(&Self, IssueId) -> bool,
    ) -> Result<Option<(T, IssueId)>, Halt> {
        let mut size = 4;
        loop {
            let next: Vec<(T, IssueId)> = things.by_ref().take(size).collect();
            if next.is_empty() {
                return Ok(None);
            }
            self.look(next.iter().map(|(_, issue)| *issue))?;
            let mut next = next.into_iter();
            if let Some(found) = next.find(|(_, issue)| is_wanted(self, *issue)) {
                return Ok(Some(found));
            }
            size = (size * 2).min(MOST_AT_ONCE);
        }
    }

    /// Every issue that epics hold.
    pub(super) fn members(&self) -> impl Iterator<Item = IssueId> + '_ {
        let known = self.facts.iter().filter(|(_, facts)| facts.is_some());
        let all = known.map(|(id, _)| IssueId(id));
        all.filter(|issue| self.is_member(*issue))
    }
}
