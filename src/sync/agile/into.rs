//! Into the structure: rows stand under their epics and parents, siblings in the order of ranks.

use super::Snapshot;
use super::known::Known;
use super::place::Placement;
use super::ranks;
use crate::domain::{Plan, RowId};
use crate::sync::Halt;

pub(super) fn plan(snapshot: Snapshot<'_>, known: &mut Known<'_>) -> Result<Plan, Halt> {
    let (forest, settings) = (snapshot.forest, snapshot.settings);
    let mut placement = Placement::of_all(snapshot, known, settings.sync_epics);
    let members = placement.known.members();
    placement.enqueue(members)?;
    placement.run()?;
    if settings.sync_rank {
        let old = forest.rows().filter(|row| row.child_count > 0);
        let new = placement.draft.receiving().flatten();
        let mut parents: Vec<RowId> = old.map(|row| row.id).chain(new).collect();
        parents.sort_unstable();
        parents.dedup();
        for parent in std::iter::once(None).chain(parents.into_iter().map(Some)) {
            ranks::arrange(&mut placement.draft, parent, placement.known)?;
        }
    }
    Ok(Plan {
        rows: placement.draft.finish(),
        notes: placement.notes(),
        issues_scanned: placement.known.count(),
        ..Plan::default()
    })
}
