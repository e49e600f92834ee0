//! Fields: epics, and statuses with what belongs to them.
//!
//! A field goes back if it still has the value that the job gave it.

use super::Snapshot;
use crate::domain::{FieldEdit, IssueId, Kept, Millis, Plan, StatusState};
use crate::store::undo::{ChangedField, FieldState};
use std::collections::HashMap;

/// A field that the job changed, or that belongs to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TouchedField {
    /// What the job made of it.
    pub change: ChangedField,
    /// Of a rank: the issues that have the rank which it had before.
    pub holders: Vec<IssueId>,
}

/// Adds what undoes the job's edits of epics and statuses.
pub(super) fn plan(snapshot: &Snapshot<'_>, plan: &mut Plan) {
    plan_statuses(snapshot, plan);
    for field in changed(&snapshot.fields, "epic") {
        plan_epic(snapshot, &field.change, plan);
    }
}

/// The fields of a name that the job changed.
pub(super) fn changed<'a>(
    fields: &'a [TouchedField],
    name: &'a str,
) -> impl DoubleEndedIterator<Item = &'a TouchedField> {
    named(fields, name).filter(|it| is_changed(&it.change))
}

fn named<'a>(
    fields: &'a [TouchedField],
    name: &'a str,
) -> impl DoubleEndedIterator<Item = &'a TouchedField> {
    fields.iter().filter(move |it| it.change.field == name)
}

fn is_changed(change: &ChangedField) -> bool {
    change.before != change.after
}

pub(super) fn keep(issue: IssueId, text: &str, plan: &mut Plan) {
    plan.kept.push(Kept {
        issue: Some(issue),
        text: text.to_owned(),
        ..Kept::default()
    });
}

/// Status, resolution and instant of an issue go back together or not at all, so one that the job
/// left alone counts as well: its value must still be the one from then.
fn plan_statuses(snapshot: &Snapshot<'_>, plan: &mut Plan) {
    let parts = ["status", "resolution", "resolved"];
    let (mut order, mut of_issue) = (Vec::new(), HashMap::<_, Vec<&ChangedField>>::new());
    for field in parts.iter().flat_map(|part| named(&snapshot.fields, part)) {
        let of_issue = of_issue.entry(field.change.issue).or_default();
        if of_issue.is_empty() {
            order.push(field.change.issue);
        }
        of_issue.push(&field.change);
    }
    for issue in order {
        let changes = of_issue.remove(&issue).unwrap_or_default();
        if !changes.iter().any(|change| is_changed(change)) {
            continue;
        }
        let Some(state) = snapshot.states.get(&issue) else {
            keep(
                issue,
                "the status of {item} is not put back: it was deleted since",
                plan,
            );
            continue;
        };
        let now = |change: &&ChangedField| value(state, &change.field) == change.after;
        if !changes.iter().all(now) {
            keep(
                issue,
                "the status of {item} stays: it was edited since",
                plan,
            );
            continue;
        }
        let mut before = state.status.clone();
        for change in changes {
            restore(&mut before, change);
        }
        plan.fields.push(FieldEdit::RestoreStatus {
            issue,
            from: state.status.clone(),
            to: before,
        });
    }
}

/// The value of a field, as the feed writes it.
fn value(state: &FieldState, field: &str) -> Option<String> {
    match field {
        "status" => Some(state.status.status.clone()),
        "resolution" => state.status.resolution.clone(),
        "resolved" => state.status.resolved_at.map(|at| at.to_string()),
        "epic" => state.epic.map(|epic| epic.to_string()),
        _ => state.rank.clone(),
    }
}

fn restore(state: &mut StatusState, change: &ChangedField) {
    let before = change.before.clone();
    match change.field.as_str() {
        "status" => state.status = before.unwrap_or_default(),
        "resolution" => state.resolution = before,
        _ => state.resolved_at = before.and_then(|at| at.parse().ok()).map(Millis),
    }
}

fn plan_epic(snapshot: &Snapshot<'_>, change: &ChangedField, plan: &mut Plan) {
    let issue = change.issue;
    let epic = change.before.as_ref().and_then(|id| id.parse().ok());
    let epic = epic.map(IssueId);
    let text = match snapshot.states.get(&issue) {
        None => "the epic of {item} is not put back: it was deleted since",
        Some(state) if value(state, "epic") != change.after => {
            "the epic of {item} stays: it was edited since"
        }
        Some(_) if epic.is_some_and(|epic| !snapshot.exists(epic)) => {
            "the epic of {item} stays: the one before is gone"
        }
        Some(state) => {
            plan.fields.push(FieldEdit::Epic {
                issue,
                from: state.epic,
                to: epic,
            });
            return;
        }
    };
    keep(issue, text, plan);
}
