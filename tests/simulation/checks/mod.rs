//! What must hold, one promise a file, worked out from the written behaviour alone: no planner's
//! code is used here.

pub(crate) mod agile;
pub(crate) mod audit;
pub(crate) mod feeds;
mod links;
pub(crate) mod overlap;
mod saved_filter;
pub(crate) mod scope;
mod status_rollup;
mod sub_tasks;

use super::rules::Rule;
use super::state::State;
use std::collections::BTreeSet;
use understory::domain::{ChangeKind, Direction, IssueId, Settings};
use understory::store::jobs::{ChangeLine, Job};

/// What a check says: nothing, or what is wrong.
pub(crate) type Checked<T = ()> = Result<T, String>;

/// A job that ended, its lines, and what was there before it.
pub(crate) struct Ran<'a> {
    pub(crate) job: &'a Job,
    pub(crate) lines: Vec<ChangeLine>,
    pub(crate) rule: Option<&'a Rule>,
    pub(crate) before: &'a State,
}

/// The issues that lines say could not be dealt with.
pub(crate) fn given_up(lines: &[ChangeLine]) -> BTreeSet<IssueId> {
    let given_up = [ChangeKind::Skipped, ChangeKind::Failed];
    let lines = lines.iter().filter(|line| given_up.contains(&line.kind));
    lines.filter_map(|line| line.issue).collect()
}

/// Checks what a rule promises of a state, the given side being the truth.
pub(crate) fn promise(
    rule: &Rule,
    direction: Direction,
    state: &State,
    given_up: &BTreeSet<IssueId>,
) -> Checked {
    let kept = match &rule.settings {
        Settings::SavedFilter(settings) => saved_filter::check(rule, settings, state, given_up),
        Settings::SubTasks(settings) => {
            let wanted = |issue: &_| scope::is_sub_task(&settings.issue_types, issue);
            sub_tasks::check(&state.trees[&rule.structure], state, wanted, given_up)
        }
        Settings::Links(settings) => links::check(
            settings,
            &state.trees[&rule.structure],
            state,
            direction,
            given_up,
        ),
        Settings::Agile(settings) => agile::check(rule, settings, state, direction, given_up),
        Settings::StatusRollup(settings) => {
            status_rollup::check(settings, &state.trees[&rule.structure], state, given_up)
        }
    };
    kept.map_err(|broken| {
        let outline = state.outline(rule.structure);
        format!("rule {} {:?}: {broken}{outline}", rule.id, rule.settings)
    })
}
