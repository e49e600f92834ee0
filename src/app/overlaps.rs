//! Finds the synchronizers of a structure that claim the same, for the API: reads them, and lets
//! `sync` compare their settings.

use crate::domain::{RowId, SynchronizerId};
use crate::graphql::api::Overlap;
use crate::store::synchronizers::{self, Synchronizer};
use crate::store::{StoreError, Tx, forest};
use crate::sync::overlaps::{self, Claimant};
use std::collections::{HashMap, HashSet};

/// What the enabled synchronizers of the same structures claim of what these claim.
pub(super) fn of(
    tx: &Tx<'_>,
    ids: Vec<SynchronizerId>,
) -> Result<HashMap<SynchronizerId, Vec<Overlap>>, StoreError> {
    let asked = synchronizers::by_ids(tx, ids)?;
    let structures: HashSet<_> = asked.iter().map(|it| it.structure).collect();
    let mut enabled: Vec<_> = synchronizers::enabled(tx)?.into_iter().flatten().collect();
    enabled.retain(|it| structures.contains(&it.structure));
    let placements = asked.iter().chain(&enabled);
    let placements = placements.filter_map(|it| it.settings.placement());
    let on_issues = forest::rows_with_issues(tx, placements)?;
    let found = asked.iter().map(|one| {
        let others = enabled.iter();
        let others = others.filter(|it| it.id != one.id && it.structure == one.structure);
        let found = others.flat_map(|other| {
            let found = overlaps::find(claimant(one, &on_issues), claimant(other, &on_issues));
            let other = other.id;
            found
                .into_iter()
                .map(move |message| Overlap { other, message })
        });
        (one.id, found.collect())
    });
    Ok(found.collect())
}

fn claimant<'a>(synchronizer: &'a Synchronizer, on_issues: &HashSet<RowId>) -> Claimant<'a> {
    let placement = synchronizer.settings.placement();
    Claimant {
        settings: &synchronizer.settings,
        placement_is_issue: placement.is_some_and(|row| on_issues.contains(&row)),
    }
}
