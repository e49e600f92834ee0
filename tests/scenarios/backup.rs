//! A backup of a server that goes on writing, restored as a copy; and what stands in the way of one.

use super::generated::write_issues;
use crate::support::client::Client;
use crate::support::command::{said, understory};
use crate::support::server::{World, client, create_structure, install, resync, tree};
use serde_json::{Value, json};
use std::path::Path;

const ROWS: usize = 3_000;

/// All that a client can see of jobs and of what they changed.
async fn audit(client: &mut Client) -> Value {
    let query = "{ jobs(first: 100) { nodes { id number kind state counts { rowsAdded rowsRemoved }
                   changes(first: 500) { totalCount nodes { kind summary } } } } }";
    client.ask(query, json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_busy_server_is_whole_and_restored_by_copying_it() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), ROWS)]).await;
    let process = world.spawn();
    let mut asker = client(process.address).await;
    let structure = create_structure(&mut asker, "Kept").await;
    let rule = install(
        &mut asker,
        &structure,
        json!({ "savedFilter": { "jql": "" } }),
    )
    .await;
    let job = resync(&mut asker, &rule, json!({ "direction": "INTO_STRUCTURE" })).await;
    assert_eq!(job["state"], "SUCCEEDED");
    let (rows, changes) = (tree(&mut asker, &structure).await, audit(&mut asker).await);

    let database = world.database();
    let database = database.to_str().unwrap().to_owned();
    let copy = world.folder.path().join("kept.db");
    let kept = copy.to_str().unwrap().to_owned();
    let (from, to) = (database.clone(), kept.clone());
    let mut backup =
        tokio::task::spawn_blocking(move || understory(&["backup", "--database", &from, &to]));
    // Names are written all the while, of structures that the backup may hold or not.
    let mut written = 0;
    let made = loop {
        create_structure(&mut asker, &format!("Later {written}")).await;
        written += 1;
        if let Ok(made) = tokio::time::timeout(std::time::Duration::ZERO, &mut backup).await {
            break made.unwrap();
        }
    };
    let says = said(&made, 0);
    let bytes = copy.metadata().unwrap().len();
    assert!(
        says.contains(&format!("{bytes} bytes, database version ")),
        "{says}"
    );
    said(&understory(&["check", "--database", &kept]), 0);
    let again = understory(&["backup", "--database", &database, &kept]);
    assert!(said(&again, 1).contains("--force"));
    let forced = understory(&["backup", "--database", &database, &kept, "--force"]);
    said(&forced, 0);
    let itself = understory(&["backup", "--database", &database, &database, "--force"]);
    assert!(said(&itself, 1).contains("the database itself"));
    let left: Vec<_> = std::fs::read_dir(world.folder.path()).unwrap().collect();
    assert_eq!(left.len(), 5, "{left:?}");

    // Killed, so that its log stays; then the backup takes the place of the database.
    process.kill();
    std::fs::copy(&copy, &database).unwrap();
    let refused = understory(&["serve", "--listen", "127.0.0.1:0", "--database", &database]);
    let says = said(&refused, 1);
    assert!(
        says.contains("the log of the database that was here before"),
        "{says}"
    );
    for ending in ["-wal", "-shm"] {
        std::fs::remove_file(format!("{database}{ending}")).unwrap();
    }
    let process = world.spawn();
    let mut asker = client(process.address).await;
    assert_eq!(tree(&mut asker, &structure).await, rows);
    assert_eq!(audit(&mut asker).await, changes);
    assert_eq!(process.terminate(), Some(0));
}

#[test]
fn what_cannot_be_backed_up_is_said_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let backup = |from: &str, to: &str| {
        said(
            &understory(&["backup", "--database", &path(from), &path(to)]),
            1,
        )
    };
    assert!(backup("none.db", "to.db").contains("no such file"));
    std::fs::write(
        path("text.db"),
        "this is some text and no database of any kind",
    )
    .unwrap();
    assert!(backup("text.db", "to.db").contains("not a SQLite database"));
    said(
        &understory(&[
            "token",
            "create",
            "--user",
            "a",
            "--role",
            "admin",
            "--database",
            &path("ours.db"),
        ]),
        0,
    );
    assert!(backup("ours.db", "no/such/folder.db").contains("No such file or directory"));
    std::fs::create_dir(path("folder")).unwrap();
    assert!(backup("ours.db", "folder").contains("it is a folder"));
    std::fs::create_dir(path("folder/in")).unwrap();
    let link = |to: &str, at: &str| std::os::unix::fs::symlink(path(to), path(at)).unwrap();
    link("ours.db", "folder/link.db");
    link("ours.db-wal", "folder/log");
    std::fs::write(path("ours.db-wal"), "").unwrap();
    for (from, to) in [
        ("ours.db", "ours.db-wal"),
        ("ours.db", "ours.db-shm"),
        ("ours.db", "ours.db-journal"),
        ("ours.db", "ours.db.lock"),
        ("ours.db", "folder/../ours.db-wal"),
        ("ours.db", "folder/log"),
        ("folder/in/../../ours.db", "ours.db-wal"),
        ("folder/link.db", "ours.db-wal"),
        ("folder/link.db", "folder/link.db.lock"),
    ] {
        let line = ["backup", "--force", "--database", &path(from), &path(to)];
        let says = said(&understory(&line), 1);
        assert!(says.contains("it belongs to the database"), "{to}: {says}");
    }
    assert_eq!(std::fs::read(path("ours.db-wal")).unwrap(), b"");
    std::fs::write(path("to.db-wal"), "something").unwrap();
    assert!(backup("ours.db", "to.db").contains("to.db-wal lies beside it"));
    assert!(!Path::new(&path("to.db")).exists());
}

#[test]
fn check_reports_as_text_and_as_json_and_needs_the_database_for_a_repair() {
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
    let clean = said(&understory(&["check", "--database", &path]), 0);
    assert!(clean.contains("rules hold"), "{clean}");
    let damage = rusqlite::Connection::open(&path).unwrap();
    damage.execute_batch("DROP INDEX issue_by_rank").unwrap();
    drop(damage);
    let found = said(&understory(&["check", "--database", &path]), 1);
    assert!(
        found.contains("issue_by_rank is missing") && found.contains("--repair"),
        "{found}"
    );
    let json = understory(&["check", "--database", &path, "--json"]);
    let report: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(report["clean"], json!(false));
    assert_eq!(report["findings"][0]["rule"], "schema");
    let lock = understory::app::Lock::take(Path::new(&path)).unwrap();
    let held = said(&understory(&["check", "--database", &path, "--repair"]), 1);
    assert!(held.contains("another server has the database"), "{held}");
    drop(lock);
    let mended = said(&understory(&["check", "--database", &path, "--repair"]), 0);
    assert!(mended.contains("repaired: schema"), "{mended}");
    said(&understory(&["check", "--database", &path]), 0);
    // A table that is another cannot be put right, and nothing promises it.
    let damage = rusqlite::Connection::open(&path).unwrap();
    damage
        .execute_batch("DROP INDEX issue_by_rank; ALTER TABLE board ADD COLUMN x TEXT")
        .unwrap();
    drop(damage);
    for more in [&[][..], &["--repair"]] {
        let found = said(
            &understory(&[&["check", "--database", &path], more].concat()),
            1,
        );
        assert!(found.contains("nothing in it is repaired"), "{found}");
        assert!(!found.contains("mends"), "{found}");
    }
}

#[test]
fn check_notes_what_a_job_left_unfinished_and_a_repair_takes_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.db").to_str().unwrap().to_owned();
    let token = ["token", "create", "--user", "a", "--role", "admin"];
    said(
        &understory(&[&token[..], &["--database", &path]].concat()),
        0,
    );
    let left = "
        INSERT INTO structure (id, name, description, created_at, updated_at)
        VALUES (1, 's', '', 0, 0);
        INSERT INTO pending_write (job_id, structure_id, first_row, last_row, first_version, last_version)
        VALUES (7, 1, 1, 2, 1, 1);
        INSERT INTO forest_row (id, structure_id, position, folder) VALUES (1, 1, 'a0', 'x');";
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch(left).unwrap();
    drop(connection);
    let check = |more: &[&str]| {
        said(
            &understory(&[&["check", "--database", &path], more].concat()),
            0,
        )
    };
    let noted = check(&[]);
    let says = "note: job 7 has not come to its end, and nobody sees what it has written to structure 1 \
                (rows: 1, versions: 0, lines of its audit: 0)";
    assert!(noted.contains(says), "{noted}");
    assert!(noted.contains("rules hold"), "{noted}");
    let report: Value = serde_json::from_str(&check(&["--json"])).unwrap();
    let expected = json!([{"job": 7, "structure": 1, "rows": 1, "versions": 0, "lines": 0}]);
    assert_eq!(report["unfinished"], expected);
    let mended = check(&["--repair"]);
    assert!(
        mended.contains("taken back: what job 7 had written (rows: 1,"),
        "{mended}"
    );
    assert!(!check(&[]).contains("note"), "{mended}");
    let connection = rusqlite::Connection::open(&path).unwrap();
    let count = "SELECT count(*) FROM forest_row";
    let rows: i64 = connection.query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 0);
}

#[cfg(unix)]
#[test]
fn a_new_database_and_its_log_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("it.db");
    let process = crate::support::server::Process::spawn(&database);
    for ending in ["", "-wal", "-shm"] {
        let path = folder.path().join(format!("it.db{ending}"));
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    assert_eq!(process.terminate(), Some(0));
}
