//! What changed on each side goes to the other, issue by issue and apart for epics and for ranks.
//! Where both sides changed the same, the later edit wins.
//!
//! Only what bears on the changes is looked at: issues that were touched, what moves with them, and
//! their siblings. What was not touched is taken to be in order, as a synchronization left it.

use super::changes::Changes;
use super::known::Known;
use super::line::primaries;
use super::ordering::Ordering;
use super::place::Placement;
use super::{Snapshot, after, epics};
use crate::domain::{Direction, Plan};
use crate::sync::Halt;

/// Carries changes over.
pub fn plan_incremental(
    snapshot: Snapshot<'_>,
    known: &mut Known<'_>,
    changes: &Changes,
) -> Result<Plan, Halt> {
    let (forest, settings) = (snapshot.forest, snapshot.settings);
    let imported = changes.epics.won_by(Direction::IntoStructure);
    let parents = changes.parents.clone();
    let mut placement = Placement::of_some(snapshot, known, &changes.epics, parents);
    placement.enqueue(imported)?;
    placement.run()?;
    let mut ordering = Ordering::of(&placement, settings, &changes.ranks);
    if settings.sync_rank {
        ordering.arrange(&mut placement)?;
    }
    let mut plan = Plan {
        rows: placement.draft.finish(),
        notes: placement.notes(),
        ..Plan::default()
    };
    let made = after(forest, &plan.rows)?;
    if settings.sync_epics {
        let rows = primaries(&made, &placement.exempt);
        plan.fields = epics::from_rows(&made, &rows, placement.known)?;
    }
    if settings.sync_rank {
        plan.fields.extend(ordering.export(&made, placement.known)?);
    }
    plan.issues_scanned = placement.known.count();
    Ok(plan)
}
