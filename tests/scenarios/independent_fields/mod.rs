//! Epics, ranks and statuses of real issues: each resync equals what a second, independent
//! computation gives; a second resync plans nothing; a dry run changes nothing and equals the run.

mod epics_and_ranks;
mod statuses;

use super::independent::changes;
use crate::support::client::Client;
use crate::support::oracle::{self, Tree};
use crate::support::server::{
    World, client, create_structure, install, resync, small_files, start_resync, tree,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

const INTO: &str = "INTO_STRUCTURE";
const FROM: &str = "FROM_STRUCTURE";
const SUB_TASKS: [&str; 2] = ["Sub-task", "Technical task"];

/// Every issue in the order of ranks, with what the rules change.
async fn issues(client: &mut Client) -> Vec<Value> {
    let (mut found, mut after) = (Vec::new(), Value::Null);
    loop {
        let data = client
            .ask(
                "query($after: String) { issues(jql: \"ORDER BY Rank ASC\", first: 500, after: $after) {
                   pageInfo { hasNextPage endCursor }
                   nodes { key resolution status { name } epic { key } } } }",
                json!({ "after": after }),
            )
            .await;
        let page = &data["issues"];
        found.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] != json!(true) {
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn key(issue: &Value) -> String {
    text(&issue["key"]).unwrap()
}

/// Of the entries in which two maps differ, the first, for a message that can be read.
fn assert_same<V: std::fmt::Debug + PartialEq>(
    made: &BTreeMap<String, V>,
    wanted: &BTreeMap<String, V>,
) {
    assert_eq!(made.len(), wanted.len());
    for (key, wanted) in wanted {
        assert_eq!(made.get(key), Some(wanted), "{key}");
    }
}

fn assert_tree(made: &[(usize, String)], expected: &Tree) {
    let wanted = oracle::dump(expected);
    if let Some(at) = (0..made.len().max(wanted.len())).find(|&at| made.get(at) != wanted.get(at)) {
        panic!(
            "row {at} is {:?}, expected {:?}",
            made.get(at),
            wanted.get(at)
        );
    }
}

/// Dry run and run of a resync, each as it must be; the run.
async fn dry_then_run(
    client: &mut Client,
    structure: &str,
    synchronizer: &str,
    direction: &str,
) -> Value {
    let before = (tree(client, structure).await, issues(client).await);
    let dry = json!({ "direction": direction, "dryRun": true });
    let previewed = resync(client, synchronizer, dry).await;
    assert_eq!(previewed["state"], "SUCCEEDED", "{previewed}");
    let after = (tree(client, structure).await, issues(client).await);
    assert!(before == after, "a dry run changed something");

    let run = resync(client, synchronizer, json!({ "direction": direction })).await;
    assert_eq!(run["state"], "SUCCEEDED", "{run}");
    assert_eq!(run["counts"], previewed["counts"]);
    let lines = changes(client, &run).await;
    assert!(lines == changes(client, &previewed).await);
    run
}

/// A resync that has nothing to do.
async fn nothing_left(client: &mut Client, synchronizer: &str, direction: &str) {
    let dry = json!({ "direction": direction, "dryRun": true });
    let again = resync(client, synchronizer, dry).await;
    assert_eq!(again["state"], "SUCCEEDED", "{again}");
    let lines = changes(client, &again).await;
    let edits: Vec<&Value> = lines
        .iter()
        .filter(|line| line["kind"] != "SKIPPED")
        .collect();
    assert!(
        edits.is_empty(),
        "a second resync has {} edits, such as {}",
        edits.len(),
        edits[0]
    );
}

/// A structure of the issues of some projects that are no sub-tasks, and the oracle's picture of it.
async fn structure_of(
    client: &mut Client,
    opinion: &oracle::World,
    projects: &[&str],
) -> (String, Tree) {
    let structure = create_structure(client, "All of it").await;
    let mut rows = Vec::new();
    for project in projects {
        let jql = format!("project = {project} AND type NOT IN (\"Sub-task\", \"Technical task\")");
        let settings = json!({ "savedFilter": { "jql": jql } });
        let filter = install(client, &structure, settings).await;
        resync(client, &filter, json!({ "direction": INTO })).await;
        rows.extend(oracle::dump(&opinion.saved_filter(project, &SUB_TASKS)));
    }
    let expected = Tree::from_rows(&rows);
    assert_tree(&tree(client, &structure).await, &expected);
    (structure, expected)
}

fn real_files() -> Option<Vec<PathBuf>> {
    let Some(folder) = std::env::var_os("UNDERSTORY_REAL_DATA").map(PathBuf::from) else {
        eprintln!("skipped: UNDERSTORY_REAL_DATA names no folder");
        return None;
    };
    let file = |name: &str| folder.join(format!("{name}.jsonl.gz"));
    Some(["DAEMON", "MOD", "TIMOB"].map(file).to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_is_resynced_only_in_its_directions() {
    let world = World::new(&small_files()).await;
    let server = world.serve().await;
    let mut client = client(server.address()).await;
    let structure = create_structure(&mut client, "Directions").await;
    let one_way = [
        (json!({ "savedFilter": { "jql": "project = MOD" } }), FROM),
        (json!({ "subTasks": {} }), FROM),
        (json!({ "statusRollup": { "statuses": ["Closed"] } }), INTO),
    ];
    for (settings, unsupported) in one_way {
        let synchronizer = install(&mut client, &structure, settings.clone()).await;
        for dry_run in [true, false] {
            let input = json!({ "synchronizerId": synchronizer, "direction": unsupported,
                                "confirm": true, "dryRun": dry_run });
            let payload = start_resync(&mut client, input).await;
            let code = &payload["userErrors"][0]["code"];
            assert_eq!(code, "DIRECTION_NOT_SUPPORTED", "{settings} {payload}");
            assert!(payload["job"].is_null());
        }
    }
    server.stop().await;
}
