//! Keeps a hierarchy of links and the hierarchy of rows alike, in either direction.
//!
//! `into` puts rows where links say, `from` makes links where rows say, and `incremental` decides
//! for each changed sub-issue which of the two it gets. A link counts only if both its ends pass
//! the filters; one that does not count is neither followed nor deleted.

mod from;
mod incremental;
mod into;
#[cfg(test)]
mod tests;

pub use incremental::{Touch, plan_incremental};

use crate::domain::synchronizer::{LinkEnd, LinksSettings};
use crate::domain::{Direction, Forest, IssueId, LinkId, Plan};
use std::collections::HashSet;

/// A link as the rule sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParentLink {
    /// Its id.
    pub link: LinkId,
    /// The issue at the parent's end.
    pub parent: IssueId,
    /// The issue at the other end.
    pub child: IssueId,
}

/// The issues that pass a filter; without one, all do.
#[derive(Clone, Debug, Default)]
pub struct Passing(pub Option<HashSet<IssueId>>);

impl Passing {
    /// Whether an issue passes.
    pub fn passes(&self, issue: IssueId) -> bool {
        self.0
            .as_ref()
            .is_none_or(|passing| passing.contains(&issue))
    }
}

/// What the planner sees.
pub struct Snapshot<'a> {
    /// The structure.
    pub forest: &'a Forest,
    /// The rule.
    pub settings: &'a LinksSettings,
    /// Links of the rule's type by id, from no issue to itself; of an incremental run, those that
    /// bear on the sub-issues it looks at.
    pub links: Vec<ParentLink>,
    /// Links from what an incremental run looks at to sub-issues at which it does not: they say
    /// nothing of places, but with all issues in scope that their parents belong to the structure.
    pub below: Vec<ParentLink>,
    /// Issues that may be parents.
    pub parents: Passing,
    /// Issues that may be sub-issues.
    pub sub_issues: Passing,
    /// The sub-issues that an incremental run looks at; `None` for all.
    pub looked_at: Option<HashSet<IssueId>>,
}

impl Snapshot<'_> {
    fn counts(&self, parent: IssueId, child: IssueId) -> bool {
        self.parents.passes(parent) && self.sub_issues.passes(child)
    }

    fn looks_at(&self, child: IssueId) -> bool {
        self.looked_at
            .as_ref()
            .is_none_or(|looked_at| looked_at.contains(&child))
    }

    fn counting(&self) -> impl Iterator<Item = &ParentLink> + '_ {
        self.links
            .iter()
            .filter(|link| self.counts(link.parent, link.child))
    }

    /// The ends of a link, source first, for a parent and a sub-issue.
    fn ends(&self, parent: IssueId, child: IssueId) -> (IssueId, IssueId) {
        match self.settings.parent_end {
            LinkEnd::Source => (parent, child),
            LinkEnd::Target => (child, parent),
        }
    }
}

/// What would make rows and links agree, the chosen side being the truth.
pub fn plan(snapshot: &Snapshot<'_>, direction: Direction) -> Plan {
    match direction {
        Direction::IntoStructure => into::plan(snapshot),
        Direction::FromStructure => from::plan(snapshot),
    }
}
