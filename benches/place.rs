//! Databases to measure on, and servers of them as processes of their own.
//!
//! A database of a size is made once, by importing generated issues, and kept in the build's
//! folder; each round works on a copy.

use crate::generator::{self, GENERATION};
use crate::support::client::Client;
use crate::support::server::{self, TOKEN, create_structure, install, resync};
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use understory::clock::Clock;
use understory::store::users::{self, Role};
use understory::store::{Store, StoreError};
use understory::tracker::import;

/// How long a server may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(60);

/// A database of one's own, gone when dropped.
pub(crate) struct Database {
    folder: tempfile::TempDir,
}

impl Database {
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("understory.db")
    }

    fn copy_of(path: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(folder()?)?;
        let copy = Self { folder };
        std::fs::copy(path, copy.path()).with_context(|| path.display().to_string())?;
        // Or else the first commit that is measured would write all of it to the disk.
        std::fs::File::open(copy.path())?.sync_all()?;
        Ok(copy)
    }
}

fn folder() -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(crate::FIXTURES);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn named(name: &str, size: usize) -> anyhow::Result<PathBuf> {
    Ok(folder()?.join(format!("{name}-{size}-{GENERATION}.db")))
}

/// A tracker with so many issues and no structure.
pub(crate) fn tracker(size: usize) -> anyhow::Result<Database> {
    Database::copy_of(&made_tracker(size)?)
}

/// What stands below what in a structure. A row has one place, so links have a structure of theirs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Sub-tasks below their parents, issues below their epics.
    Board,
    /// Issues below those that they depend on.
    Links,
}

impl Shape {
    /// The synchronizers that make it.
    fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::Board => &["savedFilter", "subTasks", "agile"],
            Self::Links => &["savedFilter", "links"],
        }
    }

    /// The structure in which a kind of synchronizer finds what it made.
    pub(crate) fn of(kind: &str) -> Self {
        match kind {
            "links" => Self::Links,
            _ => Self::Board,
        }
    }
}

/// A tracker with so many issues, all of them in a structure, those of the top level in the order of
/// their ranks. The synchronizers that made it are called as their kinds, and are not enabled.
pub(crate) fn structure(size: usize, shape: Shape) -> anyhow::Result<Database> {
    let name = match shape {
        Shape::Board => "structure",
        Shape::Links => "links",
    };
    let kept = named(name, size)?;
    if !kept.exists() {
        let made = tracker(size)?;
        eprintln!("making a structure of {size} issues …");
        let server = Process::spawn(&made.path(), &[])?;
        run(arrange(server.address, shape))?;
        server.stop()?;
        std::fs::rename(made.path(), &kept)?;
    }
    Database::copy_of(&kept)
}

fn made_tracker(size: usize) -> anyhow::Result<PathBuf> {
    let kept = named("tracker", size)?;
    if kept.exists() {
        return Ok(kept);
    }
    eprintln!("making a tracker of {size} issues …");
    let made = tempfile::tempdir_in(folder()?)?;
    let (issues, database) = (
        made.path().join("issues.jsonl"),
        made.path().join("understory.db"),
    );
    generator::write_issues(&issues, size)?;
    run(async {
        let store = Store::open(&database, Clock::system()).await?;
        store
            .write(|tx| {
                let user = users::ensure(tx, "admin", Role::Admin)?;
                server::add_token(tx, user, TOKEN)?;
                Ok::<_, StoreError>(())
            })
            .await?;
        import::import_file(&store, &issues, |_| {}).await?;
        store.close().await;
        anyhow::Ok(())
    })?;
    std::fs::rename(database, &kept)?;
    Ok(kept)
}

/// The settings of each kind, by the names that the API has for them.
async fn settings(client: &mut Client) -> anyhow::Result<[(&'static str, Value); 4]> {
    let types = client.ask("{ linkTypes { id name } }", json!({})).await;
    let depends = types["linkTypes"]
        .as_array()
        .and_then(|all| all.iter().find(|it| it["name"] == "Depends"))
        .context("no link type Depends")?["id"]
        .clone();
    let board = "mutation { createBoard(input: { name: \"All\", jql: \"\", ranked: true })
                 { board { id } userErrors { message } } }";
    let board = client.ask(board, json!({})).await["createBoard"]["board"]["id"].clone();
    Ok([
        (
            "savedFilter",
            json!({ "savedFilter": { "jql": "ORDER BY rank" } }),
        ),
        ("subTasks", json!({ "subTasks": {} })),
        ("agile", json!({ "agile": { "boardId": board } })),
        (
            "links",
            json!({ "links": { "linkTypeId": depends, "parentEnd": "SOURCE" } }),
        ),
    ])
}

async fn arrange(address: SocketAddr, shape: Shape) -> anyhow::Result<()> {
    let mut client = server::client(address).await;
    let structure = create_structure(&mut client, "Everything").await;
    for (kind, settings) in settings(&mut client).await? {
        if !shape.kinds().contains(&kind) {
            continue;
        }
        let synchronizer = install(&mut client, &structure, settings).await;
        let rename = "mutation($id: ID!, $name: String!) {
            updateSynchronizer(input: { id: $id, name: $name }) { userErrors { message } } }";
        let renamed = client
            .ask(rename, json!({ "id": synchronizer, "name": kind }))
            .await;
        ensure!(
            renamed["updateSynchronizer"]["userErrors"] == json!([]),
            "{renamed}"
        );
        let job = resync(
            &mut client,
            &synchronizer,
            json!({ "direction": "INTO_STRUCTURE" }),
        )
        .await;
        ensure!(job["state"] == "SUCCEEDED", "{kind}: {job}");
    }
    Ok(())
}

/// The structure of [`structure`] and its synchronizer of a kind.
pub(crate) async fn ids(client: &mut Client, kind: &str) -> anyhow::Result<(String, String)> {
    let query = "{ structures(first: 1) { nodes { id synchronizers { id name } } } }";
    let found = client.ask(query, json!({})).await;
    let structure = &found["structures"]["nodes"][0];
    let synchronizers = structure["synchronizers"].as_array().context("no list")?;
    let synchronizer = synchronizers.iter().find(|it| it["name"] == kind);
    Ok((
        server::id(structure),
        server::id(synchronizer.context("no such synchronizer")?),
    ))
}

/// A server as a process; killed when dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From its start to its first line.
    pub(crate) ready_after: Duration,
}

impl Process {
    /// Serves a database on a free port, without limits that a benchmark would run into.
    pub(crate) fn spawn(database: &Path, flags: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_understory"));
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--enable",
            "synchronizers",
        ]);
        command.args(["--user-rate-limit", "0", "--database"]);
        command.arg(database).args(flags).env("RUST_LOG", "warn");
        Self::of(command)
    }

    /// A process whose first line ends in the address at which it listens.
    pub(crate) fn of(mut command: Command) -> anyhow::Result<Self> {
        let began = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let out = child.stdout.take().context("no output")?;
        BufReader::new(out).read_line(&mut line)?;
        let ready_after = began.elapsed();
        let said = line.trim().rsplit("http://").next().unwrap_or_default();
        let address = said.trim_end_matches('/').parse();
        Ok(Self {
            child,
            address: address.with_context(|| format!("unexpected first line {line:?}"))?,
            ready_after,
        })
    }

    /// Keeps the process to one processor.
    pub(crate) fn pin(&self, processor: usize) -> anyhow::Result<()> {
        pin(self.child.id(), processor)
    }

    /// The most memory that it ever had resident, in bytes.
    pub(crate) fn peak(&self) -> anyhow::Result<u64> {
        memory(self.child.id(), "VmHWM:")
    }

    /// The memory that it has resident now, in bytes.
    pub(crate) fn resident(&self) -> anyhow::Result<u64> {
        memory(self.child.id(), "VmRSS:")
    }

    /// Stops it as an operator would, so that its database is one file again.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status()?;
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        anyhow::bail!("the server did not stop")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Gone already, if it was stopped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps a process to one processor.
pub(crate) fn pin(pid: u32, processor: usize) -> anyhow::Result<()> {
    let (processor, pid) = (processor.to_string(), pid.to_string());
    let pinned = Command::new("taskset")
        .args(["-a", "-p", "-c", &processor, &pid])
        .stdout(Stdio::null())
        .status()?;
    ensure!(pinned.success(), "taskset failed");
    Ok(())
}

fn memory(pid: u32, line: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|it| it.strip_prefix(line));
    let kilobytes = line.and_then(|it| it.trim().strip_suffix(" kB"));
    Ok(kilobytes.context("no such line")?.parse::<u64>()? * 1024)
}

/// What a server answers to a plain request, without its head.
pub(crate) async fn get(address: SocketAddr, path: &str) -> anyhow::Result<String> {
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    let request = format!(
        "GET {path} HTTP/1.0\r\nhost: {address}\r\nauthorization: Bearer {TOKEN}\r\n\
         connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (_, body) = answer.split_once("\r\n\r\n").context("no head")?;
    Ok(body.to_owned())
}

/// Runs what is asynchronous, to its end.
pub(crate) fn run<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Runtime::new()?.block_on(work)
}
