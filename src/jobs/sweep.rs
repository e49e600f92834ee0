//! Deletes what is past its time, in batches that never keep other writers waiting for long.

use super::Jobs;
use crate::domain::Millis;
use crate::store::{StoreError, Tx, changes, issues, jobs};
use std::time::Duration;

/// Ended jobs deleted in one transaction.
const SWEEP_JOBS: usize = 20;
/// Versions of hierarchies, of up to a thousand changes each, deleted in one transaction.
const SWEEP_VERSIONS: usize = 20;
/// Lines of what jobs changed, and of the tracker's change feed, deleted in one transaction.
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

/// Deletes one batch of jobs or, once none is left, of the feeds; whether there may be more.
fn sweep_batch(tx: &Tx<'_>, before: Millis) -> Result<bool, StoreError> {
    // The feeds go last: a job that is still there must not lack a part of what undoes it.
    if jobs::delete_ended_before(tx, before, SWEEP_JOBS, SWEEP_LINES)? {
        return Ok(true);
    }
    let versions = changes::delete_before(tx, before, SWEEP_VERSIONS)?;
    let lines = issues::delete_changes_before(tx, before, SWEEP_LINES)?;
    Ok(versions == SWEEP_VERSIONS || lines == SWEEP_LINES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::domain::{ChangeCounts, ChangeKind, JobId, JobKind, JobState, LogLevel};
    use crate::store::jobs::{ChangeLine, End, LogEntry, NewJob};
    use crate::store::users::{self, Role};
    use crate::store::{Store, structures};

    /// A job that ended at once, with `count` lines of changes and one of its log.
    fn ended(tx: &Tx<'_>, count: usize) -> Result<JobId, StoreError> {
        let owner = users::ensure(tx, "olga", Role::Member)?;
        let structure = structures::create(tx, "Plan", "", owner)?;
        let id = jobs::enqueue(
            tx,
            &NewJob {
                kind: JobKind::Import,
                direction: None,
                dry_run: false,
                structure,
                synchronizer: None,
                settings: None,
                reverts: None,
                writes_issues: false,
                enable_afterwards: false,
                preview: None,
                max_removal_percent: None,
                requested_by: None,
            },
        )?;
        let line = ChangeLine {
            kind: ChangeKind::RowAdded,
            issue_key: None,
            row: None,
            issue: None,
            link: None,
            before: None,
            after: None,
            summary: "P-1 is added".to_owned(),
        };
        jobs::add_changes(tx, id, &vec![line; count], &|_| {})?;
        let job = jobs::find(tx, id)?.expect("a job");
        let end = End {
            state: JobState::Succeeded,
            counts: ChangeCounts::default(),
            error: None,
            ticks: 0,
            log: vec![LogEntry::new(tx.now(), LogLevel::Info, "Done.")],
        };
        jobs::finish(tx, &job, &end)?;
        Ok(id)
    }

    #[tokio::test]
    async fn a_job_with_many_lines_goes_in_several_transactions_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("db"), Clock::system())
            .await
            .unwrap();
        let (few, many) = (3, 2 * SWEEP_LINES + 1);
        let (first, second) = store
            .write(move |tx| Ok::<_, StoreError>((ended(tx, few)?, ended(tx, many)?)))
            .await
            .unwrap();
        let later = Millis(store.clock().now().0 + 1);
        let (mut steps, mut most) = (0, 0);
        let mut left = few + many;
        let lines = "SELECT count(*) FROM job_change";
        loop {
            let (more, now) = store
                .write(move |tx| {
                    let more = sweep_batch(tx, later)?;
                    let now: i64 = tx.get(lines, &[], |row| row.get(0))?;
                    Ok::<_, StoreError>((more, now as usize))
                })
                .await
                .unwrap();
            (steps, most, left) = (steps + 1, most.max(left - now), now);
            if !more {
                break;
            }
        }
        assert_eq!((steps, most, left), (3, SWEEP_LINES, 0));
        let kept = store
            .read(move |tx| {
                let log: i64 = tx.get("SELECT count(*) FROM job_log", &[], |row| row.get(0))?;
                Ok::<_, StoreError>((jobs::by_ids(tx, [first, second])?, log))
            })
            .await
            .unwrap();
        assert_eq!(kept, (vec![], 0));
    }
}
