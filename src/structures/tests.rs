//! Edits of rows, drawn as outlines: what is done, and what is refused and leaves all as it was.

use super::*;
use crate::clock::Clock;
use crate::domain::forest::samples::outline;
use crate::domain::{RefusalCode, RowId, StructureId, Viewer};
use crate::store::users::{self, Role};
use crate::store::{Failure, Store, StoreError};

struct World {
    store: Store,
    olga: Viewer,
    structure: StructureId,
    _folder: tempfile::TempDir,
}

impl World {
    /// A structure of folders: `1` with `2` and `3` below it, `2` with `4`, then `5`.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("test.db"), Clock::system())
            .await
            .unwrap();
        let made = store
            .write(|tx| users::ensure(tx, "olga", Role::Member))
            .await;
        let user_id = made.map_err(|error: StoreError| error).unwrap();
        let olga = Viewer {
            user_id,
            name: "olga".to_owned(),
            admin: false,
            token_ends: None,
        };
        let structure = create(&store, &olga, "Plan", "").await.unwrap().id;
        let world = Self {
            store,
            olga,
            structure,
            _folder: folder,
        };
        for (under, after) in [(0, 0), (1, 0), (1, 2), (2, 0), (0, 1)] {
            world.add(1, under, after).await.unwrap();
        }
        assert_eq!(world.outline().await, "1!\n 2!\n  4!\n 3!\n5!");
        world
    }

    async fn add(&self, count: usize, under: i64, after: i64) -> Result<Edited, Failure> {
        let rows = vec![NewRow::Folder("folder".to_owned()); count];
        let (structure, position) = (self.structure, position(under, after));
        let request = AddRows {
            structure,
            rows,
            position,
            expected_version: None,
        };
        add_rows(&self.store, &self.olga, request).await
    }

    async fn shift(&self, rows: &[i64], under: i64, after: i64) -> Result<Edited, Failure> {
        let request = MoveRows {
            structure: self.structure,
            rows: rows.iter().copied().map(RowId).collect(),
            position: position(under, after),
            expected_version: None,
        };
        move_rows(&self.store, &self.olga, request).await
    }

    async fn remove(&self, rows: &[i64]) -> Result<Edited, Failure> {
        let rows = rows.iter().copied().map(RowId).collect();
        let request = RemoveRows {
            structure: self.structure,
            rows,
            expected_version: None,
        };
        remove_rows(&self.store, &self.olga, request).await
    }

    async fn outline(&self) -> String {
        outline(&self.store.forest(self.structure).await.unwrap().unwrap())
    }
}

/// 0 stands for null.
fn position(under: i64, after: i64) -> Position {
    let row = |id| (id > 0).then_some(RowId(id));
    Position {
        under: row(under),
        after: row(after),
    }
}

fn refused(outcome: Result<Edited, Failure>) -> (RefusalCode, String) {
    match outcome {
        Err(Failure::Refused(refusal)) => {
            (refusal.code, refusal.field.unwrap_or_default().join("."))
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn rows_go_where_they_are_told_in_the_given_order() {
    for (rows, under, after, expected) in [
        (&[5][..], 0, 0, "5!\n1!\n 2!\n  4!\n 3!"),
        (&[2], 0, 5, "1!\n 3!\n5!\n2!\n 4!"),
        (&[4, 3], 1, 2, "1!\n 2!\n 4!\n 3!\n5!"),
        (&[3, 5], 2, 4, "1!\n 2!\n  4!\n  3!\n  5!"),
        (&[3, 2], 1, 0, "1!\n 3!\n 2!\n  4!\n5!"),
        // The first stands there already; the second goes behind it.
        (&[2, 5], 1, 0, "1!\n 2!\n  4!\n 5!\n 3!"),
    ] {
        let world = World::new().await;
        let edited = world.shift(rows, under, after).await.unwrap();
        assert_eq!(
            world.outline().await,
            expected,
            "{rows:?} under {under} after {after}"
        );
        assert_eq!(edited.structure.version, edited.forest.version());
        assert_eq!(
            edited.rows,
            rows.iter().copied().map(RowId).collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn a_subtree_goes_with_its_row() {
    let world = World::new().await;
    let edited = world.remove(&[4, 2, 5]).await.unwrap();
    assert_eq!(world.outline().await, "1!\n 3!");
    assert_eq!(edited.structure.row_count, 2);
    world.remove(&[1]).await.unwrap();
    assert_eq!(world.outline().await, "");
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let world = World::new().await;
    let before = world.outline().await;
    use RefusalCode::{Invalid, NotFound};
    for (rows, under, after, code, field) in [
        (&[][..], 0, 0, Invalid, "input.rowIds"),
        (&[5, 5], 0, 0, Invalid, "input.rowIds.1"),
        (&[9], 0, 0, NotFound, "input.rowIds.0"),
        (&[5], 9, 0, NotFound, "input.position.under"),
        (&[5], 0, 9, NotFound, "input.position.after"),
        (&[5], 0, 2, Invalid, "input.position.after"),
        (&[5], 1, 4, Invalid, "input.position.after"),
        (&[1], 1, 0, Invalid, "input.position.under"),
        (&[5, 1], 4, 0, Invalid, "input.position.under"),
        (&[5], 0, 5, Invalid, "input.position.after"),
        (&[1, 4], 0, 0, Invalid, "input.rowIds.1"),
        (&[4, 1], 0, 0, Invalid, "input.rowIds.0"),
    ] {
        let outcome = refused(world.shift(rows, under, after).await);
        assert_eq!(
            outcome,
            (code, field.to_owned()),
            "{rows:?} under {under} after {after}"
        );
    }
    let limit = refused(world.add(REQUEST_LIMIT + 1, 0, 0).await);
    assert_eq!(limit, (Invalid, "input.rows".to_owned()));
    assert_eq!(world.outline().await, before);
    let version = world
        .store
        .forest(world.structure)
        .await
        .unwrap()
        .unwrap()
        .version();
    assert_eq!(version, 5);
    assert_eq!(
        world.add(REQUEST_LIMIT, 4, 0).await.unwrap().rows.len(),
        REQUEST_LIMIT
    );
}

#[tokio::test]
async fn what_stays_as_it_is_makes_no_news() {
    let world = World::new().await;
    assert_eq!(
        world.shift(&[2, 3], 1, 0).await.unwrap().structure.version,
        5
    );
    let mut events = world.store.events().listen();
    let changes = Changes {
        name: Some("Plan".to_owned()),
        description: None,
    };
    update(&world.store, &world.olga, world.structure, changes)
        .await
        .unwrap();
    assert!(events.try_recv().is_err());
}

#[tokio::test]
async fn an_edit_waits_while_a_job_holds_it_off_and_who_may_not_edit_is_told_at_once() {
    let world = World::new().await;
    let held = world.store.hold_edits(world.structure).await;
    let mut stranger = world.olga.clone();
    let made = world
        .store
        .write(|tx| users::ensure(tx, "oleg", Role::Member))
        .await;
    stranger.user_id = made.map_err(|error: StoreError| error).unwrap();
    let request = RemoveRows {
        structure: world.structure,
        rows: vec![RowId(4)],
        expected_version: None,
    };
    let outcome = remove_rows(&world.store, &stranger, request).await;
    assert_eq!(refused(outcome).0, RefusalCode::NotFound);
    let before = world.outline().await;
    let (removed, seen) = tokio::join!(world.remove(&[4]), async {
        // What else is written is not held off.
        create(&world.store, &world.olga, "Other", "")
            .await
            .unwrap();
        let seen = world.outline().await;
        drop(held);
        seen
    });
    removed.unwrap();
    assert_eq!(seen, before);
    assert_eq!(world.outline().await, "1!\n 2!\n 3!\n5!");
}
