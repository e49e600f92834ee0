//! Fields: ranks, epics, and statuses with what belongs to them.
//!
//! A field goes back if it still has the value that the job gave it. A rank goes back to the very
//! string, or beside the issue that has that rank now.

use super::Snapshot;
use crate::domain::{FieldEdit, IssueId, Kept, Millis, Plan, RankPlace, StatusState};
use crate::store::undo::{ChangedField, FieldState};
use std::collections::{HashMap, HashSet};

/// A field that the job changed, or that belongs to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TouchedField {
    /// What the job made of it.
    pub change: ChangedField,
    /// Of a rank: the issues that have the rank which it had before.
    pub holders: Vec<RankHolder>,
}

/// An issue that has a rank which another one is to get back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankHolder {
    /// The issue.
    pub issue: IssueId,
    /// Whether the other one stands directly beside it already, on the side of its id.
    pub beside: bool,
}

/// Adds what undoes the job's edits of fields.
pub(super) fn plan(snapshot: &Snapshot<'_>, plan: &mut Plan) {
    plan_statuses(snapshot, plan);
    for field in of(snapshot, "epic") {
        plan_epic(snapshot, &field.change, plan);
    }
    plan_ranks(snapshot, plan);
}

/// Those of a name that the job changed.
fn of<'a>(snapshot: &'a Snapshot<'_>, name: &'a str) -> impl Iterator<Item = &'a TouchedField> {
    named(snapshot, name).filter(|it| is_changed(&it.change))
}

fn named<'a>(snapshot: &'a Snapshot<'_>, name: &'a str) -> impl Iterator<Item = &'a TouchedField> {
    let fields = snapshot.fields.iter();
    fields.filter(move |it| it.change.field == name)
}

fn is_changed(change: &ChangedField) -> bool {
    change.before != change.after
}

fn keep(issue: IssueId, text: &str, plan: &mut Plan) {
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
    for field in parts.iter().flat_map(|part| named(snapshot, part)) {
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

/// The last rank that the job gave goes first, so that each finds its own free again; those whose
/// rank another issue has now go last, when all else is in place.
fn plan_ranks(snapshot: &Snapshot<'_>, plan: &mut Plan) {
    let is_now = |field: &&TouchedField| {
        let state = snapshot.states.get(&field.change.issue);
        state.is_some_and(|state| state.rank == field.change.after)
    };
    let fields: Vec<&TouchedField> = of(snapshot, "rank").collect();
    let leaving: HashSet<IssueId> = fields
        .iter()
        .filter(|field| is_now(field))
        .map(|field| field.change.issue)
        .collect();
    let mut beside = Vec::new();
    for field in fields.iter().rev() {
        let (issue, change) = (field.change.issue, &field.change);
        if !leaving.contains(&issue) {
            let text = match snapshot.exists(issue) {
                true => "{item} keeps its rank: it was ranked anew since",
                false => "the rank of {item} is not put back: it was deleted since",
            };
            keep(issue, text, plan);
            continue;
        }
        let from = change.after.clone();
        let blocks = |it: &&RankHolder| it.issue != issue && !leaving.contains(&it.issue);
        match field.holders.iter().find(blocks) {
            None => plan.fields.push(FieldEdit::Rank {
                issue,
                from,
                to: RankPlace::Exactly(change.before.clone()),
            }),
            Some(holder) if holder.beside => {
                let text = "{item} keeps its rank: another issue has the one before";
                keep(issue, text, plan);
            }
            Some(holder) => {
                let to = match issue < holder.issue {
                    true => RankPlace::Before(holder.issue),
                    false => RankPlace::After(holder.issue),
                };
                beside.push(FieldEdit::Rank { issue, from, to });
            }
        }
    }
    plan.fields.extend(beside);
}
