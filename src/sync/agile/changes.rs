//! What changed on either side, and which side then has the say: for each issue, and apart for epics
//! and for ranks, the one of the later edit.

use crate::domain::{Direction, IssueId, Millis};
use std::collections::{HashMap, HashSet};

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

    pub(super) fn has_tracker_edit(&self, issue: IssueId) -> bool {
        self.0.get(&issue).is_some_and(|it| it.tracker.is_some())
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
