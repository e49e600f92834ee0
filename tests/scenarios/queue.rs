//! How many jobs may wait, of one user and of all, and what cannot be read in the queue.

use super::bad_days::until_ready;
use super::generated::write_issues;
use crate::support::client::Client;
use crate::support::server::{World, add_token, client, create_structure, install, tree};
use serde_json::{Value, json};
use std::time::Duration;
use understory::clock::Clock;
use understory::domain::{Direction, JobId, JobKind, JobState, StructureId, SynchronizerId};
use understory::store::jobs::{self, NewJob};
use understory::store::users::{self, Role};
use understory::store::{Store, StoreError};

const OTHER_TOKEN: &str = "us_other";

/// A job that is said to run and never ends, so that all others of its structure wait.
fn endless(structure: StructureId) -> NewJob {
    NewJob {
        kind: JobKind::Import,
        direction: Some(Direction::IntoStructure),
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
    }
}

/// Asks for a job; the codes of the refusals.
async fn ask(asker: &mut Client, structure: &str) -> (Value, String) {
    let input = json!({ "structureId": structure, "dryRun": true,
                        "settings": { "savedFilter": { "jql": "project = GEN" } } });
    let query = "mutation($input: RunOnceInput!) { runImport(input: $input) {
                   job { state } userErrors { code message } } }";
    let payload = asker.ask(query, json!({ "input": input })).await["runImport"].clone();
    let error = &payload["userErrors"][0];
    assert_eq!(
        error.is_null(),
        payload["job"]["state"] == "QUEUED",
        "{payload}"
    );
    (error["code"].clone(), error["message"].to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_jobs_wait_as_accepted() {
    let world = World::new(&[]).await;
    let server = world
        .serve_with(&[
            "--enable",
            "synchronizers",
            "--user-queue-limit",
            "2",
            "--queue-limit",
            "3",
        ])
        .await;
    let mut asker = client(server.address()).await;
    let structure = create_structure(&mut asker, "Busy").await;
    server
        .store()
        .write(|tx| {
            let other = users::ensure(tx, "other", Role::Admin)?;
            add_token(tx, other, OTHER_TOKEN)?;
            let id = jobs::enqueue(tx, &endless(StructureId(1)))?;
            let job = jobs::find(tx, id)?.expect("the job");
            jobs::start(tx, &job)
        })
        .await
        .unwrap();
    let mut other = Client::connect(server.address(), OTHER_TOKEN).await;
    for _ in 0..2 {
        assert_eq!(ask(&mut asker, &structure).await.0, Value::Null);
    }
    let (code, message) = ask(&mut asker, &structure).await;
    assert_eq!(code, "LIMIT_EXCEEDED");
    assert!(
        message.contains("as many of your jobs wait already as may: 2"),
        "{message}"
    );
    assert_eq!(ask(&mut other, &structure).await.0, Value::Null);
    let (code, message) = ask(&mut other, &structure).await;
    assert_eq!(code, "LIMIT_EXCEEDED");
    assert!(message.contains("3 jobs wait"), "{message}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_synchronizer_that_cannot_be_read_stands_still_alone() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 1)]).await;
    let process = world.spawn_with(&[], &[]);
    let mut asker = client(process.address).await;
    let mut structures = Vec::new();
    for name in ["Damaged", "Damaged and asked for", "Whole"] {
        let structure = create_structure(&mut asker, name).await;
        let rule = install(
            &mut asker,
            &structure,
            json!({ "savedFilter": { "jql": "" } }),
        )
        .await;
        let enable = "mutation($id: ID!) { setSynchronizerEnabled(id: $id, enabled: true) {
                        userErrors { message } } }";
        asker.ask(enable, json!({ "id": rule })).await;
        structures.push(structure);
    }
    // Another process, as a person with a tool would be.
    let other = Store::open(&world.database(), Clock::system())
        .await
        .unwrap();
    let asked_for = other.write(|tx| {
        tx.execute(
            "UPDATE synchronizer SET settings = '{bad' WHERE id < 3",
            &[],
        )?;
        let job = NewJob {
            kind: JobKind::Incremental,
            synchronizer: Some(SynchronizerId(2)),
            ..endless(StructureId(2))
        };
        jobs::enqueue(tx, &job)
    });
    let asked_for: Result<JobId, StoreError> = asked_for.await;
    let create =
        "mutation { createIssue(input: {projectKey: \"GEN\", type: \"Task\", summary: \"New\"}) {
                    userErrors { message } } }";
    asker.ask(create, json!({})).await;
    let came = async {
        while tree(&mut asker, &structures[2]).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let came = tokio::time::timeout(Duration::from_secs(60), came).await;
    assert!(came.is_ok(), "{}", world.log());
    until_ready(process.address, true).await;
    let asked_for = asked_for.unwrap();
    let ended = loop {
        let find = other.read(move |tx| jobs::find(tx, asked_for)).await;
        let job = find.map_err(|error: StoreError| error).unwrap().unwrap();
        if job.state.is_ended() {
            break job;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(ended.state, JobState::Failed, "{ended:?}");
    let told = |id: u32| {
        let log = world.log();
        let of = |line: &&str| {
            line.contains("is passed over") && line.contains(&format!("synchronizer={id}"))
        };
        log.lines().filter(of).count()
    };
    assert_eq!(told(1), 1, "{}", world.log());

    // Beside one that cannot be read, another of the same structure is installed and enabled.
    let more = json!({ "savedFilter": { "jql": "key = GEN-1" } });
    let beside = install(&mut asker, &structures[0], more).await;
    let enable = "mutation($id: ID!) { setSynchronizerEnabled(id: $id, enabled: true) {
                    warnings { message } userErrors { message } } }";
    let enabled = asker.execute(enable, json!({ "id": beside })).await;
    assert!(enabled["errors"].is_null(), "{enabled}");

    // A job that cannot be read may be ahead of any other, so none begins.
    let unreadable = other.write(|tx| {
        let id = jobs::enqueue(tx, &endless(StructureId(3)))?;
        tx.execute("UPDATE job SET counts = '{bad' WHERE state = 'QUEUED'", &[])?;
        Ok::<_, StoreError>(id)
    });
    unreadable.await.unwrap();
    let says = until_ready(process.address, false).await;
    assert!(
        says.contains("the job queue could not be looked at"),
        "{says}"
    );
    let mended =
        other.write(|tx| tx.execute("UPDATE job SET counts = '{}' WHERE state = 'QUEUED'", &[]));
    mended.await.map_err(|error: StoreError| error).unwrap();
    until_ready(process.address, true).await;
    assert_eq!(told(1), 1, "{}", world.log());
    other.close().await;
    assert_eq!(process.terminate(), Some(0));
}
