//! Rules that are run once and never installed.

use super::generated::write_issues;
use crate::support::client::Client;
use crate::support::server::{TOKEN, World, add_token, client, create_structure, tree, watch};
use serde_json::{Value, json};
use understory::store::users::{self, Role};

async fn run_once(asker: &mut Client, field: &str, input: Value) -> Value {
    let query = format!(
        "mutation($input: RunOnceInput!) {{ it: {field}(input: $input) {{
           job {{ id number kind }} userErrors {{ code field message }} }} }}"
    );
    asker.ask(&query, json!({ "input": input })).await["it"].clone()
}

/// Runs a one-off to its end; the job's last snapshot.
async fn ended(asker: &mut Client, field: &str, input: Value) -> Value {
    let payload = run_once(asker, field, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    watch(asker, payload["job"]["id"].as_str().unwrap()).await
}

async fn log(asker: &mut Client, job: &Value) -> Vec<String> {
    let data = asker
        .ask(
            "query($id: ID!) { job(id: $id) { log { level message } } }",
            json!({ "id": job["id"] }),
        )
        .await;
    let lines = data["job"]["log"].as_array().unwrap();
    let line = |line: &Value| {
        let text = |field: &str| line[field].as_str().unwrap();
        format!("{}: {}", text("level"), text("message"))
    };
    lines.iter().map(line).collect()
}

fn assert_said(log: &[String], part: &str) {
    assert!(
        log.iter().any(|line| line.contains(part)),
        "{part}: {log:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_fills_an_empty_structure_as_its_dry_run_said_and_then_finds_nothing() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 30)]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let structure = create_structure(&mut asker, "Empty").await;
    let input = |rest: Value| {
        let mut input = json!({ "structureId": structure,
            "settings": { "savedFilter": { "jql": "type = Task", "remove": true } } });
        for (key, value) in rest.as_object().unwrap() {
            input[key] = value.clone();
        }
        input
    };
    let refused = run_once(&mut asker, "runImport", input(json!({}))).await;
    let error = &refused["userErrors"][0];
    assert_eq!(error["code"], "CONFIRMATION_REQUIRED");
    let message = error["message"].as_str().unwrap();
    for part in [
        "issues in the tracker win",
        "“Empty” is overwritten",
        "outside its query are removed",
    ] {
        assert!(message.contains(part), "{message}");
    }

    let dry = ended(&mut asker, "runImport", input(json!({ "dryRun": true }))).await;
    assert_eq!(dry["counts"]["rowsAdded"], 27);
    assert!(tree(&mut asker, &structure).await.is_empty());
    let run = ended(&mut asker, "runImport", input(json!({ "confirm": true }))).await;
    assert_eq!(
        (&run["state"], &run["counts"]),
        (&json!("SUCCEEDED"), &dry["counts"])
    );
    assert_eq!(tree(&mut asker, &structure).await.len(), 27);
    let said = log(&mut asker, &run).await;
    for part in [
        "INFO: “admin” asked for a one-off import by SAVED_FILTER into the structure “Empty”.",
        "27 rows to add.",
        "applied, all of it at once",
    ] {
        assert_said(&said, part);
    }
    assert_said(
        &log(&mut asker, &dry).await,
        "It was a dry run: nothing was changed.",
    );

    let again = ended(&mut asker, "runImport", input(json!({ "confirm": true }))).await;
    assert_eq!(again["counts"]["rowsAdded"], 0);
    assert_said(&log(&mut asker, &again).await, "nothing is to do");

    // Nothing was installed, so nothing follows what happens next.
    let data = asker
        .ask(
            "query($id: ID!) { structure(id: $id) { synchronizers { id } } }",
            json!({ "id": structure }),
        )
        .await;
    assert_eq!(data["structure"]["synchronizers"], json!([]));

    let all = json!({ "structureId": structure, "confirm": true,
        "settings": { "savedFilter": { "jql": "summary ~ nothing", "remove": true } } });
    let guarded = ended(&mut asker, "runImport", all).await;
    assert_eq!(guarded["error"]["code"], "REMOVAL_LIMIT_EXCEEDED");
    let said = log(&mut asker, &guarded).await;
    assert_said(
        &said,
        "removes 27 of 27 rows in scope (100 %); the limit is 50 %",
    );
    assert_said(&said, "WARNING: It failed, and nothing was changed");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_makes_links_of_the_hierarchy() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 10)]).await;
    let server = world.serve().await;
    let mut asker = client(server.address()).await;
    let link_type = world.link_type(&server, "Includes").await;
    let structure = create_structure(&mut asker, "Tree").await;
    let mut under = Value::Null;
    for key in ["GEN-1", "GEN-2", "GEN-3"] {
        let add = "mutation($input: AddRowsInput!) { addRows(input: $input) { rows { id } } }";
        let input = json!({ "structureId": structure, "rows": [{ "issueKey": key }],
            "position": { "under": under } });
        under = asker.ask(add, json!({ "input": input })).await["addRows"]["rows"][0]["id"].clone();
    }
    let settings = json!({ "links": { "linkTypeId": link_type, "parentEnd": "SOURCE" } });
    let input = json!({ "structureId": structure, "settings": settings, "confirm": true });
    let run = ended(&mut asker, "runExport", input.clone()).await;
    assert_eq!(
        (&run["state"], &run["counts"]["linksAdded"]),
        (&json!("SUCCEEDED"), &json!(2))
    );
    let data = asker
        .ask(
            "{ issue(key: \"GEN-2\") { links { source { key } target { key } } } }",
            json!({}),
        )
        .await;
    let ends = |source: &str, target: &str| json!({ "source": { "key": source }, "target": { "key": target } });
    assert_eq!(
        data["issue"]["links"],
        json!([ends("GEN-1", "GEN-2"), ends("GEN-2", "GEN-3")])
    );
    let again = ended(&mut asker, "runExport", input).await;
    assert_eq!(again["counts"]["linksAdded"], 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn directions_settings_structures_and_a_hidden_feature_are_checked() {
    let files = tempfile::tempdir().unwrap();
    let world = World::new(&[write_issues(files.path(), 3)]).await;
    let server = world.serve().await;
    server
        .store()
        .write(|tx| {
            let other = users::ensure(tx, "other", Role::Member)?;
            add_token(tx, other, "us_other")
        })
        .await
        .unwrap();
    let mut asker = Client::connect(server.address(), TOKEN).await;
    let structure = create_structure(&mut asker, "Mine").await;
    let input = |settings: Value| json!({ "structureId": structure, "settings": settings, "confirm": true });
    let rollup = json!({ "statusRollup": { "statuses": ["Open"] } });
    let nonsense = json!({ "savedFilter": { "jql": "key =" } });
    for (field, settings, code, path, says) in [
        (
            "runExport",
            json!({ "subTasks": {} }),
            "DIRECTION_NOT_SUPPORTED",
            "settings",
            "supports INTO_STRUCTURE",
        ),
        (
            "runImport",
            rollup,
            "DIRECTION_NOT_SUPPORTED",
            "settings",
            "supports FROM_STRUCTURE",
        ),
        ("runImport", nonsense, "INVALID", "jql", "expected"),
    ] {
        let payload = run_once(&mut asker, field, input(settings)).await;
        let error = &payload["userErrors"][0];
        assert_eq!(
            (&error["code"], &payload["job"]),
            (&json!(code), &Value::Null)
        );
        let last = error["field"].as_array().unwrap().last().unwrap();
        assert_eq!(last, path);
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
    }
    let mut other = Client::connect(server.address(), "us_other").await;
    let payload = run_once(&mut other, "runImport", input(json!({ "subTasks": {} }))).await;
    assert_eq!(payload["userErrors"][0]["code"], "NOT_FOUND");
    server.stop().await;
}
