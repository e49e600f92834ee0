//! What is written at once is what is executed field by field.

use super::world::{World, add, id};
use crate::store::params;
use async_graphql::Response;

/// A field that no page writes, so that it has to be executed; and what comes of it.
const MARK: &str = " zz: structure { name }";
const MARKED: &str = ",\"zz\":{\"name\":\"Plan\"}";

fn text(response: &Response) -> String {
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    serde_json::to_string(&response.data).unwrap()
}

/// A structure with issues, sub-tasks below them and a folder, whose texts need escapes.
async fn world() -> (World, String) {
    let world = World::new().await;
    world.issues(6).await;
    world
        .write(|tx| {
            let odd =
                "UPDATE issue SET summary = ?, resolution = 'Won\u{2019}t \"fix\"', rank = 'a\\b',
                              priority = 'High', assignee = 'zoë' WHERE id = 3";
            tx.execute(
                odd,
                params!["quote \" backslash \\ tab \t zero \u{0} nel \u{85}"],
            )?;
            Ok(())
        })
        .await;
    let structure = world.structure(&world.olga, "Plan").await;
    let rows = vec![
        add(-1, Some(1), None, None),
        add(-2, Some(2), Some(-1), None),
        add(-3, Some(3), Some(-2), None),
        add(-4, None, Some(-2), Some(-3)),
        add(-5, Some(3), Some(-4), None),
        add(-6, Some(5), None, Some(-1)),
        add(-7, None, None, Some(-6)),
    ];
    world.edit(structure, rows).await;
    world
        .write(|tx| {
            let name = "UPDATE forest_row SET folder = 'Fol\"der' || id WHERE folder IS NOT NULL";
            tx.execute(name, &[])?;
            Ok(())
        })
        .await;
    (world, id(structure))
}

const SELECTIONS: &[&str] = &[
    "id",
    "id depth childCount __typename",
    "again: id id other: depth",
    "parent { id depth parent { id } }",
    "previousSibling { id item { ... on Folder { name } ... on Issue { key } } }",
    "item { __typename ... on Issue { id key summary projectKey resolution priority assignee rank
       createdAt updatedAt type { name subTask epic __typename } status { name category __typename } }
       ... on Folder { name __typename } }",
    "item { ...Card } ... on Row { depth } ...Place",
    "item { ... on Node { id } ... on RowItem { __typename } }",
    "item { ... on Issue { status { name } } ... on Issue { status { category } key key } }",
    "parent { item { ...Card } } item { ... { __typename } }",
    "id @include(if: $yes) depth @skip(if: $yes) item @include(if: $no) { __typename }",
];

const FRAGMENTS: &str =
    "fragment Card on Issue { key summary ...More } fragment More on Node { id }
    fragment Place on Row { parent { id } }";

#[tokio::test]
async fn rows_are_written_as_they_are_executed() {
    let (world, structure) = world().await;
    for selection in SELECTIONS {
        let used = if selection.contains("...Card") {
            FRAGMENTS
        } else {
            ""
        };
        let used = match selection.contains("...Place") {
            true => used.to_owned(),
            false => used.replace("fragment Place on Row { parent { id } }", ""),
        };
        let ask = async |frame: &str, mark: &str| {
            let rows = frame.replace("@@", &format!("{selection}{mark}"));
            let declared = match selection.contains("$yes") {
                true => "query($yes: Boolean = true, $no: Boolean = false)",
                false => "query",
            };
            let query = format!(
                "{declared} {{ structure(id: {structure:?}) {{ rows(first: 50) {{ {rows} }} }} }} {used}"
            );
            text(&world.ask(&world.olga, query.as_str()).await)
        };
        for frame in [
            "nodes { @@ }",
            "edges { cursor node { @@ } }",
            "edges { node { @@ } __typename c: cursor }",
        ] {
            let (written, executed) = (ask(frame, "").await, ask(frame, MARK).await);
            assert!(executed.contains(MARKED), "{executed}");
            assert_eq!(written, executed.replace(MARKED, ""), "{selection}");
        }
    }
}

#[tokio::test]
async fn issues_are_written_as_they_are_executed() {
    let (world, _) = world().await;
    let selection =
        "id key summary projectKey resolution priority assignee rank createdAt updatedAt
        type { name subTask epic } status { name category } __typename";
    let ask = async |mark: &str| {
        let query =
            format!("{{ issues(first: 50, jql: \"\") {{ nodes {{ {selection} {mark} }} }} }}");
        text(&world.ask(&world.olga, query.as_str()).await)
    };
    let executed = ask("zz: labels").await;
    let mut plain = executed;
    while let Some(begin) = plain.find(",\"zz\":[") {
        let end = begin + plain[begin..].find(']').unwrap() + 1;
        plain.replace_range(begin..end, "");
    }
    assert_eq!(ask("").await, plain);
}
