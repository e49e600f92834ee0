//! Payloads: what is done is in them, and what is refused, with the path of the field at fault.

use super::world::{World, id};
use crate::domain::{StructureId, SynchronizerId};
use crate::graphql::api::IssueUpdate;
use crate::store::jobs;
use async_graphql::{Request, Variables};
use serde_json::{Value, json};

const ERRORS: &str = "userErrors { code field message }";

async fn change(world: &World, field: &str, selection: &str) -> Value {
    let request = format!("mutation {{ it: {field} {{ {selection} {ERRORS} }} }}");
    world.data(&world.olga, request).await["it"].clone()
}

fn refused(payload: &Value) -> (String, String, String) {
    let errors = payload["userErrors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{payload}");
    let field = errors[0]["field"].as_array().map_or(String::new(), |path| {
        path.iter()
            .map(|part| part.as_str().unwrap())
            .collect::<Vec<_>>()
            .join(".")
    });
    let text = |name: &str| errors[0][name].as_str().unwrap().to_owned();
    (text("code"), field, text("message"))
}

#[tokio::test]
async fn a_structure_is_made_changed_and_deleted() {
    let world = World::new().await;
    let shown = "structure { id name description version owner { name } createdAt }";
    let made = change(
        &world,
        "createStructure(input: { name: \"  Plan \" })",
        shown,
    )
    .await;
    assert_eq!(made["userErrors"], json!([]));
    assert_eq!(made["structure"]["name"], "Plan");
    assert_eq!(made["structure"]["description"], "");
    assert_eq!(made["structure"]["owner"]["name"], "olga");
    let structure = made["structure"]["id"].as_str().unwrap();
    let update = format!("updateStructure(input: {{ id: {structure:?}, description: \"why\" }})");
    let changed = change(&world, &update, shown).await;
    assert_eq!(changed["structure"]["name"], "Plan");
    assert_eq!(changed["structure"]["description"], "why");
    let delete = format!("deleteStructure(id: {structure:?})");
    assert_eq!(
        change(&world, &delete, "deletedId").await["deletedId"],
        structure
    );
    let again = change(&world, &delete, "deletedId").await;
    assert_eq!(again["deletedId"], Value::Null);
    assert_eq!(refused(&again).0, "NOT_FOUND");
}

#[tokio::test]
async fn texts_that_are_no_names_are_refused() {
    let world = World::new().await;
    let long = "x".repeat(1_000_000);
    for (name, says) in [
        ("", "empty"),
        ("   ", "empty"),
        ("a\u{0}b", "U+0000"),
        ("a\u{1b}b", "U+001B"),
        ("a\nb", "line break"),
        (long.as_str(), "at most 255 characters"),
    ] {
        let variables = Variables::from_json(json!({ "name": name }));
        let text = format!(
            "mutation($name: String!) {{ it: createStructure(input: {{ name: $name }}) {{ {ERRORS} }} }}"
        );
        let data = world
            .data(&world.olga, Request::new(text).variables(variables))
            .await;
        let (code, field, message) = refused(&data["it"]);
        assert_eq!((code.as_str(), field.as_str()), ("INVALID", "input.name"));
        assert!(message.contains(says), "{message}");
        assert!(message.len() < 200);
    }
}

#[tokio::test]
async fn a_structure_whose_job_runs_is_not_deleted() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Plan").await;
    let synchronizer = world.synchronizer(structure).await;
    let job = world.job(structure, synchronizer).await;
    world
        .write(move |tx| {
            let found = jobs::find(tx, job)?.unwrap();
            jobs::start(tx, &found).map(|_| ())
        })
        .await;
    let request = format!(
        "mutation {{ it: deleteStructure(id: {:?}) {{ userErrors {{ code message job {{ id }} }} }} }}",
        id(structure)
    );
    let data = world.data(&world.olga, request).await;
    let error = &data["it"]["userErrors"][0];
    assert_eq!(error["code"], "CONFLICT");
    assert_eq!(error["job"]["id"], id(job));
    assert!(error["message"].as_str().unwrap().contains("RUNNING"));
}

#[tokio::test]
async fn rows_are_added_moved_and_removed() {
    let world = World::new().await;
    world.issues(2).await;
    let structure = id(world.structure(&world.olga, "Plan").await);
    let shown = "rows { id depth item { ... on Issue { key } ... on Folder { name } } }
        structure { version rowCount }";
    let add = format!(
        "addRows(input: {{ structureId: {structure:?}, expectedVersion: 0, position: {{}},
           rows: [{{ folder: \"One\" }}, {{ issueKey: \"P-1\" }}, {{ issueKey: \"P-1\" }}] }})"
    );
    let added = change(&world, &add, shown).await;
    let rows: Vec<&str> = added["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap())
        .collect();
    assert_eq!(added["rows"][0]["item"], json!({ "name": "One" }));
    assert_eq!(added["rows"][2]["item"], json!({ "key": "P-1" }));
    assert_eq!(added["structure"], json!({ "version": 1, "rowCount": 3 }));

    let stale = change(&world, &add, shown).await;
    let (code, field, message) = refused(&stale);
    assert_eq!(
        (code.as_str(), field.as_str()),
        ("CONFLICT", "input.expectedVersion")
    );
    assert!(
        message.contains("version 1") && message.contains("version 0"),
        "{message}"
    );
    assert_eq!(stale["rows"], json!([]));
    assert_eq!(stale["structure"], Value::Null);

    let shift = format!(
        "moveRows(input: {{ structureId: {structure:?}, rowIds: [{:?}, {:?}],
           position: {{ under: {:?} }} }})",
        rows[2], rows[1], rows[0]
    );
    let moved = change(&world, &shift, shown).await;
    assert_eq!(moved["rows"][0]["id"], rows[2]);
    assert_eq!(moved["rows"][1]["depth"], 1);
    assert_eq!(moved["structure"]["version"], 2);
    // What stands there already makes no version.
    let moved = change(&world, &shift, shown).await;
    assert_eq!(moved["structure"]["version"], 2);
    assert_eq!(moved["rows"][0]["id"], rows[2]);

    let remove = format!(
        "removeRows(input: {{ structureId: {structure:?}, rowIds: [{:?}, {:?}] }})",
        rows[1], rows[0]
    );
    let removed = change(&world, &remove, shown).await;
    assert_eq!(removed["structure"], json!({ "version": 3, "rowCount": 0 }));
    assert_eq!(removed["rows"], json!([]));
}

#[tokio::test]
async fn a_refusal_names_the_field() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Plan").await;
    let rows = world.folders(structure, 2).await;
    let unknown = id(StructureId(99));
    let (structure, row, other) = (id(structure), id(rows[0]), id(rows[1]));
    let synchronizer = id(SynchronizerId(99));
    let add = |rows: &str, position: &str| {
        format!(
            "addRows(input: {{ structureId: {structure:?}, rows: [{rows}], position: {{ {position} }} }})"
        )
    };
    for (mutation, code, field) in [
        (add("", ""), "INVALID", "input.rows"),
        (
            add("{ folder: \"a\" }, { folder: \"\" }", ""),
            "INVALID",
            "input.rows.1.folder",
        ),
        (
            add("{ issueKey: \"NO-1\" }", ""),
            "NOT_FOUND",
            "input.rows.0.issueKey",
        ),
        (
            add("{ folder: \"a\" }", "under: \"x\""),
            "INVALID",
            "input.position.under",
        ),
        (
            add("{ folder: \"a\" }", &format!("after: {structure:?}")),
            "INVALID",
            "input.position.after",
        ),
        (
            add(
                "{ folder: \"a\" }",
                &format!("under: {row:?}, after: {other:?}"),
            ),
            "INVALID",
            "input.position.after",
        ),
        (
            format!(
                "moveRows(input: {{ structureId: {structure:?}, rowIds: [{row:?}, {row:?}], position: {{}} }})"
            ),
            "INVALID",
            "input.rowIds.1",
        ),
        (
            format!(
                "moveRows(input: {{ structureId: {structure:?}, rowIds: [{row:?}], position: {{ under: {row:?} }} }})"
            ),
            "INVALID",
            "input.position.under",
        ),
        (
            format!(
                "removeRows(input: {{ structureId: {structure:?}, rowIds: [{row:?}, \"?\"] }})"
            ),
            "INVALID",
            "input.rowIds.1",
        ),
        (
            format!("removeRows(input: {{ structureId: {unknown:?}, rowIds: [{row:?}] }})"),
            "NOT_FOUND",
            "input.structureId",
        ),
        (
            format!("updateStructure(input: {{ id: {row:?}, name: \"a\" }})"),
            "INVALID",
            "input.id",
        ),
        ("cancelJob(id: \"?\")".to_owned(), "INVALID", "id"),
        (
            "unlinkIssues(linkId: \"?\")".to_owned(),
            "INVALID",
            "linkId",
        ),
        (
            format!(
                "startResync(input: {{ synchronizerId: {synchronizer:?}, direction: INTO_STRUCTURE }})"
            ),
            "NOT_FOUND",
            "input.synchronizerId",
        ),
        (
            format!(
                "startResync(input: {{ synchronizerId: {synchronizer:?}, direction: INTO_STRUCTURE, maxRemovalPercent: 101 }})"
            ),
            "INVALID",
            "input.maxRemovalPercent",
        ),
        (
            format!(
                "installSynchronizer(input: {{ structureId: {structure:?}, settings: {{ savedFilter: {{}} }} }})"
            ),
            "INVALID",
            "input.settings.savedFilter",
        ),
        (
            format!(
                "installSynchronizer(input: {{ structureId: {structure:?}, settings: {{ links: {{ linkTypeId: \"?\", parentEnd: SOURCE }} }} }})"
            ),
            "INVALID",
            "input.settings.links.linkTypeId",
        ),
        (
            "createIssue(input: { projectKey: \"X\", type: \"Bug\", summary: \"s\" })".to_owned(),
            "INVALID",
            "input.projectKey",
        ),
    ] {
        let payload = change(&world, &mutation, "").await;
        let (found, path, message) = refused(&payload);
        assert_eq!((found.as_str(), path.as_str()), (code, field), "{mutation}");
        assert!(message.ends_with('.'), "{message}");
    }
}

#[tokio::test]
async fn a_synchronizer_is_installed_resynced_and_uninstalled() {
    let world = World::new().await;
    let structure = id(world.structure(&world.olga, "Plan").await);
    let install = format!(
        "installSynchronizer(input: {{ structureId: {structure:?},
           settings: {{ savedFilter: {{ jql: \"project = P\" }} }} }})"
    );
    let shown = "synchronizer { id kind state supportedDirections unavailableReason
        settings { __typename ... on SavedFilterSettings { jql add remove placeUnder { id } } } }";
    let installed = change(&world, &install, shown).await["synchronizer"].clone();
    assert_eq!(installed["kind"], "SAVED_FILTER");
    assert_eq!(installed["supportedDirections"], json!(["INTO_STRUCTURE"]));
    assert_eq!(
        installed["settings"],
        json!({ "__typename": "SavedFilterSettings", "jql": "project = P", "add": true,
                "remove": false, "placeUnder": null })
    );
    let synchronizer = installed["id"].as_str().unwrap();
    let enable = format!("setSynchronizerEnabled(id: {synchronizer:?}, enabled: true)");
    assert_eq!(
        change(&world, &enable, shown).await["synchronizer"]["state"],
        "ENABLED"
    );
    let number = crate::graphql::ids::decode(&async_graphql::ID(synchronizer.to_owned())).unwrap();
    world
        .fakes
        .unavailable
        .lock()
        .unwrap()
        .insert(number, "The row is gone.".to_owned());
    let shown_now = change(&world, &enable, shown).await["synchronizer"].clone();
    assert_eq!(shown_now["state"], "NOT_AVAILABLE");
    assert_eq!(shown_now["unavailableReason"], "The row is gone.");

    let start = format!(
        "startResync(input: {{ synchronizerId: {synchronizer:?}, direction: INTO_STRUCTURE, confirm: true }})"
    );
    let started = change(&world, &start, "job { id state }").await;
    assert_eq!(started["job"]["state"], "QUEUED");
    let again = change(&world, &start, "job { id }").await;
    assert_eq!(refused(&again).0, "ALREADY_QUEUED");
    assert_eq!(again["job"]["id"], started["job"]["id"]);
    let cancel = format!("cancelJob(id: {})", started["job"]["id"]);
    assert_eq!(
        change(&world, &cancel, "job { state }").await["job"]["state"],
        "CANCELLED"
    );
    let uninstall = format!("uninstallSynchronizer(id: {synchronizer:?})");
    assert_eq!(
        change(&world, &uninstall, "deletedId").await["deletedId"],
        synchronizer
    );
}

#[tokio::test]
async fn a_field_left_out_stays_and_null_clears_it() {
    let world = World::new().await;
    world.issues(1).await;
    let update =
        "updateIssue(input: { key: \"P-1\", resolution: null, status: \"Done\", labels: [] })";
    let payload = change(&world, update, "issue { key }").await;
    assert_eq!(payload["issue"]["key"], "P-1");
    let expected = IssueUpdate {
        key: "P-1".to_owned(),
        resolution: Some(None),
        status: Some(Some("Done".to_owned())),
        labels: Some(Some(vec![])),
        ..IssueUpdate::default()
    };
    assert_eq!(*world.fakes.changes.lock().unwrap(), [expected]);
}

#[tokio::test]
async fn the_reason_of_a_failing_store_is_hidden() {
    let world = World::new().await;
    world.api.store.close().await;
    let response = world
        .ask(&world.olga, "{ structures { nodes { name } } }")
        .await;
    assert_eq!(super::world::error_code(&response), "INTERNAL");
    assert!(
        !response.errors[0].message.contains("closed"),
        "{:?}",
        response.errors
    );
}
