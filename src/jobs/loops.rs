//! Stops synchronizers that undo each other's work, which would run for ever.
//!
//! One that has run, and changed something, too often in a row on what others did, with nothing by
//! any user in between, is switched off together with those others. Each is told why, with the
//! chain of jobs that was seen; so is the log of the last of these jobs. A synchronizer of another
//! structure is not named: whoever reads the reason may not see it.

use crate::domain::{JobKind, JobState, LogLevel, StructureId};
use crate::store::jobs::{self, Job};
use crate::store::synchronizers::{self, Synchronizer};
use crate::store::{StoreError, Tx};

/// Incremental jobs in a row on changes that only jobs made, before a loop is taken for one.
const CHAIN_LIMIT: i64 = 10;
/// Jobs of a chain that a reason lists at the most.
const SHOWN: usize = 12;

/// Whether a synchronizer that has something to do is caught in a loop; then it and those that it
/// contends with are switched off.
pub(super) fn breaks_loop(tx: &Tx<'_>, synchronizer: &Synchronizer) -> Result<bool, StoreError> {
    let chain = match jobs::last_incremental(tx, synchronizer.id)? {
        None => 0,
        Some(job) if synchronizers::sees_users_since(tx, job.created_at)? => 0,
        // It found its own work still, or again, in place: that ends no loop and makes none.
        Some(job) if job.counts.total() == 0 => synchronizer.chain,
        Some(_) => synchronizer.chain + 1,
    };
    synchronizers::set_chain(tx, synchronizer.id, chain)?;
    if chain <= CHAIN_LIMIT {
        return Ok(false);
    }
    Loop::find(tx, synchronizer, chain)?.stop(tx)?;
    Ok(true)
}

/// Synchronizers that undo each other's work.
struct Loop {
    /// Those that take part; the first is the one that was caught.
    members: Vec<Synchronizer>,
    /// How often that one ran in a row.
    times: i64,
    /// The newest of their jobs that changed something, oldest first.
    chain: Vec<Job>,
}

impl Loop {
    fn find(tx: &Tx<'_>, caught: &Synchronizer, times: i64) -> Result<Self, StoreError> {
        let mut members = vec![caught.clone()];
        members.extend(synchronizers::behind_changes(tx, caught)?);
        let ids: Vec<_> = members.iter().map(|it| it.id).collect();
        // Each of them ran about as often, and some of it may have changed nothing.
        let recent = 2 * SHOWN * members.len();
        let mut chain = jobs::newest_incremental(tx, ids, recent)?;
        chain.retain(|job| job.state.is_ended() && job.counts.total() > 0);
        chain.truncate(SHOWN);
        chain.reverse();
        Ok(Self {
            members,
            times,
            chain,
        })
    }

    fn stop(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        for member in &self.members {
            let because = self.explain(member.structure);
            tracing::warn!(
                synchronizer = member.id.0,
                structure = member.structure.0,
                "a loop of synchronizers was broken: this one is off, and has the reason"
            );
            synchronizers::disable(tx, member.id, Some(&because))?;
        }
        for job in jobs::active(tx)? {
            let of_member = self
                .members
                .iter()
                .any(|it| job.synchronizer == Some(it.id));
            if of_member && job.kind == JobKind::Incremental && job.state == JobState::Queued {
                jobs::cancel(tx, &job, "Its synchronizer was disabled, to stop a loop.")?;
            }
        }
        match self.chain.last() {
            Some(last) => {
                let message = format!("A loop was stopped: {}.", self.explain(last.structure));
                jobs::remark(tx, last, LogLevel::Warning, message)
            }
            None => Ok(()),
        }
    }

    /// What happened, for readers of a structure.
    fn explain(&self, to: StructureId) -> String {
        let names: Vec<String> = self.members.iter().map(|it| name(it, to)).collect();
        let (caught, others) = match names.split_first() {
            Some((caught, others)) if !others.is_empty() => (caught.as_str(), others.join(" and ")),
            _ => ("it", "others".to_owned()),
        };
        let jobs: Vec<String> = self.chain.iter().map(|job| self.show(job, to)).collect();
        let before = match self.chain.len() {
            SHOWN => "… ",
            _ => "",
        };
        format!(
            "{caught} ran {} times in a row on changes by {others} with none by a user in between: \
             they undo each other's work. The last jobs that changed something were \
             {before}{}. Change the settings of one, then enable them again",
            self.times,
            jobs.join(", ")
        )
    }

    fn show(&self, job: &Job, to: StructureId) -> String {
        let member = self
            .members
            .iter()
            .find(|it| job.synchronizer == Some(it.id));
        match member {
            Some(member) if member.structure == to => format!("{} “{}”", job.id.0, member.name),
            _ => format!("{} (of another structure)", job.id.0),
        }
    }
}

/// The name of a synchronizer, as far as readers of a structure may know it.
fn name(synchronizer: &Synchronizer, to: StructureId) -> String {
    match synchronizer.structure == to {
        true => format!("“{}”", synchronizer.name),
        false => "a synchronizer of another structure".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::domain::{ChangeCounts, IssueId, JobId, Millis, Settings, SynchronizerId, UserId};
    use crate::store::forest::Author;
    use crate::store::issues::{self, IssueChangeKind, NewChange};
    use crate::store::jobs::{End, NewJob};
    use crate::store::users::{self, Role};
    use crate::store::{Store, structures};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    /// A store whose clock moves on by one with each look, and two contenders on two structures.
    struct Scene {
        store: Store,
        user: UserId,
        one: SynchronizerId,
        other: SynchronizerId,
        _folder: tempfile::TempDir,
    }

    async fn scene(apart: bool) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(1));
        let clock = Clock::new(move || Millis(now.fetch_add(1, Ordering::Relaxed)));
        let store = Store::open(&folder.path().join("db"), clock).await.unwrap();
        let (user, one, other) = store
            .write(move |tx| {
                let user = users::ensure(tx, "olga", Role::Member)?;
                let plan = structures::create(tx, "Plan", "", user)?;
                let second = match apart {
                    true => structures::create(tx, "Secret", "", user)?,
                    false => plan,
                };
                let settings = Settings::SubTasks(Default::default());
                let one = synchronizers::create(tx, plan, "Mine", &settings, user)?;
                let other = synchronizers::create(tx, second, "Hidden", &settings, user)?;
                for id in [one, other] {
                    synchronizers::enable(tx, id, Default::default())?;
                }
                Ok::<_, StoreError>((user, one, other))
            })
            .await
            .unwrap();
        Scene {
            store,
            user,
            one,
            other,
            _folder: folder,
        }
    }

    fn record(tx: &Tx<'_>, author: Author) -> Result<(), StoreError> {
        issues::record(
            tx,
            NewChange {
                issue: IssueId(1),
                kind: IssueChangeKind::Updated,
                field: Some(("summary", None, None)),
                link: None,
            },
            Some(author),
        )
    }

    impl Scene {
        /// An incremental job that changed something, if the guard lets it run.
        async fn turn(&self, of: SynchronizerId) -> bool {
            let user = self.user;
            self.store
                .write(move |tx| {
                    let synchronizer = synchronizers::find(tx, of)?.expect("installed");
                    if !synchronizer.enabled || breaks_loop(tx, &synchronizer)? {
                        return Ok(false);
                    }
                    let id = jobs::enqueue(tx, &incremental(&synchronizer))?;
                    record(tx, Author::Job(id, user))?;
                    let job = jobs::find(tx, id)?.expect("queued");
                    let counts = ChangeCounts {
                        rows_moved: 1,
                        ..ChangeCounts::default()
                    };
                    let end = End {
                        state: JobState::Succeeded,
                        counts,
                        error: None,
                        ticks: 0,
                        log: Vec::new(),
                    };
                    jobs::finish(tx, &job, &end)?;
                    let cursor = synchronizers::Cursor {
                        issues: issues::last_change(tx)?,
                        structure: 0,
                    };
                    synchronizers::advance(tx, of, cursor)?;
                    Ok::<_, StoreError>(true)
                })
                .await
                .unwrap()
        }

        /// Lets both take turns; how many jobs that gave.
        async fn contend(&self, at_most: usize) -> usize {
            let mut jobs = 0;
            while jobs < at_most {
                let of = if jobs % 2 == 0 { self.one } else { self.other };
                if !self.turn(of).await {
                    break;
                }
                jobs += 1;
            }
            jobs
        }

        async fn reason(&self, of: SynchronizerId) -> Option<String> {
            let found = self.store.read(move |tx| synchronizers::find(tx, of)).await;
            found.unwrap().and_then(|it| it.stopped_because)
        }
    }

    fn incremental(synchronizer: &Synchronizer) -> NewJob {
        NewJob {
            kind: JobKind::Incremental,
            direction: None,
            dry_run: false,
            structure: synchronizer.structure,
            synchronizer: Some(synchronizer.id),
            settings: None,
            reverts: None,
            writes_issues: false,
            enable_afterwards: false,
            preview: None,
            max_removal_percent: None,
            requested_by: None,
        }
    }

    #[tokio::test]
    async fn contenders_are_stopped_with_the_chain_of_their_jobs() {
        let scene = scene(false).await;
        assert_eq!(scene.contend(100).await, 22);
        for of in [scene.one, scene.other] {
            let reason = scene.reason(of).await.unwrap();
            for part in [
                "“Mine” ran 11 times",
                "“Hidden”",
                "… 11 “Mine”, 12 “Hidden”",
                "22 “Hidden”",
            ] {
                assert!(reason.contains(part), "{reason}");
            }
        }
        let logs = scene.store.read(|tx| jobs::logs(tx, [JobId(22)])).await;
        let logs: std::collections::HashMap<_, Vec<jobs::LogEntry>> =
            logs.map_err(|error: StoreError| error).unwrap();
        let last = logs[&JobId(22)].last().unwrap();
        assert_eq!(last.level, LogLevel::Warning);
        assert!(last.message.contains("22 “Hidden”"), "{}", last.message);
    }

    #[tokio::test]
    async fn what_a_user_does_in_between_begins_the_count_anew() {
        let scene = scene(false).await;
        assert_eq!(scene.contend(18).await, 18);
        let user = scene.user;
        scene
            .store
            .write(move |tx| record(tx, Author::User(user)))
            .await
            .unwrap();
        assert_eq!(scene.contend(18).await, 18);
        assert_eq!(scene.reason(scene.one).await, None);
    }

    #[tokio::test]
    async fn a_contender_on_another_structure_is_not_named() {
        let scene = scene(true).await;
        scene.contend(100).await;
        let reason = scene.reason(scene.one).await.unwrap();
        assert!(
            reason.contains("a synchronizer of another structure"),
            "{reason}"
        );
        assert!(
            reason.contains("21 “Mine”, 22 (of another structure)"),
            "{reason}"
        );
        assert!(!reason.contains("Hidden"), "{reason}");
        let reason = scene.reason(scene.other).await.unwrap();
        assert!(!reason.contains("Mine"), "{reason}");
    }
}
