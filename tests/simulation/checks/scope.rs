//! A job touches what its rule is about, and nothing else: never a folder, no issue that its
//! settings leave out, no link of another type, no field that is not its kind's.

use super::{Checked, Ran};
use crate::simulation::rules::{LinksView, Query, Rule};
use crate::simulation::state::{Issue, State};
use understory::domain::synchronizer::{
    FilterSource, LinksScope, SavedFilterSettings, StatusRollupSettings, UnlinkedRows,
};
use understory::domain::{ChangeKind, IssueId, JobKind, Settings};
use understory::store::jobs::ChangeLine;

/// Checks each line of a job of an installed rule.
pub(crate) fn check(ran: &Ran<'_>) -> Checked {
    // A revert may touch whatever the job that it undoes has touched.
    let Some(rule) = ran.rule.filter(|_| ran.job.kind != JobKind::Revert) else {
        return Ok(());
    };
    for line in &ran.lines {
        let notes = [
            ChangeKind::Conflict,
            ChangeKind::Skipped,
            ChangeKind::Failed,
        ];
        if notes.contains(&line.kind) {
            continue;
        }
        let Some(issue) = line.issue else {
            if follows_removal(ran, line) {
                continue;
            }
            return Err(format!("a folder was touched: {}", line.summary));
        };
        let allowed = match &rule.settings {
            Settings::SavedFilter(settings) => saved_filter(ran, settings, line, issue),
            Settings::SubTasks(settings) => {
                sub_task(ran.before, &settings.issue_types, line, issue)
            }
            Settings::Links(_) => links(ran, line),
            Settings::Agile(settings) => {
                let is_field = match line.kind {
                    ChangeKind::RankChanged => settings.sync_rank,
                    ChangeKind::EpicChanged => settings.sync_epics,
                    ChangeKind::RowAdded | ChangeKind::RowMoved => true,
                    _ => false,
                };
                is_field && rule.scope.holds(ran.before, issue)
            }
            Settings::StatusRollup(settings) => {
                let known = ran.before.issues.get(&issue);
                line.kind == ChangeKind::StatusChanged
                    && known.is_some_and(|issue| rolls_up(settings, issue))
            }
        };
        if !allowed {
            return Err(format!(
                "“{}” lies outside its rule: {:?}",
                line.summary, rule.settings
            ));
        }
    }
    check_direction(ran, rule)
}

/// Whether a folder moves only because the row above it was removed, and leaves its children to
/// its own parent.
fn follows_removal(ran: &Ran<'_>, line: &ChangeLine) -> bool {
    let tree = &ran.before.trees[&ran.job.structure];
    let above = line.row.and_then(|row| tree.parent(row));
    let mut removed = ran
        .lines
        .iter()
        .filter(|line| line.kind == ChangeKind::RowRemoved);
    line.kind == ChangeKind::RowMoved && above.is_some() && removed.any(|line| line.row == above)
}

/// A resync changes only the side that loses; sub-tasks are added in both directions.
fn check_direction(ran: &Ran<'_>, rule: &Rule) -> Checked {
    let writes_issues = rule.writes_issues(ran.job.direction);
    for line in &ran.lines {
        let in_tracker = matches!(
            line.kind,
            ChangeKind::LinkAdded
                | ChangeKind::LinkRemoved
                | ChangeKind::RankChanged
                | ChangeKind::EpicChanged
                | ChangeKind::StatusChanged
        );
        if in_tracker && !writes_issues {
            return Err(format!(
                "“{}” writes the side that is the truth",
                line.summary
            ));
        }
    }
    Ok(())
}

fn saved_filter(
    ran: &Ran<'_>,
    settings: &SavedFilterSettings,
    line: &ChangeLine,
    issue: IssueId,
) -> bool {
    let FilterSource::Jql(jql) = &settings.source else {
        return false;
    };
    let wanted = Query::of(jql).holds(ran.before, issue);
    match line.kind {
        ChangeKind::RowAdded => settings.add && wanted,
        ChangeKind::RowMoved => settings.allow_move && wanted,
        ChangeKind::RowRemoved => {
            let tree = &ran.before.trees[&ran.job.structure];
            let row = line.row.filter(|row| Some(*row) != settings.place_under);
            let placed = row.is_some_and(|row| tree.parent(row) == settings.place_under);
            settings.remove
                && !wanted
                && row.is_some()
                && (placed || !settings.remove_only_from_placement)
        }
        _ => false,
    }
}

/// Whether a line adds or moves a sub-task of the given types.
fn sub_task(state: &State, types: &[String], line: &ChangeLine, issue: IssueId) -> bool {
    matches!(line.kind, ChangeKind::RowAdded | ChangeKind::RowMoved)
        && state
            .issues
            .get(&issue)
            .is_some_and(|issue| is_sub_task(types, issue))
}

/// Whether an issue is a sub-task that a rule for the given types is about.
pub(crate) fn is_sub_task(types: &[String], issue: &Issue) -> bool {
    let named = |name: &String| name.eq_ignore_ascii_case(&issue.type_name);
    issue.parent.is_some() && (types.is_empty() || types.iter().any(named))
}

fn links(ran: &Ran<'_>, line: &ChangeLine) -> bool {
    let Some(Settings::Links(settings)) = ran.rule.map(|rule| &rule.settings) else {
        return false;
    };
    // What passes is read before: a links rule changes no field that a filter looks at.
    let view = LinksView {
        settings,
        state: ran.before,
    };
    let adds = settings.scope != LinksScope::InStructure;
    let counting = view.counting();
    let is_end = line
        .issue
        .is_some_and(|it| counting.iter().any(|pair| pair.0 == it || pair.1 == it));
    let unlinked = settings.unlinked_rows;
    match line.kind {
        ChangeKind::RowAdded => adds && is_end,
        // A row moves under its parent; without a link, to the top level; or up, when the row
        // above it is removed.
        ChangeKind::RowMoved => is_end || unlinked != UnlinkedRows::Keep,
        ChangeKind::RowRemoved => unlinked == UnlinkedRows::Remove,
        ChangeKind::LinkAdded => true,
        ChangeKind::LinkRemoved => {
            let link = line.link.and_then(|id| ran.before.links.get(&id));
            link.is_some_and(|link| {
                link.link_type == settings.link_type
                    && view.counts(view.pair(link.source, link.target))
            })
        }
        _ => false,
    }
}

/// Whether a rule gives an issue a status.
pub(crate) fn rolls_up(settings: &StatusRollupSettings, issue: &Issue) -> bool {
    let named = |names: &[String], name: &str| {
        names.is_empty() || names.iter().any(|it| it.eq_ignore_ascii_case(name))
    };
    named(&settings.project_keys, &issue.project) && named(&settings.issue_types, &issue.type_name)
}
