//! What users notice of a large resync that runs meanwhile: their reads and their writes.

use crate::load::{self, Load, Request};
use crate::measure::{Outcome, Unit};
use crate::place::{self, Process, Shape};
use crate::support::server::{client, create_structure, install, start_resync, watch};
use anyhow::ensure;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Between two requests of the same client.
const PACE: Duration = Duration::from_millis(5);
/// How long reads are measured while nothing else happens.
const IDLE: Duration = Duration::from_secs(5);

/// The slowest hundredth of page reads while every issue goes into another structure, beside the
/// slowest hundredth while nothing else happens.
pub(super) fn reads(size: usize, rounds: usize) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::new(Unit::Seconds);
    for _ in 0..rounds {
        let database = place::structure(size, Shape::Board)?;
        let server = Process::spawn(&database.path(), &[])?;
        let page = place::run(page(server.address))?;
        load::one_by_one(server.address, &page, 500)?;
        let idle = paced(server.address, &page, &until(IDLE))?;
        let busy = while_resyncing(&server, |over| paced(server.address, &page, &over))?;
        outcome.ours.push(busy.quantile(0.99));
        outcome.yardstick.push(idle.quantile(0.99));
        outcome.saw_peak(server.peak()?);
    }
    Ok(outcome)
}

/// The longest that an edit of an issue took meanwhile.
pub(super) fn writes(size: usize, rounds: usize) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::new(Unit::Seconds);
    for _ in 0..rounds {
        let database = place::structure(size, Shape::Board)?;
        let server = Process::spawn(&database.path(), &[])?;
        let edit = "mutation { updateIssue(input: { key: \"P1-2\", summary: \"Edited\" }) {
            userErrors { message } } }";
        let edit = Request::graphql(server.address, edit, json!({}));
        let busy = while_resyncing(&server, |over| paced(server.address, &edit, &over))?;
        outcome.ours.push(busy.quantile(1.0));
        outcome.yardstick.push(0.100);
        outcome.saw_peak(server.peak()?);
    }
    Ok(outcome)
}

async fn page(address: SocketAddr) -> anyhow::Result<Request> {
    let mut client = client(address).await;
    let (structure, _) = place::ids(&mut client, "savedFilter").await?;
    let query = "query($id: ID!) { structure(id: $id) { rows(first: 50) {
        nodes { id item { ... on Issue { key summary status { name } } } parent { id } } } } }";
    Ok(Request::graphql(address, query, json!({ "id": structure })))
}

/// Does something while a resync of every issue into a new structure runs, until it has ended.
fn while_resyncing(
    server: &Process,
    work: impl FnOnce(Box<dyn Fn() -> bool>) -> anyhow::Result<Load>,
) -> anyhow::Result<Load> {
    let over = Arc::new(AtomicBool::new(false));
    let (seen, address) = (Arc::clone(&over), server.address);
    let resync = std::thread::spawn(move || {
        let ended = place::run(async {
            let mut client = client(address).await;
            let structure = create_structure(&mut client, "Other").await;
            let settings = json!({ "savedFilter": { "jql": "ORDER BY rank" } });
            let synchronizer = install(&mut client, &structure, settings).await;
            let input = json!({ "synchronizerId": synchronizer, "direction": "INTO_STRUCTURE",
                                "confirm": true });
            let started = start_resync(&mut client, input).await;
            let id = started["job"]["id"].as_str().unwrap_or_default().to_owned();
            let job = watch(&mut client, &id).await;
            ensure!(job["state"] == "SUCCEEDED", "{job}");
            Ok(())
        });
        over.store(true, Ordering::Relaxed);
        ended
    });
    let load = work(Box::new(move || seen.load(Ordering::Relaxed)));
    match resync.join() {
        Ok(ended) => ended?,
        Err(_) => anyhow::bail!("the resync panicked"),
    }
    load
}

fn until(time: Duration) -> impl Fn() -> bool {
    let began = Instant::now();
    move || began.elapsed() >= time
}

/// Asks again and again, with a pause, until it is over.
fn paced(
    address: SocketAddr,
    request: &Request,
    is_over: &dyn Fn() -> bool,
) -> anyhow::Result<Load> {
    let (began, mut took) = (Instant::now(), Vec::new());
    while !is_over() {
        took.push(load::one_by_one(address, request, 1)?);
        std::thread::sleep(PACE);
    }
    Ok(Load {
        per_second: took.len() as f64 / began.elapsed().as_secs_f64(),
        took,
    })
}
