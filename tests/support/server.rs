//! Servers of a test's own: in this process, or as a process that can be killed.

use super::client::Client;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use understory::app::Server;
use understory::clock::Clock;
use understory::config::Config;
use understory::domain::{TokenId, UserId};
use understory::store::tokens::{self, NewToken};
use understory::store::users::{self, Role};
use understory::store::{Store, StoreError, Tx, links};
use understory::tracker::import;

/// The token of the administrator that every test database has.
pub(crate) const TOKEN: &str = "us_test";

/// A folder with a database in it, filled from files.
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new(files: &[PathBuf]) -> Self {
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let store = Store::open(&world.database(), Clock::system())
            .await
            .unwrap();
        store
            .write(|tx| {
                let user = users::ensure(tx, "admin", Role::Admin)?;
                add_token(tx, user, TOKEN)
            })
            .await
            .unwrap();
        for file in files {
            import::import_file(&store, file, |_| {}).await.unwrap();
        }
        store.close().await;
        world
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("understory.db")
    }

    /// Serves the database in this process.
    pub(crate) async fn serve(&self) -> Server {
        self.serve_with(&["--enable", "synchronizers"]).await
    }

    /// Serves the database in this process, as the flags say.
    pub(crate) async fn serve_with(&self, flags: &[&str]) -> Server {
        let database = self.database();
        let place = ["--listen", "127.0.0.1:0", "--database"];
        let flags = [&place[..], &[database.to_str().unwrap()], flags].concat();
        Server::start(Config::from_flags(&flags).unwrap())
            .await
            .unwrap()
    }

    /// Makes a link type; its id, as the API has it.
    pub(crate) async fn link_type(&self, server: &Server, name: &'static str) -> String {
        server
            .store()
            .write(move |tx| links::ensure_type(tx, name, "in", "out"))
            .await
            .unwrap();
        let mut client = client(server.address()).await;
        let types = client.ask("{ linkTypes { id name } }", json!({})).await;
        let types = types["linkTypes"].as_array().unwrap();
        id(types.iter().find(|it| it["name"] == name).unwrap())
    }

    /// Serves the database in a process of its own.
    pub(crate) fn spawn(&self) -> Process {
        Process::spawn(&self.database())
    }

    /// Serves the database in a process of its own, with more flags and variables; what it logs is
    /// read with [`log`](Self::log).
    pub(crate) fn spawn_with(&self, flags: &[&str], variables: &[(&str, &str)]) -> Process {
        let log = File::create(self.folder.path().join("log")).unwrap();
        Process::start(
            Command::new(env!("CARGO_BIN_EXE_understory")),
            &self.database(),
            flags,
            variables,
            log.into(),
        )
    }

    /// What the last process that was spawned so has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

/// Gives a user a token that does not expire.
pub(crate) fn add_token(tx: &Tx<'_>, user: UserId, secret: &str) -> Result<TokenId, StoreError> {
    let token = NewToken {
        user,
        name: "test",
        secret,
        expires_at: None,
    };
    tokens::add(tx, &token)
}

/// The small real files that the repository holds.
pub(crate) fn small_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/jira");
    ["DAEMON", "MOD"]
        .iter()
        .map(|name| folder.join(format!("{name}.jsonl.gz")))
        .collect()
}

/// A client of a server, as the administrator.
pub(crate) async fn client(address: SocketAddr) -> Client {
    Client::connect(address, TOKEN).await
}

/// A server as a process; killed when dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    pub(crate) fn spawn(database: &Path) -> Self {
        Self::of(Command::new(env!("CARGO_BIN_EXE_understory")), database)
    }

    /// Serves a database by a command that ends in running the program with the arguments it gets.
    pub(crate) fn of(command: Command, database: &Path) -> Self {
        let quiet = [("RUST_LOG", "warn")];
        Self::start(command, database, &[], &quiet, Stdio::inherit())
    }

    /// Like `spawn`, with so much written to a log.
    pub(crate) fn spawn_logging(database: &Path, filter: &str, log: Stdio) -> Self {
        let command = Command::new(env!("CARGO_BIN_EXE_understory"));
        Self::start(command, database, &[], &[("RUST_LOG", filter)], log)
    }

    fn start(
        mut command: Command,
        database: &Path,
        flags: &[&str],
        variables: &[(&str, &str)],
        log: Stdio,
    ) -> Self {
        let mut child = command
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--enable",
                "synchronizers",
                "--database",
            ])
            .arg(database)
            .args(flags)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .strip_prefix("listening on http://")
            .unwrap_or_else(|| {
                panic!("unexpected first line {line:?}");
            });
        Self {
            address: address.trim_end_matches('/').parse().unwrap(),
            child,
        }
    }

    /// Its number in the operating system.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, as an operator would; its exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        self.tell_to_stop();
        self.child.wait().unwrap().code()
    }

    /// Asks it to stop, and does not wait until it has.
    pub(crate) fn tell_to_stop(&self) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Its resident memory in kilobytes, where the system tells it.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Killed already, if the test ended well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes an empty structure; its id.
pub(crate) async fn create_structure(client: &mut Client, name: &str) -> String {
    let data = client
        .ask(
            "mutation($name: String!) { createStructure(input: {name: $name}) { structure { id } userErrors { message } } }",
            json!({ "name": name }),
        )
        .await;
    id(&data["createStructure"]["structure"])
}

/// Installs a synchronizer with settings as the API takes them; its id.
pub(crate) async fn install(client: &mut Client, structure: &str, settings: Value) -> String {
    let data = client
        .ask(
            "mutation($input: InstallSynchronizerInput!) { installSynchronizer(input: $input) { synchronizer { id } userErrors { message } } }",
            json!({ "input": { "structureId": structure, "settings": settings } }),
        )
        .await;
    id(&data["installSynchronizer"]["synchronizer"])
}

/// Asks for a resync; the payload.
pub(crate) async fn start_resync(client: &mut Client, input: Value) -> Value {
    let data = client
        .ask(
            "mutation($input: StartResyncInput!) { startResync(input: $input) { job { id state } userErrors { code message } } }",
            json!({ "input": input }),
        )
        .await;
    data["startResync"].clone()
}

/// Runs a job to its end and gives its last snapshot.
pub(crate) async fn watch(client: &mut Client, job: &str) -> Value {
    client
        .subscribe(
            "subscription($id: ID!) { jobStatus(id: $id) { id state revision dryRun
               error { code message } waitingReason waitingFor { id }
               counts { issuesScanned rowsAdded rowsMoved rowsRemoved linksAdded linksRemoved
                 ranksChanged epicsChanged statusesChanged conflicts skipped failed } } }",
            json!({ "id": job }),
        )
        .await;
    let mut last = Value::Null;
    while let Some(payload) = client.next().await {
        assert!(payload.get("errors").is_none(), "{payload}");
        last = payload["data"]["jobStatus"].clone();
    }
    last
}

/// Starts a resync and waits for its end; the job's last snapshot.
pub(crate) async fn resync(client: &mut Client, synchronizer: &str, input: Value) -> Value {
    let mut input = input;
    input["synchronizerId"] = json!(synchronizer);
    if input["dryRun"] != json!(true) {
        input["confirm"] = json!(true);
    }
    let payload = start_resync(client, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    watch(client, payload["job"]["id"].as_str().unwrap()).await
}

/// The hierarchy as depths and issue keys (folders as `/name`), all of it at one version.
pub(crate) async fn tree(client: &mut Client, structure: &str) -> Vec<(usize, String)> {
    loop {
        if let Some(rows) = tree_at_rest(client, structure).await {
            return rows;
        }
    }
}

/// The hierarchy, page by page; `None` if it changed on the way.
async fn tree_at_rest(client: &mut Client, structure: &str) -> Option<Vec<(usize, String)>> {
    let (mut rows, mut after, mut version) = (Vec::new(), Value::Null, None);
    loop {
        let answer = client
            .execute(
                "query($id: ID!, $after: String) { structure(id: $id) { version rows(first: 500, after: $after) {
                   pageInfo { hasNextPage endCursor }
                   nodes { depth item { __typename ... on Issue { key } ... on Folder { name } } } } } }",
                json!({ "id": structure, "after": after }),
            )
            .await;
        if let Some(error) = answer["errors"].get(0) {
            assert_eq!(error["extensions"]["code"], "CURSOR_GONE", "{answer}");
            return None;
        }
        let found = &answer["data"]["structure"];
        if version.get_or_insert(found["version"].clone()) != &found["version"] {
            return None;
        }
        let page = &found["rows"];
        for node in page["nodes"].as_array().unwrap() {
            let name = match node["item"]["key"].as_str() {
                Some(key) => key.to_owned(),
                None => format!("/{}", node["item"]["name"].as_str().unwrap()),
            };
            rows.push((node["depth"].as_u64().unwrap() as usize, name));
        }
        if page["pageInfo"]["hasNextPage"] != json!(true) {
            return Some(rows);
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

pub(crate) fn id(object: &Value) -> String {
    object["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id in {object}"))
        .to_owned()
}
