//! Incremental work looks at what changed and not at the structure around it, and a burst of edits
//! becomes few jobs.

use super::generated::write_issues;
use crate::support::client::Client;
use crate::support::server::{TOKEN, World, client, create_structure, install, resync, tree};
use serde_json::{Value, json};
use std::time::Duration;
use understory::app::Server;
use understory::domain::issue::{Status, StatusCategory};
use understory::store::catalog;

const ROWS: usize = 100_000;
/// Rows under each row of the top level, itself included.
const GROUP: usize = 100;
/// Far more than bears on one change, far less than the structure.
const FEW: u64 = 3 * GROUP as u64;

/// A structure in which each hundredth issue has the ninety-nine after it below it.
async fn grouped(server: &Server, client: &mut Client) -> String {
    let structure = create_structure(client, "Large").await;
    let store = server.store().clone();
    server
        .store()
        .write(move |tx| {
            use understory::domain::{IssueId, Place, RowEdit, RowId, StructureId, UserId};
            use understory::store::{StoreError, forest};
            let issues: Vec<IssueId> =
                tx.query("SELECT id FROM issue ORDER BY number", &[], |row| {
                    row.get(0)
                })?;
            let of: StructureId = tx.get("SELECT max(id) FROM structure", &[], |row| row.get(0))?;
            let edits: Vec<RowEdit> = issues
                .iter()
                .enumerate()
                .map(|(at, issue)| {
                    let head = at - at % GROUP;
                    let row = |at: usize| RowId(-(at as i64) - 1);
                    let place = if at == head {
                        Place {
                            parent: None,
                            after: at.checked_sub(GROUP).map(row),
                        }
                    } else {
                        Place {
                            parent: Some(row(head)),
                            after: (at > head + 1).then(|| row(at - 1)),
                        }
                    };
                    RowEdit::Add {
                        id: row(at),
                        issue: Some(*issue),
                        place,
                    }
                })
                .collect();
            let author = forest::Author::User(UserId(1));
            forest::apply(&store, tx, of, &edits, &Default::default(), author)?;
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    structure
}

async fn enable(client: &mut Client, synchronizer: &str, enabled: bool) {
    let set = "mutation($id: ID!, $on: Boolean!) { setSynchronizerEnabled(id: $id, enabled: $on) { userErrors { message } } }";
    let data = client
        .ask(set, json!({ "id": synchronizer, "on": enabled }))
        .await;
    assert_eq!(data["setSynchronizerEnabled"]["userErrors"], json!([]));
}

/// The incremental jobs of a synchronizer, newest first.
async fn jobs(client: &mut Client, synchronizer: &str) -> Vec<Value> {
    let query = "query($id: ID!) { jobs(first: 500, synchronizerId: $id) { nodes { kind state error { message } counts {
        issuesScanned rowsAdded rowsMoved rowsRemoved linksAdded linksRemoved ranksChanged epicsChanged statusesChanged } } } }";
    let data = client.ask(query, json!({ "id": synchronizer })).await;
    let all = data["jobs"]["nodes"].as_array().unwrap();
    let incremental = all.iter().filter(|job| job["kind"] == "INCREMENTAL");
    incremental.cloned().collect()
}

/// Waits until none of the incremental jobs is left and more than `done` of them changed something;
/// the last of these. Others may have come of looking twice.
async fn carried_over(client: &mut Client, synchronizer: &str, done: usize) -> Value {
    loop {
        let found = jobs(client, synchronizer).await;
        assert!(
            found.iter().all(|job| job["state"] != "FAILED"),
            "{found:?}"
        );
        let over = found.iter().all(|job| job["state"] == "SUCCEEDED");
        let mut effective = found.iter().filter(|job| job["counts"] != nothing());
        if over && effective.clone().count() > done {
            return effective.next().expect("more than none").clone();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The counts of a job that changed nothing and looked at no issue.
fn nothing() -> Value {
    json!({ "issuesScanned": 0, "rowsAdded": 0, "rowsMoved": 0, "rowsRemoved": 0, "linksAdded": 0,
        "linksRemoved": 0, "ranksChanged": 0, "epicsChanged": 0, "statusesChanged": 0 })
}

const UPDATE: &str =
    "mutation($input: UpdateIssueInput!) { updateIssue(input: $input) { userErrors { message } } }";

async fn update(client: &mut Client, input: Value) {
    let data = client.ask(UPDATE, json!({ "input": input })).await;
    assert_eq!(data["updateIssue"]["userErrors"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn incremental_jobs_of_every_kind_look_only_at_what_changed() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), ROWS)]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let structure = grouped(&server, &mut asker).await;
    let link_type = world.link_type(&server, "Contains").await;
    let link = "mutation($input: LinkIssuesInput!) { linkIssues(input: $input) { userErrors { message } } }";

    let filter = json!({ "savedFilter": { "jql": "summary !~ away", "remove": true } });
    let rule = install(&mut asker, &structure, filter).await;
    enable(&mut asker, &rule, true).await;
    update(
        &mut asker,
        json!({ "key": "GEN-50007", "summary": "Go away" }),
    )
    .await;
    let job = carried_over(&mut asker, &rule, 0).await;
    assert_eq!(job["counts"]["rowsRemoved"], 1, "{job}");
    assert!(
        job["counts"]["issuesScanned"].as_u64().unwrap() <= 2,
        "{job}"
    );
    enable(&mut asker, &rule, false).await;

    let rule = install(&mut asker, &structure, json!({ "subTasks": {} })).await;
    enable(&mut asker, &rule, true).await;
    update(
        &mut asker,
        json!({ "key": "GEN-60010", "parentKey": "GEN-60101" }),
    )
    .await;
    let job = carried_over(&mut asker, &rule, 0).await;
    assert_eq!(job["counts"]["rowsMoved"], 1, "{job}");
    assert!(
        job["counts"]["issuesScanned"].as_u64().unwrap() <= 4,
        "{job}"
    );
    enable(&mut asker, &rule, false).await;

    let links = json!({ "links": { "linkTypeId": link_type, "parentEnd": "SOURCE" } });
    let rule = install(&mut asker, &structure, links).await;
    enable(&mut asker, &rule, true).await;
    let input =
        json!({ "linkTypeId": link_type, "sourceKey": "GEN-201", "targetKey": "GEN-70002" });
    asker.ask(link, json!({ "input": input })).await;
    let job = carried_over(&mut asker, &rule, 0).await;
    assert_eq!(job["counts"]["rowsMoved"], 1, "{job}");
    assert!(
        job["counts"]["issuesScanned"].as_u64().unwrap() <= 4,
        "{job}"
    );
    enable(&mut asker, &rule, false).await;

    let agile = json!({ "agile": { "projectKeys": ["GEN"] } });
    let rule = install(&mut asker, &structure, agile).await;
    enable(&mut asker, &rule, true).await;
    let rank = "mutation { rankIssues(input: { keys: [\"GEN-30005\"], before: \"GEN-30002\" }) { userErrors { message } } }";
    asker.ask(rank, json!({})).await;
    let job = carried_over(&mut asker, &rule, 0).await;
    assert_eq!(job["counts"]["rowsMoved"], 1, "{job}");
    assert!(
        job["counts"]["issuesScanned"].as_u64().unwrap() <= FEW,
        "{job}"
    );
    enable(&mut asker, &rule, false).await;

    let done = Status {
        name: "Done".to_owned(),
        category: StatusCategory::Done,
    };
    let made = server
        .store()
        .write(move |tx| catalog::ensure_status(tx, &done));
    made.await.unwrap();
    let rollup = json!({ "statusRollup": { "statuses": ["Open", "Done"] } });
    let rule = install(&mut asker, &structure, rollup).await;
    enable(&mut asker, &rule, true).await;
    update(&mut asker, json!({ "key": "GEN-40001", "status": "Done" })).await;
    let job = carried_over(&mut asker, &rule, 0).await;
    assert_eq!(job["counts"]["statusesChanged"], 1, "{job}");
    assert!(
        job["counts"]["issuesScanned"].as_u64().unwrap() <= FEW,
        "{job}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_a_thousand_edits_is_carried_over_by_few_jobs() {
    const EDITORS: usize = 10;
    const EDITS: usize = 100;
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), EDITORS * EDITS)]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let structure = create_structure(&mut asker, "Burst").await;
    let filter = json!({ "savedFilter": { "jql": "summary ~ wanted", "remove": true } });
    let rule = install(&mut asker, &structure, filter).await;
    resync(
        &mut asker,
        &rule,
        json!({ "direction": "INTO_STRUCTURE", "enableAfterwards": true }),
    )
    .await;
    assert_eq!(tree(&mut asker, &structure).await.len(), 0);
    let address = server.address();
    let editors: Vec<_> = (0..EDITORS)
        .map(|editor| {
            tokio::spawn(async move {
                let mut socket = Client::connect(address, TOKEN).await;
                for edit in 0..EDITS {
                    let key = format!("GEN-{}", editor * EDITS + edit + 1);
                    update(&mut socket, json!({ "key": key, "summary": "wanted" })).await;
                }
            })
        })
        .collect();
    for editor in editors {
        editor.await.unwrap();
    }
    while tree(&mut asker, &structure).await.len() < EDITORS * EDITS {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let found = jobs(&mut asker, &rule).await;
    assert!(found.len() <= EDITORS * EDITS / 10, "{} jobs", found.len());
    eprintln!("{} edits, {} jobs", EDITORS * EDITS, found.len());
    server.stop().await;
}
