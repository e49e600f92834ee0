//! What is written in parts is written as what is written at once, is seen at the end or never, and
//! leaves nothing behind.

use super::*;
use crate::clock::Clock;
use crate::domain::forest::samples::{any_forest, outline};
use crate::domain::{
    ChangeKind, Forest, IssueId, JobKind, Place, RowEdit, RowId, StructureId, UserId,
};
use crate::store::check::inspect;
use crate::store::forest::{self, Author, Edition, Numbered};
use crate::store::history::AtVersion;
use crate::store::jobs::NewJob;
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

mod rounds;

/// Ids that rows had once and that new rows do not get.
const FORMER: usize = 100;

impl World {
    fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (store, user) = runtime.block_on(async {
            let path = folder.path().join("db");
            let store = Store::open(&path, Clock::system()).await.unwrap();
            let user = store.write(|tx| users::ensure(tx, "olga", Role::Member));
            let user = user.await.map_err(|error: StoreError| error).unwrap();
            let taken = store.write(|tx| forest::take_ids(tx, FORMER)).await;
            taken.map_err(|error: StoreError| error).unwrap();
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

    fn new_job(&self, structure: StructureId) -> NewJob {
        NewJob {
            kind: JobKind::Revert,
            direction: None,
            dry_run: false,
            structure,
            synchronizer: None,
            settings: None,
            reverts: None,
            writes_issues: false,
            enable_afterwards: false,
            preview: None,
            max_removal_percent: None,
            requested_by: Some(self.user),
        }
    }

    /// A job that is running.
    fn start(&self, job: NewJob) -> Job {
        self.write(move |tx| {
            let id = jobs::enqueue(tx, &job)?;
            let queued = jobs::find(tx, id)?.expect("it was queued");
            jobs::start(tx, &queued)?;
            Ok(jobs::find(tx, id)?.expect("it was started"))
        })
    }

    /// Begins to write edits and their lines, so many of them at a time and so often.
    fn begin(
        &self,
        structure: StructureId,
        edits: Vec<RowEdit>,
        (size, parts): (usize, usize),
    ) -> (JobId, Edition) {
        let base = self.runtime.block_on(self.store.forest(structure));
        let (base, user) = (base.unwrap().unwrap(), self.user);
        let version = base.version();
        let job = self.start(self.new_job(structure)).id;
        let mut edition = self.write(move |tx| {
            let count = forest::count_new(&edits);
            let first = forest::take_ids(tx, count)?;
            let pending = PendingWrite {
                job,
                structure,
                rows: (first, first + count as i64 - 1),
                versions: (version + 1, version + forest::versions(edits.len())),
            };
            pending::begin(tx, &pending)?;
            let numbered = Numbered::new(&edits, &HashMap::new(), first);
            let author = Author::Job(job, user);
            Ok(Edition::new(base, structure, numbered, author)?.in_parts())
        });
        for part in 0..parts {
            edition = self.write(move |tx| {
                let written = edition.edits().iter().skip(part * size).take(size);
                let lines: Vec<ChangeLine> = written.map(line).collect();
                edition.write(tx, size)?;
                jobs::add_changes(tx, job, part * size, &lines)?;
                Ok(edition)
            });
        }
        (job, edition)
    }

    /// Makes what was begun seen.
    fn finish(&self, (job, mut edition): (JobId, Edition)) -> Arc<Forest> {
        self.write(move |tx| {
            pending::end(tx, job)?;
            edition.close(tx)
        })
    }

    fn take_back(&self) {
        let taken = pending::take_back(&self.store, None);
        self.runtime.block_on(taken).unwrap();
    }

    /// How many rows, versions, changes, lines, and rows that come back there are, seen or not.
    fn kept(&self) -> [i64; 5] {
        let tables = [
            "forest_row",
            "structure_version",
            "forest_change",
            "job_change",
            "pending_row",
        ];
        tables.map(|table| {
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

fn line(edit: &RowEdit) -> ChangeLine {
    ChangeLine {
        kind: ChangeKind::RowMoved,
        issue_key: None,
        row: Some(edit.row()),
        issue: None,
        link: None,
        before: None,
        after: None,
        summary: String::new(),
    }
}

/// The edits that make one forest of another, as a plan has them: rows that are new have no id yet,
/// and each second one comes back with the id that it had.
fn plan(before: &Forest, after: &Forest) -> Vec<RowEdit> {
    let planned = |row: RowId| match before.index_of(row) {
        None if row.0 % 2 == 1 => RowId(-row.0),
        _ => row,
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
        shapes in prop::collection::vec((any_forest(14, 9), any::<prop::sample::Index>()), 1..4)
    ) {
        let world = World::new();
        let structure = world.structure();
        let mut before = world.stored(structure);
        for (shape, stopped) in &shapes {
            let edits = plan(&before, shape);
            let expected = before.edited(0, &edits).unwrap();
            let parts = edits.len().div_ceil(2);
            let kept = world.kept();
            let _dead = world.begin(structure, edits.clone(), (2, stopped.index(parts + 1)));
            prop_assert_eq!(outline(&world.stored(structure)), outline(&before));
            prop_assert_eq!(world.broken(), Vec::<&str>::new());
            world.take_back();
            prop_assert_eq!(world.kept(), kept);
            let begun = world.begin(structure, edits, (2, parts));
            prop_assert_eq!(outline(&world.stored(structure)), outline(&before));
            prop_assert_eq!(world.broken(), Vec::<&str>::new());
            let former = before.version();
            let after = world.finish(begun);
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
            world.runtime.block_on(pending::forget_ended(&world.store)).unwrap();
            prop_assert_eq!(world.kept()[4], 0);
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
    let _half = world.begin(structure, appended(20), (2, 6));
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
    let _half = world.begin(structure, appended(20), (2, 10));
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
    assert_eq!(world.kept(), [3, 2, 4, 0, 0]);
    assert_eq!(world.broken(), Vec::<&str>::new());
}

#[test]
fn a_chain_of_any_depth_comes_back_is_taken_back_and_goes() {
    let world = World::new();
    let structure = world.structure();
    let before = world.stored(structure);
    let deep: i64 = 2_500;
    world.write(move |tx| forest::take_ids(tx, deep as usize).map(|_| ()));
    // Each row stands below one with a higher id.
    let below = |at: i64| RowEdit::Add {
        id: RowId(deep - at),
        issue: Some(IssueId(1)),
        place: Place {
            parent: (at > 0).then(|| RowId(deep - at + 1)),
            after: None,
        },
    };
    let chain: Vec<RowEdit> = (0..deep).map(below).collect();
    let removed = chain
        .iter()
        .rev()
        .map(|edit| RowEdit::Remove { id: edit.row() });
    let removed: Vec<RowEdit> = removed.collect();
    let kept = world.kept();
    let _dead = world.begin(structure, chain.clone(), (2_000, 2));
    assert_eq!(world.kept()[4], deep);
    assert_eq!(world.stored(structure), before);
    world.take_back();
    assert_eq!(world.kept(), kept);
    let there = world.finish(world.begin(structure, chain, (2_000, 2)));
    assert_eq!(there.len(), deep as usize);
    assert_eq!(world.stored(structure), *there);
    world.finish(world.begin(structure, removed, (2_000, 2)));
    assert!(world.stored(structure).is_empty());
    assert_eq!(world.kept()[0], 0);
}
