//! What the least code that does the same would take: plain SQL, a plain handler, plain bytes.

use crate::place::{self, Process};
use anyhow::{Context, ensure};
use axum::Json;
use axum::extract::Query;
use rusqlite::Connection;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Names the database of which a process is to serve pages.
const PAGES_OF: &str = "UNDERSTORY_BENCH_PAGES_OF";

/// Tells to how many listeners a process is to send snapshots.
const SNAPSHOTS_TO: &str = "UNDERSTORY_BENCH_SNAPSHOTS_TO";
/// Snapshots that each gets, and the time between two of them.
const SNAPSHOTS: usize = 50;
const PACE: Duration = Duration::from_millis(100);

/// Serves what a case measures us beside, if this process was started for that.
pub(crate) fn serve_if_asked() -> Option<anyhow::Result<()>> {
    if let Some(database) = std::env::var_os(PAGES_OF) {
        return Some(place::run(serve(database.into())));
    }
    let listeners = std::env::var(SNAPSHOTS_TO).ok()?;
    Some(
        listeners
            .parse()
            .map_err(anyhow::Error::from)
            .and_then(send_snapshots),
    )
}

/// SQLite as the server has it.
fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;",
    )?;
    Ok(connection)
}

/// Puts every issue into a new structure with nothing but SQL, in one transaction: the rows, the
/// change feed and the audit that our resync writes, of the same columns and lengths.
pub(crate) fn insert_all(path: &Path) -> anyhow::Result<f64> {
    let mut connection = open(path)?;
    connection.execute_batch(
        "INSERT INTO structure (id, name, description, created_at, updated_at)
         VALUES (1, 'All', '', 0, 0);
         INSERT INTO job (id, kind, state, dry_run, structure_id, writes_issues, enable_afterwards,
                          phase, created_at)
         VALUES (1, 'RESYNC', 'RUNNING', 0, 1, 0, 0, '', 0);",
    )?;
    let began = Instant::now();
    let tx = connection.transaction()?;
    tx.execute_batch(
        "INSERT INTO forest_row (id, structure_id, parent_id, position, issue_id)
         SELECT row_number() OVER (ORDER BY rank), 1, NULL,
                printf('a%06x', row_number() OVER (ORDER BY rank)), id
         FROM issue ORDER BY rank;
         INSERT INTO structure_version (structure_id, version, user_id, job_id, at)
         SELECT 1, id / 1000 + 1, 1, 1, 0 FROM forest_row WHERE id % 1000 = 0 OR id = 1;
         INSERT INTO forest_change (structure_id, version, seq, kind, row_id, issue_id,
                                    after_position)
         SELECT 1, id / 1000 + 1, id % 1000, 'ADDED', id, issue_id, position
         FROM forest_row ORDER BY id;
         INSERT INTO job_change (job_id, seq, kind, issue_key, row_id, issue_id, after, summary)
         SELECT 1, row.id, 'ROW_ADDED', key, row.id, issue.id,
                '{\"after\":' || (row.id - 1) || ',\"parent\":null}',
                key || ' is added at the top level'
         FROM forest_row AS row JOIN issue ON issue.id = row.issue_id ORDER BY row.id;",
    )?;
    tx.commit()?;
    Ok(began.elapsed().as_secs_f64())
}

/// Reads every issue, link and row once, the columns that rules look at.
pub(crate) fn scan(path: &Path) -> anyhow::Result<f64> {
    let connection = open(path)?;
    let began = Instant::now();
    let mut seen = 0usize;
    for sql in [
        "SELECT id, key, type_id, status_id, parent_id, epic_id, rank FROM issue",
        "SELECT id, parent_id, position, issue_id FROM forest_row",
    ] {
        let mut statement = connection.prepare(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                seen += usize::from(row.get_ref(column)? != rusqlite::types::ValueRef::Null);
            }
        }
    }
    std::hint::black_box(seen);
    Ok(began.elapsed().as_secs_f64())
}

/// Unpacks and parses files, and forgets what they say.
pub(crate) fn parse(files: &[std::path::PathBuf]) -> anyhow::Result<f64> {
    let began = Instant::now();
    for path in files {
        let mut zcat = Command::new("zcat")
            .arg(path)
            .stdout(Stdio::piped())
            .spawn()?;
        let out = zcat.stdout.take().context("no output")?;
        for line in BufReader::with_capacity(1 << 16, out).lines() {
            std::hint::black_box(serde_json::from_str::<serde_json::Value>(&line?)?);
        }
        ensure!(zcat.wait()?.success(), "zcat failed");
    }
    Ok(began.elapsed().as_secs_f64())
}

/// Serves pages by a handler that reads fifty rows and writes them as JSON, in a process of its own.
pub(crate) fn serve_pages(database: &Path) -> anyhow::Result<Process> {
    let mut command = Command::new(std::env::current_exe()?);
    command.env(PAGES_OF, database);
    Process::of(command)
}

#[derive(serde::Serialize)]
struct Page {
    nodes: Vec<Node>,
}

#[derive(serde::Serialize)]
struct Node {
    id: i64,
    parent: Option<i64>,
    issue: i64,
    key: String,
    summary: String,
    status: String,
    category: String,
}

#[derive(serde::Deserialize)]
struct Asked {
    at: i64,
}

/// The fifty rows from a place on. Rows were added in the order of their ids, so that one stands
/// for its place: what is left out here, we do.
fn page(connection: &Connection, at: i64) -> rusqlite::Result<Page> {
    let mut statement = connection.prepare_cached(
        "SELECT row.id, row.parent_id, issue.id, issue.key, issue.summary, status.name,
                status.category
         FROM forest_row AS row JOIN issue ON issue.id = row.issue_id
         JOIN status ON status.id = issue.status_id
         WHERE row.id > ? ORDER BY row.id LIMIT 50",
    )?;
    let nodes = statement.query_map([at], |row| {
        Ok(Node {
            id: row.get(0)?,
            parent: row.get(1)?,
            issue: row.get(2)?,
            key: row.get(3)?,
            summary: row.get(4)?,
            status: row.get(5)?,
            category: row.get(6)?,
        })
    })?;
    Ok(Page {
        nodes: nodes.collect::<Result<_, _>>()?,
    })
}

async fn serve(database: PathBuf) -> anyhow::Result<()> {
    let connections: Arc<Mutex<Vec<Connection>>> = Arc::default();
    let handler = move |Query(asked): Query<Asked>| async move {
        let idle = connections.lock().ok().and_then(|mut all| all.pop());
        let connection = match idle {
            Some(connection) => connection,
            None => open(&database).map_err(|error| error.to_string())?,
        };
        let page = page(&connection, asked.at).map_err(|error| error.to_string())?;
        if let Ok(mut all) = connections.lock() {
            all.push(connection);
        }
        Ok::<_, String>(Json(page))
    };
    let router = axum::Router::new().route("/pages", axum::routing::get(handler));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}/", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}

/// Sends snapshots to so many listeners once all are there, in a process of its own.
pub(crate) fn serve_snapshots(listeners: usize) -> anyhow::Result<Process> {
    let mut command = Command::new(std::env::current_exe()?);
    command.env(SNAPSHOTS_TO, listeners.to_string());
    Process::of(command)
}

/// Writes the bytes of a snapshot to one socket after the other.
fn send_snapshots(listeners: usize) -> anyhow::Result<()> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    println!("listening on http://{}/", listener.local_addr()?);
    let mut sockets = Vec::with_capacity(listeners);
    while sockets.len() < listeners {
        let (socket, _) = listener.accept()?;
        socket.set_nodelay(true)?;
        sockets.push(socket);
    }
    for snapshot in 1..=SNAPSHOTS {
        let began = Instant::now();
        let state = if snapshot == SNAPSHOTS {
            "last"
        } else {
            "next"
        };
        let progress =
            "\"progress\":{\"phase\":\"Applying changes\",\"done\":123456,\"total\":300000}";
        let payload = format!(
            "{{\"id\":\"1\",\"type\":\"next\",\"payload\":{{\"data\":{{\"jobStatus\":{{\"revision\":{snapshot},\
             \"state\":\"RUNNING\",{progress},\
             \"counts\":{{\"rowsAdded\":0}}}}}}}},\"is\":\"{state}\"}}"
        );
        let frame = crate::sockets::text(&payload, false);
        for socket in &mut sockets {
            socket.write_all(&frame)?;
        }
        std::thread::sleep(PACE.saturating_sub(began.elapsed()));
    }
    Ok(())
}
