//! Epics of issues and the epics that their rows stand under say the same; siblings stand in the
//! order of their ranks; sub-tasks stand under their parents.

use super::{Checked, sub_tasks};
use crate::simulation::rules::Rule;
use crate::simulation::state::{Issue, State};
use crate::simulation::tree::Tree;
use std::collections::BTreeSet;
use understory::domain::synchronizer::AgileSettings;
use understory::domain::{Direction, IssueId, RowId};

pub(super) fn check(
    rule: &Rule,
    settings: &AgileSettings,
    state: &State,
    direction: Direction,
    given_up: &BTreeSet<IssueId>,
) -> Checked {
    let tree = &state.trees[&rule.structure];
    if settings.sync_epics {
        for (id, issue) in &state.issues {
            let member = !issue.sub_task && !issue.is_epic && rule.scope.matches(issue);
            if member && !given_up.contains(id) {
                match direction {
                    Direction::IntoStructure => epic_into(rule, tree, state, (*id, issue))?,
                    Direction::FromStructure => epic_from(tree, state, (*id, issue))?,
                }
            }
        }
    }
    if settings.add_sub_tasks {
        let wanted = |issue: &Issue| issue.parent.is_some() && rule.scope.matches(issue);
        sub_tasks::check(tree, state, wanted, given_up)?;
    }
    if settings.sync_rank {
        let parents = tree.rows().into_iter().map(Some).chain([None]);
        for parent in parents {
            check_ranks(rule, tree, state, tree.children(parent))?;
        }
    }
    Ok(())
}

/// What the tracker asks for. An issue in several rows may be asked for two things at once: then
/// one of its rows does.
fn epic_into(rule: &Rule, tree: &Tree, state: &State, (id, issue): (IssueId, &Issue)) -> Checked {
    let rows = tree.rows_of(id);
    let epic = issue.epic.filter(|epic| tree.holds(*epic));
    if let Some(epic) = epic {
        if rows.is_empty() {
            let owed = !rule.exempt.contains(&id);
            let missing = format!("{} is missing under its epic", issue.key);
            return if owed { Err(missing) } else { Ok(()) };
        }
        let below = |row: &RowId| {
            tree.above(*row)
                .iter()
                .any(|up| tree.issue(*up) == Some(epic))
        };
        if !rows.iter().any(below) {
            return Err(format!("{} stands outside its epic", issue.key));
        }
    }
    if let [row] = rows[..]
        && let Some(above) = tree.parent_issue(row)
        && state.issues.get(&above).is_some_and(|it| it.is_epic)
        && issue.epic != Some(above)
    {
        return Err(format!("{} stands directly under another epic", issue.key));
    }
    Ok(())
}

/// What the structure asks for: the nearest epic above the first row.
fn epic_from(tree: &Tree, state: &State, (id, issue): (IssueId, &Issue)) -> Checked {
    let Some(row) = tree.rows_of(id).first().copied() else {
        return Ok(());
    };
    let is_epic = |id: &IssueId| state.issues.get(id).is_some_and(|it| it.is_epic);
    let above = tree.above(row).into_iter();
    let nearest = above.filter_map(|up| tree.issue(up)).find(is_epic);
    match nearest == issue.epic {
        true => Ok(()),
        false => Err(format!(
            "{} has the epic {:?}, it stands under {nearest:?}",
            issue.key, issue.epic
        )),
    }
}

/// Of an issue in several rows, no one row says its rank.
fn check_ranks(rule: &Rule, tree: &Tree, state: &State, siblings: &[RowId]) -> Checked {
    let ranked = siblings.iter().filter_map(|row| {
        let id = tree.issue(*row)?;
        let issue = state.issues.get(&id)?;
        let counts = rule.scope.matches(issue) && tree.rows_of(id).len() == 1;
        counts.then(|| (issue.rank.clone(), issue.key.clone()))
    });
    let ranked: Vec<(Option<String>, String)> = ranked.collect();
    for pair in ranked.windows(2) {
        if pair[0].0 >= pair[1].0 {
            return Err(format!(
                "{} stands before {} and is ranked after it",
                pair[0].1, pair[1].1
            ));
        }
    }
    Ok(())
}
