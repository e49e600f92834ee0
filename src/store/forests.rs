//! The forests that are held in memory: the most recently used ones, up to a number of rows; and
//! those that a commit is about to make, which readers of the database may see before it returns.

use crate::domain::{Forest, StructureId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Rows held in all; at 40 bytes a row, about 200 MB.
const ROW_BUDGET: usize = 5_000_000;

#[derive(Default)]
struct Held {
    forests: HashMap<StructureId, (Arc<Forest>, u64)>,
    uses: u64,
    coming: Made,
}

/// What a transaction made of structures; `None` of one that it deleted.
type Made = HashMap<StructureId, Option<Arc<Forest>>>;

/// How much is held: forests, their rows, and the bytes that these take.
pub(super) struct Size {
    pub(super) forests: usize,
    pub(super) rows: usize,
    pub(super) bytes: usize,
}

/// A cache in which a newer version never gives way to an older one.
#[derive(Default)]
pub(super) struct Forests(Mutex<Held>);

impl Forests {
    /// The forest that is held, unless another one is about to take its place.
    pub(super) fn find(&self, structure: StructureId) -> Option<Arc<Forest>> {
        let mut held = self.lock();
        match held.coming.contains_key(&structure) {
            true => None,
            false => held.find(structure),
        }
    }

    /// The forest that is held, or about to be, if it has this version.
    pub(super) fn find_version(&self, structure: StructureId, version: i64) -> Option<Arc<Forest>> {
        let mut held = self.lock();
        let coming = held.coming.get(&structure).cloned().flatten();
        let is_meant = |forest: &Arc<Forest>| forest.version() == version;
        coming
            .filter(is_meant)
            .or_else(|| held.find(structure).filter(is_meant))
    }

    /// Keeps a forest that was read, unless a newer one is there; either way, returns what was read.
    pub(super) fn offer(&self, structure: StructureId, forest: Arc<Forest>) -> Arc<Forest> {
        let mut held = self.lock();
        let newer = held
            .forests
            .get(&structure)
            .is_some_and(|(it, _)| it.version() > forest.version());
        if !newer {
            held.keep(structure, Arc::clone(&forest));
        }
        forest
    }

    /// Announces what a commit is about to make: until it has ended, either may be the newest.
    pub(super) fn announce(&self, made: Made) {
        self.lock().coming = made;
    }

    /// Takes over what was announced, or drops it if the commit failed.
    pub(super) fn settle(&self, committed: bool) {
        let mut held = self.lock();
        let made = std::mem::take(&mut held.coming);
        if !committed {
            return;
        }
        for (structure, forest) in made {
            match forest {
                Some(forest) => held.keep(structure, forest),
                None => {
                    held.forests.remove(&structure);
                }
            }
        }
    }

    /// How much is held.
    pub(super) fn size(&self) -> Size {
        let held = self.lock();
        let all = || held.forests.values().map(|(forest, _)| forest);
        Size {
            forests: held.forests.len(),
            rows: all().map(|forest| forest.len()).sum(),
            bytes: all().map(|forest| forest.bytes()).sum(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        // The map is whole after every step, so a panic elsewhere does not spoil it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn find(&mut self, structure: StructureId) -> Option<Arc<Forest>> {
        self.uses += 1;
        let now = self.uses;
        let (forest, used) = self.forests.get_mut(&structure)?;
        *used = now;
        Some(Arc::clone(forest))
    }

    fn keep(&mut self, structure: StructureId, forest: Arc<Forest>) {
        self.uses += 1;
        self.forests.insert(structure, (forest, self.uses));
        let mut rows: usize = self.forests.values().map(|(forest, _)| forest.len()).sum();
        while rows > ROW_BUDGET && self.forests.len() > 1 {
            let oldest = self.forests.iter().min_by_key(|(_, (_, used))| *used);
            let Some((&oldest, (forest, _))) = oldest else {
                break;
            };
            rows -= forest.len();
            self.forests.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: StructureId = StructureId(1);

    fn at(version: i64) -> Arc<Forest> {
        Arc::new(Forest::build(version, []).unwrap())
    }

    fn found(forests: &Forests) -> Option<i64> {
        forests.find(ONE).map(|forest| forest.version())
    }

    #[test]
    fn an_older_forest_never_replaces_a_newer_one() {
        let forests = Forests::default();
        assert_eq!(forests.offer(ONE, at(5)).version(), 5);
        assert_eq!(forests.offer(ONE, at(4)).version(), 4);
        assert_eq!(found(&forests), Some(5));
        forests.offer(ONE, at(6));
        assert_eq!(found(&forests), Some(6));
    }

    #[test]
    fn while_a_commit_is_under_way_the_version_that_is_read_decides() {
        let forests = Forests::default();
        forests.offer(ONE, at(5));
        for (committed, after) in [(false, 5), (true, 6)] {
            forests.announce(HashMap::from([(ONE, Some(at(6)))]));
            assert_eq!(found(&forests), None);
            for version in [5, 6] {
                let forest = forests.find_version(ONE, version).unwrap();
                assert_eq!(forest.version(), version);
            }
            forests.settle(committed);
            assert_eq!(found(&forests), Some(after));
        }
        forests.announce(HashMap::from([(ONE, None)]));
        assert!(forests.find_version(ONE, 6).is_some());
        forests.settle(true);
        assert!(forests.find_version(ONE, 6).is_none());
    }
}
