//! From the structure: issues have the epics that stand above them, and ranks in the order of rows.

use super::known::Known;
use super::place::Placement;
use super::{Snapshot, after, epics, ranks};
use crate::domain::synchronizer::RankMode;
use crate::domain::{Forest, Plan};
use crate::sync::Halt;
use std::collections::{BTreeMap, HashSet};

pub(super) fn plan(snapshot: Snapshot<'_>, known: &mut Known<'_>) -> Result<Plan, Halt> {
    let (forest, settings) = (snapshot.forest, snapshot.settings);
    let mut placement = Placement::of_all(snapshot, known, false);
    placement.run()?;
    let mut plan = Plan {
        rows: placement.draft.finish(),
        notes: placement.notes(),
        ..Plan::default()
    };
    let made = after(forest, &plan.rows)?;
    let primaries = primaries(&made);
    if settings.sync_epics {
        plan.fields = epics::from_rows(&made, &primaries, known)?;
    }
    if settings.sync_rank {
        let sequences = match settings.rank_mode {
            RankMode::Consecutive => vec![primaries],
            RankMode::Independent => by_parent(&made, primaries),
        };
        for rows in sequences {
            plan.fields.extend(ranks::from_rows(&made, &rows, known)?);
        }
    }
    plan.issues_scanned = known.count();
    Ok(plan)
}

/// The places of primary rows, depth-first.
fn primaries(forest: &Forest) -> Vec<usize> {
    let mut seen = HashSet::new();
    let first = |row: &crate::domain::forest::RowView| row.issue.is_some_and(|it| seen.insert(it));
    forest.rows().filter(first).map(|row| row.index).collect()
}

/// Rows apart by their parents, the top level first.
fn by_parent(forest: &Forest, rows: Vec<usize>) -> Vec<Vec<usize>> {
    let mut of_parent: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for row in rows {
        of_parent
            .entry(forest.row(row).parent)
            .or_default()
            .push(row);
    }
    of_parent.into_values().collect()
}
