//! Asking for undo, on a real server: who is refused what, and that nothing reacts to an undo.

use crate::scenarios::generated::write_issues;
use crate::support::client::Client;
use crate::support::server::{World, client, create_structure, install, resync, tree, watch};
use serde_json::{Value, json};

const INTO: &str = "INTO_STRUCTURE";

const REVERT: &str = "mutation($id: ID!, $confirm: Boolean!, $dryRun: Boolean!) {
  revertJob(id: $id, confirm: $confirm, dryRun: $dryRun) {
    job { id kind reverts { id } }
    userErrors { code field message } } }";

async fn ask(client: &mut Client, id: &Value, confirm: bool, dry_run: bool) -> Value {
    let variables = json!({ "id": id, "confirm": confirm, "dryRun": dry_run });
    client.ask(REVERT, variables).await["revertJob"].clone()
}

/// Reverts a job and waits for the end; the revert's last snapshot.
async fn revert(client: &mut Client, id: &Value) -> Value {
    let payload = ask(client, id, true, false).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    assert_eq!(payload["job"]["reverts"]["id"], *id);
    watch(client, payload["job"]["id"].as_str().unwrap()).await
}

async fn reverted_by(client: &mut Client, id: &Value) -> Value {
    let query = "query($id: ID!) { job(id: $id) { revertedBy { id } } }";
    let data = client.ask(query, json!({ "id": id })).await;
    data["job"]["revertedBy"]["id"].clone()
}

fn code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_undone_once_confirmed_and_again_once_that_is_undone() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 30)]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let structure = create_structure(&mut asker, "Plan").await;
    let all = json!({ "savedFilter": { "jql": "" } });
    let all = install(&mut asker, &structure, all).await;
    let dry = resync(
        &mut asker,
        &all,
        json!({ "direction": INTO, "dryRun": true }),
    )
    .await;
    let payload = ask(&mut asker, &dry["id"], true, false).await;
    assert_eq!(code(&payload), "INVALID");
    let run = resync(&mut asker, &all, json!({ "direction": INTO })).await;
    let job = &run["id"];

    let payload = ask(&mut asker, job, false, false).await;
    assert_eq!(code(&payload), "CONFIRMATION_REQUIRED");
    let message = payload["userErrors"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("30 rows") && message.contains("SKIPPED"),
        "{message}"
    );
    assert_eq!(payload["job"], Value::Null);
    let payload = ask(&mut asker, &json!("Sm9iOjk5OTk"), true, false).await;
    assert_eq!(code(&payload), "NOT_FOUND");

    let payload = ask(&mut asker, job, false, true).await;
    let dry = watch(&mut asker, payload["job"]["id"].as_str().unwrap()).await;
    assert_eq!(dry["counts"]["rowsRemoved"], 30);
    assert_eq!(tree(&mut asker, &structure).await.len(), 30);
    assert_eq!(reverted_by(&mut asker, job).await, Value::Null);

    let first = revert(&mut asker, job).await;
    assert_eq!(
        (&first["state"], &first["counts"]),
        (&json!("SUCCEEDED"), &dry["counts"])
    );
    assert_eq!(tree(&mut asker, &structure).await, []);
    assert_eq!(reverted_by(&mut asker, job).await, first["id"]);
    let payload = ask(&mut asker, job, true, false).await;
    assert_eq!(
        (code(&payload), &payload["job"]["id"]),
        ("CONFLICT", &first["id"])
    );

    let back = revert(&mut asker, &first["id"]).await;
    assert_eq!(back["counts"]["rowsAdded"], 30);
    assert_eq!(tree(&mut asker, &structure).await.len(), 30);
    assert_eq!(reverted_by(&mut asker, job).await, Value::Null);

    // The synchronizer is not needed for it.
    let uninstall =
        "mutation($id: ID!) { uninstallSynchronizer(id: $id) { userErrors { message } } }";
    asker.ask(uninstall, json!({ "id": all })).await;
    let second = revert(&mut asker, job).await;
    assert_eq!(tree(&mut asker, &structure).await, []);
    assert_eq!(reverted_by(&mut asker, job).await, second["id"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_synchronizer_whose_work_is_undone_does_not_carry_the_undo_to_the_other_side() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 3)]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let link_type = world.link_type(&server, "Includes").await;
    let structure = create_structure(&mut asker, "Tree").await;
    let all = json!({ "savedFilter": { "jql": "" } });
    let all = install(&mut asker, &structure, all).await;
    resync(&mut asker, &all, json!({ "direction": INTO })).await;
    let link = "mutation($type: ID!) {
      linkIssues(input: {linkTypeId: $type, sourceKey: \"GEN-1\", targetKey: \"GEN-2\"}) { userErrors { message } } }";
    asker.ask(link, json!({ "type": link_type })).await;
    let settings = json!({ "linkTypeId": link_type, "parentEnd": "SOURCE" });
    let links = install(&mut asker, &structure, json!({ "links": settings })).await;
    let enable = json!({ "direction": INTO, "enableAfterwards": true });
    let run = resync(&mut asker, &links, enable).await;
    let row = |depth: usize, key: &str| (depth, key.to_owned());
    assert_eq!(
        tree(&mut asker, &structure).await,
        [row(0, "GEN-1"), row(1, "GEN-2"), row(0, "GEN-3")]
    );

    revert(&mut asker, &run["id"]).await;
    let flat = [row(0, "GEN-1"), row(0, "GEN-2"), row(0, "GEN-3")];
    assert_eq!(tree(&mut asker, &structure).await, flat);
    // An edit elsewhere makes the synchronizer run; then it would have carried the undo over.
    let link = link.replace("GEN-2", "GEN-3");
    asker.ask(&link, json!({ "type": link_type })).await;
    let linked = [row(0, "GEN-1"), row(1, "GEN-3"), row(0, "GEN-2")];
    for _ in 0..600 {
        if tree(&mut asker, &structure).await == linked {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(tree(&mut asker, &structure).await, linked);
    let data = asker
        .ask("{ issue(key: \"GEN-2\") { links { id } } }", json!({}))
        .await;
    assert_eq!(
        data["issue"]["links"].as_array().unwrap().len(),
        1,
        "the link stays"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_changes_are_no_longer_kept_is_not_undone_by_halves() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 2_500)]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let structure = create_structure(&mut asker, "Old").await;
    let all = json!({ "savedFilter": { "jql": "" } });
    let all = install(&mut asker, &structure, all).await;
    let run = resync(&mut asker, &all, json!({ "direction": INTO })).await;
    // Of its three versions, the oldest is past its time.
    let swept = server.store().write(|tx| {
        tx.execute("DELETE FROM structure_version WHERE version = 1", &[])
            .map(|_| ())
    });
    swept.await.unwrap();
    let payload = ask(&mut asker, &run["id"], true, false).await;
    assert_eq!(code(&payload), "CONFLICT");
    let message = payload["userErrors"][0]["message"].as_str().unwrap();
    assert!(message.contains("no longer kept"), "{message}");
    assert_eq!(tree(&mut asker, &structure).await.len(), 2_500);
    server.stop().await;
}
