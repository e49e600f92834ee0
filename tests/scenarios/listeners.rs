//! Many listen to one job, and one listens to a hierarchy without missing a version.

use super::generated::write_issues;
use crate::support::client::Client;
use crate::support::server::{
    TOKEN, World, client, create_structure, install, resync, start_resync, tree,
};
use serde_json::{Value, json};
use std::collections::HashSet;

const LISTENERS: usize = 500;

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_subscribers_of_a_job_all_receive_its_last_state() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 5_000)]).await;
    let server = world.serve().await;
    let address = server.address();
    let mut asker = client(address).await;
    let structure = create_structure(&mut asker, "Watched").await;
    let filter = json!({ "savedFilter": { "jql": "project = GEN" } });
    let synchronizer = install(&mut asker, &structure, filter).await;
    let mut sockets = Vec::new();
    for _ in 0..LISTENERS {
        sockets.push(Client::connect(address, TOKEN).await);
    }
    let input =
        json!({ "synchronizerId": synchronizer, "direction": "INTO_STRUCTURE", "confirm": true });
    let job = start_resync(&mut asker, input).await["job"]["id"].clone();
    let listeners: Vec<_> = sockets
        .into_iter()
        .map(|mut socket| {
            let job = job.clone();
            tokio::spawn(async move {
                let watch =
                    "subscription($id: ID!) { jobStatus(id: $id) { state counts { rowsAdded } } }";
                socket.subscribe(watch, json!({ "id": job })).await;
                let mut last = Value::Null;
                while let Some(payload) = socket.next().await {
                    last = payload["data"]["jobStatus"].clone();
                }
                last
            })
        })
        .collect();
    for listener in listeners {
        let last = listener.await.unwrap();
        assert_eq!(
            last,
            json!({ "state": "SUCCEEDED", "counts": { "rowsAdded": 5_000 } })
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_a_hierarchy_come_in_version_order_without_gap_and_add_up() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 3_500)]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let structure = create_structure(&mut asker, "Followed").await;
    let mut follower = client(server.address()).await;
    follower
        .subscribe(
            "subscription($id: ID!) { structureChanges(id: $id, sinceVersion: 0) {
               version added { id } moved { id } removedRowIds job { kind } } }",
            json!({ "id": structure }),
        )
        .await;
    let add = "mutation($id: ID!) { addRows(input: {structureId: $id, rows: [{folder: \"By hand\"}], position: {}})
      { structure { version } userErrors { message } } }";
    asker.ask(add, json!({ "id": structure })).await;
    let filter = json!({ "savedFilter": { "jql": "project = GEN" } });
    let synchronizer = install(&mut asker, &structure, filter).await;
    resync(
        &mut asker,
        &synchronizer,
        json!({ "direction": "INTO_STRUCTURE" }),
    )
    .await;
    let version = asker
        .ask(
            "query($id: ID!) { structure(id: $id) { version } }",
            json!({ "id": structure }),
        )
        .await["structure"]["version"]
        .as_i64()
        .unwrap();
    assert_eq!(
        version, 5,
        "one by hand, and 3,500 rows in versions of at most 1,000"
    );
    let mut rows = HashSet::new();
    for expected in 1..=version {
        let payload = follower.next().await.unwrap();
        let change = &payload["data"]["structureChanges"];
        assert_eq!(change["version"], expected, "{payload}");
        assert_eq!(change["job"].is_null(), expected == 1);
        for row in change["added"].as_array().unwrap() {
            assert!(
                rows.insert(row["id"].as_str().unwrap().to_owned()),
                "a row came twice"
            );
        }
    }
    assert_eq!(rows.len(), tree(&mut asker, &structure).await.len());
    server.stop().await;
}
