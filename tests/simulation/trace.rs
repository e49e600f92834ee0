//! What a run tells: its steps, and how two states differ.

use super::state::State;
use std::cell::RefCell;
use std::rc::Rc;
use understory::store::jobs::Job;

/// What happened so far, one line a step; it outlives a run that panics.
#[derive(Clone, Default)]
pub(super) struct Trace {
    /// Whether each step is shown at once.
    pub(super) shown: bool,
    pub(super) lines: Rc<RefCell<Vec<String>>>,
}

impl Trace {
    pub(super) fn say(&self, line: String) {
        let mut lines = self.lines.borrow_mut();
        if self.shown {
            println!("{:>4} {line}", lines.len());
        }
        lines.push(line);
    }
}

/// A job in a few words.
pub(super) fn name(job: &Job) -> String {
    let dry = if job.dry_run { "dry " } else { "" };
    let direction = job.direction.map_or("", |it| it.name());
    let rule = job.synchronizer.map_or(0, |it| it.0);
    format!(
        "job {}: {dry}{} {direction} of rule {rule}",
        job.id,
        job.kind.name()
    )
}

/// Where two states differ, in short.
pub(super) fn difference(expected: &State, found: &State) -> String {
    for (id, tree) in &expected.trees {
        if found.trees.get(id) != Some(tree) {
            return format!("structure {id}: {tree:?}, found {:?}", found.trees.get(id));
        }
    }
    for (id, issue) in &expected.issues {
        if found.issues.get(id) != Some(issue) {
            return format!("{issue:?}, found {:?}", found.issues.get(id));
        }
    }
    format!("links {:?}, found {:?}", expected.links, found.links)
}
