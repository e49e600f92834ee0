//! Clients that follow what happens over every end of the server, as a front end would.

use super::host::Place;
use crate::support::client::{Client, Gone};
use serde_json::{Value, json};
use std::collections::HashMap;
use tokio::time::{Duration, timeout};

/// A hierarchy as a follower has it.
pub(super) struct Replica {
    pub(super) structure: String,
    pub(super) version: i64,
    /// Each row with its parent.
    pub(super) rows: HashMap<String, Option<String>>,
}

/// How long a follower waits for news before it looks whether all is over.
const PAUSE: Duration = Duration::from_millis(300);

const PAGE: &str = "query($id: ID!, $after: String) { structure(id: $id) { version
    rows(first: 500, after: $after) { pageInfo { hasNextPage endCursor }
      nodes { id parent { id } } } } }";
const CHANGES: &str = "subscription($id: ID!, $since: Int!) {
    structureChanges(id: $id, sinceVersion: $since) {
      version added { id parent { id } } moved { id parent { id } } removedRowIds } }";

/// Reads a hierarchy once and follows it to its last version.
pub(super) async fn hierarchy(place: Place, structure: String) -> Replica {
    let mut replica = loop {
        let mut client = place.connect().await;
        if let Ok(Some(replica)) = read(&mut client, &structure).await {
            break replica;
        }
    };
    loop {
        let mut client = place.connect().await;
        if follow(&mut client, &place, &mut replica).await.is_ok() {
            return replica;
        }
    }
}

/// The hierarchy at one version; `None` if it changed on the way.
pub(super) async fn read(client: &mut Client, structure: &str) -> Result<Option<Replica>, Gone> {
    let mut replica = Replica {
        structure: structure.to_owned(),
        version: 0,
        rows: HashMap::new(),
    };
    let mut after = Value::Null;
    for page in 0.. {
        let answer = client
            .try_execute(PAGE, json!({ "id": structure, "after": after }))
            .await?;
        if answer["errors"][0]["extensions"]["code"] == "CURSOR_GONE" {
            return Ok(None);
        }
        let found = &answer["data"]["structure"];
        let version = found["version"].as_i64();
        if page == 0 {
            replica.version = version.unwrap_or_else(|| panic!("{answer}"));
        } else if version != Some(replica.version) {
            return Ok(None);
        }
        for row in found["rows"]["nodes"].as_array().unwrap() {
            keep(&mut replica.rows, row);
        }
        let info = &found["rows"]["pageInfo"];
        if info["hasNextPage"] != json!(true) {
            break;
        }
        after = info["endCursor"].clone();
    }
    Ok(Some(replica))
}

fn keep(rows: &mut HashMap<String, Option<String>>, row: &Value) {
    let parent = row["parent"]["id"].as_str().map(str::to_owned);
    rows.insert(text(&row["id"]), parent);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn follow(client: &mut Client, place: &Place, replica: &mut Replica) -> Result<(), Gone> {
    let at = json!({ "id": replica.structure, "since": replica.version });
    client.try_subscribe(CHANGES, at).await?;
    loop {
        if place.last_version(&replica.structure) == Some(replica.version) {
            return Ok(());
        }
        // What has come stays in the connection when the wait is over.
        let Ok(payload) = timeout(PAUSE, client.try_next()).await else {
            continue;
        };
        let payload = payload?.ok_or(Gone)?;
        let change = &payload["data"]["structureChanges"];
        assert_eq!(change["version"], replica.version + 1, "{payload}");
        replica.version += 1;
        for row in change["removedRowIds"].as_array().unwrap() {
            replica.rows.remove(row.as_str().unwrap());
        }
        for kind in ["added", "moved"] {
            for row in change[kind].as_array().unwrap() {
                keep(&mut replica.rows, row);
            }
        }
    }
}

/// The last that a follower was told of jobs: state and revision.
pub(super) type Told = HashMap<String, (String, i64)>;

fn take(told: &mut Told, job: &Value) {
    let (state, revision) = (text(&job["state"]), job["revision"].as_i64().unwrap());
    let before = told.insert(text(&job["id"]), (state, revision));
    if let Some((_, before)) = before {
        assert!(revision >= before, "revision {before}, then {job}");
    }
}

/// Follows all jobs; those that ended, as they were told.
pub(super) async fn jobs(mut place: Place) -> Told {
    let mut told = Told::new();
    loop {
        let mut client = place.connect().await;
        let mut until = place.clone();
        tokio::select! {
            _ = follow_jobs(&mut client, &mut told) => {}
            () = until.over() => break,
        }
    }
    place.over().await;
    // What ended while nobody was connected is not told again.
    told.retain(|_, (state, _)| is_ended(state));
    told
}

async fn follow_jobs(client: &mut Client, told: &mut Told) -> Result<(), Gone> {
    let watch = "subscription { jobs { id state revision } }";
    client.try_subscribe(watch, json!({})).await?;
    while let Some(payload) = client.try_next().await? {
        take(told, &payload["data"]["jobs"]);
    }
    Err(Gone)
}

fn is_ended(state: &str) -> bool {
    matches!(state, "SUCCEEDED" | "FAILED" | "CANCELLED")
}

/// Follows the newest job to its end, then the one that is newest then.
pub(super) async fn one_job_after_another(place: Place) -> Told {
    let mut told = Told::new();
    let mut until = place.clone();
    let all = async {
        loop {
            let mut client = place.connect().await;
            let _ = follow_each(&mut client, &mut told).await;
        }
    };
    tokio::select! {
        () = all => {}
        () = until.over() => {}
    }
    told.retain(|_, (state, _)| is_ended(state));
    told
}

async fn follow_each(client: &mut Client, told: &mut Told) -> Result<(), Gone> {
    let newest = "{ jobs(first: 1) { nodes { id } } }";
    let watch = "subscription($id: ID!) { jobStatus(id: $id) { id state revision } }";
    let mut open: Option<String> = told
        .iter()
        .find(|(_, (state, _))| !is_ended(state))
        .map(|(id, _)| id.clone());
    loop {
        let id = match open.take() {
            Some(id) => id,
            None => text(&client.try_ask(newest, json!({})).await?["jobs"]["nodes"][0]["id"]),
        };
        client.try_subscribe(watch, json!({ "id": id })).await?;
        while let Some(payload) = client.try_next().await? {
            take(told, &payload["data"]["jobStatus"]);
        }
        // A server that stops completes its subscriptions; then the job is asked for again.
        let ended = |(state, _): &(String, i64)| is_ended(state);
        if !told.get(&id).is_some_and(ended) {
            open = Some(id);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
