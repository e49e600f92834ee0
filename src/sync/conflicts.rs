//! What a plan overwrites: edits by people, on the side that loses, made since the last
//! synchronization.
//!
//! It compares any plan with both change feeds, so every kind lists its conflicts alike, in a dry
//! run as in a run. What jobs wrote is no conflict: it is itself carried over from somewhere.

use super::rule::Rule;
use crate::domain::{FieldEdit, IssueId, LinkEdit, Plan, RowEdit, RowId, UserId};
use crate::store::changes::{self, RowChangeKind, UserRowChange};
use crate::store::issues::{self, IssueChangeKind, UserChange};
use crate::store::synchronizers::Cursor;
use crate::store::{StoreError, Tx};
use std::collections::{HashMap, HashSet};

/// One edit by a person that a plan overwrites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overwritten {
    /// By which edit of the plan: its place among rows, then links, then fields.
    pub(super) by_edit: usize,
    /// What the person did.
    pub(super) did: &'static str,
    /// Who; `None` for an import.
    pub(super) user: Option<UserId>,
}

/// The edits by people between a rule's cursor and the heads of both feeds that a plan overwrites,
/// one at the most for each of its edits: the last.
pub(super) fn find(
    tx: &Tx<'_>,
    rule: &Rule,
    heads: Cursor,
    plan: &Plan,
) -> Result<Vec<Overwritten>, StoreError> {
    let mut found = Found::default();
    if !plan.rows.is_empty() {
        let (since, until) = (rule.cursor.structure, heads.structure);
        found.rows(&plan.rows, |visit| {
            changes::each_by_user(tx, rule.structure, since, until, visit)
        })?;
    }
    let edited = edited_issues(plan);
    if !edited.is_empty() {
        let lines = issues::changes_by_users(tx, rule.cursor.issues, heads.issues, edited)?;
        found.links(plan, &lines);
        found.fields(plan, &lines);
    }
    let mut overwritten: Vec<Overwritten> = found.0.into_values().collect();
    overwritten.sort_unstable_by_key(|it| it.by_edit);
    Ok(overwritten)
}

fn edited_issues(plan: &Plan) -> HashSet<IssueId> {
    let linked = plan.links.iter().map(|edit| edit.ends()[0]);
    linked
        .chain(plan.fields.iter().map(FieldEdit::issue))
        .collect()
}

/// What was found, by the edit that overwrites it.
#[derive(Default)]
struct Found(HashMap<usize, Overwritten>);

impl Found {
    fn put(&mut self, by_edit: usize, did: &'static str, user: Option<UserId>) {
        let overwritten = Overwritten { by_edit, did, user };
        self.0.insert(by_edit, overwritten);
    }

    fn rows(
        &mut self,
        edits: &[RowEdit],
        each: impl FnOnce(&mut dyn FnMut(UserRowChange)) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut of_row: HashMap<RowId, usize> = HashMap::new();
        let mut of_issue: HashMap<IssueId, usize> = HashMap::new();
        for (at, edit) in edits.iter().enumerate() {
            match *edit {
                RowEdit::Add { issue, .. } => of_issue.extend(issue.map(|issue| (issue, at))),
                RowEdit::Move { id, .. } | RowEdit::Remove { id } => {
                    of_row.insert(id, at);
                }
            }
        }
        let mut removed: HashSet<(i64, RowId)> = HashSet::new();
        let mut seen: Vec<(usize, UserRowChange)> = Vec::new();
        each(&mut |change| {
            if change.kind == RowChangeKind::Removed {
                removed.insert((change.version, change.row));
                let at = change.issue.and_then(|issue| of_issue.get(&issue));
                seen.extend(at.map(|at| (*at, change)));
            } else {
                seen.extend(of_row.get(&change.row).map(|at| (*at, change)));
            }
        })?;
        for (at, change) in seen {
            let left_behind = change
                .before_parent
                .is_some_and(|up| removed.contains(&(change.version, up)));
            let did = match change.kind {
                RowChangeKind::Added => "added",
                // It only took the place of the row above it.
                RowChangeKind::Moved if left_behind => continue,
                RowChangeKind::Moved => "moved",
                RowChangeKind::Removed => "removed",
            };
            self.put(at, did, Some(change.user));
        }
        Ok(())
    }

    fn links(&mut self, plan: &Plan, lines: &[UserChange]) {
        for (at, edit) in plan.links.iter().enumerate() {
            let (kind, did) = match edit {
                LinkEdit::Add { .. } | LinkEdit::Restore { .. } => {
                    (IssueChangeKind::LinkRemoved, "unlinked")
                }
                LinkEdit::Remove { .. } => (IssueChangeKind::LinkAdded, "linked"),
            };
            let undone = |line: &&UserChange| {
                let Some(seen) = line.link.filter(|_| line.kind == kind) else {
                    return false;
                };
                match *edit {
                    LinkEdit::Remove { link, .. } => seen.link == link,
                    LinkEdit::Add {
                        link_type,
                        source,
                        target,
                    }
                    | LinkEdit::Restore {
                        link_type,
                        source,
                        target,
                        ..
                    } => {
                        (line.issue, seen.other, seen.link_type) == (source, target, link_type)
                            && seen.role == issues::LinkRole::Source
                    }
                }
            };
            if let Some(line) = lines.iter().rev().find(undone) {
                self.put(plan.rows.len() + at, did, line.user);
            }
        }
    }

    fn fields(&mut self, plan: &Plan, lines: &[UserChange]) {
        let before = plan.rows.len() + plan.links.len();
        let mut last: HashMap<(IssueId, &str), &UserChange> = HashMap::new();
        for line in lines {
            let field = match line.kind {
                IssueChangeKind::Updated => line.field.as_deref().unwrap_or_default(),
                // With an epic, if it has one.
                IssueChangeKind::Created => "epic",
                _ => continue,
            };
            last.insert((line.issue, field), line);
        }
        for (at, edit) in plan.fields.iter().enumerate() {
            let (field, did) = match edit {
                FieldEdit::Rank { .. } => ("rank", "ranked"),
                FieldEdit::Epic { .. } => ("epic", "changed the epic of"),
                FieldEdit::Status { .. } | FieldEdit::RestoreStatus { .. } => {
                    ("status", "changed the status of")
                }
            };
            let Some(line) = last.get(&(edit.issue(), field)) else {
                continue;
            };
            match (line.kind, edit) {
                (IssueChangeKind::Created, FieldEdit::Epic { from: None, .. }) => {}
                (IssueChangeKind::Created, _) => self.put(before + at, "created", line.user),
                _ => self.put(before + at, did, line.user),
            }
        }
    }
}
