//! Reading for the links rule: all links of its type, or those that bear on what changed.

use super::changed::Changed;
use super::{Halt, Scene};
use crate::domain::issue::Link;
use crate::domain::synchronizer::{LinkEnd, LinksScope, LinksSettings, UnlinkedRows};
use crate::domain::{Direction, IssueId, Millis, Plan};
use crate::store::issues::{IssueChangeKind, LinkRole};
use crate::store::links as stored;
use crate::sync::links::{ParentLink, Passing, Snapshot, Touch, plan, plan_incremental};
use std::collections::{HashMap, HashSet};

impl Scene<'_> {
    pub(super) fn plan_links(
        &self,
        settings: &LinksSettings,
        direction: Direction,
    ) -> Result<Plan, Halt> {
        let links = parent_links(settings, stored::of_type(self.tx, settings.link_type)?);
        self.watch.check()?;
        let passing = |jql: &Option<String>| -> Result<Passing, Halt> {
            let Some(jql) = jql else {
                return Ok(Passing::default());
            };
            Ok(Passing(Some(self.matching_all(jql)?.into_iter().collect())))
        };
        let snapshot = Snapshot {
            forest: self.forest,
            settings,
            links,
            below: Vec::new(),
            parents: passing(&settings.parent_jql)?,
            sub_issues: passing(&settings.sub_issue_jql)?,
            looked_at: None,
        };
        self.compare();
        Ok(plan(&snapshot, direction))
    }

    pub(super) fn plan_changed_links(
        &self,
        settings: &LinksSettings,
        changed: &Changed,
    ) -> Result<Plan, Halt> {
        let touched = self.touched(settings, changed)?;
        let mut looked_at: HashSet<IssueId> = touched.keys().copied().collect();
        // What was given up because it would close a cycle may be possible now: in links, above the
        // parent that a removed link named; among rows, above those that may move away.
        looked_at.extend(changed.tracker.iter().filter_map(|change| {
            let seen = change
                .link
                .filter(|seen| seen.link_type == settings.link_type)?;
            Some(seen.other)
        }));
        for issue in touched.keys() {
            for row in self.forest.rows_of(*issue) {
                looked_at.extend(self.forest.ancestors(row.index).filter_map(|up| up.issue));
            }
        }
        if settings.unlinked_rows == UnlinkedRows::Remove {
            // A row that is removed leaves its children to its parent, so they are looked at too.
            for issue in touched.keys() {
                for row in self.forest.rows_of(*issue) {
                    let subtree = row.index..row.index + row.size;
                    looked_at.extend(subtree.filter_map(|index| self.forest.row(index).issue));
                }
            }
        }
        let (links, below) = self.bearing_on(settings, &mut looked_at)?;
        let mut ends: HashSet<IssueId> = looked_at.clone();
        ends.extend(links.iter().map(|link| link.parent));
        ends.extend(below.iter().map(|link| link.child));
        for issue in &looked_at {
            for row in self.forest.rows_of(*issue) {
                ends.extend(self.forest.ancestors(row.index).filter_map(|up| up.issue));
            }
        }
        let passing = |jql: &Option<String>| -> Result<Passing, Halt> {
            let Some(jql) = jql else {
                return Ok(Passing::default());
            };
            Ok(Passing(Some(
                self.matching(jql, &ends)?.into_iter().collect(),
            )))
        };
        let snapshot = Snapshot {
            forest: self.forest,
            settings,
            links,
            below,
            parents: passing(&settings.parent_jql)?,
            sub_issues: passing(&settings.sub_issue_jql)?,
            looked_at: Some(looked_at),
        };
        self.compare();
        Ok(plan_incremental(snapshot, &touched))
    }

    /// The sub-issues whose links or places changed, and when.
    fn touched(
        &self,
        settings: &LinksSettings,
        changed: &Changed,
    ) -> Result<HashMap<IssueId, Touch>, Halt> {
        let mut touched: HashMap<IssueId, Touch> = HashMap::new();
        let mut in_tracker = |issue: IssueId, at: Millis| {
            let touch = touched.entry(issue).or_default();
            touch.tracker = touch.tracker.max(Some(at));
        };
        let filtered = settings.parent_jql.is_some() || settings.sub_issue_jql.is_some();
        let mut edited: HashMap<IssueId, Millis> = HashMap::new();
        for change in &changed.tracker {
            match (change.kind, change.link) {
                (IssueChangeKind::LinkAdded | IssueChangeKind::LinkRemoved, Some(seen)) => {
                    let child_role = match settings.parent_end {
                        LinkEnd::Source => LinkRole::Target,
                        LinkEnd::Target => LinkRole::Source,
                    };
                    if seen.link_type == settings.link_type && seen.role == child_role {
                        in_tracker(change.issue, change.at);
                    }
                }
                _ if filtered => {
                    in_tracker(change.issue, change.at);
                    edited.insert(change.issue, change.at);
                }
                _ => {}
            }
        }
        // An edited issue may pass as a parent now, or no longer: that bears on what is below it.
        let below = self.links_of(settings, edited.keys().copied())?;
        for link in below
            .iter()
            .filter(|link| edited.contains_key(&link.parent))
        {
            in_tracker(link.child, edited[&link.parent]);
        }
        for (issue, at) in &edited {
            for row in self.forest.rows_of(*issue) {
                for child in self.forest.children(Some(row.index)) {
                    child
                        .issue
                        .into_iter()
                        .for_each(|child| in_tracker(child, *at));
                }
            }
        }
        self.touch_by_rows(settings, changed, &mut touched)?;
        Ok(touched)
    }

    /// Rows that came, went or moved touch their issues and, since an issue that is new in the
    /// structure brings its links into scope, the sub-issues of those. Where all links are in scope,
    /// so are those of an issue that is gone: they would bring it back.
    fn touch_by_rows(
        &self,
        settings: &LinksSettings,
        changed: &Changed,
        touched: &mut HashMap<IssueId, Touch>,
    ) -> Result<(), Halt> {
        let mut edited_at: HashMap<IssueId, Millis> = HashMap::new();
        for change in &changed.rows {
            let Some(issue) = changed.issue_of(change.row) else {
                continue;
            };
            if changed.follows_deletion(change) {
                // Nobody moved it: its place is what the tracker left.
                let touch = touched.entry(issue).or_default();
                touch.tracker = touch.tracker.max(Some(change.at));
                continue;
            }
            let touch = touched.entry(issue).or_default();
            touch.structure = touch.structure.max(Some(change.at));
            edited_at.insert(issue, change.at);
        }
        let mut parents = changed.added_issues();
        if settings.scope == LinksScope::AllIssues {
            let removed = changed.removed_issues().into_iter();
            parents.extend(removed.filter(|issue| !self.forest.holds(*issue)));
        }
        let below = self.links_of(settings, parents.iter().copied())?;
        for link in below.iter().filter(|link| parents.contains(&link.parent)) {
            let touch = touched.entry(link.child).or_default();
            touch.structure = touch.structure.max(edited_at.get(&link.parent).copied());
        }
        Ok(())
    }

    fn links_of(
        &self,
        settings: &LinksSettings,
        issues: impl IntoIterator<Item = IssueId>,
    ) -> Result<Vec<ParentLink>, Halt> {
        Ok(parent_links(
            settings,
            stored::touching(self.tx, Some(settings.link_type), issues)?,
        ))
    }

    /// The links that lead to what is looked at, from the top down; `looked_at` grows by the issues
    /// above and, where the scope adds issues, by those below that are missing or below missing ones.
    /// Beside them the links from what is looked at to what is not.
    fn bearing_on(
        &self,
        settings: &LinksSettings,
        looked_at: &mut HashSet<IssueId>,
    ) -> Result<(Vec<ParentLink>, Vec<ParentLink>), Halt> {
        let adds = settings.scope != LinksScope::InStructure;
        let mut found: HashMap<_, ParentLink> = HashMap::new();
        let mut open: HashSet<IssueId> = looked_at.clone();
        while !open.is_empty() {
            self.watch.check()?;
            let links = self.links_of(settings, open.iter().copied())?;
            let mut next = HashSet::new();
            for link in links {
                if open.contains(&link.child) && looked_at.insert(link.parent) {
                    next.insert(link.parent);
                }
                // An issue that is added is a parent as well: of what it is to be added to, and of
                // what stands elsewhere until now.
                let missing = [link.parent, link.child]
                    .iter()
                    .any(|it| !self.forest.holds(*it));
                if adds && missing && open.contains(&link.parent) && looked_at.insert(link.child) {
                    next.insert(link.child);
                }
                found.insert(link.link, link);
            }
            open = next;
        }
        let (mut links, mut below): (Vec<_>, Vec<_>) = found
            .into_values()
            .partition(|link| looked_at.contains(&link.child));
        links.sort_unstable_by_key(|link| link.link);
        below.retain(|link| looked_at.contains(&link.parent));
        Ok((links, below))
    }
}

/// Links as the rule sees them; one from an issue to itself says nothing.
fn parent_links(settings: &LinksSettings, links: Vec<Link>) -> Vec<ParentLink> {
    let seen = |link: Link| match settings.parent_end {
        LinkEnd::Source => ParentLink {
            link: link.id,
            parent: link.source,
            child: link.target,
        },
        LinkEnd::Target => ParentLink {
            link: link.id,
            parent: link.target,
            child: link.source,
        },
    };
    links
        .into_iter()
        .filter(|link| link.source != link.target)
        .map(seen)
        .collect()
}
