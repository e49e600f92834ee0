//! What must hold when all is over.

use super::Ground;
use super::followers::{Replica, Told, read};
use super::host::Host;
use crate::support::server::resync;
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;

/// Jobs that are asked for at once.
const JOBS_AT_ONCE: usize = 100;
/// Readings of memory that are too few to tell anything.
const FEW: usize = 40;

/// Waits until no job is left, three times in a row.
pub(super) async fn wait_for_peace(host: &Host) {
    let mut client = host.place().connect().await;
    let query = "{ jobs(states: [QUEUED, RUNNING], first: 1) { totalCount } }";
    let mut quiet = 0;
    while quiet < 3 {
        let data = client.ask(query, json!({})).await;
        quiet = match data["jobs"]["totalCount"].as_i64() {
            Some(0) => quiet + 1,
            _ => 0,
        };
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
}

/// The last third of the readings is no higher than the second, but for what a busy allocator
/// keeps.
pub(super) fn check_memory(readings: &[u64]) {
    let median = |part: &[u64]| {
        let mut part = part.to_vec();
        part.sort_unstable();
        part[part.len() / 2]
    };
    if readings.len() < FEW {
        return;
    }
    let third = readings.len() / 3;
    let (first, second, last) = (
        median(&readings[..third]),
        median(&readings[third..2 * third]),
        median(&readings[2 * third..]),
    );
    let most = readings.iter().max().unwrap();
    eprintln!("memory in kB, medians of thirds: {first} {second} {last}; at most {most}");
    assert!(last * 100 <= second * 125, "memory grows: {readings:?}");
}

pub(super) async fn check_what_was_acknowledged(host: &Host, created: &[String]) {
    let mut client = host.place().connect().await;
    for key in created {
        let query = "query($key: String!) { issue(key: $key) { key } }";
        let data = client.ask(query, json!({ "key": key })).await;
        assert_eq!(data["issue"]["key"], json!(key), "an issue is lost");
    }
    eprintln!("{} created issues are all there", created.len());
}

/// Enabled synchronizers have left nothing to do; the versions of the structures.
pub(super) async fn check_synchronizers(host: &Host, ground: &Ground) -> HashMap<String, i64> {
    let mut client = host.place().connect().await;
    let query = "query($id: ID!) { synchronizer(id: $id) { name state unavailableReason } }";
    for (synchronizer, direction) in &ground.synchronizers {
        let data = client.ask(query, json!({ "id": synchronizer })).await;
        let told = &data["synchronizer"];
        if told["state"] != "ENABLED" {
            eprintln!("{} is {}", told["name"], told["state"]);
            continue;
        }
        let how = json!({ "direction": direction, "dryRun": true, "maxRemovalPercent": 100 });
        let job = resync(&mut client, synchronizer, how).await;
        let counts = job["counts"].as_object().unwrap();
        for count in [
            "rowsAdded",
            "rowsMoved",
            "rowsRemoved",
            "linksAdded",
            "linksRemoved",
            "ranksChanged",
            "epicsChanged",
            "statusesChanged",
        ] {
            assert_eq!(counts[count], 0, "{}: {job}", told["name"]);
        }
    }
    let mut versions = HashMap::new();
    for structure in &ground.structures {
        let query = "query($id: ID!) { structure(id: $id) { version } }";
        let data = client.ask(query, json!({ "id": structure })).await;
        let version = data["structure"]["version"].as_i64().unwrap();
        versions.insert(structure.clone(), version);
    }
    versions
}

/// What a follower built from changes is what is read now.
pub(super) async fn check_replica(host: &Host, replica: &Replica) {
    let mut client = host.place().connect().await;
    let now = read(&mut client, &replica.structure)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(now.version, replica.version);
    assert_eq!(now.rows, replica.rows, "a follower has another tree");
}

/// Each job ended as followers were told.
pub(super) async fn check_jobs(host: &Host, told: Told) {
    let mut client = host.place().connect().await;
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Job { state } } }";
    let told: Vec<_> = told.into_iter().collect();
    for some in told.chunks(JOBS_AT_ONCE) {
        let ids: Vec<_> = some.iter().map(|(id, _)| id).collect();
        let data = client.ask(query, json!({ "ids": ids })).await;
        let found = data["nodes"].as_array().unwrap();
        assert_eq!(found.len(), some.len());
        for ((id, (state, _)), job) in some.iter().zip(found) {
            assert_eq!(job["state"], json!(state), "job {id}");
        }
    }
}
