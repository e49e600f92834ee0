//! What was seen at each version is what is seen of it afterwards.

use super::*;
use crate::clock::Clock;
use crate::domain::forest::samples::any_forest;
use crate::domain::{Millis, Place, RowEdit};
use crate::store::forest::{self, Author, CHANGES_PER_VERSION};
use crate::store::users::{self, Role};
use crate::store::{Store, StoreError, changes, structures};
use proptest::prelude::*;
use tokio::runtime::Runtime;

struct World {
    runtime: Runtime,
    store: Store,
    author: Author,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (store, author) = runtime.block_on(async {
            let store = Store::open(&folder.path().join("db"), Clock::system())
                .await
                .unwrap();
            let user = store.write(|tx| users::ensure(tx, "olga", Role::Member));
            let user = user.await.map_err(|error: StoreError| error).unwrap();
            (store, Author::User(user))
        });
        Self {
            runtime,
            store,
            author,
            _folder: folder,
        }
    }

    fn structure(&self) -> StructureId {
        let owner = self.author.user();
        let made = self
            .store
            .write(move |tx| structures::create(tx, "s", "", owner));
        self.runtime
            .block_on(made)
            .map_err(|error: StoreError| error)
            .unwrap()
    }

    /// Applies edits, each new row a folder if it holds no issue; the forest after them.
    fn edit(&self, structure: StructureId, edits: Vec<RowEdit>) -> Arc<Forest> {
        let (store, author) = (self.store.clone(), self.author);
        let folders = edits
            .iter()
            .map(|edit| (edit.row(), format!("folder {}", edit.row())));
        let folders: HashMap<RowId, String> = folders.collect();
        let made = self.store.write(move |tx| {
            let folders = edits
                .iter()
                .filter(|edit| matches!(edit, RowEdit::Add { issue: None, .. }))
                .map(|edit| (edit.row(), folders[&edit.row()].clone()))
                .collect();
            forest::apply(&store, tx, structure, &edits, &folders, author).map(|it| it.forest)
        });
        self.runtime
            .block_on(made)
            .map_err(|error: StoreError| error)
            .unwrap()
    }

    fn at(&self, structure: StructureId, version: i64) -> AtVersion {
        let found = self.store.forest_at(structure, version);
        self.runtime.block_on(found).unwrap().unwrap()
    }

    fn seen(&self, structure: StructureId, version: i64) -> Arc<Past> {
        match self.at(structure, version) {
            AtVersion::Seen(past) => past,
            other => panic!("{other:?}"),
        }
    }
}

fn append(id: i64, issue: Option<i64>) -> RowEdit {
    let place = Place {
        parent: None,
        after: None,
    };
    RowEdit::Add {
        id: RowId(id),
        issue: issue.map(IssueId),
        place,
    }
}

/// The edits that make one row of a forest go elsewhere, go away with its subtree, or come.
fn turn(forest: &Forest, turn: (usize, u8, Option<usize>)) -> Vec<RowEdit> {
    let (which, what, under) = turn;
    let pick = |at: usize| (!forest.is_empty()).then(|| forest.row(at % forest.len()));
    let parent = under.and_then(pick);
    let last = forest.children(parent.map(|row| row.index)).last();
    let place = Place {
        parent: parent.map(|row| row.id),
        after: last.map(|row| row.id).filter(|_| which % 2 == 0),
    };
    match (pick(which), what) {
        (Some(row), 0..=2) => vec![RowEdit::Move { id: row.id, place }],
        (Some(row), 3) => (row.index..row.index + row.size)
            .rev()
            .map(|at| RowEdit::Remove {
                id: forest.row(at).id,
            })
            .collect(),
        _ => vec![RowEdit::Add {
            id: RowId(-1),
            issue: (which % 3 > 0).then_some(IssueId(which as i64)),
            place,
        }],
    }
}

#[test]
fn every_version_is_seen_as_it_was() {
    let world = World::new();
    let turns = prop::collection::vec((0usize..30, 0u8..6, prop::option::of(0usize..30)), 0..25);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(150));
    let tested = runner.run(&(any_forest(12, 9), turns), |(base, turns)| {
        let structure = world.structure();
        let mut then = vec![Arc::new(Forest::default())];
        let mut last: HashMap<Option<usize>, RowId> = HashMap::new();
        let first = base.rows().map(|row| RowEdit::Add {
            id: RowId(-row.id.0),
            issue: row.issue,
            place: Place {
                parent: row.parent.map(|up| RowId(-base.row(up).id.0)),
                after: last.insert(row.parent, RowId(-row.id.0)),
            },
        });
        let first: Vec<RowEdit> = first.collect();
        let mut forest = world.edit(structure, first);
        if forest.version() > 0 {
            then.push(Arc::clone(&forest));
        }
        for it in turns {
            let edits = turn(&forest, it);
            if forest::check(&forest, &edits).is_err() {
                continue;
            }
            forest = world.edit(structure, edits);
            then.push(Arc::clone(&forest));
        }
        for (version, was) in then.iter().enumerate() {
            let past = world.seen(structure, version as i64);
            prop_assert_eq!(&*past.forest, &**was);
            let folders = was.rows().filter(|row| row.issue.is_none());
            for row in folders {
                prop_assert!(past.folders[&row.id].starts_with("folder -"));
            }
        }
        Ok(())
    });
    tested.unwrap();
}

#[test]
fn a_version_is_gone_with_the_changes_after_it_and_none_is_ahead() {
    let world = World::new();
    let structure = world.structure();
    for _ in 0..4 {
        world.edit(structure, vec![append(-1, None)]);
    }
    assert!(matches!(
        world.at(structure, 5),
        AtVersion::Ahead { current: 4 }
    ));
    assert!(matches!(
        world.at(structure, -1),
        AtVersion::Ahead { current: 4 }
    ));
    assert_eq!(world.seen(structure, 0).forest.len(), 0);
    let other = world.structure();
    assert_eq!(world.seen(other, 0).forest.len(), 0);

    let swept = world.store.write(move |tx| {
        tx.execute(
            "UPDATE structure_version SET at = version WHERE structure_id = ?",
            params![structure],
        )?;
        changes::delete_before(tx, Millis(3), 100)
    });
    let swept = world.runtime.block_on(swept);
    assert_eq!(swept.map_err(|error: StoreError| error).unwrap(), 2);
    assert!(matches!(
        world.at(structure, 1),
        AtVersion::Gone { oldest: 2 }
    ));
    assert_eq!(world.seen(structure, 2).forest.len(), 2);
    let none = world.store.forest_at(StructureId(99), 0);
    assert!(world.runtime.block_on(none).unwrap().is_none());
}

#[test]
fn a_large_edit_is_seen_in_the_steps_of_its_versions() {
    let world = World::new();
    let structure = world.structure();
    let rows = CHANGES_PER_VERSION as i64 + 10;
    let mut edits: Vec<RowEdit> = (1..=rows).map(|id| append(-id, Some(id))).collect();
    // A row that is added in the first version and moved in the second is an issue in between.
    edits.push(RowEdit::Move {
        id: RowId(-1),
        place: Place {
            parent: None,
            after: None,
        },
    });
    let forest = world.edit(structure, edits);
    assert_eq!(forest.version(), 2);
    let first = world.seen(structure, 1);
    assert_eq!(first.forest.len(), CHANGES_PER_VERSION);
    assert!(first.forest.rows().all(|row| row.issue.is_some()));
    assert_eq!(*world.seen(structure, 2).forest, *forest);
}
