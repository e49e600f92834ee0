//! Those who edit, read and resync, each as fast as a busy team.

use super::Ground;
use super::host::{Host, Place};
use crate::support::client::{Client, Gone};
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

const EDITORS: u64 = 4;
const READERS: u64 = 4;
const EDIT_PAUSE: Duration = Duration::from_millis(120);
const READ_PAUSE: Duration = Duration::from_millis(60);
const RESYNC_PAUSE: Duration = Duration::from_millis(2_500);

/// What runs until it is told to stop.
pub(super) struct Traffic {
    stop: watch::Sender<bool>,
    editors: Vec<JoinHandle<Vec<String>>>,
    others: Vec<JoinHandle<()>>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    edits: AtomicU64,
    reads: AtomicU64,
    resyncs: AtomicU64,
    lost: AtomicU64,
}

/// What was done in all.
pub(super) struct Done {
    /// The keys of issues whose creation was acknowledged.
    pub(super) created: Vec<String>,
    counts: Arc<Counts>,
}

impl fmt::Display for Done {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        write!(
            to,
            "{} edits, {} reads, {} resyncs; {} requests were lost with a server",
            count(&self.counts.edits),
            count(&self.counts.reads),
            count(&self.counts.resyncs),
            count(&self.counts.lost)
        )
    }
}

impl Traffic {
    pub(super) async fn stop(self) -> Done {
        self.stop.send_replace(true);
        let mut created = Vec::new();
        for editor in self.editors {
            created.extend(editor.await.unwrap());
        }
        for other in self.others {
            other.await.unwrap();
        }
        Done {
            created,
            counts: self.counts,
        }
    }
}

pub(super) fn start(host: &Host, ground: &Arc<Ground>) -> Traffic {
    let (stop, stopping) = watch::channel(false);
    let counts = Arc::<Counts>::default();
    let worker = |seed: u64| Worker {
        place: host.place(),
        ground: Arc::clone(ground),
        stopping: stopping.clone(),
        counts: Arc::clone(&counts),
        random: seed,
        created: Vec::new(),
    };
    let editors = (0..EDITORS)
        .map(|number| tokio::spawn(worker(1 + number).edit()))
        .collect();
    let mut others: Vec<_> = (0..READERS)
        .map(|number| tokio::spawn(worker(100 + number).read()))
        .collect();
    others.push(tokio::spawn(worker(1_000).resync()));
    Traffic {
        stop,
        editors,
        others,
        counts,
    }
}

struct Worker {
    place: Place,
    ground: Arc<Ground>,
    stopping: watch::Receiver<bool>,
    counts: Arc<Counts>,
    random: u64,
    created: Vec<String>,
}

impl Worker {
    /// A number below `bound`, by a linear congruential generator.
    fn pick(&mut self, bound: usize) -> usize {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % bound
    }

    /// Waits; whether work goes on.
    async fn rest(&mut self, pause: Duration) -> bool {
        let stopped = self.stopping.wait_for(|stop| *stop);
        tokio::time::timeout(pause, stopped).await.is_err()
    }

    async fn edit(mut self) -> Vec<String> {
        let mut client = self.place.connect().await;
        while self.rest(EDIT_PAUSE).await {
            match self.edit_once(&mut client).await {
                Ok(()) => self.counts.edits.fetch_add(1, Ordering::Relaxed),
                Err(Gone) => {
                    client = self.place.connect().await;
                    self.counts.lost.fetch_add(1, Ordering::Relaxed)
                }
            };
        }
        self.created
    }

    async fn edit_once(&mut self, client: &mut Client) -> Result<(), Gone> {
        match self.pick(6) {
            0 => self.create(client).await,
            1 => {
                let statuses = ["Open", "In Progress", "Closed"];
                let status = statuses[self.pick(statuses.len())];
                let key = self.some_key(client).await?;
                let update = "mutation($input: UpdateIssueInput!) { updateIssue(input: $input) { userErrors { code message } } }";
                self.change(client, update, json!({ "key": key, "status": status }))
                    .await
            }
            2 => {
                let link = "mutation($input: LinkIssuesInput!) { linkIssues(input: $input) { userErrors { code message } } }";
                let (source, target) = (self.some_key(client).await?, self.some_key(client).await?);
                let input = json!({ "linkTypeId": self.ground.link_type, "sourceKey": source, "targetKey": target });
                self.change(client, link, input).await
            }
            3 => {
                let rank = "mutation($input: RankIssuesInput!) { rankIssues(input: $input) { userErrors { code message } } }";
                let (one, other) = (self.some_key(client).await?, self.some_key(client).await?);
                self.change(client, rank, json!({ "keys": [one], "before": other }))
                    .await
            }
            _ => self.move_row(client).await,
        }
    }

    /// Has a mutation done; a refusal is an answer, too.
    async fn change(&self, client: &mut Client, query: &str, input: Value) -> Result<(), Gone> {
        client
            .try_ask(query, json!({ "input": input }))
            .await
            .map(|_| ())
    }

    async fn create(&mut self, client: &mut Client) -> Result<(), Gone> {
        let create = "mutation($input: CreateIssueInput!) { createIssue(input: $input) { issue { key } userErrors { code message } } }";
        let project = ["MOD", "DAEMON"][self.pick(2)];
        let input = json!({ "projectKey": project, "type": "Bug", "summary": "Found in the soak" });
        let data = client.try_ask(create, json!({ "input": input })).await?;
        let key = data["createIssue"]["issue"]["key"].as_str();
        self.created
            .push(key.unwrap_or_else(|| panic!("{data}")).to_owned());
        Ok(())
    }

    async fn move_row(&mut self, client: &mut Client) -> Result<(), Gone> {
        let structure = self.some_structure();
        let (row, under) = (
            self.some_row(client, &structure).await?,
            self.some_row(client, &structure).await?,
        );
        let position = match self.pick(3) {
            0 => json!({}),
            _ => json!({ "under": under }),
        };
        let input = json!({ "structureId": structure, "rowIds": [row], "position": position });
        let query = "mutation($input: MoveRowsInput!) { moveRows(input: $input) { userErrors { code message } } }";
        self.change(client, query, input).await
    }

    fn some_structure(&mut self) -> String {
        let at = self.pick(self.ground.structures.len());
        self.ground.structures[at].clone()
    }

    /// One of the first rows of a structure.
    async fn some_row(&mut self, client: &mut Client, structure: &str) -> Result<Value, Gone> {
        let query = "query($id: ID!) { structure(id: $id) { rows(first: 200) { nodes { id } } } }";
        let data = client.try_ask(query, json!({ "id": structure })).await?;
        let rows = data["structure"]["rows"]["nodes"].as_array().unwrap();
        Ok(rows[self.pick(rows.len())]["id"].clone())
    }

    async fn some_key(&mut self, client: &mut Client) -> Result<Value, Gone> {
        let query = "query($jql: String!) { issues(jql: $jql, first: 100) { nodes { key } } }";
        let jql = ["project = MOD", "project = DAEMON"][self.pick(2)];
        let data = client.try_ask(query, json!({ "jql": jql })).await?;
        let issues = data["issues"]["nodes"].as_array().unwrap();
        Ok(issues[self.pick(issues.len())]["key"].clone())
    }

    async fn read(mut self) {
        let mut client = self.place.connect().await;
        let query =
            "query($id: ID!) { structure(id: $id) { version rows(first: 50) { totalCount nodes {
            id depth parent { id } item { ... on Issue { key summary status { name } } } } } }
            jobs(first: 10) { nodes { id state counts { rowsAdded } } } }";
        while self.rest(READ_PAUSE).await {
            let id = self.some_structure();
            match client.try_ask(query, json!({ "id": id })).await {
                Ok(_) => self.counts.reads.fetch_add(1, Ordering::Relaxed),
                Err(Gone) => {
                    client = self.place.connect().await;
                    self.counts.lost.fetch_add(1, Ordering::Relaxed)
                }
            };
        }
    }

    async fn resync(mut self) {
        let mut client = self.place.connect().await;
        let query = "mutation($input: StartResyncInput!) { startResync(input: $input) { userErrors { code message } } }";
        while self.rest(RESYNC_PAUSE).await {
            let at = self.pick(self.ground.synchronizers.len());
            let (synchronizer, direction) = self.ground.synchronizers[at].clone();
            let input = json!({ "synchronizerId": synchronizer, "direction": direction,
                "confirm": true, "maxRemovalPercent": 100 });
            match self.change(&mut client, query, input).await {
                Ok(()) => self.counts.resyncs.fetch_add(1, Ordering::Relaxed),
                Err(Gone) => {
                    client = self.place.connect().await;
                    self.counts.lost.fetch_add(1, Ordering::Relaxed)
                }
            };
        }
    }
}
