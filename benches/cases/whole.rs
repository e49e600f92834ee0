//! The server as a whole: how soon it is there, how much memory it takes, how fast it reads files.

use crate::measure::{Outcome, Unit};
use crate::place::{self, Process, Shape};
use crate::support::server::client;
use crate::yardstick;
use anyhow::{Context, ensure};
use serde_json::json;
use std::path::PathBuf;
use std::time::Instant;

/// Bytes that a row of a forest takes at the least: its id and its issue.
const BYTES_OF_A_ROW: f64 = 16.0;
/// Who listens while the memory of the whole server is measured.
const SUBSCRIBERS: usize = 1_000;

/// From the start of the process to its first page of the structure.
pub(super) fn first_page(size: usize, rounds: usize) -> anyhow::Result<Outcome> {
    start(size, rounds, true)
}

/// From the start of the process to its being ready.
pub(super) fn ready(size: usize, rounds: usize) -> anyhow::Result<Outcome> {
    start(size, rounds, false)
}

fn start(size: usize, rounds: usize, first_page: bool) -> anyhow::Result<Outcome> {
    let database = place::structure(size, Shape::Board)?;
    let mut outcome = Outcome::new(Unit::Seconds);
    for _ in 0..rounds {
        let began = Instant::now();
        std::hint::black_box(std::fs::read(database.path())?);
        outcome.yardstick.push(began.elapsed().as_secs_f64());
        let server = Process::spawn(&database.path(), &[])?;
        let mut took = server.ready_after.as_secs_f64();
        if first_page {
            place::run(async {
                let mut client = client(server.address).await;
                let (structure, _) = place::ids(&mut client, "savedFilter").await?;
                let began = Instant::now();
                let query = "query($id: ID!) { structure(id: $id) { rows(first: 50) {
                    nodes { id item { ... on Issue { key summary } } } } } }";
                client.ask(query, json!({ "id": structure })).await;
                took += began.elapsed().as_secs_f64();
                anyhow::Ok(())
            })?;
        }
        outcome.ours.push(took);
        outcome.saw_peak(server.peak()?);
        server.stop()?;
    }
    Ok(outcome)
}

/// The memory that a loaded forest takes: of the server after its first page, without that before.
pub(super) fn forest(size: usize, rounds: usize) -> anyhow::Result<Outcome> {
    let database = place::structure(size, Shape::Board)?;
    let mut outcome = Outcome::new(Unit::Bytes);
    for _ in 0..rounds {
        let forest = place::run(understory_forest(&database.path()))?;
        outcome.ours.push(forest);
        outcome.yardstick.push(BYTES_OF_A_ROW * size as f64);
    }
    Ok(outcome)
}

async fn understory_forest(path: &std::path::Path) -> anyhow::Result<f64> {
    let store = understory::store::Store::open(path, understory::clock::Clock::system()).await?;
    let structure = understory::domain::StructureId(1);
    let forest = store.forest(structure).await?.context("no structure")?;
    let bytes = forest.bytes() as f64;
    store.close().await;
    Ok(bytes)
}

/// The memory of the whole server with the structure loaded and a thousand subscribers to it.
pub(super) fn server(size: usize, rounds: usize) -> anyhow::Result<Outcome> {
    let database = place::structure(size, Shape::Board)?;
    let mut outcome = Outcome::new(Unit::Bytes);
    for _ in 0..rounds {
        let server = Process::spawn(&database.path(), &["--user-subscription-limit", "2000"])?;
        place::run(async {
            let mut asking = client(server.address).await;
            let (structure, _) = place::ids(&mut asking, "savedFilter").await?;
            let variables = json!({ "id": structure });
            let query = "query($id: ID!) { structure(id: $id) { rows(first: 50) {
                nodes { id item { ... on Issue { key summary } } } } } }";
            asking.ask(query, variables.clone()).await;
            let mut subscribers = Vec::new();
            for _ in 0..SUBSCRIBERS {
                let mut subscriber = client(server.address).await;
                let subscription =
                    "subscription($id: ID!) { structureChanges(id: $id) { version movedCount } }";
                subscriber.subscribe(subscription, variables.clone()).await;
                subscribers.push(subscriber);
            }
            asking.ask(query, variables).await;
            outcome.ours.push(server.resident()? as f64);
            outcome.yardstick.push(400e6);
            anyhow::Ok(())
        })?;
        outcome.saw_peak(server.peak()?);
    }
    Ok(outcome)
}

/// The import of real files, where a variable names their folder.
pub(super) fn import(_: usize, rounds: usize) -> anyhow::Result<Outcome> {
    let folder = std::env::var("UNDERSTORY_REAL_DATA").unwrap_or_else(|_| {
        let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/jira");
        kept.to_owned()
    });
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        files.push(entry?.path());
    }
    files.retain(|path| path.extension().is_some_and(|it| it == "gz"));
    ensure!(!files.is_empty(), "no files in {folder}");
    let mut outcome = Outcome::new(Unit::Seconds);
    for _ in 0..rounds {
        outcome.yardstick.push(yardstick::parse(&files)?);
        let folder = tempfile::tempdir()?;
        let database = folder.path().join("understory.db");
        let began = Instant::now();
        place::run(async {
            let clock = understory::clock::Clock::system();
            let store = understory::store::Store::open(&database, clock).await?;
            let report = understory::tracker::import::import_files(&store, &files, |_| {}).await?;
            ensure!(
                report.files.iter().all(|(_, it)| it.is_ok()),
                "a file was left out"
            );
            store.close().await;
            anyhow::Ok(())
        })?;
        outcome.ours.push(began.elapsed().as_secs_f64());
    }
    Ok(outcome)
}
