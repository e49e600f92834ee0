//! A plan in lines that people read and that a later job can undo: what changes, of what, from
//! where to where. `names` finds what the lines call things by, and words each of them.

mod names;

use super::conflicts::Overwritten;
use super::load::Planned;
use crate::domain::{ChangeCounts, ChangeKind, NoteKind, RowEdit, UserId};
use crate::store::jobs::ChangeLine;
use crate::store::{StoreError, Tx, users};
pub(super) use names::New;
pub(super) use names::rank_json;
use names::{Names, Wanted, blank, row_kind};
use std::collections::HashMap;

/// Row edits whose lines are read at a time.
const PART: usize = 2_000;

/// All lines of a plan: those of its rows, then the others.
pub(super) fn lines(tx: &Tx<'_>, planned: &Planned) -> Result<Vec<ChangeLine>, StoreError> {
    let edits = &planned.plan.rows;
    let new = New::of(edits);
    let mut lines = Vec::with_capacity(edits.len());
    for part in edits.chunks(PART) {
        lines.extend(row_lines(tx, planned, part, &new)?);
    }
    lines.extend(other_lines(tx, planned)?);
    Ok(lines)
}

/// A line for each of some edits of rows.
pub(super) fn row_lines(
    tx: &Tx<'_>,
    planned: &Planned,
    edits: &[RowEdit],
    new: &New,
) -> Result<Vec<ChangeLine>, StoreError> {
    let mut wanted = Wanted::default();
    edits.iter().for_each(|edit| wanted.row(planned, edit, new));
    let names = Names::read(tx, planned, wanted, new)?;
    Ok(edits.iter().map(|edit| names.row_line(edit)).collect())
}

/// The lines of all that is no edit of a row: links and fields in the order of their edits, then
/// what people did that is overwritten, what cannot be done and what stays.
pub(super) fn other_lines(tx: &Tx<'_>, planned: &Planned) -> Result<Vec<ChangeLine>, StoreError> {
    let plan = &planned.plan;
    let rows = plan.rows.len();
    let overwritten = planned.overwritten.iter().map(|it| it.by_edit);
    let edits: Vec<RowEdit> = overwritten
        .filter_map(|at| plan.rows.get(at).copied())
        .collect();
    let new = New::of(if edits.is_empty() { &[] } else { &plan.rows });
    let mut wanted = Wanted::others(planned);
    edits
        .iter()
        .for_each(|edit| wanted.row(planned, edit, &new));
    let names = Names::read(tx, planned, wanted, &new)?;
    let mut lines = Vec::new();
    lines.extend(plan.links.iter().map(|edit| names.link_line(edit)));
    lines.extend(plan.fields.iter().map(|edit| names.field_line(edit)));
    let line = |edit: usize| match plan.rows.get(edit) {
        Some(edit) => Some(names.row_line(edit)),
        None => lines.get(edit - rows).cloned(),
    };
    let conflicts = conflicts(tx, planned, line, &names)?;
    lines.extend(conflicts);
    lines.extend(plan.notes.iter().map(|note| {
        let text = note.text.replace("{issue}", names.key(note.issue));
        let kind = match note.kind {
            NoteKind::Skipped => ChangeKind::Skipped,
            NoteKind::Failed => ChangeKind::Failed,
        };
        ChangeLine {
            issue_key: names.keys.get(&note.issue).cloned(),
            issue: Some(note.issue),
            summary: match note.other {
                Some(other) => text.replace("{other}", names.key(other)),
                None => text,
            },
            ..blank(kind)
        }
    }));
    lines.extend(plan.kept.iter().map(|kept| names.kept_line(kept)));
    Ok(lines)
}

/// What a plan changes, in numbers: its rows, and the others by their lines.
pub(super) fn counts(planned: &Planned, others: &[ChangeLine]) -> ChangeCounts {
    let mut counts = ChangeCounts {
        issues_scanned: planned.plan.issues_scanned,
        ..ChangeCounts::default()
    };
    let rows = planned.plan.rows.iter();
    rows.for_each(|edit| counts.count(row_kind(edit)));
    others.iter().for_each(|line| counts.count(line.kind));
    counts
}

/// A line for each edit by a person that the plan overwrites: what was done, and what comes of it.
fn conflicts(
    tx: &Tx<'_>,
    planned: &Planned,
    line_of: impl Fn(usize) -> Option<ChangeLine>,
    names: &Names<'_>,
) -> Result<Vec<ChangeLine>, StoreError> {
    let users = planned.overwritten.iter().filter_map(|it| it.user);
    let users: HashMap<UserId, String> = users::by_ids(tx, users)?
        .into_iter()
        .map(|user| (user.id, user.name))
        .collect();
    let line = |overwritten: &Overwritten| {
        let line = line_of(overwritten.by_edit)?;
        let who = match overwritten.user {
            Some(user) => users.get(&user).map_or("somebody", String::as_str),
            None => "an import",
        };
        let what = match overwritten.with {
            Some(issue) => names.key(issue),
            None => line.issue_key.as_deref().unwrap_or("it"),
        };
        Some(ChangeLine {
            kind: ChangeKind::Conflict,
            issue: overwritten.with.or(line.issue),
            issue_key: Some(what.to_owned()).filter(|_| line.issue_key.is_some()),
            summary: format!(
                "{who} {} {what} since the last synchronization, which is overwritten: {}",
                overwritten.did, line.summary
            ),
            ..line
        })
    };
    Ok(planned.overwritten.iter().filter_map(line).collect())
}
