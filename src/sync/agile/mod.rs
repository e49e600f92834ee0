//! Keeps epics, ranks and sub-tasks of a board and the hierarchy of rows alike, in either direction.
//!
//! `place` puts rows under epics and parents, `epics` reads epics off the rows, `ranks` orders rows
//! by rank and ranks by rows; `into`, `from` and `incremental` (with `changes` and `ordering`) say in
//! which order and for which issues. A planner asks for what it needs to know of issues as it goes, through [`Tracker`], so
//! that an incremental run looks at little; for the same answers it makes the same plan.

mod changes;
mod epics;
mod from;
mod incremental;
mod into;
mod known;
mod line;
mod ordering;
mod place;
mod ranks;
#[cfg(test)]
mod tests;

pub use changes::{Changes, Touch, Touches};
pub use incremental::plan_incremental;
pub use known::{Facts, Known, Tracker};

use super::Halt;
use crate::domain::synchronizer::AgileSettings;
use crate::domain::{Direction, Forest, IssueId, Plan, RowEdit};
use std::borrow::Cow;

/// What the planner of a resync sees, beside what it asks for.
pub struct Snapshot<'a> {
    /// The structure.
    pub forest: &'a Forest,
    /// The rule.
    pub settings: &'a AgileSettings,
    /// All sub-tasks in scope with their parents, in key order; none are needed if the rule does
    /// not add them.
    pub sub_tasks: Vec<(IssueId, IssueId)>,
}

/// What would make the two sides agree, the chosen one being the truth. `known` holds every issue
/// in the structure and every issue in scope that may come into it.
pub fn plan(
    snapshot: Snapshot<'_>,
    known: &mut Known<'_>,
    direction: Direction,
) -> Result<Plan, Halt> {
    known.complete();
    match direction {
        Direction::IntoStructure => into::plan(snapshot, known),
        Direction::FromStructure => from::plan(snapshot, known),
    }
}

/// The forest after edits.
fn after<'f>(forest: &'f Forest, edits: &[RowEdit]) -> Result<Cow<'f, Forest>, Halt> {
    if edits.is_empty() {
        return Ok(Cow::Borrowed(forest));
    }
    let edited = forest.edited(forest.version(), edits);
    Ok(Cow::Owned(edited.map_err(crate::store::StoreError::from)?))
}
