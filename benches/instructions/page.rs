//! A page of rows, as transports ask for it: from the text of a request to that of its answer, with
//! all that is read in memory already.

use crate::region::counted;
use crate::world::one_thread;
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::path::Path;
use understory::app::Server;
use understory::config::Config;
use understory::domain::Viewer;
use understory::graphql::service::{Operation, Requested, Service};
use understory::store::users::{self, Role};

/// Reads that are counted together, after as many that warm up.
const READS: usize = 100;

const PAGE: &str = "query Page($id: ID!) { structure(id: $id) { rows(first: 50) {
    nodes { id depth item { ... on Issue { id key summary status { name category } } }
      parent { id } } pageInfo { hasNextPage endCursor } } } }";

pub(crate) fn reads(database: &Path) -> anyhow::Result<()> {
    let database = database.to_str().context("a path that is no text")?;
    let flags = ["--listen", "127.0.0.1:0", "--enable", "synchronizers"];
    let config = Config::from_flags(&[&flags[..], &["--database", database]].concat())?;
    let runtime = one_thread()?;
    let server = runtime.block_on(Server::start(config))?;
    // From here on nothing looks for jobs, which would be work that depends on the time.
    server.retire();
    let admin = server
        .store()
        .write(|tx| users::ensure(tx, "admin", Role::Admin));
    let viewer = Viewer {
        user_id: runtime.block_on(admin)?,
        name: "admin".to_owned(),
        admin: true,
        token_ends: None,
    };
    let ask = |request: &[u8]| runtime.block_on(answer(server.service(), &viewer, request));

    let query = "{ structures(first: 1) { nodes { id } } }";
    let found: Value = serde_json::from_slice(&ask(&request(query, &json!({})))?)?;
    let id = &found["data"]["structures"]["nodes"][0]["id"];
    let page = request(PAGE, &json!({ "id": id }));
    let read = || (0..READS).try_fold(Vec::new(), |_, _| ask(&page));
    read()?;
    let last: Value = serde_json::from_slice(&counted(read)?)?;
    let rows = last["data"]["structure"]["rows"]["nodes"].as_array();
    ensure!(rows.is_some_and(|rows| rows.len() == 50), "{last}");
    runtime.block_on(server.stop());
    Ok(())
}

fn request(query: &str, variables: &Value) -> Vec<u8> {
    let request = json!({ "query": query, "variables": variables });
    request.to_string().into_bytes()
}

async fn answer(service: &Service, viewer: &Viewer, request: &[u8]) -> anyhow::Result<Vec<u8>> {
    let operation: Operation = Requested::from_text(request, 1)?.single()?;
    let answer = match service.prepare(operation) {
        Ok(prepared) => service.execute(prepared, viewer).await,
        Err(refused) => refused,
    };
    ensure!(answer.error_count() == 0, "{:?}", answer.body());
    Ok(answer.body().to_vec())
}
