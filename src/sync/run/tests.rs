//! What is written in parts is written as what is written at once, is seen at the end or never, and
//! leaves nothing behind.

use super::*;
use crate::clock::Clock;
use crate::domain::forest::samples::{any_forest, outline};
use crate::domain::{Forest, IssueId, Place, RowEdit, RowId, StructureId, UserId};
use crate::store::check::inspect;
use crate::store::forest::{self, Author, Edition, Numbered};
use crate::store::history::AtVersion;
use crate::store::pending::{self, PendingWrite};
use crate::store::structures;
use crate::store::users::{self, Role};
use crate::sync::diff::diff;
use proptest::prelude::*;
use std::collections::HashMap;
use std::path::PathBuf;

struct World {
    runtime: tokio::runtime::Runtime,
    store: Store,
    user: UserId,
    folder: tempfile::TempDir,
}

/// A job's number; that there is no such job does not matter to what it writes.
const JOB: JobId = JobId(7);

impl World {
    fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (store, user) = runtime.block_on(async {
            let path = folder.path().join("db");
            let store = Store::open(&path, Clock::system()).await.unwrap();
            let user = store.write(|tx| users::ensure(tx, "olga", Role::Member));
            let user = user.await.map_err(|error: StoreError| error).unwrap();
            (store, user)
        });
        Self {
            runtime,
            store,
            user,
            folder,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("db")
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.runtime.block_on(self.store.write(work)).unwrap()
    }

    fn structure(&self) -> StructureId {
        let user = self.user;
        self.write(move |tx| structures::create(tx, "s", "", user))
    }

    fn edit(&self, structure: StructureId, edits: Vec<RowEdit>) -> Arc<Forest> {
        let (store, author) = (self.store.clone(), Author::User(self.user));
        let none = HashMap::new();
        let made = move |tx: &Tx<'_>| forest::apply(&store, tx, structure, &edits, &none, author);
        self.write(move |tx| made(tx).map(|it| it.forest))
    }

    /// The forest as the database has it.
    fn stored(&self, structure: StructureId) -> Forest {
        self.write(move |tx| forest::load(tx, structure)).unwrap()
    }

    /// Begins to write edits in parts, so many of them.
    fn begin(&self, structure: StructureId, edits: Vec<RowEdit>, parts: usize) -> Edition {
        let base = self.runtime.block_on(self.store.forest(structure));
        let (base, user) = (base.unwrap().unwrap(), self.user);
        let version = base.version();
        let mut edition = self.write(move |tx| {
            let count = forest::count_new(&edits);
            let first = forest::take_ids(tx, count)?;
            let pending = PendingWrite {
                job: JOB,
                structure,
                rows: (first, first + count as i64 - 1),
                versions: (version + 1, version + forest::versions(edits.len())),
            };
            pending::begin(tx, &pending)?;
            let numbered = Numbered::new(&edits, &HashMap::new(), first);
            let author = Author::Job(JOB, user);
            Ok(Edition::new(base, structure, numbered, author)?.in_parts())
        });
        for _ in 0..parts {
            edition = self.write(move |tx| {
                edition.write(tx, 2)?;
                Ok(edition)
            });
        }
        edition
    }

    fn take_back(&self) {
        let taken = pending::take_back(&self.store, None);
        self.runtime.block_on(taken).unwrap();
    }

    /// How many rows, versions and lines there are, seen or not.
    fn kept(&self) -> [i64; 3] {
        ["forest_row", "structure_version", "forest_change"].map(|table| {
            let sql = format!("SELECT count(*) FROM {table}");
            self.write(move |tx| tx.get(&sql, &[], |row| row.get(0)))
        })
    }

    /// The rules that the database breaks. Rows hold issues here that no tracker knows.
    fn broken(&self) -> Vec<&'static str> {
        let report = inspect(&self.path(), &mut |_| {}).unwrap();
        let rules = report.findings.iter().map(|it| it.rule);
        rules.filter(|rule| *rule != "row-issues").collect()
    }
}

/// The edits that make one forest of another, as a plan has them: rows that are new have no id yet.
fn plan(before: &Forest, after: &Forest) -> Vec<RowEdit> {
    let planned = |row: RowId| match before.index_of(row) {
        Some(_) => row,
        None => RowId(-row.0),
    };
    let place = |place: Place| Place {
        parent: place.parent.map(planned),
        after: place.after.map(planned),
    };
    let edits = diff(before, after).into_iter().map(|edit| match edit {
        RowEdit::Add {
            id,
            issue,
            place: at,
        } => RowEdit::Add {
            id: planned(id),
            issue: issue.or(Some(IssueId(id.0))),
            place: place(at),
        },
        RowEdit::Move { id, place: at } => RowEdit::Move {
            id,
            place: place(at),
        },
        remove => remove,
    });
    edits.collect()
}

/// Rows one behind the other at the top level.
fn appended(count: i64) -> Vec<RowEdit> {
    let add = |at: i64| RowEdit::Add {
        id: RowId(-at),
        issue: Some(IssueId(at)),
        place: Place {
            parent: None,
            after: (at > 1).then(|| RowId(1 - at)),
        },
    };
    (1..=count).map(add).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn parts_make_what_one_transaction_makes(
        shapes in prop::collection::vec(any_forest(14, 9), 1..4)
    ) {
        let world = World::new();
        let structure = world.structure();
        let mut before = world.stored(structure);
        for shape in &shapes {
            let edits = plan(&before, shape);
            let expected = before.edited(0, &edits).unwrap();
            let parts = edits.len().div_ceil(2);
            let mut edition = world.begin(structure, edits, parts);
            prop_assert_eq!(outline(&world.stored(structure)), outline(&before));
            prop_assert_eq!(world.broken(), Vec::<&str>::new());
            let former = before.version();
            let after = world.write(move |tx| {
                pending::end(tx, JOB)?;
                edition.close(tx)
            });
            let shape = |forest: &Forest| {
                forest.rows().map(|row| (row.depth, row.issue)).collect::<Vec<_>>()
            };
            prop_assert_eq!(shape(&after), shape(&expected));
            prop_assert_eq!(&*after, &world.stored(structure));
            prop_assert_eq!(world.broken(), Vec::<&str>::new());
            let past = world.store.forest_at(structure, former);
            let Some(AtVersion::Seen(past)) = world.runtime.block_on(past).unwrap() else {
                panic!("the version before cannot be seen");
            };
            prop_assert_eq!(outline(&past.forest), outline(&before));
            before = world.stored(structure);
        }
    }
}

#[test]
fn what_is_half_written_is_not_seen_and_can_be_taken_back() {
    let world = World::new();
    let structure = world.structure();
    let before = world.edit(structure, appended(3));
    let kept = world.kept();
    let _half = world.begin(structure, appended(20), 6);
    assert_eq!(world.kept()[0], kept[0] + 12);
    assert_eq!(world.stored(structure), *before);
    assert_eq!(world.broken(), Vec::<&str>::new());
    let of_issue = world.write(|tx| forest::structures_with(tx, IssueId(9)));
    assert_eq!(of_issue, []);
    world.take_back();
    assert_eq!(world.kept(), kept);
    assert_eq!(world.write(pending::all), []);
    assert_eq!(world.broken(), Vec::<&str>::new());
}

#[test]
fn who_edits_meanwhile_gets_the_next_version_and_nothing_of_the_others_is_left() {
    let world = World::new();
    let structure = world.structure();
    let first = world.edit(structure, appended(3));
    let _half = world.begin(structure, appended(20), 10);
    let top = RowEdit::Move {
        id: first.row(2).id,
        place: Place {
            parent: None,
            after: None,
        },
    };
    let edited = world.edit(structure, vec![top]);
    assert_eq!(edited.version(), first.version() + 1);
    assert_eq!(world.stored(structure), *edited);
    assert_eq!(world.broken(), Vec::<&str>::new());
    world.take_back();
    assert_eq!(world.stored(structure), *edited);
    assert_eq!(world.kept(), [3, 2, 4]);
    assert_eq!(world.broken(), Vec::<&str>::new());
}
