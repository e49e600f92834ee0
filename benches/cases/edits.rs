//! One edit in a large structure beside the same edit in a small one, and what follows from it: a
//! job that carries it over, a subscriber that hears of it.

use crate::measure::{Outcome, Unit};
use crate::place::{self, Database, Process, Shape};
use crate::support::client::Client;
use crate::support::server::client;
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Rows of the structure that a large one is measured beside.
const SMALL: usize = 10_000;
/// Rows under the row that is moved, where it has any.
const SUBTREE: usize = 1_000;

/// A server of a structure, with what a round needs to know of it.
struct Host {
    server: Process,
    client: Client,
    structure: String,
    _database: Database,
}

impl Host {
    async fn new(size: usize) -> anyhow::Result<Self> {
        let database = place::structure(size, Shape::Board)?;
        let server = Process::spawn(&database.path(), &[])?;
        let mut client = client(server.address).await;
        let (structure, _) = place::ids(&mut client, "savedFilter").await?;
        Ok(Self {
            server,
            client,
            structure,
            _database: database,
        })
    }

    /// So many rows of the top level without children, spread over the structure.
    async fn leaves(&mut self, count: usize) -> anyhow::Result<Vec<String>> {
        let query = "query($id: ID!, $after: String) { structure(id: $id) {
            rows(first: 500, after: $after) { pageInfo { endCursor }
              nodes { id depth childCount } } } }";
        let (mut found, mut after) = (Vec::new(), Value::Null);
        while found.len() < count {
            let variables = json!({ "id": self.structure, "after": after });
            let page = self.client.ask(query, variables).await["structure"]["rows"].take();
            let nodes = page["nodes"].as_array().context("no rows")?;
            ensure!(!nodes.is_empty(), "too few rows");
            let leaves = nodes
                .iter()
                .filter(|row| row["depth"] == 0 && row["childCount"] == 0);
            found.extend(leaves.filter_map(|row| row["id"].as_str().map(str::to_owned)));
            after = page["pageInfo"]["endCursor"].clone();
        }
        found.truncate(count);
        Ok(found)
    }

    /// Moves rows; how long that took.
    async fn move_rows(&mut self, rows: &[String], position: Value) -> anyhow::Result<f64> {
        let mutation = "mutation($input: MoveRowsInput!) {
            moveRows(input: $input) { userErrors { message } } }";
        let input = json!({ "structureId": self.structure, "rowIds": rows, "position": position });
        let began = Instant::now();
        let moved = self.client.ask(mutation, json!({ "input": input })).await;
        let took = began.elapsed().as_secs_f64();
        ensure!(moved["moveRows"]["userErrors"] == json!([]), "{moved}");
        Ok(took)
    }
}

/// A user moves a row from one end of the structure towards the other, alone or with its subtree.
pub(super) fn one_move(subtree: bool, size: usize, rounds: usize) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::new(Unit::Seconds);
    place::run(async {
        let mut hosts = [Host::new(size).await?, Host::new(SMALL).await?];
        let mut rows = Vec::new();
        for host in &mut hosts {
            let mut leaves = host.leaves(SUBTREE + 3).await?;
            let others = leaves.split_off(3);
            if subtree {
                let position = json!({ "under": leaves[0] });
                host.move_rows(&others, position).await?;
            }
            rows.push(leaves);
        }
        for round in 0..=rounds {
            for (at, host) in hosts.iter_mut().enumerate() {
                let [row, here, there] = &rows[at][..] else {
                    anyhow::bail!("three rows");
                };
                let after = if round % 2 == 0 { there } else { here };
                let took = host
                    .move_rows(std::slice::from_ref(row), json!({ "after": after }))
                    .await?;
                // The first one reads the structure.
                match (round, at) {
                    (0, _) => {}
                    (_, 0) => outcome.ours.push(took),
                    _ => outcome.yardstick.push(took),
                }
            }
        }
        outcome.saw_peak(hosts[0].server.peak()?);
        Ok(outcome)
    })
}

/// From the answer to a mutation to its event at a subscriber on another connection.
pub(super) fn commit_to_subscriber(size: usize, rounds: usize) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::new(Unit::Seconds);
    place::run(async {
        let mut host = Host::new(size).await?;
        let rows = host.leaves(3).await?;
        let mut subscriber = client(host.server.address).await;
        let subscription = "subscription($id: ID!) { structureChanges(id: $id) { version } }";
        let variables = json!({ "id": host.structure });
        subscriber.subscribe(subscription, variables).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        for round in 0..rounds {
            let hears = tokio::spawn(async move {
                let heard = subscriber.next().await;
                (subscriber, heard, Instant::now())
            });
            let after = &rows[1 + round % 2];
            host.move_rows(&rows[..1], json!({ "after": after }))
                .await?;
            let answered = Instant::now();
            let (back, heard, at) = hears.await?;
            ensure!(
                heard.is_some_and(|it| it.get("errors").is_none()),
                "no event"
            );
            subscriber = back;
            let late = at.saturating_duration_since(answered);
            outcome.ours.push(late.as_secs_f64());
            outcome.yardstick.push(0.050);
        }
        outcome.saw_peak(host.server.peak()?);
        Ok(outcome)
    })
}

/// The run of the job that carries over that a sub-task has another parent.
pub(super) fn incremental(size: usize, rounds: usize) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::new(Unit::Seconds);
    place::run(async {
        let mut hosts = [Host::new(size).await?, Host::new(SMALL).await?];
        let mut issues = Vec::new();
        for host in &mut hosts {
            let (_, synchronizer) = place::ids(&mut host.client, "subTasks").await?;
            let enable = "mutation($id: ID!) { setSynchronizerEnabled(id: $id, enabled: true) {
                userErrors { message } } }";
            host.client.ask(enable, json!({ "id": synchronizer })).await;
            issues.push(sub_task_and_parents(&mut host.client).await?);
        }
        for round in 0..=rounds {
            for (at, host) in hosts.iter_mut().enumerate() {
                let [sub_task, one, other] = &issues[at];
                let parent = if round % 2 == 0 { other } else { one };
                let took = host.carried_over(sub_task, parent).await?;
                match (round, at) {
                    (0, _) => {}
                    (_, 0) => outcome.ours.push(took),
                    _ => outcome.yardstick.push(took),
                }
            }
        }
        outcome.saw_peak(hosts[0].server.peak()?);
        Ok(outcome)
    })
}

impl Host {
    /// Gives a sub-task another parent; how long the job took that moved its row.
    async fn carried_over(&mut self, sub_task: &str, parent: &str) -> anyhow::Result<f64> {
        let before = self.job_seconds().await?;
        let edit = "mutation($input: UpdateIssueInput!) { updateIssue(input: $input) {
            userErrors { message } } }";
        let input = json!({ "key": sub_task, "parentKey": parent });
        let edited = self.client.ask(edit, json!({ "input": input })).await;
        ensure!(edited["updateIssue"]["userErrors"] == json!([]), "{edited}");
        for _ in 0..1_000 {
            let now = self.job_seconds().await?;
            if now.1 > before.1 {
                return Ok(now.0 - before.0);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        anyhow::bail!("nothing was carried over")
    }

    /// How long all incremental jobs took together, and how many there were, as the server's
    /// metrics have it.
    async fn job_seconds(&self) -> anyhow::Result<(f64, f64)> {
        let text = place::get(self.server.address, "/metrics").await?;
        let total = |name: &str| {
            let lines = text.lines().filter(|line| {
                line.starts_with(&format!("understory_job_duration_seconds_{name}"))
                    && line.contains("INCREMENTAL")
            });
            lines
                .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
                .sum()
        };
        Ok((total("sum"), total("count")))
    }
}

/// A sub-task, its parent, and another issue that can be one.
async fn sub_task_and_parents(client: &mut Client) -> anyhow::Result<[String; 3]> {
    let query = "{ issues(first: 100, jql: \"issuetype = Sub-task\") {
        nodes { key parent { key } } } }";
    let found = client.ask(query, json!({})).await;
    let all = found["issues"]["nodes"].as_array().context("no issues")?;
    let key = |value: &Value| value["key"].as_str().map(str::to_owned);
    let first = all.first().context("no sub-task")?;
    let (sub_task, parent) = (key(first), key(&first["parent"]));
    let other = all
        .iter()
        .map(|it| key(&it["parent"]))
        .find(|it| *it != parent);
    Ok([
        sub_task.context("no key")?,
        parent.context("no parent")?,
        other.flatten().context("one parent only")?,
    ])
}
