//! `kill -9` in the middle of a resync: the structure is the old or the new one, never between,
//! the audit agrees, and the job ends truthfully after the restart.

use super::generated::write_issues;
use crate::support::server::{World, client, create_structure, install, start_resync, tree, watch};
use serde_json::json;
use std::time::Duration;

const ROWS: usize = 20_000;
/// Moments over the whole of a resync, which takes about this long here.
const KILLS: u64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_resync_has_changed_all_or_nothing_and_ends_after_the_restart() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), ROWS)]).await;
    let mut process = world.spawn();
    let mut asker = client(process.address).await;
    let structure = create_structure(&mut asker, "Killed").await;
    let keep = json!({ "savedFilter": { "jql": "project = GEN", "remove": true } });
    let all = install(&mut asker, &structure, keep).await;
    let none = json!({ "savedFilter": { "jql": "project = GEN AND key = GEN-1", "remove": true } });
    let few = install(&mut asker, &structure, none).await;
    let (mut old, mut torn) = (0, Vec::new());
    let mut random = std::process::id() as u64;
    for kill in 0..KILLS {
        // In turn, the structure is filled and all but emptied.
        let fills = tree(&mut asker, &structure).await.len() <= 1;
        let before = if fills { old } else { ROWS };
        let after = if fills { ROWS } else { 1 };
        let synchronizer = if fills { &all } else { &few };
        let input = json!({ "synchronizerId": synchronizer, "direction": "INTO_STRUCTURE",
                            "confirm": true, "maxRemovalPercent": 100 });
        let payload = start_resync(&mut asker, input).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        let job = payload["job"]["id"].as_str().unwrap().to_owned();
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        tokio::time::sleep(Duration::from_millis((random >> 33) % 1_200)).await;
        process.kill();

        process = world.spawn();
        asker = client(process.address).await;
        let first_look = tree(&mut asker, &structure).await.len();
        assert!(
            [before, after].contains(&first_look),
            "kill {kill}: {first_look} rows"
        );
        torn.push(first_look == before);
        let ended = watch(&mut asker, &job).await;
        assert_eq!(ended["state"], "SUCCEEDED", "{ended}");
        let changed = if fills { "rowsAdded" } else { "rowsRemoved" };
        assert_eq!(
            ended["counts"][changed],
            (ROWS.max(before) - if fills { before } else { 1 }) as u64
        );
        let lines = asker
            .ask(
                "query($id: ID!) { job(id: $id) { changes { totalCount } } }",
                json!({ "id": job }),
            )
            .await;
        assert_eq!(
            lines["job"]["changes"]["totalCount"],
            ended["counts"][changed]
        );
        assert_eq!(tree(&mut asker, &structure).await.len(), after);
        let queue = asker
            .ask(
                "{ jobs(states: [QUEUED, RUNNING, CANCELLING]) { totalCount } }",
                json!({}),
            )
            .await;
        assert_eq!(queue["jobs"]["totalCount"], 0);
        old = if fills { old } else { 1 };
    }
    eprintln!(
        "killed {KILLS} times, {} of them before the commit",
        torn.iter().filter(|it| **it).count()
    );
    process.kill();
}
