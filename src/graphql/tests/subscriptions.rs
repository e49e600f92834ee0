//! Streams: the current state first, every version once, the last snapshot always.

use super::world::{World, add, error_code, id};
use crate::domain::{ChangeCounts, JobId, JobState, Place, RowEdit, RowId, StructureId};
use crate::events::Event;
use crate::store::jobs::{self, End};
use crate::store::structures;
use async_graphql::Response;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;

/// No answer takes this long, whatever else the machine does.
const PATIENCE: Duration = Duration::from_secs(60);

type Answers = BoxStream<'static, Response>;

async fn next(answers: &mut Answers) -> Value {
    let answer = tokio::time::timeout(PATIENCE, answers.next()).await;
    let answer = answer.expect("an answer in time").expect("an answer");
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    answer.data.into_json().unwrap()
}

async fn ends(answers: &mut Answers) {
    let answer = tokio::time::timeout(PATIENCE, answers.next()).await;
    assert!(answer.expect("an end in time").is_none());
}

fn job_status(world: &World, job: JobId) -> Answers {
    let text = "{ state revision progress { phase } waitingFor { id } }";
    world.watch(
        &world.olga,
        format!("subscription {{ jobStatus(id: {:?}) {text} }}", id(job)),
    )
}

async fn start(world: &World, job: JobId) {
    world
        .write(move |tx| jobs::start(tx, &jobs::find(tx, job)?.unwrap()).map(|_| ()))
        .await;
}

async fn finish(world: &World, job: JobId, ticks: i64) {
    let end = End {
        state: JobState::Succeeded,
        counts: ChangeCounts::default(),
        error: None,
        ticks,
        log: Vec::new(),
    };
    world
        .write(move |tx| jobs::finish(tx, &jobs::find(tx, job)?.unwrap(), &end))
        .await;
}

#[tokio::test]
async fn a_job_is_watched_from_where_it_is_to_its_end() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Plan").await;
    let synchronizer = world.synchronizer(structure).await;
    let job = world.job(structure, synchronizer).await;
    let mut answers = job_status(&world, job);
    assert_eq!(next(&mut answers).await["jobStatus"]["state"], "QUEUED");
    start(&world, job).await;
    let running = next(&mut answers).await;
    assert_eq!(running["jobStatus"]["state"], "RUNNING");

    // A burst of progress is one snapshot, and the newest.
    for revision in 10..200 {
        let phase = (format!("Phase {revision}"), revision);
        world.fakes.progress.lock().unwrap().insert(job, phase);
        world
            .api
            .store
            .events()
            .publish(Event::Job(job, structure, Some(synchronizer)));
    }
    let burst = next(&mut answers).await;
    assert_eq!(burst["jobStatus"]["progress"]["phase"], "Phase 199");
    finish(&world, job, 200).await;
    assert_eq!(next(&mut answers).await["jobStatus"]["state"], "SUCCEEDED");
    ends(&mut answers).await;

    let mut late = job_status(&world, job);
    assert_eq!(next(&mut late).await["jobStatus"]["state"], "SUCCEEDED");
    ends(&mut late).await;
}

#[tokio::test]
async fn a_watched_job_that_is_deleted_ends_the_stream() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Plan").await;
    let synchronizer = world.synchronizer(structure).await;
    let mut answers = job_status(&world, world.job(structure, synchronizer).await);
    next(&mut answers).await;
    world
        .write(move |tx| structures::delete(tx, structure))
        .await;
    ends(&mut answers).await;
    let answers: Vec<Response> = job_status(&world, JobId(99)).collect().await;
    assert_eq!(answers.len(), 1);
    assert_eq!(error_code(&answers[0]), "NOT_FOUND");
}

#[tokio::test]
async fn jobs_are_watched_as_they_come_and_go() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Plan").await;
    let synchronizer = world.synchronizer(structure).await;
    let hidden = world.structure(&world.ada, "Hidden").await;
    let hidden_synchronizer = world.synchronizer(hidden).await;
    let waiting = world.job(structure, synchronizer).await;
    let ended = world.job(structure, synchronizer).await;
    finish(&world, ended, 0).await;
    let mut answers = world.watch(&world.olga, "subscription { jobs { id state } }");
    let shown = |job, state: &str| json!({ "jobs": { "id": id(job), "state": state } });
    assert_eq!(next(&mut answers).await, shown(waiting, "QUEUED"));
    world.job(hidden, hidden_synchronizer).await;
    let new = world.job(structure, synchronizer).await;
    assert_eq!(next(&mut answers).await, shown(new, "QUEUED"));
    start(&world, waiting).await;
    assert_eq!(next(&mut answers).await, shown(waiting, "RUNNING"));

    // Far more events than are kept: jobs that came, changed and went meanwhile are still told.
    let missed = world.job(structure, synchronizer).await;
    finish(&world, missed, 0).await;
    finish(&world, waiting, 0).await;
    for _ in 0..3_000 {
        world.api.store.events().publish(Event::Issues);
    }
    assert_eq!(next(&mut answers).await, shown(waiting, "SUCCEEDED"));
    // The end of a job is news of those that waited for it.
    assert_eq!(next(&mut answers).await, shown(new, "QUEUED"));
    assert_eq!(next(&mut answers).await, shown(missed, "SUCCEEDED"));
    assert!(answers.next().now_or_never().is_none());
}

fn changes(world: &World, structure: StructureId, since: Option<i64>) -> Answers {
    let since = since.map_or(String::new(), |since| format!(", sinceVersion: {since}"));
    let request = format!(
        "subscription {{ structureChanges(id: {:?}{since}) {{ structureId version
           added {{ id depth }} moved {{ id }} removedRowIds job {{ id }} user {{ name }} }} }}",
        id(structure)
    );
    world.watch(&world.olga, request)
}

#[tokio::test]
async fn changes_are_told_version_by_version() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Plan").await;
    let rows = world.folders(structure, 3).await;
    let mut live = changes(&world, structure, None);
    assert!(live.next().now_or_never().is_none());
    let place = Place {
        parent: Some(rows[0]),
        after: None,
    };
    let applied = world
        .edit(
            structure,
            vec![
                add(-1, None, None, None),
                RowEdit::Move {
                    id: RowId(-1),
                    place,
                },
                RowEdit::Move { id: rows[2], place },
                RowEdit::Remove { id: rows[1] },
            ],
        )
        .await;
    let added = applied.ids[&RowId(-1)];
    let change = next(&mut live).await["structureChanges"].clone();
    assert_eq!(
        change,
        json!({
            "structureId": id(structure),
            "version": 2,
            "added": [{ "id": id(added), "depth": 1 }],
            "moved": [{ "id": id(rows[2]) }],
            "removedRowIds": [id(rows[1])],
            "job": null,
            "user": { "name": "olga" },
        })
    );
    // From the beginning: what is gone by now is left out of what was added.
    let mut replay = changes(&world, structure, Some(0));
    let first = next(&mut replay).await["structureChanges"].clone();
    assert_eq!(first["version"], 1);
    assert_eq!(first["added"].as_array().unwrap().len(), 2);
    assert_eq!(next(&mut replay).await["structureChanges"], change);
    world
        .write(move |tx| structures::delete(tx, structure))
        .await;
    ends(&mut replay).await;
    ends(&mut live).await;
}

#[tokio::test]
async fn no_version_is_missed_or_repeated_under_load() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Plan").await;
    let mut live = changes(&world, structure, Some(0));
    assert!(live.next().now_or_never().is_none());
    // One edit of 2,500 rows takes three versions; the rest take one each.
    world.folders(structure, 2_500).await;
    for _ in 0..60 {
        world.folders(structure, 1).await;
        for _ in 0..50 {
            world.api.store.events().publish(Event::Issues);
        }
    }
    let mut added = 0;
    for version in 1..=63 {
        let change = next(&mut live).await["structureChanges"].clone();
        assert_eq!(change["version"], version);
        added += change["added"].as_array().unwrap().len();
    }
    assert_eq!(added, 2_560);
    assert!(live.next().now_or_never().is_none());
}

#[tokio::test]
async fn versions_that_are_not_there_are_refused() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Plan").await;
    for _ in 0..3 {
        world.folders(structure, 1).await;
    }
    let code = async |since| {
        let answers: Vec<Response> = changes(&world, structure, Some(since)).collect().await;
        assert_eq!(answers.len(), 1);
        error_code(&answers[0])
    };
    assert_eq!(code(4).await, "BAD_USER_INPUT");
    assert_eq!(code(-1).await, "BAD_USER_INPUT");
    world
        .write(move |tx| {
            let sql = "DELETE FROM structure_version WHERE structure_id = ? AND version < 3";
            tx.execute(sql, crate::store::params![structure])
                .map(|_| ())
        })
        .await;
    assert_eq!(code(0).await, "VERSION_GONE");
    assert_eq!(code(1).await, "VERSION_GONE");
    let mut answers = changes(&world, structure, Some(2));
    assert_eq!(next(&mut answers).await["structureChanges"]["version"], 3);
    let mut answers = changes(&world, structure, Some(3));
    assert!(answers.next().now_or_never().is_none());
}
