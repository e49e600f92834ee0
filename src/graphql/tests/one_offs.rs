//! One-off imports and exports, the log of a job, and warnings, as the schema shows them.

use super::world::{World, id, new_job};
use crate::domain::{ChangeCounts, JobState, LogLevel, Millis, SynchronizerId};
use crate::events::Event;
use crate::store::jobs::{self, End, LogEntry};
use crate::store::synchronizers;
use futures_util::StreamExt;
use serde_json::{Value, json};

fn run(field: &str, structure: &str, rest: &str) -> String {
    format!(
        "mutation {{ it: {field}(input: {{ structureId: {structure:?},
           settings: {{ savedFilter: {{ jql: \"status = Open\" }} }}, {rest} }}) {{
           job {{ id number kind direction state dryRun synchronizer {{ id }} requestedBy {{ id }}
             settings {{ __typename ... on SavedFilterSettings {{ jql }} }} }}
           warnings {{ message }} userErrors {{ code field message }} }} }}"
    )
}

#[tokio::test]
async fn a_one_off_is_a_job_without_a_synchronizer_that_shows_its_rule() {
    let world = World::new().await;
    let structure = id(world.structure(&world.olga, "Plan").await);
    let mut seen = world.watch(
        &world.olga,
        format!(
            "subscription {{ jobs(structureId: {structure:?}) {{ id synchronizer {{ id }} }} }}"
        ),
    );
    let data = world
        .data(&world.olga, run("runImport", &structure, "dryRun: true"))
        .await;
    let job = &data["it"]["job"];
    assert_eq!(data["it"]["userErrors"], json!([]));
    assert_eq!(job["number"], 1);
    for (field, value) in [("kind", "IMPORT"), ("direction", "INTO_STRUCTURE")] {
        assert_eq!(job[field], value);
    }
    assert_eq!(job["dryRun"], true);
    assert_eq!(job["synchronizer"], Value::Null);
    let rule = json!({ "__typename": "SavedFilterSettings", "jql": "status = Open" });
    assert_eq!(job["settings"], rule);
    let told = seen.next().await.unwrap().data.into_json().unwrap();
    assert_eq!(told["jobs"]["id"], job["id"]);

    let data = world
        .data(&world.olga, run("runExport", &structure, "confirm: true"))
        .await;
    let export = &data["it"]["job"];
    assert_eq!(export["kind"], "EXPORT");
    assert_eq!(export["direction"], "FROM_STRUCTURE");
    let list = format!(
        "{{ jobs(structureId: {structure:?}) {{ nodes {{ id kind settings {{ __typename }} }} }} }}"
    );
    let listed = world.data(&world.olga, list).await;
    assert_eq!(listed["jobs"]["nodes"][0]["id"], export["id"]);
    assert_eq!(listed["jobs"]["nodes"][1]["id"], job["id"]);

    let cancel = format!(
        "mutation {{ cancelJob(id: {}) {{ job {{ state }} }} }}",
        job["id"]
    );
    let data = world.data(&world.olga, cancel).await;
    assert_eq!(data["cancelJob"]["job"]["state"], "CANCELLED");
}

#[tokio::test]
async fn a_one_off_that_is_refused_makes_no_job() {
    let world = World::new().await;
    let structure = id(world.structure(&world.olga, "Plan").await);
    for (rest, code, field) in [
        ("", "CONFIRMATION_REQUIRED", json!(["input", "confirm"])),
        (
            "confirm: true, maxRemovalPercent: 101",
            "INVALID",
            json!(["input", "maxRemovalPercent"]),
        ),
    ] {
        let data = world
            .data(&world.olga, run("runImport", &structure, rest))
            .await;
        assert_eq!(data["it"]["job"], Value::Null);
        assert_eq!(data["it"]["userErrors"][0]["code"], code);
        assert_eq!(data["it"]["userErrors"][0]["field"], field);
    }
    let wrong = id(world.olga.user_id);
    let data = world
        .data(&world.olga, run("runImport", &wrong, "confirm: true"))
        .await;
    assert_eq!(data["it"]["userErrors"][0]["code"], "INVALID");
}

fn entry(at: i64, level: LogLevel, message: &str) -> LogEntry {
    LogEntry::new(Millis(at), level, message)
}

#[tokio::test]
async fn the_log_of_a_job_is_shown_while_it_runs_and_kept_with_its_end() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Plan").await;
    let synchronizer = world.synchronizer(structure).await;
    let job = world.job(structure, synchronizer).await;
    let request = format!(
        "subscription {{ jobStatus(id: {:?}) {{ state log {{ at level message }} }} }}",
        id(job)
    );
    let mut answers = world.watch(&world.olga, request);
    let mut next = async || {
        let answer = answers.next().await.unwrap();
        assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        answer.data.into_json().unwrap()["jobStatus"].clone()
    };
    assert_eq!(next().await, json!({ "state": "QUEUED", "log": [] }));

    let said = vec![entry(0, LogLevel::Info, "It began.")];
    world.fakes.logs.lock().unwrap().insert(job, said.clone());
    world
        .write(move |tx| jobs::start(tx, &jobs::find(tx, job)?.unwrap()).map(|_| ()))
        .await;
    let began =
        json!({ "at": "1970-01-01T00:00:00.000Z", "level": "INFO", "message": "It began." });
    assert_eq!(next().await, json!({ "state": "RUNNING", "log": [began] }));

    // What is live is shown after what an earlier run of the job has left.
    let revision = 10;
    let phase = ("Planning".to_owned(), revision);
    world.fakes.progress.lock().unwrap().insert(job, phase);
    world
        .write(move |tx| jobs::add_log(tx, job, &[entry(0, LogLevel::Warning, "It stopped.")]))
        .await;
    let event = Event::Job(job, structure, Some(synchronizer));
    world.api.store.events().publish(event);
    let running = next().await;
    assert_eq!(running["log"][0]["message"], "It stopped.");
    assert_eq!(running["log"][1]["message"], "It began.");

    let mut log = said;
    log.push(entry(1, LogLevel::Warning, "It ended."));
    let end = End {
        state: JobState::Succeeded,
        counts: ChangeCounts::default(),
        error: None,
        ticks: revision,
        log,
    };
    world
        .write(move |tx| jobs::finish(tx, &jobs::find(tx, job)?.unwrap(), &end))
        .await;
    let ended = next().await;
    let messages: Vec<&str> = ended["log"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["message"].as_str().unwrap())
        .collect();
    assert_eq!(messages, ["It stopped.", "It began.", "It ended."]);
}

#[tokio::test]
async fn a_log_never_grows_beyond_its_limit_and_ends_with_the_end() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Plan").await;
    let synchronizer = world.synchronizer(structure).await;
    let job = world.job(structure, synchronizer).await;
    let lines: Vec<LogEntry> = (0..jobs::LOG_LIMIT as i64 + 7)
        .map(|at| entry(at, LogLevel::Info, &format!("Line {at}.")))
        .collect();
    world.write(move |tx| jobs::add_log(tx, job, &lines)).await;
    let request = format!("{{ job(id: {:?}) {{ log {{ message }} }} }}", id(job));
    let data = world.data(&world.olga, request).await;
    let log = data["job"]["log"].as_array().unwrap();
    assert_eq!(log.len(), jobs::LOG_LIMIT);
    assert_eq!(log[jobs::LOG_LIMIT - 1]["message"], "Line 106.");
}

#[tokio::test]
async fn warnings_come_with_whatever_enables() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Plan").await;
    let one = world.synchronizer(structure).await;
    let other = world.synchronizer(structure).await;
    world.fakes.contenders.lock().unwrap().insert(one, other);
    let warned = json!([{ "message": "Both place sub-tasks.", "other": { "id": id(other) } }]);
    let shown = "warnings { message other { id } }";

    let ask = |of: SynchronizerId| format!("{{ synchronizer(id: {:?}) {{ {shown} }} }}", id(of));
    let data = world.data(&world.olga, ask(one)).await;
    assert_eq!(data["synchronizer"]["warnings"], warned);
    let data = world.data(&world.olga, ask(other)).await;
    assert_eq!(data["synchronizer"]["warnings"], json!([]));

    let enable = format!(
        "mutation {{ it: setSynchronizerEnabled(id: {:?}, enabled: true) {{ {shown} }} }}",
        id(one)
    );
    let data = world.data(&world.olga, enable).await;
    assert_eq!(data["it"]["warnings"], warned);

    let job = world
        .write(move |tx| {
            let mut job = new_job(structure, one);
            job.enable_afterwards = true;
            jobs::enqueue(tx, &job)
        })
        .await;
    // The fake names the job that waits already.
    let start = format!(
        "mutation {{ it: startResync(input: {{ synchronizerId: {:?}, direction: INTO_STRUCTURE }}) {{
           job {{ id }} {shown} }} }}",
        id(one)
    );
    let data = world.data(&world.olga, start).await;
    assert_eq!(data["it"]["job"]["id"], id(job));
    assert_eq!(data["it"]["warnings"], warned);
    world
        .write(move |tx| synchronizers::delete(tx, other))
        .await;
    let data = world.data(&world.olga, ask(one)).await;
    assert_eq!(data["synchronizer"]["warnings"], json!([]), "it is gone");
}
