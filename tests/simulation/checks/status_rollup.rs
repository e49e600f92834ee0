//! A parent has the earliest of its children's statuses, if all of them are listed.

use super::{Checked, scope};
use crate::simulation::state::State;
use crate::simulation::tree::Tree;
use std::collections::BTreeSet;
use understory::domain::IssueId;
use understory::domain::synchronizer::StatusRollupSettings;

pub(super) fn check(
    settings: &StatusRollupSettings,
    tree: &Tree,
    state: &State,
    given_up: &BTreeSet<IssueId>,
) -> Checked {
    let listed = |status: &str| {
        let mut names = settings.statuses.iter();
        names.position(|name| name.eq_ignore_ascii_case(status))
    };
    for (id, issue) in &state.issues {
        if !scope::rolls_up(settings, issue) || given_up.contains(id) {
            continue;
        }
        let rows = tree.rows().into_iter();
        let below: BTreeSet<IssueId> = rows
            .filter(|row| tree.parent_issue(*row) == Some(*id))
            .filter_map(|row| tree.issue(row))
            .collect();
        let statuses = below.iter().filter_map(|child| state.issues.get(child));
        let places: Option<Vec<usize>> = statuses.map(|child| listed(&child.status)).collect();
        let Some(earliest) = places.and_then(|places| places.into_iter().min()) else {
            continue;
        };
        if listed(&issue.status) != Some(earliest) {
            let wanted = &settings.statuses[earliest];
            return Err(format!(
                "{} is {}, its children say {wanted}",
                issue.key, issue.status
            ));
        }
    }
    Ok(())
}
