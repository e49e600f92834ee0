//! Pairs of rows and links in scope say the same, as far as the side that is the truth binds the
//! other.

use super::Checked;
use crate::simulation::rules::{LinksView, Pair};
use crate::simulation::state::State;
use crate::simulation::tree::Tree;
use std::collections::BTreeSet;
use understory::domain::synchronizer::{LinksScope, LinksSettings, UnlinkedRows};
use understory::domain::{Direction, IssueId};

pub(super) fn check(
    settings: &LinksSettings,
    tree: &Tree,
    state: &State,
    direction: Direction,
    given_up: &BTreeSet<IssueId>,
) -> Checked {
    let view = LinksView { settings, state };
    match direction {
        Direction::IntoStructure => into(&view, tree, given_up),
        Direction::FromStructure => from(&view, tree),
    }
}

/// The parents and children that rows say, those that count.
fn standing(view: &LinksView<'_>, tree: &Tree) -> BTreeSet<Pair> {
    let pairs = tree.rows().into_iter().filter_map(|row| {
        let pair = (tree.parent_issue(row)?, tree.issue(row)?);
        (pair.0 != pair.1 && view.counts(pair)).then_some(pair)
    });
    pairs.collect()
}

fn into(view: &LinksView<'_>, tree: &Tree, given_up: &BTreeSet<IssueId>) -> Checked {
    let links = in_scope(view, tree);
    let standing = standing(view, tree);
    let children: BTreeSet<IssueId> = links.iter().map(|pair| pair.1).collect();
    for child in children.difference(given_up) {
        // A parent that is not added, since that would close a cycle, leaves its children alone.
        let lost = |pair: &Pair| !tree.holds(pair.0) && given_up.contains(&pair.0);
        if links.iter().filter(|pair| pair.1 == *child).all(lost) {
            continue;
        }
        if !links
            .iter()
            .any(|pair| pair.1 == *child && standing.contains(pair))
        {
            let wanted: Vec<&Pair> = links.iter().filter(|pair| pair.1 == *child).collect();
            return Err(format!(
                "{child} stands under none of its parents {wanted:?}"
            ));
        }
    }
    if view.settings.scope == LinksScope::AllIssues {
        let missing = links
            .iter()
            .map(|pair| pair.0)
            .find(|parent| !tree.holds(*parent));
        if let Some(parent) = missing.filter(|parent| !given_up.contains(parent)) {
            return Err(format!("{parent} is a parent and stands nowhere"));
        }
    }
    if view.settings.unlinked_rows != UnlinkedRows::Keep {
        let linked = view.linked();
        let mut unlinked = standing.difference(&linked);
        if let Some(pair) = unlinked.find(|pair| !given_up.contains(&pair.1)) {
            return Err(format!("{} stands under {} without a link", pair.1, pair.0));
        }
    }
    Ok(())
}

/// The counting links that bind the structure.
fn in_scope(view: &LinksView<'_>, tree: &Tree) -> BTreeSet<Pair> {
    let mut links = view.counting();
    match view.settings.scope {
        LinksScope::AllIssues => {}
        LinksScope::InStructure => links.retain(|pair| tree.holds(pair.0) && tree.holds(pair.1)),
        LinksScope::ExpandToSubIssues => {
            let mut reached = BTreeSet::new();
            loop {
                let grows = links.iter().find(|(parent, child)| {
                    (tree.holds(*parent) || reached.contains(parent)) && !reached.contains(child)
                });
                match grows {
                    Some((_, child)) => reached.insert(*child),
                    None => break,
                };
            }
            links.retain(|pair| tree.holds(pair.0) || reached.contains(&pair.0));
        }
    }
    links
}

fn from(view: &LinksView<'_>, tree: &Tree) -> Checked {
    let (standing, linked) = (standing(view, tree), view.linked());
    if let Some(pair) = standing.difference(&linked).next() {
        return Err(format!("{} stands under {} without a link", pair.1, pair.0));
    }
    for pair in view.counting().difference(&standing) {
        let bound = match view.settings.scope {
            LinksScope::AllIssues => true,
            LinksScope::InStructure => tree.holds(pair.0) && tree.holds(pair.1),
            LinksScope::ExpandToSubIssues => tree.holds(pair.0),
        };
        if bound {
            return Err(format!("{pair:?} are linked, and stand apart"));
        }
    }
    Ok(())
}
