//! Links, and what a deleted issue leaves behind.

use super::*;

#[tokio::test]
async fn links_are_made_once_and_taken_away() {
    let world = World::new().await;
    let blocks = world
        .read(|tx| {
            Ok(links::types(tx)?
                .into_iter()
                .find(|it| it.name == "Blocks")
                .unwrap()
                .id)
        })
        .await;
    let link = |link_type: LinkTypeId, source: &str, target: &str| NewLink {
        link_type,
        source_key: source.to_owned(),
        target_key: target.to_owned(),
    };
    let make = async |new: NewLink| {
        world
            .edit(move |_, tx, author| link_issues(tx, &new, author))
            .await
    };
    let head = world.head().await;
    let id = make(link(blocks, "MOD-2450", "MOD-1866")).await.unwrap();
    assert_eq!(id, LinkId(59_080), "above every imported id");
    for (new, code, at) in [
        (
            link(blocks, "MOD-2450", "MOD-1866"),
            RefusalCode::Conflict,
            "",
        ),
        (
            link(blocks, "MOD-2450", "MOD-2450"),
            RefusalCode::Invalid,
            "input.targetKey",
        ),
        (
            link(blocks, "MOD-1", "MOD-2450"),
            RefusalCode::NotFound,
            "input.sourceKey",
        ),
        (
            link(blocks, "MOD-2450", "MOD-1"),
            RefusalCode::NotFound,
            "input.targetKey",
        ),
        (
            link(LinkTypeId(99), "MOD-2450", "MOD-1866"),
            RefusalCode::NotFound,
            "input.linkTypeId",
        ),
    ] {
        let refusal = make(new).await.unwrap_err();
        assert_eq!((refusal.code, path(&refusal)), (code, at.to_owned()));
    }
    let unlink = async || {
        world
            .edit(move |_, tx, author| unlink_issues(tx, id, author))
            .await
    };
    unlink().await.unwrap();
    assert_eq!(path(&unlink().await.unwrap_err()), "linkId");
    assert_eq!(
        world.feed(head).await,
        [
            "MOD-2450 LinkAdded source -→-",
            "MOD-1866 LinkAdded target -→-",
            "MOD-2450 LinkRemoved source -→-",
            "MOD-1866 LinkRemoved target -→-",
        ]
    );
    assert!(world.issue("MOD-1866").await.updated_at.0 > START);
}

#[tokio::test]
async fn a_deleted_issue_leaves_its_children_in_its_place() {
    let world = World::new().await;
    let gone = world.issue("MOD-1866").await.id;
    let structure = world
        .edit(move |store, tx, author| {
            let structure = plant(store, tx, author, gone)?;
            Ok(structure)
        })
        .await
        .unwrap();
    let deleted = world.delete("MOD-1866").await.unwrap();
    assert_eq!(deleted, gone);
    let forest = world.store.forest(structure).await.unwrap().unwrap();
    assert_eq!(
        crate::domain::forest::samples::outline(&forest),
        "1!\n 3!\n 5!\n 7!\n 8!\n10!"
    );
    let loaded = world
        .read(move |tx| forest::load(tx, structure))
        .await
        .unwrap();
    assert_eq!(loaded, *forest);
}

/// Folders, and four rows of one issue: 2, and 4 and 6 below it, and 9.
fn plant(
    store: &Store,
    tx: &Tx<'_>,
    author: Author,
    gone: IssueId,
) -> Result<StructureId, StoreError> {
    let Author::User(owner) = author else {
        return Err(StoreError::Closed);
    };
    let structure = structures::create(tx, "Test", "", owner)?;
    let rows = [
        (1, 0),
        (2, 1),
        (3, 2),
        (4, 2),
        (5, 4),
        (6, 4),
        (7, 6),
        (8, 1),
        (9, 0),
        (10, 0),
    ];
    let mut last: HashMap<i64, RowId> = HashMap::new();
    let edits: Vec<RowEdit> = rows
        .iter()
        .map(|&(id, parent)| {
            let place = Place {
                parent: (parent > 0).then_some(RowId(-parent)),
                after: last.insert(parent, RowId(-id)),
            };
            RowEdit::Add {
                id: RowId(-id),
                issue: [2, 4, 6, 9].contains(&id).then_some(gone),
                place,
            }
        })
        .collect();
    let folders = edits.iter().map(|it| (it.row(), "folder".to_owned()));
    let folders = folders
        .filter(|(row, _)| ![-2, -4, -6, -9].contains(&row.0))
        .collect();
    forest::apply(store, tx, structure, &edits, &folders, author)?;
    Ok(structure)
}

#[tokio::test]
async fn a_deleted_issue_leaves_no_link_and_no_member_of_an_epic_behind() {
    let world = World::new().await;
    world.create(new("Epic")).await.unwrap();
    let member = NewIssue {
        epic_key: Some("MOD-2929".to_owned()),
        ..new("Bug")
    };
    world.create(member).await.unwrap();
    let epic = world.issue("MOD-2929").await.id;
    let link_type = world.read(|tx| Ok(links::types(tx)?[0].id)).await;
    let link = NewLink {
        link_type,
        source_key: "MOD-2450".to_owned(),
        target_key: "MOD-2929".to_owned(),
    };
    world
        .edit(move |_, tx, author| link_issues(tx, &link, author))
        .await
        .unwrap();
    let head = world.head().await;
    world.delete("MOD-2929").await.unwrap();
    assert_eq!(
        world.feed(head).await,
        [
            "MOD-2450 LinkRemoved source -→-".to_owned(),
            "? LinkRemoved target -→-".to_owned(),
            format!("MOD-2930 Updated epic {epic}→-"),
            "? Deleted key MOD-2929→-".to_owned(),
        ]
    );
    assert_eq!(world.issue("MOD-2930").await.epic, None);
    assert_eq!(path(&world.delete("MOD-2929").await.unwrap_err()), "key");
}
