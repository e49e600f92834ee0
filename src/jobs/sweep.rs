//! Deletes what is past its time, in batches that never keep other writers waiting for long.

use super::Jobs;
use crate::domain::Millis;
use crate::store::{StoreError, Tx, changes, issues, jobs};
use std::time::Duration;

/// Ended jobs deleted in one transaction.
const SWEEP_JOBS: usize = 20;
/// Versions of hierarchies, of up to a thousand changes each, deleted in one transaction.
const SWEEP_VERSIONS: usize = 20;
/// Lines of the tracker's change feed deleted in one transaction.
const SWEEP_LINES: usize = 5_000;

impl Jobs {
    /// Deletes jobs and changes that are past their time, in batches that leave room for other
    /// writers.
    pub(super) async fn sweep(&self, keep: Duration) {
        let keep = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        let before = Millis(self.store.clock().now().0.saturating_sub(keep));
        loop {
            let swept = self.store.write(move |tx| sweep_batch(tx, before)).await;
            match swept {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(%error, "what is past its time could not be deleted");
                    return;
                }
            }
        }
    }
}

/// Deletes one batch of each; whether there may be more.
fn sweep_batch(tx: &Tx<'_>, before: Millis) -> Result<bool, StoreError> {
    let jobs = jobs::delete_ended_before(tx, before, SWEEP_JOBS)?;
    let versions = changes::delete_before(tx, before, SWEEP_VERSIONS)?;
    let lines = issues::delete_changes_before(tx, before, SWEEP_LINES)?;
    Ok(jobs == SWEEP_JOBS || versions == SWEEP_VERSIONS || lines == SWEEP_LINES)
}
