//! The forests that are held in memory: the most recently used ones, up to a number of rows.

use crate::domain::{Forest, StructureId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Rows held in all; at 40 bytes a row, about 200 MB.
const ROW_BUDGET: usize = 5_000_000;

#[derive(Default)]
struct Held {
    forests: HashMap<StructureId, (Arc<Forest>, u64)>,
    uses: u64,
}

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
    pub(super) fn find(&self, structure: StructureId) -> Option<Arc<Forest>> {
        let mut held = self.lock();
        held.uses += 1;
        let now = held.uses;
        let (forest, used) = held.forests.get_mut(&structure)?;
        *used = now;
        Some(Arc::clone(forest))
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

    /// Sets the forest that a commit made.
    pub(super) fn replace(&self, structure: StructureId, forest: Option<Arc<Forest>>) {
        let mut held = self.lock();
        match forest {
            Some(forest) => held.keep(structure, forest),
            None => {
                held.forests.remove(&structure);
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

    #[test]
    fn an_older_forest_never_replaces_a_newer_one() {
        let forests = Forests::default();
        let at = |version| Arc::new(Forest::build(version, []).unwrap());
        forests.replace(StructureId(1), Some(at(5)));
        assert_eq!(forests.offer(StructureId(1), at(4)).version(), 4);
        assert_eq!(forests.find(StructureId(1)).unwrap().version(), 5);
        forests.offer(StructureId(1), at(6));
        assert_eq!(forests.find(StructureId(1)).unwrap().version(), 6);
    }
}
