//! The command line as a stranger meets it: wrong values, wrong files, wrong moments.

use super::generated::write_issues;
use crate::support::command::{self, understory};
use crate::support::server::{TOKEN, World, client, create_structure, install, small_files, tree};
use serde_json::json;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

fn said(output: &Output) -> (i32, String) {
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stderr.clone()).unwrap(),
    )
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_wrong_value_names_the_option_and_what_was_expected_and_exits_with_2() {
    for (arguments, parts) in [
        (
            &["serve", "--listen", "nowhere"][..],
            ["--listen", "nowhere", "an IP address and a port"],
        ),
        (
            &["serve", "--workers", "-1"],
            ["--workers", "-1", "1 to 64"],
        ),
        (
            &["serve", "--enable", "magic"],
            ["--enable", "magic", "synchronizers"],
        ),
        (
            &["token", "create", "--user", "a", "--role", "king"],
            ["--role", "king", "admin"],
        ),
        (
            &[
                "token",
                "create",
                "--user",
                "a",
                "--role",
                "admin",
                "--expires",
                "0d",
            ],
            ["--expires", "0d", "1 to 36500"],
        ),
        (
            &["token", "revoke", "abc"],
            ["abc", "number of a token", ""],
        ),
        (
            &["resync", "x", "--direction", "up", "--url", "http://h/"],
            ["--direction", "up", "into"],
        ),
        (
            &["resync", "x", "--direction", "into", "--url", "foo"],
            ["--url", "foo", "http://127.0.0.1:8000/"],
        ),
        (&["import"], ["FILE", "", ""]),
    ] {
        let (code, message) = said(&understory(arguments));
        assert_eq!(code, 2, "{arguments:?}: {message}");
        for part in parts {
            assert!(message.contains(part), "{arguments:?}: {message}");
        }
    }
}

#[test]
fn a_database_that_cannot_be_used_stays_as_it_is_and_the_message_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "this is no database, but it is somebody's file").unwrap();
    let foreign = folder.path().join("foreign.db");
    let newer = folder.path().join("newer.db");
    // A database of the engine without our mark, and one of ours from the future.
    let sql = |path: &Path, sql: &str| {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.execute_batch(sql).unwrap();
    };
    sql(&foreign, "CREATE TABLE recipes (name TEXT)");
    assert!(
        understory(&[
            "token",
            "create",
            "--user",
            "a",
            "--role",
            "admin",
            "--database",
            text(&newer)
        ])
        .status
        .success()
    );
    sql(&newer, "PRAGMA user_version = 99");
    let below_a_file = file.join("understory.db");
    for (path, part) in [
        (&file, "not a SQLite database"),
        (&foreign, "another program"),
        (&newer, "newer version"),
        (&below_a_file, "no folder"),
    ] {
        let before = std::fs::read(path).unwrap_or_default();
        let (code, message) = said(&understory(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database",
            text(path),
        ]));
        assert_eq!(code, 1, "{message}");
        assert!(message.contains(part), "{message}");
        assert_eq!(
            std::fs::read(path).unwrap_or_default(),
            before,
            "{}",
            path.display()
        );
    }
}

/// Runs a command whose stdout somebody closes before it writes.
fn unread(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command::program()
        .args(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap()
}

#[test]
fn a_command_whose_output_nobody_reads_ends_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("db");
    let on = ["--database", text(&database)];
    let made = ["token", "create", "--user", "a", "--role", "admin"];
    command::said(&understory(&[&made[..], &on].concat()), 0);
    let copy = folder.path().join("copy.db");
    let issues = write_issues(folder.path(), 1);
    for line in [
        &["config"][..],
        &["config", "--json"],
        &["schema"],
        &[&["token", "list"][..], &on].concat(),
        &[&["check"][..], &on].concat(),
        &[&["check", "--json"][..], &on].concat(),
        &[&["backup", text(&copy)][..], &on].concat(),
        &[&["import", text(&issues)][..], &on].concat(),
    ] {
        assert_eq!(said(&unread(line, &[])), (141, String::new()), "{line:?}");
    }
}

#[test]
fn the_configuration_is_refused_as_a_server_would_refuse_it_and_told_what_nothing_reads() {
    let incomplete = ["config", "--jwt-issuer", "https://id.example.com"];
    let says = command::said(&understory(&incomplete), 2);
    assert!(says.contains("jwt-audience is missing"), "{says}");
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (none, here, empty) = (path("none/it.db"), path("it.db"), path("empty.json"));
    std::fs::write(&empty, "{ \"keys\": [] }").unwrap();
    let keys = |file: &str| {
        let issuer = ["--jwt-issuer", "https://id.example.com"];
        let rest = ["--jwt-audience", "understory", "--jwt-keys", file];
        let place = ["--listen", "127.0.0.1:0", "--database", &here];
        [&place[..], &issuer, &rest].concat().join(" ")
    };
    for (line, code, says) in [
        (format!("--database {none}"), 1, "there is no folder"),
        (keys(&path("none.json")), 1, "none.json cannot be read"),
        (keys(&empty), 1, "a public key for signatures"),
        (
            "--listen 0.0.0.0:8123 --metrics-listen 127.0.0.1:8123".to_owned(),
            2,
            "expected another address",
        ),
    ] {
        for command in ["config", "serve"] {
            let words: Vec<&str> = line.split(' ').collect();
            let said = command::said(&understory(&[&[command][..], &words].concat()), code);
            assert!(said.contains(says), "{command} {line}: {said}");
        }
    }
    let (code, warned) = said(&unread(&["schema"], &[("UNDERSTORY_DATABSE", "x")]));
    assert_eq!(code, 141);
    assert!(
        warned.contains("did you mean UNDERSTORY_DATABASE?"),
        "{warned}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_or_a_database_in_use_is_said_so() {
    let world = World::new(&[]).await;
    let server = world.serve().await;
    let address = server.address().to_string();
    let other = tempfile::tempdir().unwrap();
    let other = other.path().join("other.db");
    let (code, message) = said(&understory(&[
        "serve",
        "--listen",
        &address,
        "--database",
        text(&other),
    ]));
    assert_eq!(code, 1);
    assert!(
        message.contains(&address) && message.contains("in use"),
        "{message}"
    );
    assert!(
        !other.exists(),
        "nothing was made for a server that cannot listen"
    );
    let same = world.database();
    let (code, message) = said(&understory(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--database",
        text(&same),
    ]));
    assert_eq!(code, 1);
    assert!(
        message.contains("another server has the database"),
        "{message}"
    );
    server.stop().await;
}

#[test]
fn an_import_says_what_it_did_and_leaves_out_a_file_that_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("db");
    let empty = folder.path().join("empty.jsonl");
    std::fs::write(&empty, "").unwrap();
    let torn = folder.path().join("torn.jsonl.gz");
    let whole = std::fs::read(&small_files()[0]).unwrap();
    std::fs::write(&torn, &whole[..whole.len() / 2]).unwrap();
    let output = understory(&[
        "import",
        "--database",
        text(&database),
        text(&small_files()[1]),
        text(&empty),
        text(&torn),
    ]);
    let (code, message) = said(&output);
    assert_eq!(code, 1);
    assert!(
        message.contains("empty.jsonl") && message.contains("torn.jsonl.gz"),
        "{message}"
    );
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("367 issues (367 new"), "{out}");
    let again = understory(&[
        "import",
        "--database",
        text(&database),
        text(&small_files()[1]),
    ]);
    assert!(
        String::from_utf8(again.stdout)
            .unwrap()
            .contains("(0 new, 0 updated, 367 unchanged)")
    );
}

#[test]
fn tokens_are_listed_without_their_secrets_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("db");
    let token = |arguments: &[&str]| {
        let all = [&["token", "--database", text(&database)], arguments].concat();
        understory(&all)
    };
    assert_eq!(
        token(&["list"]).status.code(),
        Some(1),
        "there is no database to list"
    );
    let made = token(&[
        "create",
        "--user",
        "ada",
        "--role",
        "admin",
        "--expires",
        "90d",
    ]);
    let secret = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    assert!(secret.starts_with("us_") && secret.len() > 40, "{secret}");
    let listed = String::from_utf8(token(&["list"]).stdout).unwrap();
    assert!(
        listed.contains("ada") && !listed.contains(&secret),
        "{listed}"
    );
    let (code, message) = said(&token(&["create", "--user", "ada", "--role", "member"]));
    assert_eq!(code, 1);
    assert!(
        message.contains("ada is known with the role admin"),
        "{message}"
    );
    assert!(token(&["revoke", "1"]).status.success());
    assert_eq!(token(&["revoke", "1"]).status.code(), Some(1));
    assert!(
        !std::fs::read(&database)
            .unwrap()
            .windows(secret.len())
            .any(|it| it == secret.as_bytes())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_resync_command_looks_before_it_runs() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 40)]).await;
    let server = world.serve().await;
    let url = format!("http://{}/", server.address());
    let mut asker = client(server.address()).await;
    let structure = create_structure(&mut asker, "By command").await;
    let filter = install(
        &mut asker,
        &structure,
        json!({ "savedFilter": { "jql": "" } }),
    )
    .await;
    let run = |more: &'static [&'static str], token: &'static str| {
        let (filter, url) = (filter.clone(), url.clone());
        tokio::task::spawn_blocking(move || {
            command::program()
                .args(["resync", &filter, "--direction", "into", "--url", &url])
                .args(more)
                .env("UNDERSTORY_TOKEN", token)
                .stdin(Stdio::null())
                .output()
                .unwrap()
        })
    };
    let refused = run(&["--yes"], "us_wrong").await.unwrap();
    assert!(!refused.status.success());
    let dry = run(&["--dry-run"], TOKEN).await.unwrap();
    assert!(dry.status.success(), "{dry:?}");
    assert!(
        String::from_utf8(dry.stdout)
            .unwrap()
            .contains("rows: 40 added")
    );
    // Nobody says yes, so nothing runs.
    let unanswered = run(&[], TOKEN).await.unwrap();
    assert_eq!(unanswered.status.code(), Some(1));
    assert_eq!(tree(&mut asker, &structure).await.len(), 0);
    let done = run(&["--yes", "--enable-afterwards"], TOKEN).await.unwrap();
    assert!(done.status.success(), "{done:?}");
    assert!(
        String::from_utf8(done.stderr)
            .unwrap()
            .contains("resync: SUCCEEDED")
    );
    assert_eq!(tree(&mut asker, &structure).await.len(), 40);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_stops_the_server_cleanly_and_completes_subscriptions() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 20_000)]).await;
    let process = world.spawn();
    let mut asker = client(process.address).await;
    let structure = create_structure(&mut asker, "Stopped").await;
    let filter = install(
        &mut asker,
        &structure,
        json!({ "savedFilter": { "jql": "" } }),
    )
    .await;
    let mut follower = client(process.address).await;
    follower
        .subscribe(
            "subscription($id: ID!) { structureChanges(id: $id) { version } }",
            json!({ "id": structure }),
        )
        .await;
    let input = json!({ "synchronizerId": filter, "direction": "INTO_STRUCTURE", "confirm": true });
    crate::support::server::start_resync(&mut asker, input).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(process.terminate(), Some(0));
    // All that was committed came, then the end: the socket was not just cut.
    while follower.next().await.is_some() {}
    let again = world.spawn();
    let mut asker = client(again.address).await;
    let rows = tree(&mut asker, &structure).await.len();
    assert!([0, 20_000].contains(&rows), "{rows} rows");
}
