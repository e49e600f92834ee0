//! A plan in lines that people read and that a later job can undo: what changes, of what, from
//! where to where. `names` finds what the lines call things by, and words each of them.

mod names;

use super::conflicts::Overwritten;
use super::load::Planned;
use crate::domain::{ChangeCounts, ChangeKind, NoteKind, RowEdit, RowId, UserId};
use crate::store::jobs::ChangeLine;
use crate::store::{StoreError, Tx, users};
pub(super) use names::rank_json;
use names::{Names, blank, place_json};
use std::collections::HashMap;

/// The lines of a plan, in the order of its edits, and their counts.
pub(super) fn lines(
    tx: &Tx<'_>,
    planned: &Planned,
) -> Result<(Vec<ChangeLine>, ChangeCounts), StoreError> {
    let names = Names::read(tx, planned)?;
    let plan = &planned.plan;
    let mut lines = Vec::new();
    lines.extend(plan.rows.iter().map(|edit| names.row_line(edit)));
    lines.extend(plan.links.iter().map(|edit| names.link_line(edit)));
    lines.extend(plan.fields.iter().map(|edit| names.field_line(edit)));
    lines.extend(conflicts(tx, planned, &lines, &names)?);
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
    let mut counts = ChangeCounts {
        issues_scanned: plan.issues_scanned,
        ..ChangeCounts::default()
    };
    lines.iter().for_each(|line| counts.count(line.kind));
    Ok((lines, counts))
}

/// A line for each edit by a person that the plan overwrites: what was done, and what comes of it.
fn conflicts(
    tx: &Tx<'_>,
    planned: &Planned,
    lines: &[ChangeLine],
    names: &Names<'_>,
) -> Result<Vec<ChangeLine>, StoreError> {
    let users = planned.overwritten.iter().filter_map(|it| it.user);
    let users: HashMap<UserId, String> = users::by_ids(tx, users)?
        .into_iter()
        .map(|user| (user.id, user.name))
        .collect();
    let line = |overwritten: &Overwritten| {
        let line = lines.get(overwritten.by_edit)?;
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
            ..line.clone()
        })
    };
    Ok(planned.overwritten.iter().filter_map(line).collect())
}

/// Gives the lines of new rows the ids that these got.
pub(super) fn number(lines: &mut [ChangeLine], ids: &HashMap<RowId, RowId>, edits: &[RowEdit]) {
    for (line, edit) in lines.iter_mut().zip(edits) {
        line.row = Some(ids.get(&edit.row()).copied().unwrap_or(edit.row()));
        if let Some(place) = edit.place() {
            let real = |row: RowId| ids.get(&row).copied().unwrap_or(row);
            line.after = Some(place_json(place.parent.map(real), place.after.map(real)));
        }
    }
}
