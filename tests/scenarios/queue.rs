//! How many jobs may wait, of one user and of all.

use crate::support::client::Client;
use crate::support::server::{World, add_token, client, create_structure};
use serde_json::{Value, json};
use understory::domain::{Direction, JobKind, StructureId};
use understory::store::jobs::{self, NewJob};
use understory::store::users::{self, Role};

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
