//! Resyncs of whole structures, from asking for one to hearing that it has ended.

use crate::measure::{Outcome, Unit};
use crate::place::{self, Database, Process, Shape};
use crate::support::client::Client;
use crate::support::server::{create_structure, install, resync};
use crate::yardstick;
use anyhow::ensure;
use serde_json::{Value, json};
use std::time::Instant;

/// Every issue goes into a structure that has no rows.
pub(super) fn into_an_empty_structure(size: usize, rounds: usize) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::new(Unit::Seconds);
    for _ in 0..rounds {
        let database = place::tracker(size)?;
        outcome
            .yardstick
            .push(yardstick::insert_all(&database.path())?);
        drop(database);
        let database = place::tracker(size)?;
        let server = Process::spawn(&database.path(), &[])?;
        let (took, counts) = place::run(async {
            let mut client = crate::support::server::client(server.address).await;
            let structure = create_structure(&mut client, "All").await;
            let settings = json!({ "savedFilter": { "jql": "ORDER BY rank" } });
            let synchronizer = install(&mut client, &structure, settings).await;
            timed(&mut client, &synchronizer).await
        })?;
        ensure!(counts["rowsAdded"] == size, "{counts}");
        outcome.ours.push(took);
        outcome.saw_peak(server.peak()?);
    }
    Ok(outcome)
}

/// The structure is as the synchronizer wants it.
pub(super) fn nothing_to_do(kind: &str, size: usize, rounds: usize) -> anyhow::Result<Outcome> {
    let database = place::structure(size, Shape::of(kind))?;
    let mut outcome = Outcome::new(Unit::Seconds);
    let server = Process::spawn(&database.path(), &[])?;
    place::run(async {
        let mut client = crate::support::server::client(server.address).await;
        let (_, synchronizer) = place::ids(&mut client, kind).await?;
        // The first one loads the forest, as the first reader of a structure does.
        for round in 0..=rounds {
            let scanned = yardstick::scan(&database.path())?;
            let (took, counts) = timed(&mut client, &synchronizer).await?;
            ensure!(edits(&counts) == 0, "{kind}: {counts}");
            if round > 0 {
                outcome.yardstick.push(scanned);
                outcome.ours.push(took);
            }
        }
        anyhow::Ok(())
    })?;
    outcome.saw_peak(server.peak()?);
    Ok(outcome)
}

/// One of a hundred rows is not where the synchronizer wants it.
pub(super) fn one_percent(kind: &str, size: usize, rounds: usize) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::new(Unit::Seconds);
    for _ in 0..rounds {
        let database = place::structure(size, Shape::of(kind))?;
        disturb(&database, kind, size / 100)?;
        outcome.yardstick.push(yardstick::scan(&database.path())?);
        let server = Process::spawn(&database.path(), &[])?;
        let (took, counts) = place::run(async {
            let mut client = crate::support::server::client(server.address).await;
            let (structure, synchronizer) = place::ids(&mut client, kind).await?;
            let first = "query($id: ID!) { structure(id: $id) { rows(first: 1) { totalCount } } }";
            client.ask(first, json!({ "id": structure })).await;
            timed(&mut client, &synchronizer).await
        })?;
        let (edits, least) = (edits(&counts), size as u64 / 100 * 9 / 10);
        ensure!(edits >= least, "{kind}: {counts}");
        outcome.ours.push(took);
        outcome.saw_peak(server.peak()?);
    }
    Ok(outcome)
}

/// Puts so many rows, or ranks, where they do not belong.
fn disturb(database: &Database, kind: &str, count: usize) -> anyhow::Result<()> {
    let connection = rusqlite::Connection::open(database.path())?;
    let lift = |below: &str| {
        format!(
            "UPDATE forest_row SET parent_id = NULL, position = position || 'z' || id
             WHERE id IN (SELECT row.id FROM forest_row AS row {below} LIMIT {count})"
        )
    };
    let sql = match kind {
        "subTasks" => lift(
            "JOIN issue ON issue.id = row.issue_id
             WHERE row.parent_id IS NOT NULL AND issue.parent_id IS NOT NULL",
        ),
        "links" => lift(
            "JOIN issue_link ON issue_link.target_id = row.issue_id
             JOIN link_type ON link_type.id = issue_link.type_id AND link_type.name = 'Depends'
             WHERE row.parent_id IS NOT NULL",
        ),
        // Each goes right behind another one, far away.
        _ => format!(
            "UPDATE issue SET rank = (SELECT other.rank FROM issue AS other
                 WHERE other.id = issue.id * 7919 % (SELECT max(id) FROM issue) + 1) || 'V'
             WHERE id % 100 = 7 AND parent_id IS NULL AND id / 100 <= {count}"
        ),
    };
    let changed = connection.execute(&sql, [])?;
    ensure!(
        changed * 10 >= count * 9,
        "{changed} of {count} were disturbed"
    );
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Runs a resync into the structure; how long that took, and what it counted.
async fn timed(client: &mut Client, synchronizer: &str) -> anyhow::Result<(f64, Value)> {
    let began = Instant::now();
    let input = json!({ "direction": "INTO_STRUCTURE" });
    let job = resync(client, synchronizer, input).await;
    let took = began.elapsed().as_secs_f64();
    ensure!(job["state"] == "SUCCEEDED", "{job}");
    Ok((took, job["counts"].clone()))
}

fn edits(counts: &Value) -> u64 {
    let of = |name: &str| counts[name].as_u64().unwrap_or_default();
    of("rowsAdded") + of("rowsMoved") + of("rowsRemoved")
}
