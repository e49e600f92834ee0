//! The versions of a hierarchy, and the hierarchy as it was at one.

use super::world::{World, add, id};
use crate::domain::{JobId, Place, RowEdit, RowId, StructureId};
use crate::store::forest::{self, Author};
use serde_json::{Value, json};
use std::collections::HashMap;

fn names(rows: &Value) -> Vec<String> {
    let name = |row: &Value| {
        let item = &row["item"];
        let name = item["key"].as_str().or(item["name"].as_str()).unwrap();
        format!(
            "{}{name}",
            " ".repeat(row["depth"].as_u64().unwrap() as usize)
        )
    };
    rows["nodes"].as_array().unwrap().iter().map(name).collect()
}

const ROWS: &str = "totalCount pageInfo { hasNextPage endCursor }
    nodes { id depth parent { id } structure { name } previousSibling { id }
      item { ... on Issue { key } ... on Folder { name } } }";

async fn rows_at(world: &World, structure: StructureId, arguments: &str) -> Value {
    let query = format!(
        "{{ structure(id: {:?}) {{ rows({arguments}) {{ {ROWS} }} }} }}",
        id(structure)
    );
    world.data(&world.olga, query).await["structure"]["rows"].clone()
}

/// Version 1: P-1 with P-2 and a folder below it; 2: the folder is gone; 3: P-2 is on top.
async fn edited(world: &World) -> StructureId {
    world.issues(2).await;
    let structure = world.structure(&world.olga, "Plan").await;
    let edits = vec![
        add(-1, Some(1), None, None),
        add(-2, Some(2), Some(-1), None),
        add(-3, None, Some(-1), Some(-2)),
    ];
    let made = world.edit(structure, edits).await;
    let row = |of: i64| made.ids[&RowId(of)];
    world
        .edit(structure, vec![RowEdit::Remove { id: row(-3) }])
        .await;
    let to_top = RowEdit::Move {
        id: row(-2),
        place: Place {
            parent: None,
            after: None,
        },
    };
    let synchronizer = world.synchronizer(structure).await;
    let job: JobId = world.job(structure, synchronizer).await;
    let (store, author) = (
        world.api.store.clone(),
        Author::Job(job, world.olga.user_id),
    );
    world
        .write(move |tx| {
            forest::apply(&store, tx, structure, &[to_top], &HashMap::new(), author).map(|_| ())
        })
        .await;
    structure
}

#[tokio::test]
async fn versions_are_listed_newest_first_with_who_made_them_and_how_much() {
    let world = World::new().await;
    let structure = edited(&world).await;
    let page = async |arguments: &str| {
        let query = format!(
            "{{ structure(id: {:?}) {{ history({arguments}) {{ totalCount
               pageInfo {{ hasNextPage endCursor }}
               nodes {{ version addedCount movedCount removedCount user {{ name }} job {{ kind }}
                 added {{ depth }} moved {{ depth }} removedRowIds }} }} }} }}",
            id(structure)
        );
        world.data(&world.olga, query).await["structure"]["history"].clone()
    };
    let first = page("first: 2").await;
    assert_eq!(first["totalCount"], 3);
    assert_eq!(
        first["nodes"][0],
        json!({ "version": 3, "addedCount": 0, "movedCount": 1, "removedCount": 0,
                "user": { "name": "olga" }, "job": { "kind": "RESYNC" },
                "added": [], "moved": [{ "depth": 0 }], "removedRowIds": [] })
    );
    assert_eq!(first["nodes"][1]["removedCount"], 1);
    assert_eq!(
        first["nodes"][1]["removedRowIds"].as_array().unwrap().len(),
        1
    );
    assert_eq!(first["nodes"][1]["job"], Value::Null);
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let rest = page(&format!("after: {}", first["pageInfo"]["endCursor"])).await;
    assert_eq!(rest["nodes"][0]["version"], 1);
    assert_eq!(
        rest["nodes"][0]["addedCount"], 3,
        "also those that are gone"
    );
    assert_eq!(rest["nodes"][0]["added"].as_array().unwrap().len(), 2);
    assert_eq!(rest["pageInfo"]["hasNextPage"], false);
}

#[tokio::test]
async fn rows_are_shown_as_they_were() {
    let world = World::new().await;
    let structure = edited(&world).await;
    world
        .write(|tx| {
            tx.execute("DELETE FROM issue WHERE id = 2", &[])
                .map(|_| ())
        })
        .await;
    let was = rows_at(&world, structure, "atVersion: 1").await;
    assert_eq!(names(&was), ["P-1", " deleted issue", " F-3"]);
    assert_eq!(was["totalCount"], 3);
    assert_eq!(was["nodes"][2]["parent"]["id"], was["nodes"][0]["id"]);
    assert_eq!(
        was["nodes"][2]["previousSibling"]["id"],
        was["nodes"][1]["id"]
    );
    assert_eq!(was["nodes"][2]["structure"]["name"], "Plan");
    assert_eq!(
        names(&rows_at(&world, structure, "atVersion: 0").await),
        [""; 0]
    );

    let page = rows_at(&world, structure, "atVersion: 1, first: 2").await;
    let after = page["pageInfo"]["endCursor"].as_str().unwrap();
    let rest = rows_at(
        &world,
        structure,
        &format!("atVersion: 1, after: {after:?}"),
    )
    .await;
    assert_eq!(names(&rest), [" F-3"]);
    let top = was["nodes"][0]["id"].as_str().unwrap();
    let below = format!("atVersion: 2, under: {top:?}");
    assert_eq!(rows_at(&world, structure, &below).await["totalCount"], 1);

    world
        .write(|tx| {
            tx.execute(
                "INSERT INTO issue_change (issue_id, kind, before, at) VALUES (2, 'DELETED', 'P-2', 0)",
                &[],
            )
            .map(|_| ())
        })
        .await;
    let was = rows_at(&world, structure, "atVersion: 1, maxDepth: 2").await;
    assert_eq!(names(&was)[1], " deleted issue P-2");
}

#[tokio::test]
async fn a_version_that_cannot_be_seen_says_why() {
    let world = World::new().await;
    let structure = edited(&world).await;
    let query = |version: i64| {
        let structure = id(structure);
        format!(
            "{{ structure(id: {structure:?}) {{ rows(atVersion: {version}) {{ totalCount }} }} }}"
        )
    };
    for version in [-1, 4] {
        assert_eq!(
            world.code(&world.olga, query(version)).await,
            "BAD_USER_INPUT"
        );
    }
    world
        .write(|tx| {
            tx.execute("DELETE FROM structure_version WHERE version = 1", &[])
                .map(|_| ())
        })
        .await;
    let response = world.ask(&world.olga, query(0)).await;
    assert_eq!(super::world::error_code(&response), "VERSION_GONE");
    assert!(
        response.errors[0]
            .message
            .contains("oldest version that can be seen is 1")
    );
    let unseen = world.data(&world.sam, query(1)).await;
    assert_eq!(unseen["structure"], Value::Null);
}

#[tokio::test]
async fn a_revert_and_what_it_reverts_name_each_other() {
    let world = World::new().await;
    let structure = edited(&world).await;
    let query = format!(
        "{{ jobs(structureId: {:?}) {{ nodes {{ id revertedBy {{ id }} reverts {{ id }} }} }} }}",
        id(structure)
    );
    let job = world.data(&world.olga, query.as_str()).await["jobs"]["nodes"][0].clone();
    assert_eq!(
        (&job["revertedBy"], &job["reverts"]),
        (&Value::Null, &Value::Null)
    );
    let revert = "mutation($id: ID!) { revertJob(id: $id, confirm: true) { job { id kind } userErrors { code } } }";
    let request = async_graphql::Request::new(revert).variables(
        async_graphql::Variables::from_json(json!({ "id": job["id"] })),
    );
    let made = world.data(&world.olga, request).await["revertJob"]["job"].clone();
    assert_eq!(made["kind"], "REVERT");
    let jobs = world.data(&world.olga, query.as_str()).await["jobs"]["nodes"].clone();
    assert_eq!(jobs[0]["reverts"]["id"], job["id"]);
    assert_eq!(jobs[1]["revertedBy"]["id"], made["id"]);
}
