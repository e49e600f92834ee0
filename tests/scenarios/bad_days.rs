//! Days on which the disk, the file or another program is against the server: it says so, goes on
//! where it can, and loses nothing that it acknowledged.
//!
//! A disk of a few megabytes is a file system in memory that only the server sees, in a namespace
//! of its own; from outside it is reached through the process's view of the files.

use super::generated::write_issues;
use crate::support::client::Client;
use crate::support::command::{said, understory};
use crate::support::server::{
    Process, World, client, create_structure, install, start_resync, tree, watch,
};
use rusqlite::Connection;
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

const CREATE: &str = "mutation($input: CreateStructureInput!) { createStructure(input: $input) {
    structure { id } userErrors { message } } }";

/// Makes a structure with a long description; the code and message of the error, if it fails.
async fn create_large(client: &mut Client, name: &str) -> Result<(), (String, String)> {
    let input = json!({ "input": { "name": name, "description": "x".repeat(9_000) } });
    let answer = client.execute(CREATE, input).await;
    match answer["errors"].get(0) {
        None => Ok(()),
        Some(error) => Err((
            error["extensions"]["code"].as_str().unwrap().to_owned(),
            error["message"].as_str().unwrap().to_owned(),
        )),
    }
}

/// How many structures there are.
async fn structures(client: &mut Client) -> u64 {
    let data = client.ask("{ structures { totalCount } }", json!({})).await;
    data["structures"]["totalCount"].as_u64().unwrap()
}

/// What `/readyz` answers: its status and all that follows.
fn readiness(address: SocketAddr) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (answer[9..12].parse().unwrap(), answer)
}

/// Waits until the server is ready, or is not.
pub(super) async fn until_ready(address: SocketAddr, ready: bool) -> String {
    for _ in 0..600 {
        let (status, answer) = readiness(address);
        if (status == 200) == ready {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("still {:?}", readiness(address));
}

/// A folder on a disk of its own, with a database, and the server that has it.
struct SmallDisk {
    process: Process,
    /// The folder, as seen from here.
    folder: PathBuf,
    /// The database, as the server sees it.
    database: PathBuf,
    _world: World,
}

impl SmallDisk {
    /// `None` where the system allows no namespaces.
    fn serve(world: World, megabytes: u32) -> Option<Self> {
        let unshared = Command::new("unshare").args(["-Urm", "true"]).status();
        if !unshared.is_ok_and(|status| status.success()) {
            eprintln!("not run: the system allows no namespaces");
            return None;
        }
        let place = world.folder.path().join("disk");
        std::fs::create_dir(&place).unwrap();
        let mut command = Command::new("unshare");
        let script = format!(
            "mount -t tmpfs -o size={megabytes}m tmpfs '{}' && cp '{}' '{}' && exec \"$0\" \"$@\"",
            place.display(),
            world.database().display(),
            place.join("understory.db").display()
        );
        command
            .args(["-Urm", "sh", "-c", &script])
            .arg(env!("CARGO_BIN_EXE_understory"));
        let database = place.join("understory.db");
        let process = Process::of(command, &database);
        let root = format!("/proc/{}/root", process.pid());
        let folder = Path::new(&root).join(place.strip_prefix("/").unwrap());
        Some(Self {
            process,
            folder,
            database,
            _world: world,
        })
    }

    /// Runs a command on the database, where the disk is seen.
    fn understory(&self, arguments: &[&str]) -> Output {
        let pid = self.process.pid().to_string();
        Command::new("nsenter")
            .args(["-t", &pid, "-U", "-m", "--preserve-credentials"])
            .arg(env!("CARGO_BIN_EXE_understory"))
            .args(arguments)
            .arg("--database")
            .arg(&self.database)
            .output()
            .unwrap()
    }

    /// Fills the disk but for so many bytes.
    fn fill(&self, left: u64) -> PathBuf {
        let path = self.folder.join("filler");
        let mut file = File::create(&path).unwrap();
        let block = [1; 4096];
        while file.write_all(&block).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(left)).unwrap();
        path
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_once_there_is_room_all_goes_on() {
    const ROWS: usize = 3_000;
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), ROWS)]).await;
    let Some(disk) = SmallDisk::serve(world, 24) else {
        return;
    };
    let address = disk.process.address;
    let mut asker = client(address).await;
    let structure = create_structure(&mut asker, "Waiting").await;
    let rule = install(
        &mut asker,
        &structure,
        json!({ "savedFilter": { "jql": "" } }),
    )
    .await;

    // Room for the request of a resync and not for its work.
    let filler = disk.fill(200_000);
    let input = json!({ "synchronizerId": rule, "direction": "INTO_STRUCTURE", "confirm": true });
    let payload = start_resync(&mut asker, input).await;
    let job = payload["job"]["id"].as_str().unwrap().to_owned();
    assert!(until_ready(address, false).await.contains("is full"));
    assert_eq!(tree(&mut asker, &structure).await, []);
    disk.fill(0);
    let mut made = structures(&mut asker).await;
    let (code, message) = loop {
        match create_large(&mut asker, "Too many").await {
            Ok(()) => made += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(code, "UNAVAILABLE");
    assert!(
        message.contains("is full; nothing was changed"),
        "{message}"
    );
    assert_eq!(structures(&mut asker).await, made);

    std::fs::remove_file(filler).unwrap();
    let ended = watch(&mut asker, &job).await;
    assert_eq!(ended["state"], "SUCCEEDED", "{ended}");
    assert_eq!(tree(&mut asker, &structure).await.len(), ROWS);
    until_ready(address, true).await;
    let log = "query($id: ID!) { job(id: $id) { log { message } } }";
    let log = asker.ask(log, json!({ "id": job })).await.to_string();
    assert!(
        log.contains("is full") && log.contains("tried again"),
        "{log}"
    );
    create_large(&mut asker, "Room").await.unwrap();
    assert_eq!(structures(&mut asker).await, made + 1);

    let copy = files.path().join("copy.db");
    let copy = copy.to_str().unwrap();
    said(&disk.understory(&["backup", copy]), 0);
    said(&understory(&["check", "--database", copy]), 0);
    assert_eq!(disk.process.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_may_not_grow_cost_no_edit_that_was_acknowledged() {
    let world = World::new(&[]).await;
    let mut command = Command::new("sh");
    // In blocks of 512 bytes: two megabytes.
    let script = "ulimit -S -f 4096; exec \"$0\" \"$@\"";
    command
        .args(["-c", script])
        .arg(env!("CARGO_BIN_EXE_understory"));
    let process = Process::of(command, &world.database());
    let address = process.address;
    let mut asker = client(address).await;
    let mut made = 0;
    let (code, message) = loop {
        match create_large(&mut asker, "Some").await {
            Ok(()) => made += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(code, "UNAVAILABLE", "{message}");
    assert!(message.contains("nothing was changed"), "{message}");
    assert!(
        until_ready(address, false)
            .await
            .contains("nothing was changed")
    );
    assert_eq!(structures(&mut asker).await, made);
    let lifted = Command::new("prlimit")
        .args(["--fsize=unlimited", "--pid", &process.pid().to_string()])
        .status()
        .unwrap();
    assert!(lifted.success());
    until_ready(address, true).await;
    create_large(&mut asker, "One more").await.unwrap();
    process.kill();
    let again = world.spawn();
    let mut asker = client(again.address).await;
    assert_eq!(structures(&mut asker).await, made + 1);
    assert_eq!(again.terminate(), Some(0));
    let database = world.database();
    said(
        &understory(&["check", "--database", database.to_str().unwrap()]),
        0,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_another_process_holds_is_waited_for_and_then_told() {
    let world = World::new(&[]).await;
    // However little time an operation has, there is enough to say what it waits for.
    let process = world.spawn_with(&["--request-timeout", "1"], &[]);
    let mut asker = client(process.address).await;
    let other = Connection::open(world.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (code, message) = create_large(&mut asker, "Held").await.unwrap_err();
    assert_eq!(code, "UNAVAILABLE");
    assert!(
        message.contains("another process keeps the database locked"),
        "{message}"
    );
    assert_eq!(structures(&mut asker).await, 0);
    other.execute_batch("ROLLBACK").unwrap();
    until_ready(process.address, true).await;
    create_large(&mut asker, "Free").await.unwrap();
    assert_eq!(process.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_page_fails_what_needs_it_and_nothing_else() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 100)]).await;
    let root: u64 = Connection::open(world.database())
        .unwrap()
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'issue_label'",
            [],
            |row| row.get::<_, i64>(0).map(i64::cast_unsigned),
        )
        .unwrap();
    let mut file = OpenOptions::new()
        .write(true)
        .open(world.database())
        .unwrap();
    file.seek(SeekFrom::Start((root - 1) * 4096)).unwrap();
    file.write_all(&[0xa5; 4096]).unwrap();
    let process = world.spawn();
    let mut asker = client(process.address).await;
    let labels = "{ issues(jql: \"\", first: 3) { nodes { key labels } } }";
    let answer = asker.execute(labels, json!({})).await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "INTERNAL",
        "{answer}"
    );
    assert!(
        until_ready(process.address, false)
            .await
            .contains("damaged")
    );
    let keys = asker
        .ask(
            "{ issues(jql: \"\", first: 3) { nodes { key } } }",
            json!({}),
        )
        .await;
    assert_eq!(keys["issues"]["nodes"][0]["key"], "GEN-1");
    create_large(&mut asker, "Elsewhere").await.unwrap();
    assert_eq!(process.terminate(), Some(0));
    let database = world.database();
    let database = database.to_str().unwrap();
    let found = said(&understory(&["check", "--database", database]), 1);
    assert!(found.contains("pages: "), "{found}");
    let copy = files.path().join("copy.db");
    let backup = understory(&["backup", "--database", database, copy.to_str().unwrap()]);
    assert!(said(&backup, 1).contains("damaged"));
    assert!(!copy.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_cut_off_is_refused_or_told() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 2_000)]).await;
    let database = world.database();
    let path = database.to_str().unwrap();
    let length = database.metadata().unwrap().len();
    let file = OpenOptions::new().write(true).open(&database).unwrap();
    file.set_len(length / 2 / 4096 * 4096).unwrap();
    let found = said(&understory(&["check", "--database", path]), 1);
    assert!(found.contains("the file was cut off"), "{found}");
    let backup = understory(&["backup", "--database", path, &format!("{path}.copy")]);
    assert!(said(&backup, 1).contains("damaged"));
    // Nothing is left of it but its log: an empty file would be taken for a new database.
    file.set_len(0).unwrap();
    std::fs::write(format!("{path}-wal"), "what was written last").unwrap();
    let serve = understory(&["serve", "--listen", "127.0.0.1:0", "--database", path]);
    let says = said(&serve, 1);
    assert!(says.contains("is empty, and its log is not"), "{says}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_deleted_leaves_a_database_that_is_whole_if_older() {
    let world = World::new(&[]).await;
    let process = world.spawn();
    let mut asker = client(process.address).await;
    for number in 0..20 {
        create_large(&mut asker, &format!("Number {number}"))
            .await
            .unwrap();
    }
    process.kill();
    let database = world.database();
    let path = database.to_str().unwrap();
    std::fs::remove_file(format!("{path}-wal")).unwrap();
    said(&understory(&["check", "--database", path]), 0);
    let again = world.spawn();
    let mut asker = client(again.address).await;
    assert!(structures(&mut asker).await <= 20);
    create_large(&mut asker, "Afterwards").await.unwrap();
    assert_eq!(again.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_deleted_while_the_server_runs_is_told_and_saved_by_a_clean_stop() {
    let world = World::new(&[]).await;
    let process = world.spawn();
    let mut asker = client(process.address).await;
    create_large(&mut asker, "Before").await.unwrap();
    let database = world.database();
    let path = database.to_str().unwrap();
    std::fs::remove_file(format!("{path}-wal")).unwrap();
    let says = until_ready(process.address, false).await;
    assert!(says.contains("was moved or deleted"), "{says}");
    create_large(&mut asker, "After").await.unwrap();
    assert_eq!(process.terminate(), Some(0));
    said(&understory(&["check", "--database", path]), 0);
    let again = world.spawn();
    let mut asker = client(again.address).await;
    assert_eq!(structures(&mut asker).await, 2);
    assert_eq!(again.terminate(), Some(0));
}

#[test]
fn a_folder_that_may_only_be_read_is_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.db").to_str().unwrap().to_owned();
    said(
        &understory(&[
            "token",
            "create",
            "--user",
            "a",
            "--role",
            "admin",
            "--database",
            &path,
        ]),
        0,
    );
    let place = folder.path().display();
    let script = format!(
        "mount --bind '{place}' '{place}' && mount -o remount,bind,ro '{place}' && exec \"$0\" \"$@\""
    );
    let run = |arguments: &[&str]| {
        Command::new("unshare")
            .args(["-Urm", "sh", "-c", &script])
            .arg(env!("CARGO_BIN_EXE_understory"))
            .args(arguments)
            .output()
            .unwrap()
    };
    let unshared = Command::new("unshare").args(["-Urm", "true"]).status();
    if !unshared.is_ok_and(|status| status.success()) {
        eprintln!("not run: the system allows no namespaces");
        return;
    }
    let serve = run(&["serve", "--listen", "127.0.0.1:0", "--database", &path]);
    assert!(said(&serve, 1).contains("must be writable"));
    let token = run(&[
        "token",
        "create",
        "--user",
        "a",
        "--role",
        "admin",
        "--database",
        &path,
    ]);
    assert!(said(&token, 1).contains("may not be read and written"));
}
