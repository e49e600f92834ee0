//! Statuses that changed, and rows that did, lead to the statuses of a resync; and what a run tells
//! of a transition that the workflow does not allow.
//!
//! Statuses are those of all structures of the world, so these cases take turns, and what the one
//! synchronizer did is put back before the other resyncs.

use super::world::{Shape, Side, World, world};
use super::{FROM, changed_nothing, shapes};
use proptest::prelude::*;
use tokio::sync::Mutex;
use understory::domain::issue::{Status, StatusCategory};
use understory::domain::synchronizer::StatusRollupSettings;
use understory::domain::{ChangeKind, JobState, Settings};
use understory::store::catalog::{self, StatusId};
use understory::store::forest::Author;
use understory::store::issues::{self, IssueChangeKind, NewChange};
use understory::store::jobs::{self, ChangeLine, Job};
use understory::store::{StoreError, Value};

static TURN: Mutex<()> = Mutex::const_new(());

/// The last is not listed by the rule.
const NAMES: [&str; 4] = ["To Do", "Doing", "Done", "Parked"];

fn rule(issue_types: &[&str]) -> Settings {
    Settings::StatusRollup(StatusRollupSettings {
        project_keys: vec!["gen".to_owned()],
        issue_types: issue_types.iter().map(|it| (*it).to_owned()).collect(),
        statuses: ["To do", "Doing", "DONE"].map(str::to_owned).to_vec(),
        resolution: Some("Fixed".to_owned()),
    })
}

impl World {
    /// The workflow of the one project: all but the refused transitions.
    async fn set_workflow(&self, refused: &[(usize, usize)]) -> Vec<StatusId> {
        let refused = refused.to_vec();
        let write = self.store.write(move |tx| {
            let categories = [
                StatusCategory::ToDo,
                StatusCategory::InProgress,
                StatusCategory::Done,
                StatusCategory::ToDo,
            ];
            let mut ids = Vec::new();
            for (name, category) in NAMES.iter().zip(categories) {
                let name = (*name).to_owned();
                ids.push(catalog::ensure_status(tx, &Status { name, category })?);
            }
            tx.execute("DELETE FROM workflow", &[])?;
            tx.execute("INSERT INTO workflow SELECT id, 0 FROM project", &[])?;
            for (from, before) in ids.iter().enumerate() {
                for (to, after) in ids.iter().enumerate() {
                    if !refused.contains(&(from, to)) {
                        tx.execute(
                            "INSERT INTO workflow_transition SELECT id, ?, ? FROM project",
                            &[Value::Int(before.0), Value::Int(after.0)],
                        )?;
                    }
                }
            }
            Ok::<_, StoreError>(ids)
        });
        write.await.unwrap()
    }

    /// Sets statuses directly; as a user, with the feed lines that an edit would write.
    async fn set_statuses(&self, statuses: Vec<StatusId>, by_user: bool) {
        let (issues, author) = (self.issues.clone(), Author::User(self.user));
        let write = self.store.write(move |tx| {
            let all = catalog::statuses(tx)?;
            let name = |id: StatusId| all.iter().find(|it| it.0 == id).map(|it| it.1.name.clone());
            for (issue, status) in issues.iter().zip(statuses) {
                let before = tx.get(
                    "SELECT status_id FROM issue WHERE id = ?",
                    &[Value::from(*issue)],
                    |row| row.get(0).map(StatusId),
                )?;
                if before == status {
                    continue;
                }
                tx.execute(
                    "UPDATE issue SET status_id = ? WHERE id = ?",
                    &[Value::Int(status.0), Value::from(*issue)],
                )?;
                if by_user {
                    let (old, new) = (name(before), name(status));
                    let change = NewChange {
                        issue: *issue,
                        kind: IssueChangeKind::Updated,
                        field: Some(("status", old.as_deref(), new.as_deref())),
                        link: None,
                    };
                    issues::record(tx, change, Some(author))?;
                }
            }
            Ok::<_, StoreError>(())
        });
        write.await.unwrap();
    }

    async fn statuses(&self) -> Vec<StatusId> {
        let sql = "SELECT status_id FROM issue ORDER BY number";
        let read = self
            .store
            .read(move |tx| tx.query(sql, &[], |row| row.get(0).map(StatusId)));
        read.await.unwrap()
    }

    async fn lines(&self, job: &Job) -> Vec<ChangeLine> {
        let id = job.id;
        let read = self
            .store
            .read(move |tx| jobs::changes(tx, id, -1, usize::MAX));
        let lines = read.await.unwrap();
        lines.into_iter().map(|(_, line)| line).collect()
    }
}

#[derive(Clone, Debug)]
struct Case {
    shape: Shape,
    refused: Vec<(usize, usize)>,
    first: Vec<usize>,
    sub_tasks: bool,
}

/// Few issues, the sub-task among them, so that many stand in several rows.
fn crowded() -> impl Strategy<Value = Shape> {
    let few = |issue: i64| issue % 5 * 2 + 1;
    shapes().prop_map(move |shape| {
        let rows = shape.into_iter();
        rows.map(|(issue, above)| (issue.map(few), above)).collect()
    })
}

fn cases() -> impl Strategy<Value = Case> {
    let pairs: Vec<(usize, usize)> = (0..4).flat_map(|a| (0..4).map(move |b| (a, b))).collect();
    (
        prop_oneof![shapes(), crowded()],
        prop::sample::subsequence(pairs, 0..=3),
        prop::collection::vec(prop::sample::select(vec![0, 0, 1, 1, 2, 2, 3usize]), 10),
        any::<bool>(),
    )
        .prop_map(|(shape, refused, first, sub_tasks)| Case {
            shape,
            refused,
            first,
            sub_tasks,
        })
}

/// Two synchronized structures, ready for changes, and the statuses by number.
async fn synchronized(world: &World, case: &Case) -> (Side, Side, Vec<StatusId>) {
    let ids = world.set_workflow(&case.refused).await;
    let first = case.first.iter().map(|at| ids[*at]).collect();
    world.set_statuses(first, true).await;
    let types: &[&str] = if case.sub_tasks { &[] } else { &["task"] };
    let one = world.side(&case.shape, rule(types)).await;
    let two = world.side(&case.shape, rule(types)).await;
    world.run(&one, FROM, false).await;
    assert!(changed_nothing(&world.run(&two, FROM, false).await));
    (one, two, ids)
}

/// The statuses after an incremental run, and those after a resync on the same state.
async fn both_ways(world: &World, one: &Side, two: &Side) -> (Vec<StatusId>, Vec<StatusId>) {
    let before = world.statuses().await;
    world.run(one, None, false).await;
    let by_increment = world.statuses().await;
    assert!(changed_nothing(&world.run(one, FROM, true).await));
    world.set_statuses(before, false).await;
    world.run(two, FROM, false).await;
    (by_increment, world.statuses().await)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn statuses_that_changed_roll_up_as_by_a_resync(
        case in cases(), then in prop::collection::vec((0usize..10, 0usize..4), 0..4),
    ) {
        let world = world();
        world.runtime.block_on(async {
            let _turn = TURN.lock().await;
            let (one, two, ids) = synchronized(world, &case).await;
            let mut statuses = world.statuses().await;
            for (issue, status) in then {
                statuses[issue] = ids[status];
            }
            world.set_statuses(statuses, true).await;
            let (by_increment, by_resync) = both_ways(world, &one, &two).await;
            prop_assert_eq!(by_increment, by_resync);
            Ok(())
        })?;
    }

    #[test]
    fn rows_that_changed_roll_up_as_by_a_resync(
        case in cases(),
        edits in prop::collection::vec((0usize..9, prop::option::of(0usize..9), any::<bool>()), 0..5),
    ) {
        let world = world();
        world.runtime.block_on(async {
            let _turn = TURN.lock().await;
            let (one, two, _) = synchronized(world, &case).await;
            world.edit_rows(&one, &edits).await;
            world.edit_rows(&two, &edits).await;
            let (by_increment, by_resync) = both_ways(world, &one, &two).await;
            prop_assert_eq!(by_increment, by_resync);
            Ok(())
        })?;
    }
}

#[test]
fn a_refused_transition_is_told_and_the_others_are_made() {
    let world = world();
    world.runtime.block_on(async {
        let _turn = TURN.lock().await;
        let ids = world.set_workflow(&[(0, 2)]).await;
        let statuses = [0, 2, 1, 2, 3, 3, 3, 3, 3, 3].map(|at| ids[at]).to_vec();
        world.set_statuses(statuses, true).await;
        // Each of two parents has a child that is done; only one of them may be done as well.
        let shape = vec![
            (Some(0), None),
            (Some(1), Some(0)),
            (Some(2), None),
            (Some(3), Some(2)),
        ];
        let side = world.side(&shape, rule(&[])).await;

        let dry = world.run(&side, FROM, true).await;
        let run = world.run(&side, FROM, false).await;
        assert_eq!(dry.state, JobState::Succeeded);
        assert_eq!(run.state, JobState::PartiallySucceeded);
        let counts = run.counts;
        assert_eq!(
            (
                counts.failed,
                counts.statuses_changed,
                counts.issues_scanned
            ),
            (1, 1, 4)
        );
        assert_eq!(dry.counts, counts);
        let lines = world.lines(&run).await;
        assert_eq!(world.lines(&dry).await, lines);
        let told: Vec<(ChangeKind, &str, &str)> = lines
            .iter()
            .map(|it| {
                let key = it.issue_key.as_deref().unwrap_or_default();
                (it.kind, key, it.summary.as_str())
            })
            .collect();
        let refused = "GEN-1 cannot go from “To Do” to “Done”: the workflow of project GEN does \
                       not allow it";
        assert_eq!(
            told,
            [
                (
                    ChangeKind::StatusChanged,
                    "GEN-3",
                    "GEN-3 goes from “Doing” to “Done”"
                ),
                (
                    ChangeKind::Conflict,
                    "GEN-3",
                    "admin changed the status of GEN-3 since the last synchronization, which is \
                     overwritten: GEN-3 goes from “Doing” to “Done”"
                ),
                (ChangeKind::Failed, "GEN-1", refused),
            ]
        );
        let after = world.statuses().await;
        assert_eq!(after[..4], [0, 2, 2, 2].map(|at| ids[at]));
        let resolution: Option<String> = world
            .store
            .read(|tx| {
                let sql = "SELECT resolution FROM issue WHERE key = 'GEN-3'";
                tx.get(sql, &[], |row| row.get(0))
            })
            .await
            .unwrap();
        assert_eq!(resolution.as_deref(), Some("Fixed"));

        // It stays refused, and there is nothing else to do.
        let again = world.run(&side, FROM, false).await;
        assert_eq!((again.counts.failed, again.counts.total()), (1, 0));
    });
}
