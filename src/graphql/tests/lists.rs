//! Lists in pages: both ends, cursors, ranges, and what is refused.

use super::world::{World, add, id};
use crate::domain::{RowEdit, RowId, StructureId, UserId};
use crate::graphql::ids;
use crate::store::{filters, jobs};
use async_graphql::ID;
use serde_json::{Value, json};

fn names(list: &Value) -> Vec<String> {
    let nodes = list["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["name"].as_str().unwrap().to_owned())
        .collect()
}

fn cursor(list: &Value, end: &str) -> String {
    list["pageInfo"][end].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn structures_are_paged_from_both_ends() {
    let world = World::new().await;
    for name in ["b", "a", "c", "b", "100%", "d"] {
        world.structure(&world.olga, name).await;
    }
    let page = async |arguments: &str| {
        let query = format!(
            "{{ structures({arguments}) {{ totalCount nodes {{ name }} edges {{ cursor }}
               pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        );
        world.data(&world.olga, query).await["structures"].clone()
    };
    let first = page("first: 2").await;
    assert_eq!(names(&first), ["100%", "a"]);
    assert_eq!(first["totalCount"], 6);
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    assert_eq!(first["pageInfo"]["hasPreviousPage"], false);
    assert_eq!(first["edges"][1]["cursor"], first["pageInfo"]["endCursor"]);

    let second = page(&format!(
        "first: 3, after: {:?}",
        cursor(&first, "endCursor")
    ))
    .await;
    assert_eq!(names(&second), ["b", "b", "c"]);
    assert_eq!(second["pageInfo"]["hasPreviousPage"], true);
    let back = page(&format!(
        "last: 1, before: {:?}",
        cursor(&second, "startCursor")
    ))
    .await;
    assert_eq!(names(&back), ["a"]);
    assert_eq!(back["pageInfo"]["hasPreviousPage"], true);
    assert_eq!(back["pageInfo"]["hasNextPage"], true);
    let last = page("last: 2").await;
    assert_eq!(names(&last), ["c", "d"]);
    assert_eq!(last["pageInfo"]["hasNextPage"], false);

    let none = page("first: 0").await;
    assert_eq!(names(&none), [""; 0]);
    assert_eq!(none["pageInfo"]["hasNextPage"], true);
    assert_eq!(none["pageInfo"]["endCursor"], Value::Null);
    assert_eq!(names(&page("nameContains: \"0%\"").await), ["100%"]);
    assert_eq!(page("nameContains: \"B\"").await["totalCount"], 2);
}

#[tokio::test]
async fn what_is_out_of_range_is_refused_with_the_range() {
    let world = World::new().await;
    let structure = id(world.structure(&world.olga, "Plan").await);
    let synchronizer = ids::encode(crate::domain::SynchronizerId(1)).0;
    for (query, code) in [
        (
            "{ structures(first: -1) { totalCount } }".to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "{ structures(last: 501) { totalCount } }".to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "{ structures(first: 1, last: 1) { totalCount } }".to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "{ structures(after: \"x\") { totalCount } }".to_owned(),
            "BAD_CURSOR",
        ),
        (
            "{ jobs(first: 9999) { totalCount } }".to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "{ jobs(after: \"\") { totalCount } }".to_owned(),
            "BAD_CURSOR",
        ),
        (
            "{ jobs(structureId: \"x\") { totalCount } }".to_owned(),
            "BAD_ID",
        ),
        (
            "{ issues(jql: \"\", first: -5) { totalCount } }".to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "{ issues(jql: \"broken\") { totalCount } }".to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "{ savedFilters(first: 501) { totalCount } }".to_owned(),
            "BAD_USER_INPUT",
        ),
        ("{ node(id: \"nonsense\") { id } }".to_owned(), "BAD_ID"),
        (
            format!("{{ structure(id: {synchronizer:?}) {{ name }} }}"),
            "BAD_ID",
        ),
        (
            format!("{{ job(id: {structure:?}) {{ state }} }}"),
            "BAD_ID",
        ),
        (
            format!("{{ structure(id: {structure:?}) {{ rows(maxDepth: 0) {{ totalCount }} }} }}"),
            "BAD_USER_INPUT",
        ),
        (
            format!("{{ structure(id: {structure:?}) {{ rows(first: 501) {{ totalCount }} }} }}"),
            "BAD_USER_INPUT",
        ),
        (
            format!("{{ structure(id: {structure:?}) {{ rows(under: \"x\") {{ totalCount }} }} }}"),
            "BAD_ID",
        ),
    ] {
        assert_eq!(
            world.code(&world.olga, query.as_str()).await,
            code,
            "{query}"
        );
    }
    let many = vec![format!("{structure:?}"); 501].join(",");
    let query = format!("{{ nodes(ids: [{many}]) {{ id }} }}");
    assert_eq!(world.code(&world.olga, query).await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn an_unknown_id_is_null_and_does_not_disturb_its_neighbours() {
    let world = World::new().await;
    let known = id(world.structure(&world.olga, "Plan").await);
    let unknown = id(StructureId(99));
    let query = format!(
        "{{ a: structure(id: {unknown:?}) {{ name }} b: structure(id: {known:?}) {{ name }}
            nodes(ids: [{unknown:?}, {known:?}]) {{ __typename id }} issue(key: \"X-1\") {{ key }} }}"
    );
    let data = world.data(&world.olga, query).await;
    assert_eq!(data["a"], Value::Null);
    assert_eq!(data["b"]["name"], "Plan");
    assert_eq!(
        data["nodes"],
        json!([null, { "__typename": "Structure", "id": known }])
    );
    assert_eq!(data["issue"], Value::Null);

    let query = format!("{{ node(id: \"?\") {{ id }} structure(id: {known:?}) {{ name }} }}");
    let response = world.ask(&world.olga, query).await;
    assert_eq!(response.errors.len(), 1);
    let data = response.data.into_json().unwrap();
    assert_eq!(
        data,
        json!({ "node": null, "structure": { "name": "Plan" } })
    );
}

/// A structure whose rows are named by their place in this outline: 0, 00, 000, 01, 1, 2, 20.
async fn outline(world: &World) -> (StructureId, Vec<RowId>) {
    let structure = world.structure(&world.olga, "Plan").await;
    let edits = vec![
        add(-1, None, None, None),
        add(-2, None, Some(-1), None),
        add(-3, None, Some(-2), None),
        add(-4, None, Some(-1), Some(-2)),
        add(-5, None, None, Some(-1)),
        add(-6, None, None, Some(-5)),
        add(-7, None, Some(-6), None),
    ];
    let applied = world.edit(structure, edits).await;
    (
        structure,
        (1..=7).map(|at| applied.ids[&RowId(-at)]).collect(),
    )
}

async fn rows(world: &World, structure: StructureId, arguments: &str) -> Value {
    let arguments = if arguments.is_empty() {
        String::new()
    } else {
        format!("({arguments})")
    };
    let query = format!(
        "{{ structure(id: {:?}) {{ rows{arguments} {{ totalCount
            nodes {{ id depth childCount item {{ ... on Folder {{ name }} }}
              parent {{ id }} previousSibling {{ id }} }}
            pageInfo {{ endCursor hasNextPage hasPreviousPage }} }} }} }}",
        id(structure)
    );
    world.data(&world.olga, query).await["structure"]["rows"].clone()
}

/// Which rows of the outline a page shows, from 1.
fn shown(page: &Value, all: &[RowId]) -> Vec<usize> {
    let nodes = page["nodes"].as_array().unwrap();
    let place = |node: &Value| {
        let row: RowId = ids::decode(&ID(node["id"].as_str().unwrap().to_owned())).unwrap();
        1 + all.iter().position(|it| *it == row).unwrap()
    };
    nodes.iter().map(place).collect()
}

#[tokio::test]
async fn rows_are_shown_depth_first_within_a_subtree_and_a_depth() {
    let world = World::new().await;
    let (structure, all) = outline(&world).await;
    let under = |row: usize| format!("under: {:?}", id(all[row - 1]));
    for (arguments, expected) in [
        (String::new(), vec![1, 2, 3, 4, 5, 6, 7]),
        ("maxDepth: 1".to_owned(), vec![1, 5, 6]),
        ("maxDepth: 2".to_owned(), vec![1, 2, 4, 5, 6, 7]),
        (under(1), vec![2, 3, 4]),
        (format!("{}, maxDepth: 1", under(1)), vec![2, 4]),
        (under(5), vec![]),
        ("maxDepth: 2147483647".to_owned(), vec![1, 2, 3, 4, 5, 6, 7]),
    ] {
        let page = rows(&world, structure, &arguments).await;
        assert_eq!(shown(&page, &all), expected, "{arguments}");
        assert_eq!(page["totalCount"], expected.len(), "{arguments}");
    }
    let page = rows(&world, structure, "").await;
    let fourth = &page["nodes"][3];
    assert_eq!(fourth["depth"], 1);
    assert_eq!(fourth["parent"]["id"], id(all[0]));
    assert_eq!(fourth["previousSibling"]["id"], id(all[1]));
    assert_eq!(page["nodes"][0]["childCount"], 2);
    assert_eq!(page["nodes"][0]["previousSibling"], Value::Null);
}

#[tokio::test]
async fn pages_of_rows_follow_each_other_and_a_lost_cursor_is_told() {
    let world = World::new().await;
    let (structure, all) = outline(&world).await;
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = rows(&world, structure, &format!("first: 2, maxDepth: 2{after}")).await;
        seen.extend(shown(&page, &all));
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !after.is_empty());
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = format!(", after: {}", page["pageInfo"]["endCursor"]);
    }
    assert_eq!(seen, [1, 2, 4, 5, 6, 7]);

    // A row that moved within the list keeps its cursor good, one that is gone does not.
    let page = rows(&world, structure, "first: 5").await;
    let after = page["pageInfo"]["endCursor"].clone();
    world
        .edit(structure, vec![RowEdit::Remove { id: all[2] }])
        .await;
    let next = rows(&world, structure, &format!("after: {after}")).await;
    assert_eq!(shown(&next, &all), [6, 7]);
    world
        .edit(structure, vec![RowEdit::Remove { id: all[4] }])
        .await;
    let query = |arguments: &str| {
        let structure = id(structure);
        format!("{{ structure(id: {structure:?}) {{ rows({arguments}) {{ totalCount }} }} }}")
    };
    let gone = query(&format!("after: {after}"));
    assert_eq!(world.code(&world.olga, gone).await, "CURSOR_GONE");
    let gone = query(&format!("under: {:?}", id(all[4])));
    assert_eq!(world.code(&world.olga, gone).await, "NOT_FOUND");
}

#[tokio::test]
async fn a_row_is_a_node_of_its_structure() {
    let world = World::new().await;
    let (_, all) = outline(&world).await;
    let query = format!(
        "{{ node(id: {:?}) {{ id ... on Row {{ depth structure {{ name }} }} }} }}",
        id(all[2])
    );
    let data = world.data(&world.olga, query).await;
    assert_eq!(
        data["node"],
        json!({ "id": id(all[2]), "depth": 2, "structure": { "name": "Plan" } })
    );
}

#[tokio::test]
async fn jobs_come_newest_first_with_what_they_wait_for() {
    let world = World::new().await;
    let structure = world.structure(&world.olga, "Plan").await;
    let synchronizer = world.synchronizer(structure).await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(world.job(structure, synchronizer).await);
    }
    let first = made[0];
    world
        .write(move |tx| {
            let job = jobs::find(tx, first)?.unwrap();
            jobs::start(tx, &job).map(|_| ())
        })
        .await;
    let wait = crate::graphql::api::Wait {
        jobs: vec![first],
        reason: "It runs.".to_owned(),
    };
    world.fakes.waits.lock().unwrap().insert(made[1], wait);
    let query = "{ jobs(first: 2) { totalCount pageInfo { endCursor hasNextPage }
        nodes { id state waitingReason waitingFor { id state } } } }";
    let data = world.data(&world.olga, query).await["jobs"].clone();
    assert_eq!(data["totalCount"], 3);
    assert_eq!(data["nodes"][0]["id"], id(made[2]));
    assert_eq!(data["nodes"][0]["waitingReason"], Value::Null);
    assert_eq!(data["nodes"][1]["waitingReason"], "It runs.");
    assert_eq!(
        data["nodes"][1]["waitingFor"],
        json!([{ "id": id(first), "state": "RUNNING" }])
    );
    let query = format!(
        "{{ jobs(after: {}) {{ nodes {{ id synchronizer {{ currentJob {{ id }} }} }} }}
            queued: jobs(states: [QUEUED, CANCELLED]) {{ totalCount }}
            none: jobs(synchronizerId: {:?}) {{ totalCount }} }}",
        data["pageInfo"]["endCursor"],
        id(crate::domain::SynchronizerId(77)),
    );
    let data = world.data(&world.olga, query).await;
    assert_eq!(data["jobs"]["nodes"].as_array().unwrap().len(), 1);
    assert_eq!(
        data["jobs"]["nodes"][0]["synchronizer"]["currentJob"]["id"],
        id(first)
    );
    assert_eq!(data["queued"]["totalCount"], 2);
    assert_eq!(data["none"]["totalCount"], 0);
}

#[tokio::test]
async fn issues_filters_and_link_types_are_listed() {
    let world = World::new().await;
    world.issues(5).await;
    let owner: UserId = world.olga.user_id;
    world
        .write(move |tx| {
            filters::create(tx, "one", "a", owner)?;
            filters::create(tx, "two", "b", owner).map(|_| ())
        })
        .await;
    let query = "{ issues(jql: \"\", first: 3) { totalCount nodes { key } pageInfo { endCursor hasNextPage } }
        savedFilters(first: 1) { totalCount nodes { name owner { name } } pageInfo { endCursor } }
        linkTypes { name outward } issue(key: \"P-1\") { createdAt subTasks { key } links { source { key } } } }";
    let data = world.data(&world.sam, query).await;
    assert_eq!(
        data["issues"]["nodes"],
        json!([{ "key": "P-1" }, { "key": "P-2" }, { "key": "P-3" }])
    );
    assert_eq!(data["issues"]["totalCount"], 5);
    assert_eq!(
        data["savedFilters"]["nodes"],
        json!([{ "name": "one", "owner": { "name": "olga" } }])
    );
    assert_eq!(
        data["linkTypes"],
        json!([{ "name": "Blocks", "outward": "blocks" }])
    );
    assert_eq!(data["issue"]["createdAt"], "1970-01-01T00:00:00.000Z");
    assert_eq!(data["issue"]["subTasks"], json!([{ "key": "P-2" }]));
    assert_eq!(
        data["issue"]["links"],
        json!([{ "source": { "key": "P-1" } }])
    );
    let query = format!(
        "{{ issues(jql: \"\", after: {}) {{ nodes {{ key }} pageInfo {{ hasNextPage }} }}
            savedFilters(after: {}) {{ nodes {{ name }} }} }}",
        data["issues"]["pageInfo"]["endCursor"], data["savedFilters"]["pageInfo"]["endCursor"]
    );
    let data = world.data(&world.sam, query).await;
    assert_eq!(
        data["issues"]["nodes"],
        json!([{ "key": "P-4" }, { "key": "P-5" }])
    );
    assert_eq!(data["issues"]["pageInfo"]["hasNextPage"], false);
    assert_eq!(names(&data["savedFilters"]), ["two"]);
}
