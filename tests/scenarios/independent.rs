//! Each resync's tree equals what a second, independent computation from the files gives; a second
//! resync plans nothing; a dry run changes nothing and equals the run.

use crate::support::client::Client;
use crate::support::oracle::{self, LinkEnd, LinksRule, Scope, Tree, Unlinked};
use crate::support::server::{World, client, create_structure, install, resync, small_files, tree};
use serde_json::{Value, json};
use std::path::PathBuf;

const CHANGES: &str =
    "query($id: ID!, $after: String) { job(id: $id) { changes(first: 500, after: $after) {
  pageInfo { hasNextPage endCursor } nodes { kind issueKey summary } } } }";

/// Every change of a job, as it lists them.
pub(super) async fn changes(client: &mut Client, job: &Value) -> Vec<Value> {
    let (mut found, mut after) = (Vec::new(), Value::Null);
    loop {
        let data = client
            .ask(CHANGES, json!({ "id": job["id"], "after": after }))
            .await;
        let page = &data["job"]["changes"];
        found.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] != json!(true) {
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Dry run, run and second run of a resync into the structure, each as it must be.
async fn check_into(client: &mut Client, structure: &str, settings: Value, expected: &Tree) {
    let synchronizer = install(client, structure, settings).await;
    let before = tree(client, structure).await;
    let into = json!({ "direction": "INTO_STRUCTURE" });
    let dry = json!({ "direction": "INTO_STRUCTURE", "dryRun": true });

    let previewed = resync(client, &synchronizer, dry).await;
    assert_eq!(previewed["state"], "SUCCEEDED", "{previewed}");
    assert!(
        tree(client, structure).await == before,
        "a dry run changed the structure"
    );

    let run = resync(client, &synchronizer, into.clone()).await;
    assert_eq!(run["state"], "SUCCEEDED", "{run}");
    assert_eq!(run["counts"], previewed["counts"]);
    assert!(changes(client, &run).await == changes(client, &previewed).await);
    let (made, wanted) = (tree(client, structure).await, oracle::dump(expected));
    if let Some(at) = (0..made.len().max(wanted.len())).find(|&at| made.get(at) != wanted.get(at)) {
        panic!(
            "row {at} is {:?}, expected {:?}",
            made.get(at),
            wanted.get(at)
        );
    }

    let again = resync(client, &synchronizer, into).await;
    assert_eq!(again["state"], "SUCCEEDED");
    let counts = &again["counts"];
    for count in [
        "rowsAdded",
        "rowsMoved",
        "rowsRemoved",
        "linksAdded",
        "linksRemoved",
    ] {
        assert_eq!(counts[count], 0, "a second resync: {counts}");
    }
}

fn rule(link_type: &str) -> LinksRule {
    LinksRule {
        link_type: link_type.to_owned(),
        parent_end: LinkEnd::Source,
        scope: Scope::InStructure,
        unlinked: Unlinked::Keep,
    }
}

/// The links between issues of the files, from the API: source and target keys of a type.
async fn links(
    client: &mut Client,
    link_type: &str,
) -> std::collections::BTreeSet<(String, String)> {
    let (mut found, mut after) = (std::collections::BTreeSet::new(), Value::Null);
    loop {
        let data = client
            .ask(
                "query($after: String) { issues(jql: \"\", first: 500, after: $after) {
                   pageInfo { hasNextPage endCursor }
                   nodes { links { type { name } source { key } target { key } } } } }",
                json!({ "after": after }),
            )
            .await;
        let page = &data["issues"];
        for issue in page["nodes"].as_array().unwrap() {
            for link in issue["links"].as_array().unwrap() {
                if link["type"]["name"] == link_type {
                    let key = |end: &str| link[end]["key"].as_str().unwrap().to_owned();
                    found.insert((key("source"), key("target")));
                }
            }
        }
        if page["pageInfo"]["hasNextPage"] != json!(true) {
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

async fn check_files(files: &[PathBuf], project: &str, link_types: &[&str]) {
    let world = World::new(files).await;
    let server = world.serve().await;
    let mut client = client(server.address()).await;
    let second_opinion = oracle::World::load(files);
    let types: Value =
        client.ask("{ linkTypes { id name } }", json!({})).await["linkTypes"].clone();
    let type_id = |name: &str| {
        let types = types.as_array().unwrap();
        types.iter().find(|it| it["name"] == name).unwrap()["id"].clone()
    };
    let structure = create_structure(&mut client, "All of it").await;

    let jql = format!("project = {project} AND type NOT IN (\"Sub-task\", \"Technical task\")");
    let filter = json!({ "savedFilter": { "jql": jql } });
    let expected = second_opinion.saved_filter(project, &["Sub-task", "Technical task"]);
    check_into(&mut client, &structure, filter, &expected).await;

    let expected = second_opinion.sub_tasks(&expected);
    check_into(
        &mut client,
        &structure,
        json!({ "subTasks": {} }),
        &expected,
    )
    .await;

    let mut expected = expected;
    for name in link_types {
        let settings = json!({ "linkTypeId": type_id(name), "parentEnd": "SOURCE" });
        let (linked, skipped) = second_opinion.links_into(&expected, &rule(name));
        assert!(skipped.is_empty());
        check_into(
            &mut client,
            &structure,
            json!({ "links": settings }),
            &linked,
        )
        .await;
        expected = linked;
    }

    // The other direction, last: it changes the tracker, of which the second opinion knows nothing.
    let name = link_types[0];
    let settings = json!({ "linkTypeId": type_id(name), "parentEnd": "SOURCE" });
    let synchronizer = install(&mut client, &structure, json!({ "links": settings })).await;
    let from = json!({ "direction": "FROM_STRUCTURE", "maxRemovalPercent": 100 });
    let run = resync(&mut client, &synchronizer, from.clone()).await;
    assert_eq!(run["state"], "SUCCEEDED", "{run}");
    let wanted = second_opinion.links_from(&expected, &rule(name));
    assert!(
        links(&mut client, name).await == wanted,
        "links are not those of the hierarchy"
    );
    let again = resync(&mut client, &synchronizer, from).await;
    assert_eq!(
        (
            &again["counts"]["linksAdded"],
            &again["counts"]["linksRemoved"]
        ),
        (&json!(0), &json!(0))
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resyncs_of_small_real_projects_agree_with_an_independent_computation() {
    check_files(&small_files(), "DAEMON", &["Relates"]).await;
}

/// The large project is not in the repository: it is used where `UNDERSTORY_REAL_DATA` names the
/// folder of the three files.
#[tokio::test(flavor = "multi_thread")]
async fn resyncs_of_all_real_projects_agree_with_an_independent_computation() {
    let Some(folder) = std::env::var_os("UNDERSTORY_REAL_DATA").map(PathBuf::from) else {
        eprintln!("skipped: UNDERSTORY_REAL_DATA names no folder");
        return;
    };
    let file = |name: &str| folder.join(format!("{name}.jsonl.gz"));
    let files = ["DAEMON", "MOD", "TIMOB"].map(file);
    check_files(&files, "TIMOB", &["Depends", "Includes"]).await;
}
