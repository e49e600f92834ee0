//! Pages of rows over HTTP: how many a second, and whether the last one is as quick as the first.

use crate::load::{self, Request};
use crate::measure::{Outcome, Unit};
use crate::place::{self, Process, Shape};
use crate::support::server::client;
use crate::yardstick;
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Connections that ask at the same time.
const CONNECTIONS: usize = 64;
/// How long each side is asked in a round.
const ROUND: Duration = Duration::from_secs(4);
/// How long one page is asked for again and again.
const STEP: Duration = Duration::from_millis(300);
/// Pages that are asked for in turn, spread over the structure.
const PAGES: usize = 200;

const PAGE: &str =
    "query Page($id: ID!, $after: String) { structure(id: $id) { rows(first: 50, after: $after) {
    nodes { id depth item { ... on Issue { id key summary status { name category } } }
      parent { id } } pageInfo { hasNextPage endCursor } } } }";

/// Requests for pages all over a structure, as a client makes them that has walked through it.
fn requests(address: SocketAddr, structure: &str) -> anyhow::Result<Vec<Request>> {
    let walk = "query($id: ID!, $after: String) { structure(id: $id) {
        rows(first: 500, after: $after) { pageInfo { endCursor hasNextPage } } } }";
    let mut cursors = vec![Value::Null];
    loop {
        let variables = json!({ "id": structure, "after": cursors.last() });
        let page = load::answer(address, &Request::graphql(address, walk, variables))?;
        let info = &page["data"]["structure"]["rows"]["pageInfo"];
        if info["hasNextPage"] != true {
            break;
        }
        cursors.push(info["endCursor"].clone());
    }
    let step = cursors.len().div_ceil(PAGES);
    let last = cursors.last().filter(|_| step > 1);
    let asked = cursors.iter().step_by(step).chain(last).map(|after| {
        let variables = json!({ "id": structure, "after": after });
        Request::graphql(address, PAGE, variables)
    });
    Ok(asked.collect())
}

/// What asks a server of ours for pages.
fn our_requests(server: &Process) -> anyhow::Result<Vec<Request>> {
    let structure = place::run(async {
        let mut client = client(server.address).await;
        place::ids(&mut client, "savedFilter").await
    })?;
    requests(server.address, &structure.0)
}

/// Pages a second of one processor, ours and those of another server of the same database.
fn beside(
    size: usize,
    rounds: usize,
    start: impl Fn(&Path) -> anyhow::Result<(Process, Vec<Request>)>,
) -> anyhow::Result<Outcome> {
    let database = place::structure(size, Shape::Board)?;
    let mut outcome = Outcome::new(Unit::PerSecond);
    let ours = Process::spawn(&database.path(), &["--metrics-listen", "127.0.0.1:0"])?;
    let asked = our_requests(&ours)?;
    let (other, asked_of_other) = start(&database.path())?;
    place::pin(std::process::id(), 1)?;
    for server in [&ours, &other] {
        server.pin(0)?;
    }
    for round in 0..=rounds {
        let their = load::drive(other.address, &asked_of_other, CONNECTIONS, ROUND)?;
        let our = load::drive(ours.address, &asked, CONNECTIONS, ROUND)?;
        if round > 0 {
            outcome.yardstick.push(their.per_second);
            outcome.ours.push(our.per_second);
        }
    }
    outcome.saw_peak(ours.peak()?);
    Ok(outcome)
}

/// Beside a handler that does nothing but read and answer.
pub(super) fn beside_plain_handler(size: usize, rounds: usize) -> anyhow::Result<Outcome> {
    beside(size, rounds, |database| {
        let server = yardstick::serve_pages(database)?;
        let asked = (0..PAGES).map(|page| {
            let at = page * (size - 100) / (PAGES - 1);
            Request::get(server.address, &format!("/pages?at={at}"))
        });
        let asked = asked.collect();
        Ok((server, asked))
    })
}

/// Beside the server that a Node developer would write; see `benches/peers`.
pub(super) fn beside_mercurius(size: usize, rounds: usize) -> anyhow::Result<Outcome> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/mercurius");
    let installed = folder.join("node_modules").exists();
    ensure!(installed, "run `npm ci` in {}", folder.display());
    beside(size, rounds, |database| {
        let mut command = Command::new("node");
        command.arg(folder.join("server.mjs")).arg(database);
        let server = Process::of(command)?;
        let asked = requests(server.address, "1")?;
        Ok((server, asked))
    })
}

/// The last page beside the first one, one at a time.
pub(super) fn deepest(size: usize, rounds: usize) -> anyhow::Result<Outcome> {
    let database = place::structure(size, Shape::Board)?;
    let mut outcome = Outcome::new(Unit::Seconds);
    let server = Process::spawn(&database.path(), &[])?;
    let asked = our_requests(&server)?;
    let (first, last) = asked.split_first().context("no pages")?;
    let last = last.last().context("one page")?;
    let one_by_one = |request: &Request| {
        let load = load::drive(server.address, std::slice::from_ref(request), 1, STEP)?;
        anyhow::Ok(1.0 / load.per_second)
    };
    for round in 0..=rounds {
        let (deep, shallow) = (one_by_one(last)?, one_by_one(first)?);
        if round > 0 {
            outcome.ours.push(deep);
            outcome.yardstick.push(shallow);
        }
    }
    ensure!(outcome.ours.len() == rounds, "rounds are missing");
    outcome.saw_peak(server.peak()?);
    Ok(outcome)
}
