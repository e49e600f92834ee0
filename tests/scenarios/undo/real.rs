//! On real issues: a resync of each kind in each of its directions, undone, leaves everything byte
//! for byte as it was; undone once more, as the resync had left it.

use crate::support::client::Client;
use crate::support::server::{
    World, client, create_structure, install, resync, small_files, watch,
};
use serde_json::{Value, json};
use std::path::PathBuf;
use understory::app::Server;
use understory::store::StoreError;

/// What a revert has to bring back, as the tables hold it.
const STATE: [&str; 3] = [
    "SELECT json_array(id, structure_id, parent_id, position, issue_id, folder) FROM forest_row ORDER BY id",
    "SELECT json_array(id, external_id, type_id, source_id, target_id) FROM issue_link ORDER BY id",
    "SELECT json_array(id, rank, epic_id, status_id, resolution, resolved_at) FROM issue ORDER BY id",
];

async fn state(server: &Server) -> Vec<String> {
    let read = server.store().read(|tx| {
        let mut all = Vec::new();
        for sql in STATE {
            all.extend(tx.query(sql, &[], |row| row.get::<String>(0))?);
        }
        Ok::<_, StoreError>(all)
    });
    read.await.unwrap()
}

async fn revert(client: &mut Client, job: &Value) -> Value {
    let data = client
        .ask(
            "mutation($id: ID!) { revertJob(id: $id, confirm: true) { job { id } userErrors { message } } }",
            json!({ "id": job["id"] }),
        )
        .await;
    let payload = &data["revertJob"];
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    let ended = watch(client, payload["job"]["id"].as_str().unwrap()).await;
    assert_eq!(ended["state"], "SUCCEEDED", "{ended}");
    ended
}

fn changes(counts: &Value) -> u64 {
    let counted = counts.as_object().unwrap().iter();
    counted
        .filter(|(name, _)| !["issuesScanned", "conflicts", "failed"].contains(&name.as_str()))
        .map(|(_, count)| count.as_u64().unwrap())
        .sum()
}

/// Runs a rule in a direction, undoes it, undoes that, and leaves it done.
async fn there_and_back(
    server: &Server,
    client: &mut Client,
    structure: &str,
    settings: &Value,
    direction: &str,
) {
    let rule = install(client, structure, settings.clone()).await;
    let before = state(server).await;
    let input = json!({ "direction": direction, "maxRemovalPercent": 100 });
    let run = resync(client, &rule, input).await;
    assert_eq!(run["state"], "SUCCEEDED", "{run}");
    assert!(changes(&run["counts"]) > 0, "{settings} {direction}: {run}");
    let after = state(server).await;
    assert_ne!(before, after);
    let undone = revert(client, &run).await;
    assert!(
        state(server).await == before,
        "{settings} {direction} is not undone: {undone}"
    );
    revert(client, &undone).await;
    assert!(
        state(server).await == after,
        "{settings} {direction} is not done again"
    );
}

/// Moves rows about, so that the other direction has something to do.
async fn shuffle(client: &mut Client, structure: &str) {
    let data = client
        .ask(
            "query($id: ID!) { structure(id: $id) { rows(first: 400) { nodes { id depth childCount } } } }",
            json!({ "id": structure }),
        )
        .await;
    let rows = data["structure"]["rows"]["nodes"].as_array().unwrap();
    let leaves: Vec<&Value> = rows
        .iter()
        .filter(|row| row["childCount"] == 0)
        .map(|row| &row["id"])
        .collect();
    for pair in leaves.chunks_exact(8) {
        let input = json!({ "structureId": structure, "rowIds": [pair[7], pair[2]], "position": { "under": pair[5] } });
        let data = client
            .ask(
                "mutation($input: MoveRowsInput!) { moveRows(input: $input) { userErrors { message } } }",
                json!({ "input": input }),
            )
            .await;
        assert_eq!(data["moveRows"]["userErrors"], json!([]));
    }
}

async fn check(files: &[PathBuf], project: &str, link_type: &str) {
    let world = World::new(files).await;
    let server = world.serve().await;
    let mut client = client(server.address()).await;
    let structure = create_structure(&mut client, "There and back").await;
    let types = client.ask("{ linkTypes { id name } }", json!({})).await;
    let types = types["linkTypes"].as_array().unwrap();
    let link_type = types.iter().find(|it| it["name"] == link_type).unwrap()["id"].clone();
    let jql = format!("project = {project} AND type NOT IN (\"Sub-task\", \"Technical task\")");
    let filter = json!({ "savedFilter": { "jql": jql } });
    let links = json!({ "links": { "linkTypeId": link_type, "parentEnd": "SOURCE" } });
    let agile = json!({ "agile": { "projectKeys": [project], "addSubTasks": true } });
    let statuses = client
        .ask(
            "{ issues(jql: \"\", first: 500) { nodes { status { name } } } }",
            json!({}),
        )
        .await;
    let mut names: Vec<String> = statuses["issues"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| issue["status"]["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort_unstable();
    names.dedup();
    let rollup = json!({ "statusRollup": { "statuses": names, "resolution": "Rolled up" } });
    let sub_tasks = json!({ "subTasks": {} });
    for settings in [&filter, &sub_tasks, &links] {
        there_and_back(&server, &mut client, &structure, settings, "INTO_STRUCTURE").await;
    }
    shuffle(&mut client, &structure).await;
    there_and_back(&server, &mut client, &structure, &agile, "INTO_STRUCTURE").await;
    shuffle(&mut client, &structure).await;
    for settings in [&links, &agile, &rollup] {
        there_and_back(&server, &mut client, &structure, settings, "FROM_STRUCTURE").await;
    }
    let only_some = json!({ "savedFilter": { "jql": "type = Bug", "remove": true } });
    there_and_back(
        &server,
        &mut client,
        &structure,
        &only_some,
        "INTO_STRUCTURE",
    )
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resyncs_of_every_kind_on_small_real_projects_are_undone_byte_for_byte() {
    check(&small_files(), "MOD", "Relates").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resyncs_of_every_kind_on_all_real_projects_are_undone_byte_for_byte() {
    let Some(folder) = std::env::var_os("UNDERSTORY_REAL_DATA").map(PathBuf::from) else {
        eprintln!("skipped: UNDERSTORY_REAL_DATA names no folder");
        return;
    };
    let file = |name: &str| folder.join(format!("{name}.jsonl.gz"));
    check(&["MOD", "TIMOB"].map(file), "TIMOB", "Depends").await;
}
