//! What keeps a resync from destroying work: confirmation, dry run, preview, removal guard.

use super::generated::write_issues;
use crate::support::client::Client;
use crate::support::server::{
    World, client, create_structure, install, resync, start_resync, tree, watch,
};
use serde_json::{Value, json};

const INTO: &str = "INTO_STRUCTURE";

struct Scene {
    _files: tempfile::TempDir,
    _world: World,
    server: understory::app::Server,
    asker: Client,
    structure: String,
}

/// A structure that holds the 30 issues of a small tracker.
async fn scene() -> Scene {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 30)]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let structure = create_structure(&mut asker, "Precious").await;
    let all = install(
        &mut asker,
        &structure,
        json!({ "savedFilter": { "jql": "" } }),
    )
    .await;
    resync(&mut asker, &all, json!({ "direction": INTO })).await;
    Scene {
        _files: files,
        _world: world,
        server,
        asker,
        structure,
    }
}

fn refusal(payload: &Value) -> (&str, &str) {
    let error = &payload["userErrors"][0];
    (
        error["code"].as_str().unwrap(),
        error["message"].as_str().unwrap(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_runs_unconfirmed_in_a_direction_that_is_not_supported_or_twice() {
    let mut scene = scene().await;
    let asker = &mut scene.asker;
    let sub_tasks = install(asker, &scene.structure, json!({ "subTasks": {} })).await;
    let input = |direction: &str, confirm: bool| json!({ "synchronizerId": sub_tasks, "direction": direction, "confirm": confirm });
    let payload = start_resync(asker, input(INTO, false)).await;
    let (code, message) = refusal(&payload);
    assert_eq!(code, "CONFIRMATION_REQUIRED");
    for part in [
        "issues in the tracker win",
        "“Precious” is overwritten",
        "moved or removed",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let payload = start_resync(asker, input("FROM_STRUCTURE", true)).await;
    let (code, message) = refusal(&payload);
    assert_eq!(code, "DIRECTION_NOT_SUPPORTED");
    assert!(message.contains("supports INTO_STRUCTURE"), "{message}");

    let both = "mutation($input: StartResyncInput!) {
      one: startResync(input: $input) { job { id } userErrors { code } }
      two: startResync(input: $input) { job { id } userErrors { code } } }";
    let data = asker.ask(both, json!({ "input": input(INTO, true) })).await;
    // The first may have ended before the second was asked for.
    if data["two"]["userErrors"] != json!([]) {
        assert_eq!(data["two"]["userErrors"][0]["code"], "ALREADY_QUEUED");
        assert_eq!(data["two"]["job"]["id"], data["one"]["job"]["id"]);
    }
    scene.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_refused_when_its_dry_run_no_longer_is_what_would_happen() {
    let mut scene = scene().await;
    let asker = &mut scene.asker;
    let few = json!({ "savedFilter": { "jql": "summary !~ leave", "remove": true } });
    let few = install(asker, &scene.structure, few).await;
    let rename = "mutation($key: String!) { updateIssue(input: {key: $key, summary: \"leave\"}) { userErrors { message } } }";
    asker.ask(rename, json!({ "key": "GEN-1" })).await;
    let dry = resync(asker, &few, json!({ "direction": INTO, "dryRun": true })).await;
    assert_eq!(dry["counts"]["rowsRemoved"], 1);

    asker.ask(rename, json!({ "key": "GEN-2" })).await;
    let bound = json!({ "synchronizerId": few, "direction": INTO, "confirm": true, "previewJobId": dry["id"] });
    let payload = start_resync(asker, bound.clone()).await;
    let (code, message) = refusal(&payload);
    assert_eq!(code, "PREVIEW_STALE");
    assert!(message.contains("GEN-2 is removed"), "{message}");
    assert_eq!(tree(asker, &scene.structure).await.len(), 30);

    let dry = resync(asker, &few, json!({ "direction": INTO, "dryRun": true })).await;
    let run = resync(
        asker,
        &few,
        json!({ "direction": INTO, "previewJobId": dry["id"] }),
    )
    .await;
    assert_eq!(
        (&run["state"], &run["counts"]),
        (&json!("SUCCEEDED"), &dry["counts"])
    );
    assert_eq!(tree(asker, &scene.structure).await.len(), 28);
    scene.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_would_remove_too_much_fails_and_changes_nothing() {
    let mut scene = scene().await;
    let asker = &mut scene.asker;
    let none = json!({ "savedFilter": { "jql": "summary ~ nothing", "remove": true } });
    let none = install(asker, &scene.structure, none).await;
    let dry = resync(asker, &none, json!({ "direction": INTO, "dryRun": true })).await;
    assert_eq!(
        (&dry["state"], &dry["counts"]["rowsRemoved"]),
        (&json!("SUCCEEDED"), &json!(30))
    );
    assert_eq!(
        dry["error"]["code"], "REMOVAL_LIMIT_EXCEEDED",
        "it says what a run would meet"
    );
    let run = resync(asker, &none, json!({ "direction": INTO })).await;
    assert_eq!(run["state"], "FAILED");
    assert_eq!(run["error"]["code"], "REMOVAL_LIMIT_EXCEEDED");
    let message = run["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("30 of 30 rows") && message.contains("50 %"),
        "{message}"
    );
    assert_eq!(tree(asker, &scene.structure).await.len(), 30);
    let run = resync(
        asker,
        &none,
        json!({ "direction": INTO, "maxRemovalPercent": 100 }),
    )
    .await;
    assert_eq!(
        (&run["state"], &run["counts"]["rowsRemoved"]),
        (&json!("SUCCEEDED"), &json!(30))
    );
    scene.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_synchronizer_names_must_still_be_there() {
    let mut scene = scene().await;
    let asker = &mut scene.asker;
    let row = asker
        .ask(
            "query($id: ID!) { structure(id: $id) { rows(first: 1) { nodes { id } } } }",
            json!({ "id": scene.structure }),
        )
        .await["structure"]["rows"]["nodes"][0]["id"]
        .clone();
    let under = json!({ "savedFilter": { "jql": "", "placeUnder": row } });
    let under = install(asker, &scene.structure, under).await;
    let remove = "mutation($input: RemoveRowsInput!) { removeRows(input: $input) { userErrors { message } } }";
    asker
        .ask(
            remove,
            json!({ "input": { "structureId": scene.structure, "rowIds": [row] } }),
        )
        .await;
    let input = json!({ "synchronizerId": under, "direction": INTO, "confirm": true });
    let payload = start_resync(asker, input).await;
    assert_eq!(refusal(&payload).0, "NOT_AVAILABLE");
    let data = asker
        .ask(
            "query($id: ID!) { synchronizer(id: $id) { state unavailableReason } }",
            json!({ "id": under }),
        )
        .await;
    assert_eq!(data["synchronizer"]["state"], "NOT_AVAILABLE");
    assert!(
        data["synchronizer"]["unavailableReason"]
            .as_str()
            .unwrap()
            .contains("is gone")
    );
    scene.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_change_while_a_job_waits_cancel_it() {
    let mut scene = scene().await;
    let asker = &mut scene.asker;
    let filter = install(
        asker,
        &scene.structure,
        json!({ "savedFilter": { "jql": "" } }),
    )
    .await;
    let both = "mutation($input: StartResyncInput!, $update: UpdateSynchronizerInput!) {
      startResync(input: $input) { job { id } userErrors { code } }
      updateSynchronizer(input: $update) { synchronizer { state } userErrors { code } } }";
    let input = json!({ "synchronizerId": filter, "direction": INTO, "confirm": true, "enableAfterwards": true });
    let update = json!({ "id": filter, "settings": { "savedFilter": { "jql": "key = GEN-1" } } });
    let data = asker
        .ask(both, json!({ "input": input, "update": update }))
        .await;
    assert_eq!(data["updateSynchronizer"]["userErrors"], json!([]));
    let ended = watch(asker, data["startResync"]["job"]["id"].as_str().unwrap()).await;
    // It was cancelled, or it had ended before, or it noticed: in no case it enables.
    let state = asker
        .ask(
            "query($id: ID!) { synchronizer(id: $id) { state } }",
            json!({ "id": filter }),
        )
        .await;
    assert_eq!(state["synchronizer"]["state"], "DISABLED", "{ended}");
    scene.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_deletion_of_an_issue_leaves_is_taken_for_no_edit_of_the_hierarchy() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 3)]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let link_type = world.link_type(&server, "Includes").await;
    let structure = create_structure(&mut asker, "Chain").await;
    let all = install(
        &mut asker,
        &structure,
        json!({ "savedFilter": { "jql": "" } }),
    )
    .await;
    resync(&mut asker, &all, json!({ "direction": INTO })).await;
    let link = "mutation($type: ID!, $source: String!, $target: String!) {
      linkIssues(input: {linkTypeId: $type, sourceKey: $source, targetKey: $target}) { userErrors { message } } }";
    for (source, target) in [("GEN-1", "GEN-2"), ("GEN-2", "GEN-3")] {
        asker
            .ask(
                link,
                json!({ "type": link_type, "source": source, "target": target }),
            )
            .await;
    }
    let settings = json!({ "linkTypeId": link_type, "parentEnd": "SOURCE", "unlinkedRows": "MOVE_TO_TOP_LEVEL" });
    let links = install(&mut asker, &structure, json!({ "links": settings })).await;
    resync(
        &mut asker,
        &links,
        json!({ "direction": INTO, "enableAfterwards": true }),
    )
    .await;
    let chain = [
        (0, "GEN-1".to_owned()),
        (1, "GEN-2".to_owned()),
        (2, "GEN-3".to_owned()),
    ];
    assert_eq!(tree(&mut asker, &structure).await, chain);

    asker
        .ask(
            "mutation { deleteIssue(key: \"GEN-2\") { userErrors { message } } }",
            json!({}),
        )
        .await;
    let apart = [(0, "GEN-1".to_owned()), (0, "GEN-3".to_owned())];
    for _ in 0..600 {
        if tree(&mut asker, &structure).await == apart {
            let data = asker
                .ask("{ issue(key: \"GEN-3\") { links { id } } }", json!({}))
                .await;
            assert_eq!(data["issue"]["links"], json!([]), "no link was made");
            server.stop().await;
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{:?}", tree(&mut asker, &structure).await);
}
