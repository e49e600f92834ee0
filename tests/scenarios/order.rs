//! A resync goes behind the incremental work before it, says so, and starts by itself; a stream of
//! changes cannot keep it from starting.

use super::generated::write_issues;
use crate::support::client::Client;
use crate::support::server::{
    World, client, create_structure, install, resync, start_resync, tree, watch,
};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const UPDATE: &str = "mutation($key: String!, $summary: String!) {
  updateIssue(input: {key: $key, summary: $summary}) { userErrors { message } } }";

async fn enable(client: &mut Client, synchronizer: &str) {
    let data = client
        .ask(
            "mutation($id: ID!) { setSynchronizerEnabled(id: $id, enabled: true) { userErrors { message } } }",
            json!({ "id": synchronizer }),
        )
        .await;
    assert_eq!(data["setSynchronizerEnabled"]["userErrors"], json!([]));
}

async fn jobs_of(client: &mut Client, synchronizer: &str) -> Vec<Value> {
    let data = client
        .ask(
            "query($id: ID!) { jobs(first: 500, synchronizerId: $id) { nodes { id kind state startedAt finishedAt } } }",
            json!({ "id": synchronizer }),
        )
        .await;
    data["jobs"]["nodes"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resync_waits_for_the_incremental_before_it_says_why_and_starts_by_itself() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 2_000)]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let structure = create_structure(&mut asker, "Busy").await;
    let filter = json!({ "savedFilter": { "jql": "summary ~ \"wanted\"", "remove": true } });
    let synchronizer = install(&mut asker, &structure, filter).await;
    enable(&mut asker, &synchronizer).await;

    // A change nobody has carried over yet: the resync must not overtake it.
    asker
        .ask(UPDATE, json!({ "key": "GEN-7", "summary": "wanted" }))
        .await;
    let input =
        json!({ "synchronizerId": synchronizer, "direction": "INTO_STRUCTURE", "confirm": true });
    let payload = start_resync(&mut asker, input).await;
    let id = payload["job"]["id"].as_str().unwrap().to_owned();
    asker
        .subscribe(
            "subscription($id: ID!) { jobStatus(id: $id) { state revision waitingReason waitingFor { kind } } }",
            json!({ "id": id }),
        )
        .await;
    let (mut waited, mut last, mut revision) = (false, Value::Null, 0);
    while let Some(payload) = asker.next().await {
        last = payload["data"]["jobStatus"].clone();
        let now = last["revision"].as_i64().unwrap();
        assert!(now > revision, "revisions grow: {now} after {revision}");
        revision = now;
        if last["state"] == "QUEUED" && last["waitingFor"][0]["kind"] == "INCREMENTAL" {
            waited = true;
            assert!(
                last["waitingReason"]
                    .as_str()
                    .unwrap()
                    .contains("incremental"),
                "{last}"
            );
        }
    }
    assert_eq!(last["state"], "SUCCEEDED", "{last}");

    let jobs = jobs_of(&mut asker, &synchronizer).await;
    // The newest come first; another one that finds nothing may follow when the change is heard of.
    let incremental = jobs
        .iter()
        .rfind(|job| job["kind"] == "INCREMENTAL")
        .unwrap();
    let resync = jobs.iter().find(|job| job["kind"] == "RESYNC").unwrap();
    assert_eq!(incremental["state"], "SUCCEEDED");
    let (ended, began) = (
        incremental["finishedAt"].as_str(),
        resync["startedAt"].as_str(),
    );
    assert!(ended <= began, "{ended:?} {began:?}");
    assert!(
        waited || ended.is_some(),
        "it waited, or the incremental job had ended before"
    );
    assert_eq!(
        tree(&mut asker, &structure).await,
        [(0, "GEN-7".to_owned())]
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_steady_stream_of_changes_does_not_starve_a_resync() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 3_000)]).await;
    let server = world.serve().await;
    let address = server.address();
    let mut asker = client(address).await;
    let structure = create_structure(&mut asker, "Stream").await;
    let filter = json!({ "savedFilter": { "jql": "project = GEN" } });
    let synchronizer = install(&mut asker, &structure, filter).await;
    enable(&mut asker, &synchronizer).await;

    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..2)
        .map(|writer| {
            let stop = Arc::clone(&stop);
            tokio::spawn(async move {
                let mut asker = client(address).await;
                let mut edits = 0;
                while !stop.load(Ordering::Relaxed) {
                    let key = format!("GEN-{}", edits % 1_000 + 1);
                    let summary = format!("edit {edits} of writer {writer}");
                    asker
                        .ask(UPDATE, json!({ "key": key, "summary": summary }))
                        .await;
                    edits += 1;
                }
                edits
            })
        })
        .collect();
    let ended = resync(
        &mut asker,
        &synchronizer,
        json!({ "direction": "INTO_STRUCTURE" }),
    )
    .await;
    assert_eq!(ended["state"], "SUCCEEDED", "{ended}");
    stop.store(true, Ordering::Relaxed);
    let mut edits = 0;
    for writer in writers {
        edits += writer.await.unwrap();
    }
    assert!(edits > 10, "the stream was steady: {edits} edits");
    assert_eq!(tree(&mut asker, &structure).await.len(), 3_000);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resync_and_enable_leaves_no_gap_for_changes() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 500)]).await;
    let server = world.serve().await;
    let address = server.address();
    let mut asker = client(address).await;
    let structure = create_structure(&mut asker, "No gap").await;
    let filter = json!({ "savedFilter": { "jql": "summary ~ \"wanted\"", "remove": true } });
    let synchronizer = install(&mut asker, &structure, filter).await;
    // Edits go on before, during and after the resync; each must be seen by one of the two.
    let writer = tokio::spawn(async move {
        let mut asker = client(address).await;
        for number in 1..=300 {
            let key = format!("GEN-{number}");
            asker
                .ask(
                    UPDATE,
                    json!({ "key": key, "summary": format!("wanted {number}") }),
                )
                .await;
        }
    });
    let input = json!({ "direction": "INTO_STRUCTURE", "enableAfterwards": true });
    let ended = resync(&mut asker, &synchronizer, input).await;
    assert_eq!(ended["state"], "SUCCEEDED", "{ended}");
    writer.await.unwrap();
    // The rest comes by incremental synchronization: within a second or, here, many.
    for _ in 0..600 {
        if tree(&mut asker, &structure).await.len() == 300 {
            let state = asker
                .ask(
                    "query($id: ID!) { synchronizer(id: $id) { state } }",
                    json!({ "id": synchronizer }),
                )
                .await;
            assert_eq!(state["synchronizer"]["state"], "ENABLED");
            let jobs = jobs_of(&mut asker, &synchronizer).await;
            assert!(
                jobs.len() < 100,
                "a burst of 300 edits took {} jobs",
                jobs.len()
            );
            server.stop().await;
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!(
        "changes were lost: {} rows",
        tree(&mut asker, &structure).await.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_job_cancels_at_once_and_a_finished_one_not() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 100)]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let structure = create_structure(&mut asker, "Cancelled").await;
    let filter = json!({ "savedFilter": { "jql": "project = GEN" } });
    let synchronizer = install(&mut asker, &structure, filter).await;
    let input =
        json!({ "synchronizerId": synchronizer, "direction": "INTO_STRUCTURE", "dryRun": true });
    let job = start_resync(&mut asker, input).await["job"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let cancel = "mutation($id: ID!) { cancelJob(id: $id) { job { state } userErrors { code } } }";
    let first = asker.ask(cancel, json!({ "id": job })).await;
    let ended = watch(&mut asker, &job).await;
    let was_open = first["cancelJob"]["userErrors"] == json!([]);
    assert_eq!(
        ended["state"],
        if was_open { "CANCELLED" } else { "SUCCEEDED" }
    );
    let again = asker.ask(cancel, json!({ "id": job })).await;
    assert_eq!(again["cancelJob"]["userErrors"][0]["code"], "CONFLICT");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn synchronizers_that_undo_each_other_are_stopped_with_the_reason() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 20)]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let structure = create_structure(&mut asker, "Quarrel").await;
    let types = "{ linkTypes { id } }";
    // A sub-task that a link puts elsewhere: each rule moves it back.
    let made = world.link_type(&server, "Includes").await;
    assert_eq!(
        asker.ask(types, json!({})).await["linkTypes"][0]["id"],
        json!(made)
    );
    let filter = install(
        &mut asker,
        &structure,
        json!({ "savedFilter": { "jql": "project = GEN" } }),
    )
    .await;
    resync(
        &mut asker,
        &filter,
        json!({ "direction": "INTO_STRUCTURE" }),
    )
    .await;
    let sub_tasks = install(&mut asker, &structure, json!({ "subTasks": {} })).await;
    let settings = json!({ "linkTypeId": made, "parentEnd": "SOURCE", "primacy": "TRACKER" });
    let links = install(&mut asker, &structure, json!({ "links": settings })).await;
    resync(
        &mut asker,
        &sub_tasks,
        json!({ "direction": "INTO_STRUCTURE", "enableAfterwards": true }),
    )
    .await;
    enable(&mut asker, &links).await;
    let link = "mutation($type: ID!) { linkIssues(input: {linkTypeId: $type, sourceKey: \"GEN-1\", targetKey: \"GEN-10\"})
      { userErrors { message } } }";
    asker.ask(link, json!({ "type": made })).await;
    for _ in 0..600 {
        let data = asker
            .ask(
                "query($one: ID!, $two: ID!) { one: synchronizer(id: $one) { ...It } two: synchronizer(id: $two) { ...It } }
                 fragment It on Synchronizer { state unavailableReason }",
                json!({ "one": sub_tasks, "two": links }),
            )
            .await;
        let stopped: Vec<&Value> = [&data["one"], &data["two"]]
            .into_iter()
            .filter(|it| it["state"] == "DISABLED")
            .collect();
        if let Some(stopped) = stopped.first() {
            assert!(
                stopped["unavailableReason"]
                    .as_str()
                    .unwrap()
                    .contains("in a row"),
                "{stopped}"
            );
            let jobs = jobs_of(&mut asker, &sub_tasks).await.len()
                + jobs_of(&mut asker, &links).await.len();
            assert!(jobs < 40, "{jobs} jobs until the loop was seen");
            server.stop().await;
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the loop was not stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn synchronizers_that_carry_a_users_work_on_and_on_are_no_loop() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 3)]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let link_type = world.link_type(&server, "Includes").await;
    let (mut structures, mut synchronizers) = (Vec::new(), Vec::new());
    for name in ["First", "Second"] {
        let structure = create_structure(&mut asker, name).await;
        let all = install(
            &mut asker,
            &structure,
            json!({ "savedFilter": { "jql": "" } }),
        )
        .await;
        resync(&mut asker, &all, json!({ "direction": "INTO_STRUCTURE" })).await;
        let settings = json!({ "linkTypeId": link_type, "parentEnd": "SOURCE", "unlinkedRows": "MOVE_TO_TOP_LEVEL" });
        let links = install(&mut asker, &structure, json!({ "links": settings })).await;
        enable(&mut asker, &links).await;
        structures.push(structure);
        synchronizers.push(links);
    }
    let rows = asker
        .ask(
            "query($id: ID!) { structure(id: $id) { rows { nodes { id } } } }",
            json!({ "id": structures[0] }),
        )
        .await["structure"]["rows"]["nodes"]
        .clone();
    let row = |at: usize| rows[at]["id"].as_str().unwrap().to_owned();
    // A user moves one row to and fro in the first structure; links carry it to the second.
    for turn in 0..14 {
        let parent = turn % 2;
        let input = json!({ "structureId": structures[0], "rowIds": [row(2)], "position": { "under": row(parent) } });
        asker
            .ask("mutation($input: MoveRowsInput!) { moveRows(input: $input) { userErrors { message } } }", json!({ "input": input }))
            .await;
        let under = format!("GEN-{}", parent + 1);
        let mut carried = false;
        for _ in 0..600 {
            let there = tree(&mut asker, &structures[1]).await;
            let at = there
                .iter()
                .position(|row| row == &(0, under.clone()))
                .unwrap();
            carried = there.get(at + 1) == Some(&(1, "GEN-3".to_owned()));
            if carried {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert!(
            carried,
            "turn {turn}: {:?}",
            tree(&mut asker, &structures[1]).await
        );
    }
    for synchronizer in &synchronizers {
        let data = asker
            .ask(
                "query($id: ID!) { synchronizer(id: $id) { state unavailableReason } }",
                json!({ "id": synchronizer }),
            )
            .await;
        assert_eq!(data["synchronizer"]["state"], "ENABLED", "{data}");
    }
    server.stop().await;
}
