//! Hierarchies of earlier versions that are held in memory, so that the pages of one walk through
//! them do not each build it anew: the most recently used ones, up to a number of rows.

use super::history::Past;
use crate::domain::StructureId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Rows held in all; at some 40 bytes a row, about 80 MB.
const ROW_BUDGET: usize = 2_000_000;

type Key = (StructureId, i64);

#[derive(Default)]
struct Held {
    pasts: HashMap<Key, (Arc<Past>, u64)>,
    uses: u64,
}

/// What never changes needs no care: an entry is good until it makes room for another.
#[derive(Default)]
pub(super) struct Pasts {
    held: Mutex<Held>,
    /// Held by the one who builds: two pages that come together build one forest.
    pub(super) building: tokio::sync::Mutex<()>,
}

impl Pasts {
    pub(super) fn find(&self, structure: StructureId, version: i64) -> Option<Arc<Past>> {
        let mut held = self.lock();
        held.uses += 1;
        let now = held.uses;
        let (past, used) = held.pasts.get_mut(&(structure, version))?;
        *used = now;
        Some(Arc::clone(past))
    }

    pub(super) fn keep(&self, structure: StructureId, past: &Arc<Past>) {
        let mut held = self.lock();
        held.uses += 1;
        let now = held.uses;
        let key = (structure, past.forest.version());
        held.pasts.insert(key, (Arc::clone(past), now));
        held.shrink(ROW_BUDGET);
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        // The map is whole after every step, so a panic elsewhere does not spoil it.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Forgets the least recently used ones beyond a number of rows, and never the last one used.
    fn shrink(&mut self, budget: usize) {
        let weight = |past: &Past| past.forest.len() + past.folders.len() + 1;
        let mut rows: usize = self.pasts.values().map(|(past, _)| weight(past)).sum();
        while rows > budget && self.pasts.len() > 1 {
            let oldest = self.pasts.iter().min_by_key(|(_, (_, used))| *used);
            let Some((&oldest, (past, _))) = oldest else {
                return;
            };
            rows -= weight(past);
            self.pasts.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Forest;
    use crate::domain::forest::SourceRow;
    use crate::domain::{IssueId, RowId};

    #[test]
    fn the_least_recently_used_make_room() {
        let pasts = Pasts::default();
        for version in 0..3 {
            let rows = (1..=3).map(|id| SourceRow {
                id: RowId(id),
                parent: None,
                issue: Some(IssueId(id)),
            });
            let forest = Arc::new(Forest::build(version, rows).unwrap());
            let folders = HashMap::new();
            pasts.keep(StructureId(1), &Arc::new(Past { forest, folders }));
        }
        assert!(pasts.find(StructureId(1), 0).is_some());
        pasts.lock().shrink(8);
        assert!(pasts.find(StructureId(1), 1).is_none());
        assert!(pasts.find(StructureId(1), 0).is_some());
        assert!(pasts.find(StructureId(2), 0).is_none());
        pasts.lock().shrink(0);
        assert!(
            pasts.find(StructureId(1), 0).is_some(),
            "the last one stays"
        );
    }
}
