//! What the targets share: a store on a database of their own, made once and thrown away.

use std::sync::OnceLock;
use tokio::runtime::Runtime;
use understory::clock::Clock;
use understory::domain::Millis;
use understory::store::{Store, StoreError, Tx};

struct World {
    runtime: Runtime,
    store: Store,
    _folder: tempfile::TempDir,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        // The time stands still, so that an input does the same whenever it is run.
        let clock = Clock::new(|| Millis(1_700_000_000_000));
        let path = folder.path().join("fuzz.db");
        let store = runtime
            .block_on(Store::open(&path, clock))
            .expect("a store");
        World {
            runtime,
            store,
            _folder: folder,
        }
    })
}

/// Runs `work` on a snapshot of the database.
pub fn read<T: Send + 'static>(work: impl FnOnce(&Tx<'_>) -> T + Send + 'static) -> T {
    let world = world();
    let done = world
        .store
        .read(move |tx| Ok::<_, StoreError>(work(tx)));
    world.runtime.block_on(done).expect("the work does not panic")
}

/// Runs `work` in a write transaction and takes it back, so that no input depends on another.
pub fn write_and_undo(work: impl FnOnce(&Tx<'_>) + Send + 'static) {
    let world = world();
    let done = world.store.write(move |tx| {
        work(tx);
        Err::<(), _>(Undone::Asked)
    });
    match world.runtime.block_on(done) {
        Err(Undone::Asked) => {}
        Err(Undone::Failed(error)) => panic!("{error}"),
        Ok(()) => unreachable!("it is always taken back"),
    }
}

enum Undone {
    Asked,
    Failed(StoreError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}
