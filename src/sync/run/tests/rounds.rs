//! How often a job plans while others write, whom it holds off, and what it lets pass.

use super::*;
use crate::domain::{ChangeCounts, JobState};
use crate::store::Editing;
use crate::store::jobs::End;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What comes between in a round of planning, after its snapshot was taken; rounds count from 1.
type Between = dyn Fn(&World, usize) + Send + Sync;

struct Beside {
    world: Arc<World>,
    rounds: AtomicUsize,
    between: Box<Between>,
    said: Mutex<Vec<String>>,
    done: AtomicUsize,
    /// After how many steps somebody cancels it.
    cancelled_at: usize,
}

impl Beside {
    fn new(world: &Arc<World>, between: impl Fn(&World, usize) + Send + Sync + 'static) -> Self {
        Self {
            world: Arc::clone(world),
            rounds: AtomicUsize::new(0),
            between: Box::new(between),
            said: Mutex::default(),
            done: AtomicUsize::new(0),
            cancelled_at: usize::MAX,
        }
    }
}

impl Watch for Beside {
    fn phase(&self, name: &'static str, _: Option<usize>) {
        if name == "Reading changes" {
            let round = 1 + self.rounds.fetch_add(1, Ordering::Relaxed);
            (self.between)(&self.world, round);
        }
    }
    fn advance(&self, done: usize) {
        self.done.store(done, Ordering::Relaxed);
    }
    fn is_cancelled(&self) -> bool {
        self.done.load(Ordering::Relaxed) >= self.cancelled_at
    }
    fn ticks(&self) -> i64 {
        0
    }
    fn log(&self, _: LogLevel, message: String) {
        self.said.lock().unwrap().push(message);
    }
}

/// A running job that is to revert another.
fn revert_of(world: &World, of: &Job) -> Job {
    let mut job = world.new_job(of.structure);
    job.reverts = Some(of.id);
    world.start(job)
}

/// Reverts a job while something comes between; the job, in how many rounds, and what it said.
fn revert(
    world: &Arc<World>,
    of: &Job,
    between: impl Fn(&World, usize) + Send + Sync + 'static,
) -> (Job, usize, String) {
    let job = revert_of(world, of);
    let watch = Arc::new(Beside::new(world, between));
    let ran = run(&world.store, &job, Arc::clone(&watch) as Arc<dyn Watch>);
    world.runtime.block_on(ran).unwrap();
    let id = job.id;
    let ended = world.write(move |tx| jobs::find(tx, id)).unwrap();
    assert_eq!(ended.state, JobState::Succeeded);
    let said = watch.said.lock().unwrap().join(" ");
    (ended, watch.rounds.load(Ordering::Relaxed), said)
}

/// A job that added so many folders, three levels of them.
fn folders(world: &World, structure: StructureId, count: i64) -> Job {
    let job = world.start(world.new_job(structure));
    let add = |at: i64| RowEdit::Add {
        id: RowId(-at),
        issue: None,
        place: Place {
            parent: (at > 1).then(|| RowId(-(at / 50).max(1))),
            after: None,
        },
    };
    let edits: Vec<RowEdit> = (1..=count).map(add).collect();
    let names = (1..=count).map(|at| (RowId(-at), format!("folder {at}")));
    let names: HashMap<RowId, String> = names.collect();
    let (store, user, id) = (world.store.clone(), world.user, job.id);
    world.write(move |tx| {
        let author = Author::Job(job.id, user);
        forest::apply(&store, tx, structure, &edits, &names, author)?;
        let end = End {
            state: JobState::Succeeded,
            counts: ChangeCounts {
                rows_added: edits.len(),
                ..ChangeCounts::default()
            },
            error: None,
            ticks: 0,
            log: Vec::new(),
        };
        jobs::finish(tx, &job, &end)
    });
    world.write(move |tx| jobs::find(tx, id)).unwrap()
}

/// A user's edit, if no job holds it off.
fn edit(world: &World, structure: StructureId) -> bool {
    let editing: Option<Editing> = world.store.try_editing(structure);
    if editing.is_some() {
        world.edit(structure, appended(1));
    }
    editing.is_some()
}

/// A line in the tracker's feed.
fn in_tracker(world: &World, kind: &'static str) {
    world.write(move |tx| {
        tx.execute(
            "INSERT INTO issue_change (issue_id, kind, at) VALUES (99, ?, ?)",
            &[kind.into(), tx.now().0.into()],
        )
    });
}

#[test]
fn what_came_back_and_goes_again_and_comes_back_is_the_same_to_the_byte() {
    let world = Arc::new(World::new());
    let structure = world.structure();
    let job = folders(&world, structure, 4_100);
    let added = world.stored(structure);
    let (gone, rounds, _) = revert(&world, &job, |_, _| {});
    assert_eq!((gone.counts.rows_removed, rounds), (4_100, 1));
    assert!(world.stored(structure).is_empty());
    let before = world.kept();
    let mut cancelled = Beside::new(&world, |_, _| {});
    cancelled.cancelled_at = 2_000;
    let again = revert_of(&world, &gone);
    let ran = run(&world.store, &again, Arc::new(cancelled));
    let ran = world.runtime.block_on(ran);
    assert!(matches!(ran, Err(Halt::Cancelled)), "{ran:?}");
    assert_eq!(world.kept(), before);
    let (back, rounds, _) = revert(&world, &gone, |_, _| {});
    assert_eq!((back.counts.rows_added, rounds), (4_100, 1));
    let rows = |forest: &Forest| {
        forest
            .rows()
            .map(|row| (row.id, row.depth))
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(&world.stored(structure)), rows(&added));
    assert_eq!(world.kept()[3], before[3] + 4_100);
    assert_eq!(world.kept()[4], 0);
    assert_eq!(world.write(pending::all), []);
    assert_eq!(world.broken(), Vec::<&str>::new());
}

#[test]
fn after_three_rounds_edits_of_its_rows_wait_and_the_tracker_goes_on() {
    let world = Arc::new(World::new());
    let (structure, other) = (world.structure(), world.structure());
    let job = folders(&world, structure, 60);
    let (_, rounds, said) = revert(&world, &job, move |world, round| {
        assert_eq!(edit(world, structure), round <= 3);
        assert!(edit(world, other));
        in_tracker(world, "UPDATED");
        // The plan brings this issue into no row.
        in_tracker(world, "DELETED");
    });
    assert_eq!(rounds, 4);
    assert!(
        said.contains("Edits of the structure's rows wait"),
        "{said}"
    );
    assert!(!said.contains("held still"), "{said}");
    assert_eq!(world.stored(structure).len(), 3, "what users added stays");
    assert!(world.store.try_editing(structure).is_some());
}

#[test]
fn when_rows_were_edited_even_so_nobody_writes_beside_it() {
    let world = Arc::new(World::new());
    let structure = world.structure();
    let job = folders(&world, structure, 60);
    let (_, rounds, said) = revert(&world, &job, move |world, round| {
        // As another process would; in the fifth round this would wait for the job itself.
        if round <= 4 {
            world.edit(structure, appended(1));
        }
    });
    assert_eq!(rounds, 5);
    assert!(said.contains("held still"), "{said}");
    assert_eq!(world.stored(structure).len(), 4, "what was added stays");
    assert!(world.store.try_editing(structure).is_some());
}
