//! What changed on each side, sub-issue by sub-issue, goes to the other side. Where both sides
//! changed the same sub-issue, the later edit wins; the other is overwritten, as the audit lists.

use super::{ParentLink, Snapshot, plan};
use crate::domain::synchronizer::Primacy;
use crate::domain::{Direction, IssueId, LinkEdit, LinkId, Millis, Plan, RowEdit};
use std::collections::{HashMap, HashSet};

/// When a sub-issue was last touched on each side, since the last synchronization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touch {
    /// In the structure: a row of it was added, moved or removed.
    pub structure: Option<Millis>,
    /// In the tracker: a link of it came or went, or a filter's answer may have changed.
    pub tracker: Option<Millis>,
}

impl Touch {
    /// The side whose state counts; on a tie, the structure's, since links are cheaper to mend.
    fn winner(self) -> Direction {
        if self.structure.is_some() && self.structure >= self.tracker {
            Direction::FromStructure
        } else {
            Direction::IntoStructure
        }
    }
}

/// Carries changes over. The snapshot's `looked_at` holds at least every touched sub-issue; more
/// of it is looked at in the tracker's direction only, since links above a sub-issue bear on it.
pub fn plan_incremental(snapshot: Snapshot<'_>, touched: &HashMap<IssueId, Touch>) -> Plan {
    let side = |direction: Direction| -> HashSet<IssueId> {
        touched
            .iter()
            .filter(|(_, touch)| wins(&snapshot, **touch) == direction)
            .map(|it| *it.0)
            .collect()
    };
    let (exported, imported) = (
        side(Direction::FromStructure),
        side(Direction::IntoStructure),
    );
    let above = snapshot.looked_at.clone().unwrap_or_default();
    let mut snapshot = snapshot;
    let mut merged = Plan::default();
    if !exported.is_empty() {
        snapshot.looked_at = Some(exported.clone());
        merged = plan(&snapshot, Direction::FromStructure);
    }
    if !imported.is_empty() {
        carry_links_over(&mut snapshot, &merged.links);
        let import = import(&mut snapshot, &above, exported);
        merged.rows = import.rows;
        merged.notes = import.notes;
        merged.issues_scanned += import.issues_scanned;
        merged.rows_in_scope = import.rows_in_scope;
    }
    merged
}

/// The import of all that is looked at, but of what was exported only as far as the import itself
/// changes the ground on which that stands.
fn import(
    snapshot: &mut Snapshot<'_>,
    above: &HashSet<IssueId>,
    mut exported: HashSet<IssueId>,
) -> Plan {
    loop {
        snapshot.looked_at = Some(above.difference(&exported).copied().collect());
        let import = plan(snapshot, Direction::IntoStructure);
        let shaken = shaken(snapshot, &import, &exported);
        if shaken.is_empty() {
            return import;
        }
        exported.retain(|issue| !shaken.contains(issue));
    }
}

/// Exported sub-issues that an import lifts out of a row that it removes, or whose parent it adds.
fn shaken(snapshot: &Snapshot<'_>, import: &Plan, exported: &HashSet<IssueId>) -> HashSet<IssueId> {
    let mut added = HashSet::new();
    let mut shaken = HashSet::new();
    for edit in &import.rows {
        match *edit {
            RowEdit::Add { issue, .. } => added.extend(issue),
            RowEdit::Move { id, .. } => {
                shaken.extend(snapshot.forest.find(id).and_then(|row| row.issue));
            }
            RowEdit::Remove { .. } => {}
        }
    }
    let links = snapshot.links.iter();
    shaken.extend(
        links
            .filter(|it| added.contains(&it.parent))
            .map(|it| it.child),
    );
    shaken.retain(|issue| exported.contains(issue));
    shaken
}

/// The links as an export leaves them. They concern exported sub-issues only, which the import
/// leaves alone; but whether another link closes a cycle depends on them.
fn carry_links_over(snapshot: &mut Snapshot<'_>, edits: &[LinkEdit]) {
    // A new link gets an id above all others.
    let mut id = i64::MAX - edits.len() as i64;
    for edit in edits {
        match *edit {
            LinkEdit::Add { source, target, .. } | LinkEdit::Restore { source, target, .. } => {
                let (parent, child) = snapshot.ends(source, target);
                id += 1;
                snapshot.links.push(ParentLink {
                    link: LinkId(id),
                    parent,
                    child,
                });
            }
            LinkEdit::Remove { link, .. } => snapshot.links.retain(|it| it.link != link),
        }
    }
}

fn wins(snapshot: &Snapshot<'_>, touch: Touch) -> Direction {
    match snapshot.settings.primacy {
        Primacy::TwoWay => touch.winner(),
        Primacy::Structure => Direction::FromStructure,
        Primacy::Tracker => Direction::IntoStructure,
    }
}
