//! Every sub-task whose parent stands in the structure stands under a row of it.

use super::Checked;
use crate::simulation::state::{Issue, State};
use crate::simulation::tree::Tree;
use std::collections::BTreeSet;
use understory::domain::IssueId;

pub(super) fn check(
    tree: &Tree,
    state: &State,
    wanted: impl Fn(&Issue) -> bool,
    given_up: &BTreeSet<IssueId>,
) -> Checked {
    for (id, issue) in state.issues.iter().filter(|(_, issue)| wanted(issue)) {
        let Some(parent) = issue.parent.filter(|parent| tree.holds(*parent)) else {
            continue;
        };
        if tree.stands_under(*id, parent) {
            continue;
        }
        let possible = !tree.holds(*id) || tree.can_stand_under(*id, parent);
        if possible || !given_up.contains(id) {
            return Err(format!("{} stands under no row of its parent", issue.key));
        }
    }
    Ok(())
}
