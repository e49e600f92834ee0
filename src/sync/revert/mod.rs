//! Undo: from what one job changed, and what is there now, to the edits that bring back what was
//! there before it.
//!
//! Only what is still as the job left it goes back; what anybody edited since is kept, and listed.
//! Everything goes back exactly: rows with their ids and keys, links with theirs, ranks to the very
//! string. So a revert can be reverted, and then the job can be reverted again.

mod fields;
mod links;
mod places;
mod ranks;
mod rows;
#[cfg(test)]
mod tests;

pub use fields::TouchedField;
pub use ranks::{holder, leaving};

use crate::domain::issue::Link;
use crate::domain::{Forest, IssueId, Plan, RowId};
use crate::store::undo::{ChangedLink, ChangedRow, FieldState, Siblings, Spot};
use std::collections::{HashMap, HashSet};

/// The issues directly before and after one in the global order, among those that have a rank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// The one before it.
    pub before: Option<IssueId>,
    /// The one after it.
    pub after: Option<IssueId>,
}

/// What the planner sees.
pub struct Snapshot<'a> {
    /// The structure.
    pub forest: &'a Forest,
    /// The rows that the job changed.
    pub rows: Vec<ChangedRow>,
    /// Where those of them that are there stand now.
    pub spots: HashMap<RowId, Spot>,
    /// Of each parent that rows go back to, the children that are there now around the keys of
    /// those: all between the lowest and the highest, the one after, and from the one before that
    /// does not itself go elsewhere.
    pub siblings: HashMap<Option<RowId>, Siblings>,
    /// The links that the job made or removed.
    pub links: Vec<ChangedLink>,
    /// The links that have the id, or the ends and type, of one of those now.
    pub links_now: Vec<Link>,
    /// The fields that the job changed, and with a status also what of its state others edited
    /// since.
    pub fields: Vec<TouchedField>,
    /// What the fields of their issues are now.
    pub states: HashMap<IssueId, FieldState>,
    /// If another issue has the rank that one would get back: the neighbours of all that have such
    /// a rank, and of all that have the rank which the job gave them.
    pub neighbours: HashMap<IssueId, Neighbours>,
    /// Which of all issues that are named here still exist.
    pub existing: HashSet<IssueId>,
}

impl Snapshot<'_> {
    fn exists(&self, issue: IssueId) -> bool {
        self.existing.contains(&issue)
    }
}

/// What would undo the job.
pub fn plan(snapshot: &Snapshot<'_>) -> Plan {
    let mut plan = Plan::default();
    rows::plan(snapshot, &mut plan);
    links::plan(snapshot, &mut plan);
    fields::plan(snapshot, &mut plan);
    ranks::plan(snapshot, &mut plan);
    let of_fields = snapshot.fields.iter().map(|field| field.change.issue);
    let of_rows = snapshot.rows.iter().filter_map(|row| row.issue);
    let scanned: HashSet<IssueId> = of_fields.chain(of_rows).collect();
    plan.issues_scanned = scanned.len();
    plan
}

/// The rows that the job changed and left where they are now: those go back if nothing is in the
/// way.
pub fn unedited<'a>(
    rows: &'a [ChangedRow],
    spots: &'a HashMap<RowId, Spot>,
) -> impl Iterator<Item = &'a ChangedRow> {
    let is_as_left = |row: &&ChangedRow| spots.get(&row.row) == row.after.as_ref();
    rows.iter()
        .filter(|row| row.before != row.after)
        .filter(is_as_left)
}
