//! Rules that contradict each other are warned of, and stopped where that is not heeded.

use super::generated::write_issues;
use crate::support::client::Client;
use crate::support::server::{World, client, create_structure, install, resync};
use serde_json::{Value, json};
use std::time::Duration;

async fn enable(asker: &mut Client, synchronizer: &str) -> Value {
    let query = "mutation($id: ID!) { setSynchronizerEnabled(id: $id, enabled: true) {
      warnings { message other { id } } userErrors { message } } }";
    asker.ask(query, json!({ "id": synchronizer })).await["setSynchronizerEnabled"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_contradict_each_other_stop_after_a_bounded_number_of_jobs() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 10)]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let link_type = world.link_type(&server, "Includes").await;
    let structure = create_structure(&mut asker, "Contended").await;
    let all = install(
        &mut asker,
        &structure,
        json!({ "savedFilter": { "jql": "" } }),
    )
    .await;
    resync(&mut asker, &all, json!({ "direction": "INTO_STRUCTURE" })).await;
    let sub_tasks = install(&mut asker, &structure, json!({ "subTasks": {} })).await;
    let links = json!({ "linkTypeId": link_type, "parentEnd": "SOURCE", "primacy": "TRACKER" });
    let links = install(&mut asker, &structure, json!({ "links": links })).await;
    assert_eq!(enable(&mut asker, &sub_tasks).await["warnings"], json!([]));
    let warned = enable(&mut asker, &links).await;
    assert_eq!(warned["warnings"][0]["other"]["id"], json!(sub_tasks));
    let message = warned["warnings"][0]["message"].as_str().unwrap();
    assert!(message.contains("moved by both"), "{message}");

    // GEN-10 is a sub-task of GEN-9; now it is linked to another parent.
    let link = "mutation($type: ID!) { linkIssues(input: {linkTypeId: $type,
      sourceKey: \"GEN-1\", targetKey: \"GEN-10\"}) { userErrors { message } } }";
    asker.ask(link, json!({ "type": link_type })).await;

    let query =
        "query($id: ID!) { structure(id: $id) { synchronizers { id state unavailableReason } }
      jobs(structureId: $id, first: 100) { nodes { number kind log { level message } } } }";
    for _ in 0..600 {
        let data = asker.ask(query, json!({ "id": structure })).await;
        let all = data["structure"]["synchronizers"].as_array().unwrap();
        let stopped: Vec<&Value> = all
            .iter()
            .filter(|it| it["id"] != json!(all[0]["id"]) && it["state"] == "DISABLED")
            .collect();
        if stopped.len() < 2 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        let jobs = data["jobs"]["nodes"].as_array().unwrap();
        let ran: Vec<&Value> = jobs
            .iter()
            .filter(|it| it["kind"] == "INCREMENTAL")
            .collect();
        assert!((20..=30).contains(&ran.len()), "{} jobs", ran.len());
        let newest = ran[0]["number"].as_i64().unwrap();
        for one in stopped {
            let reason = one["unavailableReason"].as_str().unwrap();
            for part in [
                "“Sub-tasks”",
                "“Links”",
                "11 times in a row",
                &format!("{newest} “"),
            ] {
                assert!(reason.contains(part), "{reason}");
            }
        }
        let log = ran[0]["log"].as_array().unwrap();
        let last = log.last().unwrap();
        assert_eq!(last["level"], "WARNING", "{log:?}");
        assert!(
            last["message"]
                .as_str()
                .unwrap()
                .starts_with("A loop was stopped")
        );
        server.stop().await;
        return;
    }
    panic!("the loop goes on");
}
