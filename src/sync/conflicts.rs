//! What a plan overwrites: edits by people, on the side that loses, made since the last
//! synchronization.
//!
//! It compares any plan with both change feeds, so every kind lists its conflicts alike, in a dry
//! run as in a run. What jobs wrote is no conflict, it is itself carried over from somewhere; but what
//! somebody brought back by undoing a job is.

use super::rule::Rule;
use crate::domain::synchronizer::RankMode;
use crate::domain::{
    FieldEdit, Forest, IssueId, LinkEdit, Plan, RankPlace, RowEdit, RowId, Settings, UserId,
};
use crate::store::changes::{self, RowChangeKind, UserRowChange};
use crate::store::issues::{self, IssueChangeKind, UserChange};
use crate::store::synchronizers::Cursor;
use crate::store::{StoreError, Tx, ranks};
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};

/// One edit by a person that a plan overwrites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overwritten {
    /// By which edit of the plan: its place among rows, then links, then fields.
    pub(super) by_edit: usize,
    /// With which issue, if that is not the one of the edit: an order is undone by moving either.
    pub(super) with: Option<IssueId>,
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
    forest: &Forest,
    plan: &Plan,
) -> Result<Vec<Overwritten>, StoreError> {
    let mut found = Found::default();
    if !plan.rows.is_empty() {
        let (since, until) = (rule.cursor.structure, heads.structure);
        found.rows(forest, &plan.rows, |visit| {
            changes::each_by_user(tx, rule.structure, since, until, visit)
        })?;
    }
    let edited = edited_issues(plan);
    if !edited.is_empty() {
        let lines = issues::changes_by_users(tx, rule.cursor.issues, heads.issues, edited)?;
        found.links(plan, &lines);
        found.fields(plan, &lines);
    }
    if plan
        .fields
        .iter()
        .any(|edit| matches!(edit, FieldEdit::Rank { .. }))
    {
        found.ranks(tx, rule, heads, forest, plan)?;
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

/// Whether ranks follow the structure parent by parent.
fn alone(settings: &Settings) -> bool {
    matches!(settings, Settings::Agile(it) if it.rank_mode == RankMode::Independent)
}

/// What was found, by the edit that overwrites it.
#[derive(Default)]
struct Found(HashMap<usize, Overwritten>);

impl Found {
    fn put(&mut self, by_edit: usize, did: &'static str, user: Option<UserId>) {
        let overwritten = Overwritten {
            by_edit,
            with: None,
            did,
            user,
        };
        self.0.insert(by_edit, overwritten);
    }

    fn rows(
        &mut self,
        forest: &Forest,
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
        let mut moved: BTreeMap<RowId, UserId> = BTreeMap::new();
        each(&mut |change| {
            if change.kind == RowChangeKind::Removed {
                removed.insert((change.version, change.row));
                let at = change.issue.and_then(|issue| of_issue.get(&issue));
                seen.extend(at.map(|at| (*at, change)));
            } else if let Some(at) = of_row.get(&change.row) {
                seen.push((*at, change));
            } else if change.kind == RowChangeKind::Moved {
                moved.insert(change.row, change.user);
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
        self.crossings(forest, edits, &moved);
        Ok(())
    }

    /// Rows that people moved and that the plan leaves, but moves a sibling past: that undoes the
    /// same order.
    fn crossings(&mut self, forest: &Forest, edits: &[RowEdit], moved: &BTreeMap<RowId, UserId>) {
        let parent_of = |row: RowId| {
            let parent = forest.find(row)?.parent;
            Some(parent.map(|up| forest.row(up).id))
        };
        let mut reordered: HashMap<Option<RowId>, Vec<(usize, RowId)>> = HashMap::new();
        for (at, edit) in edits.iter().enumerate() {
            if let RowEdit::Move { id, place } = edit
                && parent_of(*id) == Some(place.parent)
            {
                reordered.entry(place.parent).or_default().push((at, *id));
            }
        }
        if reordered.is_empty() || moved.is_empty() {
            return;
        }
        let Ok(after) = forest.edited(forest.version(), edits) else {
            return;
        };
        for (row, user) in moved {
            let Some(siblings) = parent_of(*row).and_then(|parent| reordered.get(&parent)) else {
                continue;
            };
            let first =
                |forest: &Forest, other: RowId| forest.index_of(other) < forest.index_of(*row);
            let crossed = siblings
                .iter()
                .find(|(_, other)| first(forest, *other) != first(&after, *other));
            let with = forest.find(*row).and_then(|view| view.issue);
            if let (Some((at, _)), Some(_)) = (crossed, with) {
                self.crossed(*at, "moved", with, Some(*user));
            }
        }
    }

    /// Issues that people ranked and that the plan leaves, but ranks another past.
    fn ranks(
        &mut self,
        tx: &Tx<'_>,
        rule: &Rule,
        heads: Cursor,
        forest: &Forest,
        plan: &Plan,
    ) -> Result<(), StoreError> {
        let mut ranked = issues::ranked_by_users(tx, rule.cursor.issues, heads.issues)?;
        ranked.retain(|issue, _| forest.holds(*issue));
        let edits = plan.fields.iter().enumerate();
        let edits: Vec<(usize, IssueId, &RankPlace)> = edits
            .filter_map(|(at, edit)| match edit {
                FieldEdit::Rank { issue, to, .. } => Some((at, *issue, to)),
                _ => None,
            })
            .collect();
        for (_, issue, _) in &edits {
            ranked.remove(issue);
        }
        if ranked.is_empty() {
            return Ok(());
        }
        let anchors = edits.iter().filter_map(|(_, _, to)| match to {
            RankPlace::Before(other) | RankPlace::After(other) => Some(*other),
            RankPlace::Exactly(_) => None,
        });
        let asked: HashSet<IssueId> = anchors
            .chain(edits.iter().map(|(_, issue, _)| *issue))
            .chain(ranked.keys().copied())
            .collect();
        let ranks = ranks::of(tx, asked)?;
        let rank = |issue: IssueId| ranks.get(&issue).cloned().flatten();
        let beside = |one: IssueId, other: IssueId| {
            let parent = |issue| forest.primary(issue).map(|row| row.parent);
            !alone(&rule.settings) || parent(one) == parent(other)
        };
        // Each edited issue stands directly beside one that is not edited, on one side of it.
        let mut stands: HashMap<IssueId, (IssueId, Ordering)> = HashMap::new();
        for (at, issue, to) in edits {
            let (other, side) = match to {
                RankPlace::Before(other) => (*other, Ordering::Less),
                RankPlace::After(other) => (*other, Ordering::Greater),
                RankPlace::Exactly(_) => continue,
            };
            let (root, side) = stands.get(&other).copied().unwrap_or((other, side));
            stands.insert(issue, (root, side));
            let crossed = ranked.iter().find(|(it, _)| {
                let now = if root == **it {
                    side
                } else {
                    rank(root).cmp(&rank(**it))
                };
                beside(issue, **it) && rank(issue).cmp(&rank(**it)) != now
            });
            if let Some((with, user)) = crossed {
                let by_edit = plan.rows.len() + plan.links.len() + at;
                self.crossed(by_edit, "ranked", Some(*with), *user);
            }
        }
        Ok(())
    }

    /// Notes what an edit overwrites by the way, unless it overwrites more already.
    fn crossed(
        &mut self,
        by_edit: usize,
        did: &'static str,
        with: Option<IssueId>,
        user: Option<UserId>,
    ) {
        self.0.entry(by_edit).or_insert(Overwritten {
            by_edit,
            with,
            did,
            user,
        });
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
