//! Keeps sub-tasks under their parents.
//!
//! A sub-task whose parent is not in the structure is left alone; so is one that already stands
//! directly under any row of its parent.

use super::draft::Draft;
use crate::domain::{Forest, IssueId, Note, NoteKind, Plan};
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
    let forest = snapshot.forest;
    let mut of_parent: HashMap<IssueId, Vec<IssueId>> = HashMap::new();
    for &(sub_task, parent) in &snapshot.sub_tasks {
        of_parent.entry(parent).or_default().push(sub_task);
    }
    let mut draft = Draft::new(forest);
    let mut plan = Plan {
        issues_scanned: snapshot.sub_tasks.len(),
        ..Plan::default()
    };
    // From the top down, and on into sub-tasks that are new in the structure.
    let mut parents: Vec<(usize, IssueId)> = of_parent
        .keys()
        .filter_map(|parent| forest.primary(*parent).map(|row| (row.index, *parent)))
        .collect();
    parents.sort_unstable();
    let mut queue: VecDeque<IssueId> = parents.into_iter().map(|(_, parent)| parent).collect();
    let mut blocked = Vec::new();
    while let Some(parent) = queue.pop_front() {
        for sub_task in of_parent.remove(&parent).unwrap_or_default() {
            match settle(&mut draft, sub_task, parent) {
                Settled::There | Settled::Moved => {}
                Settled::Added => queue.push_back(sub_task),
                Settled::Blocked => blocked.push((sub_task, parent)),
            }
        }
    }
    // A move out of the way may have made room for one that could not be made before it.
    loop {
        let before = blocked.len();
        blocked.retain(|(sub_task, parent)| {
            settle(&mut draft, *sub_task, *parent) == Settled::Blocked
        });
        if blocked.len() == before {
            break;
        }
    }
    plan.notes = blocked.into_iter().map(skipped).collect();
    plan.rows = draft.finish();
    plan
}

#[derive(Debug, PartialEq, Eq)]
enum Settled {
    There,
    Added,
    Moved,
    Blocked,
}

fn settle(draft: &mut Draft<'_>, sub_task: IssueId, parent: IssueId) -> Settled {
    if draft.stands_under(sub_task, parent) {
        return Settled::There;
    }
    let Some(under) = draft.primary(parent) else {
        return Settled::Blocked;
    };
    match draft.primary(sub_task) {
        None => {
            draft.append(sub_task, Some(under));
            Settled::Added
        }
        Some(_) => match draft.move_under(sub_task, parent) {
            Ok(()) => Settled::Moved,
            Err(_) => Settled::Blocked,
        },
    }
}

fn skipped((sub_task, parent): (IssueId, IssueId)) -> Note {
    Note {
        kind: NoteKind::Skipped,
        issue: sub_task,
        other: Some(parent),
        text: "{issue} is not moved under its parent {other}, which stands in its subtree"
            .to_owned(),
    }
}
