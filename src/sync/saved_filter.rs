//! Keeps the issues of a filter in the structure.
//!
//! Nothing is moved but what `allow_move` asks for, and a row goes only when nothing below it has
//! to stay; so folders, and rows that hold wanted issues, are never lost.

use super::draft::Draft;
use crate::domain::synchronizer::SavedFilterSettings;
use crate::domain::{Forest, IdSet, IssueId, Note, NoteKind, Plan, RowId};
use std::collections::HashSet;

/// What the planner sees.
pub struct Snapshot<'a> {
    /// The structure.
    pub forest: &'a Forest,
    /// The rule.
    pub settings: &'a SavedFilterSettings,
    /// The filter's result in its order; of an incremental run, as far as `looked_at` reaches.
    pub result: Vec<IssueId>,
    /// The issues that an incremental run looks at; `None` for all.
    pub looked_at: Option<HashSet<IssueId>>,
}

/// What would make the structure hold the filter's result.
pub fn plan(snapshot: &Snapshot<'_>) -> Plan {
    let forest = snapshot.forest;
    let settings = snapshot.settings;
    let wanted: IdSet<IssueId> = snapshot.result.iter().copied().collect();
    let mut draft = Draft::new(forest);
    let mut plan = Plan {
        issues_scanned: snapshot
            .looked_at
            .as_ref()
            .map_or(wanted.len(), HashSet::len),
        ..Plan::default()
    };
    for &issue in &snapshot.result {
        place(&mut draft, settings, issue, &mut plan.notes);
    }
    if settings.remove {
        plan.rows_in_scope = scope(forest, settings);
        remove(&mut draft, snapshot, &wanted);
    }
    plan.rows = draft.finish();
    plan
}

fn place(
    draft: &mut Draft<'_>,
    settings: &SavedFilterSettings,
    issue: IssueId,
    notes: &mut Vec<Note>,
) {
    let Some(row) = draft.primary(issue) else {
        if settings.add {
            draft.append(issue, settings.place_under);
        }
        return;
    };
    let Some(placement) = settings.place_under.filter(|_| settings.allow_move) else {
        return;
    };
    if draft
        .rows_of(issue)
        .any(|row| draft.is_within(row, placement))
    {
        return;
    }
    if draft.move_to_end(row, Some(placement)).is_err() {
        notes.push(Note {
            kind: NoteKind::Skipped,
            issue,
            other: None,
            text: "{issue} stays where it is: the placement lies in its own subtree".to_owned(),
        });
    }
}

/// Removes unwanted rows bottom-up: a row goes once it has no children left.
fn remove(draft: &mut Draft<'_>, snapshot: &Snapshot<'_>, wanted: &IdSet<IssueId>) {
    let forest = snapshot.forest;
    let unwanted = |issue: &IssueId| !wanted.contains(issue);
    let candidates: Vec<usize> = match &snapshot.looked_at {
        None => {
            let rows = forest.rows().rev();
            rows.filter(|row| row.issue.as_ref().is_some_and(unwanted))
                .map(|it| it.index)
                .collect()
        }
        Some(looked_at) => {
            let issues = looked_at.iter().filter(|issue| unwanted(issue));
            let mut rows: Vec<usize> = issues
                .flat_map(|issue| forest.rows_of(*issue))
                .map(|row| row.index)
                .collect();
            rows.sort_unstable_by(|a, b| b.cmp(a));
            rows
        }
    };
    for index in candidates {
        let row = forest.row(index).id;
        if may_go(draft, snapshot.settings, row) && draft.is_childless(row) {
            draft.remove(row);
        }
    }
}

fn may_go(draft: &Draft<'_>, settings: &SavedFilterSettings, row: RowId) -> bool {
    settings.place_under != Some(row)
        && (!settings.remove_only_from_placement || draft.parent(row) == settings.place_under)
}

/// How many rows the rule could remove.
fn scope(forest: &Forest, settings: &SavedFilterSettings) -> usize {
    if !settings.remove_only_from_placement {
        return forest.rows().filter(|row| row.issue.is_some()).count();
    }
    let placement = settings.place_under.and_then(|row| forest.index_of(row));
    forest
        .children(placement)
        .filter(|row| row.issue.is_some())
        .count()
}
