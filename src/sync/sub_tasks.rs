//! Keeps sub-tasks under their parents.
//!
//! A sub-task whose parent is not in the structure is left alone; so is one that already stands
//! directly under any row of its parent.

use super::draft::Draft;
use crate::domain::{Forest, IssueId, Note, NoteKind, Plan, RowId};
use std::collections::{HashMap, VecDeque};

/// What the planner sees.
pub struct Snapshot<'a> {
    /// The structure.
    pub forest: &'a Forest,
    /// Sub-tasks of the wanted types with their parents, in key order; of an incremental run,
    /// those of the parents that it looks at.
    pub sub_tasks: Vec<(IssueId, IssueId)>,
}

/// What would put every sub-task under its parent.
pub fn plan(snapshot: &Snapshot<'_>) -> Plan {
    let mut draft = Draft::new(snapshot.forest);
    let placed = place(&mut draft, &snapshot.sub_tasks);
    Plan {
        rows: draft.finish(),
        notes: placed.blocked.into_iter().map(skipped).collect(),
        issues_scanned: snapshot.sub_tasks.len(),
        ..Plan::default()
    }
}

/// A row that [`place`] put under a row of its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    /// The row.
    pub(super) row: RowId,
    /// Its issue.
    pub(super) sub_task: IssueId,
    /// The issue above it.
    pub(super) parent: IssueId,
}

/// What [`place`] did.
#[derive(Debug, Default)]
pub(super) struct Placed {
    /// The rows that it added or moved; a parent's before those of its sub-tasks.
    pub(super) arrived: Vec<Arrival>,
    /// The sub-tasks, with their parents, that cannot be moved: the parent stands below them.
    pub(super) blocked: Vec<(IssueId, IssueId)>,
}

/// Puts sub-tasks, given with their parents, under a row of the parent where that stands in the
/// draft: from the top down, and on into sub-tasks that are new in it.
pub(super) fn place(draft: &mut Draft<'_>, sub_tasks: &[(IssueId, IssueId)]) -> Placed {
    let mut of_parent: HashMap<IssueId, Vec<IssueId>> = HashMap::new();
    for &(sub_task, parent) in sub_tasks {
        of_parent.entry(parent).or_default().push(sub_task);
    }
    // Rows of the base depth-first, then new ones in the order of their making.
    let mut parents: Vec<(usize, i64, IssueId)> = of_parent
        .keys()
        .filter_map(|parent| {
            let row = draft.primary(*parent)?;
            let index = draft.base().index_of(row);
            Some((index.unwrap_or(usize::MAX), -row.0, *parent))
        })
        .collect();
    parents.sort_unstable();
    let mut queue: VecDeque<IssueId> = parents.into_iter().map(|(.., parent)| parent).collect();
    let mut placed = Placed::default();
    while let Some(parent) = queue.pop_front() {
        for sub_task in of_parent.remove(&parent).unwrap_or_default() {
            match settle(draft, sub_task, parent, &mut placed.arrived) {
                Settled::Placed => {}
                Settled::Added => queue.push_back(sub_task),
                Settled::Blocked => placed.blocked.push((sub_task, parent)),
            }
        }
    }
    // A move out of the way may have made room for one that could not be made before it.
    loop {
        let before = placed.blocked.len();
        let arrived = &mut placed.arrived;
        placed.blocked.retain(|(sub_task, parent)| {
            settle(draft, *sub_task, *parent, arrived) == Settled::Blocked
        });
        if placed.blocked.len() == before {
            return placed;
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Settled {
    Placed,
    Added,
    Blocked,
}

fn settle(
    draft: &mut Draft<'_>,
    sub_task: IssueId,
    parent: IssueId,
    arrived: &mut Vec<Arrival>,
) -> Settled {
    if draft.stands_under(sub_task, parent) {
        return Settled::Placed;
    }
    let Some(under) = draft.primary(parent) else {
        return Settled::Blocked;
    };
    let (row, settled) = if draft.primary(sub_task).is_none() {
        (draft.append(sub_task, Some(under)), Settled::Added)
    } else {
        match draft.move_under(sub_task, parent) {
            Ok(row) => (row, Settled::Placed),
            Err(_) => return Settled::Blocked,
        }
    };
    arrived.push(Arrival {
        row,
        sub_task,
        parent,
    });
    settled
}

/// What the job says of a sub-task that cannot be moved under its parent.
pub(super) fn skipped((sub_task, parent): (IssueId, IssueId)) -> Note {
    Note {
        kind: NoteKind::Skipped,
        issue: sub_task,
        other: Some(parent),
        text: "{issue} is not moved under its parent {other}, which stands in its subtree"
            .to_owned(),
    }
}
