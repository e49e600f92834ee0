//! Synchronizers that are switched off, on a real server.

use crate::http::support::client::send;
use crate::support::command::{said, understory};
use crate::support::server::{TOKEN, World, client, create_structure, install};
use serde_json::json;

const QUERY: &str = "{ serverInfo { synchronizersEnabled } __type(name: \"Job\") { name } }";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_used_is_not_there() {
    let world = World::new(&[]).await;
    let server = world.serve_with(&[]).await;
    let mut asker = client(server.address()).await;
    let found = asker.ask(QUERY, json!({})).await;
    let hidden = json!({ "serverInfo": { "synchronizersEnabled": false }, "__type": null });
    assert_eq!(found, hidden);
    for query in [
        "{ jobs { totalCount } }",
        "mutation { cancelJob(id: \"x\") { userErrors { message } } }",
        "subscription { jobs { id } }",
    ] {
        let answer = asker.execute(query, json!({})).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "FEATURE_DISABLED", "{answer}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("--enable synchronizers"), "{message}");
    }
    let admin = format!("Bearer {TOKEN}");
    let headers = [("authorization", admin.as_str())];
    let metrics = send(server.address(), "GET", "/metrics", &headers, "").await;
    let metrics = metrics.text();
    let telling = |line: &&str| {
        ["job", "synchroni", "removals", "previews"]
            .iter()
            .any(|it| line.contains(it))
    };
    let told: Vec<_> = metrics.lines().filter(telling).collect();
    assert_eq!(told, Vec::<&str>::new());
    assert!(
        metrics.contains("understory_store_wait_seconds"),
        "{metrics}"
    );
    let url = format!("http://{}/", server.address());
    let asked = tokio::task::spawn_blocking(move || {
        understory(&[
            "resync",
            "x",
            "--direction",
            "into",
            "--url",
            &url,
            "--token",
            TOKEN,
        ])
    });
    let says = said(&asked.await.unwrap(), 1);
    assert!(
        says.contains("switched off on this server") && !says.contains("Input"),
        "{says}"
    );
    // What it is for goes on.
    let structure = create_structure(&mut asker, "Plain").await;
    let query = "query($id: ID!, $with: Boolean!) { structure(id: $id) { name
                   synchronizers @include(if: $with) { id } } }";
    let found = asker
        .ask(query, json!({ "id": structure, "with": false }))
        .await;
    assert_eq!(found, json!({ "structure": { "name": "Plain" } }));
    server.stop().await;
}

#[tokio::test]
async fn what_is_in_use_stays_when_it_is_switched_off() {
    let world = World::new(&[]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let structure = create_structure(&mut asker, "Used").await;
    let settings = json!({ "subTasks": {} });
    let synchronizer = install(&mut asker, &structure, settings).await;
    server.stop().await;

    let server = world.serve_with(&[]).await;
    let mut asker = client(server.address()).await;
    let found = asker.ask(QUERY, json!({})).await;
    let shown = json!({ "serverInfo": { "synchronizersEnabled": true },
                        "__type": { "name": "Job" } });
    assert_eq!(found, shown);
    let query = "mutation($id: ID!) { setSynchronizerEnabled(id: $id, enabled: true) {
                   synchronizer { state } userErrors { message } } }";
    let done = asker.ask(query, json!({ "id": synchronizer })).await;
    let state = &done["setSynchronizerEnabled"]["synchronizer"]["state"];
    assert_eq!(state, "ENABLED", "{done}");
    server.stop().await;
}
