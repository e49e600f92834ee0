//! Into the structure: rows stand under their epics and parents, siblings in the order of ranks.

use super::Snapshot;
use super::known::Known;
use super::place::Placement;
use super::ranks;
use crate::domain::Plan;
use crate::sync::Halt;

pub(super) fn plan(snapshot: Snapshot<'_>, known: &mut Known<'_>) -> Result<Plan, Halt> {
    let settings = snapshot.settings;
    let mut placement = Placement::of_all(snapshot, known, settings.sync_epics);
    placement.enqueue_all()?;
    placement.run()?;
    if settings.sync_rank {
        for parent in ranks::out_of_order(&placement.draft, placement.known) {
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
