//! Wanted issues are there, and where they belong; rows of unwanted ones are gone.

use super::Checked;
use crate::simulation::rules::{Query, Rule};
use crate::simulation::state::State;
use crate::simulation::tree::Tree;
use std::collections::BTreeSet;
use understory::domain::synchronizer::{FilterSource, SavedFilterSettings};
use understory::domain::{IssueId, RowId};

pub(super) fn check(
    rule: &Rule,
    settings: &SavedFilterSettings,
    state: &State,
    given_up: &BTreeSet<IssueId>,
) -> Checked {
    let FilterSource::Jql(jql) = &settings.source else {
        return Err("worlds have no saved filters".to_owned());
    };
    let (query, tree) = (Query::of(jql), &state.trees[&rule.structure]);
    for (id, issue) in &state.issues {
        if !query.matches(issue) || rule.exempt.contains(id) {
            continue;
        }
        let rows = tree.rows_of(*id);
        if settings.add && rows.is_empty() {
            return Err(format!("{} is wanted and missing", issue.key));
        }
        let Some(placement) = settings.place_under.filter(|_| settings.allow_move) else {
            continue;
        };
        let placed = rows.iter().any(|row| tree.is_within(*row, placement));
        if !rows.is_empty() && !placed && !given_up.contains(id) {
            return Err(format!("{} stands outside the placement", issue.key));
        }
    }
    if settings.remove {
        for row in tree.rows() {
            check_wanted(rule, settings, query, (state, tree), row)?;
        }
    }
    Ok(())
}

/// An unwanted row is there only for what stands below it.
fn check_wanted(
    rule: &Rule,
    settings: &SavedFilterSettings,
    query: Query,
    (state, tree): (&State, &Tree),
    row: RowId,
) -> Checked {
    let Some(issue) = tree.issue(row) else {
        return Ok(());
    };
    let may_stay = query.holds(state, issue)
        || rule.exempt.contains(&issue)
        || settings.place_under == Some(row)
        || !tree.children(Some(row)).is_empty()
        || (settings.remove_only_from_placement && tree.parent(row) != settings.place_under);
    match may_stay {
        true => Ok(()),
        false => Err(format!(
            "row {row} is unwanted, has no children, and is there"
        )),
    }
}
