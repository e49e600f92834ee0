//! Into the structure: each sub-issue stands under the parent that its links say.
//!
//! First the wanted parent of each sub-issue is found, then rows are put there from the top down,
//! then rows without a link are dealt with. Some rare forests (links that close cycles, issues in
//! several rows) need a second look: what one pass moved may make room for another. So the plan is
//! made again on its own result until that asks for nothing more.

use super::{ParentLink, Snapshot};
use crate::domain::synchronizer::{LinksScope, UnlinkedRows};
use crate::domain::{Forest, IssueId, LinkId, Note, NoteKind, Plan, RowEdit, RowId};
use crate::sync::diff::diff;
use crate::sync::draft::Draft;
use std::collections::{HashMap, HashSet, VecDeque};

/// Passes over one forest at the most. The second is rarely needed, a third hardly ever.
const PASSES: usize = 8;

pub(super) fn plan(snapshot: &Snapshot<'_>) -> Plan {
    let mut first = pass(snapshot, snapshot.forest);
    if !first.revisit {
        return first.plan;
    }
    let mut last_new = new_rows(&first.plan.rows);
    let Ok(mut forest) = snapshot
        .forest
        .edited(snapshot.forest.version(), &first.plan.rows)
    else {
        return first.plan;
    };
    for _ in 1..PASSES {
        let mut next = pass(snapshot, &forest);
        first.plan.notes = next.plan.notes;
        if next.plan.rows.is_empty() {
            break;
        }
        renumber(&mut next.plan.rows, last_new);
        last_new += new_rows(&next.plan.rows);
        let Ok(edited) = forest.edited(forest.version(), &next.plan.rows) else {
            break;
        };
        forest = edited;
    }
    first.plan.rows = diff(snapshot.forest, &forest);
    first.plan
}

fn new_rows(edits: &[RowEdit]) -> i64 {
    edits
        .iter()
        .filter(|edit| matches!(edit, RowEdit::Add { .. }))
        .count() as i64
}

/// Gives the new rows of a later pass numbers of their own: those of its base are taken.
fn renumber(edits: &mut [RowEdit], taken: i64) {
    let added: HashSet<RowId> = edits
        .iter()
        .filter(|edit| matches!(edit, RowEdit::Add { .. }))
        .map(RowEdit::row)
        .collect();
    let real = |row: RowId| {
        if added.contains(&row) {
            RowId(row.0 - taken)
        } else {
            row
        }
    };
    for edit in edits {
        match edit {
            RowEdit::Add { id, place, .. } | RowEdit::Move { id, place } => {
                *id = real(*id);
                place.parent = place.parent.map(real);
                place.after = place.after.map(real);
            }
            RowEdit::Remove { id } => *id = real(*id),
        }
    }
}

struct Pass {
    plan: Plan,
    /// Whether its result may ask for more.
    revisit: bool,
}

fn pass(snapshot: &Snapshot<'_>, forest: &Forest) -> Pass {
    let links = scoped(snapshot, forest);
    let mut notes = Vec::new();
    let wanted = wanted_parents(forest, &links, &mut notes);
    let mut work = Work {
        snapshot,
        draft: Draft::new(forest),
        blocked: Vec::new(),
        incoming: incoming(&links, &wanted),
        linked: snapshot
            .links
            .iter()
            .map(|link| (link.parent, link.child))
            .collect(),
    };
    let unlinked = snapshot.settings.unlinked_rows;
    let mut revisit = unlinked == UnlinkedRows::Remove && work.remove_unlinked(&links, &wanted);
    if !revisit {
        // Rows that go take their links out of scope, so they go first, in a pass of their own.
        work.add_parents(&links, &wanted);
        work.settle_from_the_top(&links);
        work.settle_blocked();
        notes.extend(work.blocked.iter().map(cannot_move));
        let lifted = unlinked == UnlinkedRows::MoveToTopLevel && work.lift_unlinked();
        revisit = lifted || !notes.is_empty();
    }
    let plan = Plan {
        rows: work.draft.finish(),
        notes,
        issues_scanned: links.len(),
        rows_in_scope: match snapshot.looked_at {
            None => forest.rows().filter(|row| row.issue.is_some()).count(),
            Some(_) => 0,
        },
        ..Plan::default()
    };
    Pass { plan, revisit }
}

/// The links that count and lie in scope, by id.
fn scoped(snapshot: &Snapshot<'_>, forest: &Forest) -> Vec<ParentLink> {
    let counting = snapshot.counting();
    match snapshot.settings.scope {
        LinksScope::InStructure => counting
            .filter(|link| forest.holds(link.parent) && forest.holds(link.child))
            .copied()
            .collect(),
        LinksScope::AllIssues => counting.copied().collect(),
        LinksScope::ExpandToSubIssues => {
            let links: Vec<ParentLink> = counting.copied().collect();
            let reached = reachable(forest, &links);
            links
                .into_iter()
                .filter(|link| reached.contains(&link.parent))
                .collect()
        }
    }
}

/// The parents that stand in the structure, and those that can be reached from them.
fn reachable(forest: &Forest, links: &[ParentLink]) -> HashSet<IssueId> {
    let mut below: HashMap<IssueId, Vec<IssueId>> = HashMap::new();
    for link in links {
        below.entry(link.parent).or_default().push(link.child);
    }
    let mut open: Vec<IssueId> = below
        .keys()
        .copied()
        .filter(|it| forest.holds(*it))
        .collect();
    let mut reached: HashSet<IssueId> = open.iter().copied().collect();
    while let Some(parent) = open.pop() {
        for child in below.get(&parent).into_iter().flatten() {
            if reached.insert(*child) {
                open.push(*child);
            }
        }
    }
    reached
}

type Wanted = HashMap<IssueId, ParentLink>;

/// The wanted parent of each sub-issue: of several, the one it stands under, else the lowest link.
fn wanted_parents(forest: &Forest, links: &[ParentLink], notes: &mut Vec<Note>) -> Wanted {
    let stands = |link: &ParentLink| {
        forest.rows_of(link.child).any(|row| {
            row.parent
                .is_some_and(|up| forest.row(up).issue == Some(link.parent))
        })
    };
    let (standing, others): (Vec<&ParentLink>, Vec<&ParentLink>) =
        links.iter().partition(|link| stands(link));
    let mut wanted = Wanted::new();
    for link in standing.into_iter().chain(others) {
        if wanted.contains_key(&link.child) {
            continue;
        }
        if closes_cycle(&wanted, link) {
            notes.push(note(
                link,
                "the link from {other} to {issue} would close a cycle",
            ));
        } else {
            wanted.insert(link.child, *link);
        }
    }
    wanted
}

fn closes_cycle(wanted: &Wanted, link: &ParentLink) -> bool {
    let mut at = Some(link.parent);
    while let Some(issue) = at {
        if issue == link.child {
            return true;
        }
        at = wanted.get(&issue).map(|up| up.parent);
    }
    false
}

/// The wanted sub-issues of each parent, in link-id order.
fn incoming(links: &[ParentLink], wanted: &Wanted) -> HashMap<IssueId, Vec<ParentLink>> {
    let mut incoming: HashMap<IssueId, Vec<ParentLink>> = HashMap::new();
    for link in links
        .iter()
        .filter(|link| wanted.get(&link.child) == Some(link))
    {
        incoming.entry(link.parent).or_default().push(*link);
    }
    incoming
}

struct Work<'a, 'f> {
    snapshot: &'a Snapshot<'a>,
    draft: Draft<'f>,
    blocked: Vec<ParentLink>,
    incoming: HashMap<IssueId, Vec<ParentLink>>,
    /// Parents and sub-issues that any link of the type joins.
    linked: HashSet<(IssueId, IssueId)>,
}

impl Work<'_, '_> {
    /// With all issues in scope, parents without a place go to the top level.
    fn add_parents(&mut self, links: &[ParentLink], wanted: &Wanted) {
        if self.snapshot.settings.scope != LinksScope::AllIssues {
            return;
        }
        for link in links {
            let parent = link.parent;
            if !wanted.contains_key(&parent) && self.draft.primary(parent).is_none() {
                self.draft.append(parent, None);
            }
        }
    }

    fn settle_from_the_top(&mut self, links: &[ParentLink]) {
        let forest = self.draft.base();
        let mut parents: Vec<(usize, LinkId, IssueId)> = Vec::new();
        let mut seen = HashSet::new();
        for link in links.iter().filter(|link| seen.insert(link.parent)) {
            // New parents come after those of the base, in the order of their links.
            if self.draft.primary(link.parent).is_some() {
                let at = forest
                    .primary(link.parent)
                    .map_or(usize::MAX, |row| row.index);
                parents.push((at, link.link, link.parent));
            }
        }
        parents.sort_unstable();
        let mut queue: VecDeque<IssueId> = parents.into_iter().map(|(_, _, it)| it).collect();
        while let Some(parent) = queue.pop_front() {
            for link in self.incoming.remove(&parent).unwrap_or_default() {
                let new = self.draft.primary(link.child).is_none();
                if !self.settle(&link) {
                    self.blocked.push(link);
                } else if new {
                    queue.push_back(link.child);
                }
            }
        }
    }

    /// A move out of the way may have made room for one that could not be made before it.
    fn settle_blocked(&mut self) {
        loop {
            let waiting = std::mem::take(&mut self.blocked);
            let before = waiting.len();
            for link in waiting {
                if !self.settle(&link) {
                    self.blocked.push(link);
                }
            }
            if self.blocked.len() == before {
                return;
            }
        }
    }

    /// Puts a sub-issue under its wanted parent; whether it stands there now.
    fn settle(&mut self, link: &ParentLink) -> bool {
        if !self.snapshot.looks_at(link.child) || self.draft.stands_under(link.child, link.parent) {
            return true;
        }
        let Some(under) = self.draft.primary(link.parent) else {
            return false;
        };
        match self.draft.primary(link.child) {
            None => {
                self.draft.append(link.child, Some(under));
                true
            }
            Some(_) => self.draft.move_under(link.child, link.parent).is_ok(),
        }
    }

    /// Removes, from the top down, rows that no link justifies and no link wants elsewhere; whether
    /// there were any. Removing the only row of an issue that the scope asks for would only add it
    /// again, so that row goes to the top level instead.
    fn remove_unlinked(&mut self, links: &[ParentLink], wanted: &Wanted) -> bool {
        let all = self.snapshot.settings.scope == LinksScope::AllIssues;
        let mut ends: HashSet<IssueId> = links
            .iter()
            .filter(|_| all)
            .flat_map(|link| [link.parent, link.child])
            .collect();
        let below = self.snapshot.below.iter().filter(|_| all);
        let counting = below.filter(|link| self.snapshot.counts(link.parent, link.child));
        ends.extend(counting.map(|link| link.parent));
        let mut found = false;
        for (row, child) in self.candidates() {
            if !self.is_unlinked(row, child) {
                continue;
            }
            let is_wanted = wanted.get(&child).is_some_and(|link| {
                self.snapshot.settings.scope != LinksScope::InStructure
                    || self.draft.primary(link.parent).is_some()
            });
            let only = self.draft.rows_of(child).nth(1).is_none();
            if is_wanted && only {
                continue;
            }
            found = true;
            if ends.contains(&child) && only {
                // The top level lies in no subtree, so this move always can be made.
                let _ = self.draft.move_to_end(row, None);
            } else {
                self.draft.remove_lifting(row);
            }
        }
        found
    }

    /// Moves rows that no link justifies to the end of the top level; whether there were any.
    fn lift_unlinked(&mut self) -> bool {
        let mut found = false;
        for (row, child) in self.candidates() {
            if self.is_unlinked(row, child) {
                found = true;
                let _ = self.draft.move_to_end(row, None);
            }
        }
        found
    }

    /// The issue rows that the rule for rows without a link looks at, from the top down.
    fn candidates(&self) -> Vec<(RowId, IssueId)> {
        let forest = self.draft.base();
        let Some(looked_at) = &self.snapshot.looked_at else {
            return forest
                .rows()
                .filter_map(|view| Some((view.id, view.issue?)))
                .collect();
        };
        let mut rows: Vec<(usize, IssueId)> = looked_at
            .iter()
            .flat_map(|child| forest.rows_of(*child).map(|row| (row.index, *child)))
            .collect();
        rows.sort_unstable();
        rows.into_iter()
            .map(|(index, child)| (forest.row(index).id, child))
            .collect()
    }

    fn is_unlinked(&self, row: RowId, child: IssueId) -> bool {
        let Some(parent) = self.draft.parent_issue(row) else {
            return false;
        };
        parent != child
            && self.snapshot.counts(parent, child)
            && !self.linked.contains(&(parent, child))
    }
}

fn cannot_move(link: &ParentLink) -> Note {
    note(
        link,
        "{issue} is not moved under {other}, which stands in its subtree",
    )
}

fn note(link: &ParentLink, text: &str) -> Note {
    Note {
        kind: NoteKind::Skipped,
        issue: link.child,
        other: Some(link.parent),
        text: text.to_owned(),
    }
}
