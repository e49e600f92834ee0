//! What runs next, and why the rest waits. Pure and total.
//!
//! Two jobs conflict if they work on one structure or both may write issues. Of conflicting jobs
//! the one with the lower id goes first, whatever its kind: so a resync runs after the incremental
//! work that was queued before it and before all that comes later, and nothing can starve.

use crate::domain::{JobId, StructureId};

/// A job as the scheduler sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The job.
    pub job: JobId,
    /// Whose hierarchy it works on.
    pub structure: StructureId,
    /// Whether it may write issues or links.
    pub writes_issues: bool,
}

impl Entry {
    fn conflicts(&self, other: &Self) -> bool {
        self.structure == other.structure || (self.writes_issues && other.writes_issues)
    }
}

/// Why a job waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// For jobs that must end before it starts.
    Jobs(Vec<JobId>),
    /// For one of the workers, all of which are busy.
    Worker,
}

/// What starts now, and why the rest does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Jobs to start, in order.
    pub start: Vec<JobId>,
    /// Jobs that wait.
    pub wait: Vec<(JobId, Wait)>,
}

/// Decides over the queue (in any order), given what runs and how many jobs may run at a time.
pub fn next(queue: &[Entry], running: &[Entry], workers: usize) -> Decision {
    let mut queue = queue.to_vec();
    queue.sort_unstable_by_key(|entry| entry.job);
    let mut decision = Decision::default();
    let mut free = workers.saturating_sub(running.len());
    for (at, entry) in queue.iter().enumerate() {
        let ahead = running.iter().chain(&queue[..at]);
        let mut blockers: Vec<JobId> = ahead
            .filter(|other| other.conflicts(entry))
            .map(|other| other.job)
            .collect();
        if !blockers.is_empty() {
            blockers.sort_unstable();
            decision.wait.push((entry.job, Wait::Jobs(blockers)));
        } else if free == 0 {
            decision.wait.push((entry.job, Wait::Worker));
        } else {
            free -= 1;
            decision.start.push(entry.job);
        }
    }
    decision
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(job: i64, structure: i64, writes_issues: bool) -> Entry {
        Entry {
            job: JobId(job),
            structure: StructureId(structure),
            writes_issues,
        }
    }

    #[test]
    fn a_resync_waits_for_the_incremental_work_before_it_and_not_for_what_comes_later() {
        let (running, waiting, resync, later) = (
            entry(1, 7, false),
            entry(2, 7, false),
            entry(3, 7, false),
            entry(4, 7, false),
        );
        let decision = next(&[later, resync, waiting], &[running], 8);
        assert!(decision.start.is_empty());
        assert_eq!(
            decision.wait[1],
            (JobId(3), Wait::Jobs(vec![JobId(1), JobId(2)]))
        );
        let decision = next(&[later, resync], &[], 8);
        assert_eq!(decision.start, [JobId(3)]);
        assert_eq!(decision.wait, [(JobId(4), Wait::Jobs(vec![JobId(3)]))]);
    }

    #[test]
    fn structures_run_in_parallel_up_to_the_number_of_workers() {
        let queue = [entry(1, 1, false), entry(2, 2, false), entry(3, 3, false)];
        let decision = next(&queue, &[], 2);
        assert_eq!(decision.start, [JobId(1), JobId(2)]);
        assert_eq!(decision.wait, [(JobId(3), Wait::Worker)]);
    }

    #[test]
    fn jobs_that_write_issues_exclude_each_other_across_structures() {
        let decision = next(
            &[entry(1, 1, true), entry(2, 2, true), entry(3, 3, false)],
            &[],
            8,
        );
        assert_eq!(decision.start, [JobId(1), JobId(3)]);
    }

    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        prop::collection::vec((1i64..5, any::<bool>()), 0..12).prop_map(|jobs| {
            jobs.iter()
                .zip(1..)
                .map(|((it, writes), job)| entry(job, *it, *writes))
                .collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn what_runs_together_never_conflicts_and_everything_ends(
            jobs in entries(), workers in 1usize..4, order in any::<u64>()
        ) {
            let (mut queue, mut running, mut ended) = (jobs.clone(), Vec::<Entry>::new(), Vec::new());
            let mut random = order;
            while !queue.is_empty() || !running.is_empty() {
                let decision = next(&queue, &running, workers);
                prop_assert_eq!(decision.start.len() + decision.wait.len(), queue.len());
                for job in &decision.start {
                    let at = queue.iter().position(|entry| entry.job == *job).unwrap();
                    running.push(queue.remove(at));
                }
                prop_assert!(running.len() <= workers);
                for (at, entry) in running.iter().enumerate() {
                    prop_assert!(!running[..at].iter().any(|other| other.conflicts(entry)));
                }
                prop_assert!(!running.is_empty(), "nothing runs and nothing starts");
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                ended.push(running.remove((random >> 33) as usize % running.len()));
            }
            // Of two that conflict, the one that was queued first ended first.
            for (at, later) in ended.iter().enumerate() {
                for earlier in &ended[..at] {
                    prop_assert!(!later.conflicts(earlier) || earlier.job < later.job);
                }
            }
        }
    }
}
