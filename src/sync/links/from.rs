//! From the structure: a link for every parent and child row, and none in scope without them.

use super::{ParentLink, Snapshot};
use crate::domain::synchronizer::LinksScope;
use crate::domain::{IssueId, LinkEdit, Plan};
use std::collections::HashSet;

pub(super) fn plan(snapshot: &Snapshot<'_>) -> Plan {
    let pairs = pairs(snapshot);
    let wanted: HashSet<(IssueId, IssueId)> = pairs.iter().copied().collect();
    let linked: HashSet<(IssueId, IssueId)> = snapshot
        .links
        .iter()
        .map(|link| (link.parent, link.child))
        .collect();
    let mut plan = Plan {
        issues_scanned: pairs.len() + snapshot.links.len(),
        ..Plan::default()
    };
    for (parent, child) in pairs {
        if !linked.contains(&(parent, child)) {
            let (source, target) = snapshot.ends(parent, child);
            let link_type = snapshot.settings.link_type;
            plan.links.push(LinkEdit::Add {
                link_type,
                source,
                target,
            });
        }
    }
    for link in snapshot.counting().filter(|link| in_scope(snapshot, link)) {
        plan.links_in_scope += 1;
        if !wanted.contains(&(link.parent, link.child)) {
            let (source, target) = snapshot.ends(link.parent, link.child);
            plan.links.push(LinkEdit::Remove {
                link: link.link,
                source,
                target,
            });
        }
    }
    plan
}

/// The parent and child issues of the rows that are looked at, each pair once, depth-first.
fn pairs(snapshot: &Snapshot<'_>) -> Vec<(IssueId, IssueId)> {
    let forest = snapshot.forest;
    let rows: Vec<usize> = match &snapshot.looked_at {
        None => (0..forest.len()).collect(),
        Some(looked_at) => {
            let rows = looked_at.iter().flat_map(|issue| forest.rows_of(*issue));
            let mut rows: Vec<usize> = rows.map(|row| row.index).collect();
            rows.sort_unstable();
            rows
        }
    };
    let mut seen = HashSet::new();
    let pair = |index: usize| {
        let row = forest.row(index);
        let parent = forest.row(row.parent?).issue?;
        let child = row.issue?;
        (parent != child && snapshot.counts(parent, child)).then_some((parent, child))
    };
    rows.into_iter()
        .filter_map(pair)
        .filter(|pair| seen.insert(*pair))
        .collect()
}

/// Whether a link without rows may be deleted.
fn in_scope(snapshot: &Snapshot<'_>, link: &ParentLink) -> bool {
    let forest = snapshot.forest;
    snapshot.looks_at(link.child)
        && match snapshot.settings.scope {
            LinksScope::InStructure => forest.holds(link.parent) && forest.holds(link.child),
            LinksScope::ExpandToSubIssues => forest.holds(link.parent),
            LinksScope::AllIssues => true,
        }
}
