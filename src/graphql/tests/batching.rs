//! A page costs a number of statements that does not grow with its length.

use super::world::{World, add, id};
use crate::domain::StructureId;
use std::sync::Arc;

const PAGE: &str = "query($id: ID!, $first: Int) { structure(id: $id) { name owner { name }
    synchronizers { name state runAs { name } currentJob { id } }
    rows(first: $first) { totalCount nodes { id depth childCount structure { name }
      item { __typename ... on Folder { name } ...Shown }
      parent { id item { ...Shown } } previousSibling { id } } } } }
  fragment Shown on Issue { key summary labels status { name category } type { name }
    parent { key } epic { key } subTasks { key }
    links { id type { name } source { key } target { key } } }";

/// A row for each of `count` issues, every third at the top, some folders between.
async fn filled(world: &World, count: i64) -> StructureId {
    world.issues(count).await;
    let structure = world.structure(&world.olga, "Plan").await;
    let edits = (1..=count).map(|at| {
        let parent = (at % 3 != 1).then(|| -(at - (at - 1) % 3));
        add(-at, (at % 10 != 0).then_some(at), parent, None)
    });
    world.edit(structure, edits.collect()).await;
    world.synchronizer(structure).await;
    structure
}

async fn statements(world: &World, structure: StructureId, first: i32) -> u64 {
    let variables = serde_json::json!({ "id": id(structure), "first": first });
    let request =
        async_graphql::Request::new(PAGE).variables(async_graphql::Variables::from_json(variables));
    let before = world.api.store.statements();
    let data = world.data(&world.olga, request).await;
    let nodes = data["structure"]["rows"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), first as usize);
    world.api.store.statements() - before
}

/// A few times the distinct loads of the query above: on a busy machine one batch may become several.
/// Apart from each other, the loads of a page of 500 would be thousands.
const MOST: u64 = 128;

#[tokio::test]
async fn the_number_of_statements_does_not_grow_with_the_page() {
    let world = World::new().await;
    let structure = filled(&world, 600).await;
    // Thousands of resolvers give way in between, and lists of ids are asked for in parts of 256.
    for first in [5, 50, 250, 500] {
        let count = statements(&world, structure, first).await;
        assert!(count <= MOST, "{count} for {first} rows");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_hold_together_on_several_threads() {
    let world = Arc::new(World::new().await);
    let structure = filled(&world, 100).await;
    for _ in 0..20 {
        // As on the server, the operation runs in a task of its own.
        let world = Arc::clone(&world);
        let task = tokio::spawn(async move { statements(&world, structure, 50).await });
        let count = task.await.unwrap();
        assert!(count <= MOST, "{count}");
    }
}

#[tokio::test]
async fn a_count_is_made_only_when_it_is_asked_for() {
    let world = World::new().await;
    world.structure(&world.olga, "One").await;
    let before = world.api.store.statements();
    world
        .data(&world.olga, "{ structures { nodes { name } } }")
        .await;
    assert_eq!(world.api.store.statements() - before, 1);
    let data = world
        .data(&world.olga, "{ structures { totalCount nodes { name } } }")
        .await;
    assert_eq!(data["structures"]["totalCount"], 1);
    assert_eq!(world.api.store.statements() - before, 3);
}
