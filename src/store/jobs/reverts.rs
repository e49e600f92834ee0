//! Which job undid which. A revert counts while it waits, runs or has ended well, and is not itself
//! reverted: then what it undid stands again.

use super::by_ids;
use crate::domain::{JobId, JobState};
use crate::store::{StoreError, Tx};
use std::collections::{HashMap, HashSet};

/// The reverts that count of the given jobs; a job without one is absent.
pub fn effective_reverts(
    tx: &Tx<'_>,
    jobs: impl IntoIterator<Item = JobId>,
) -> Result<HashMap<JobId, JobId>, StoreError> {
    let (mut reverts, mut seen) = (Vec::new(), HashSet::new());
    let mut open: Vec<JobId> = jobs.into_iter().collect();
    while !open.is_empty() {
        let found: Vec<JobId> = tx.query_ids(
            "SELECT id FROM job WHERE dry_run = 0 AND reverts_id IN ({})",
            &[],
            open.iter().map(|job| job.0),
            |row| row.get(0),
        )?;
        open = found.into_iter().filter(|job| seen.insert(*job)).collect();
        reverts.extend(by_ids(tx, open.iter().copied())?);
    }
    // A revert is younger than what it undoes: from the youngest on, each finds those of itself
    // decided.
    reverts.sort_unstable_by_key(|job| std::cmp::Reverse(job.id));
    let mut effective = HashMap::new();
    for revert in reverts {
        let undid_nothing = matches!(revert.state, JobState::Failed | JobState::Cancelled);
        if let Some(reverted) = revert.reverts
            && !undid_nothing
            && !effective.contains_key(&revert.id)
        {
            effective.entry(reverted).or_insert(revert.id);
        }
    }
    Ok(effective)
}
