//! How much of something each of many keys holds at the moment.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

type Counts<K> = Arc<Mutex<HashMap<K, usize>>>;

/// What is held, by key; cheap to clone.
pub(super) struct Held<K>(Counts<K>);

impl<K> Default for Held<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Hash + Eq + Clone> Held<K> {
    /// Takes one more for a key, unless it holds as many as the limit.
    pub(super) fn take(&self, key: K, limit: usize) -> Option<Slot<K>> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = counts.get(&key).copied().unwrap_or_default();
        if held >= limit {
            return None;
        }
        counts.insert(key.clone(), held + 1);
        Some(Slot {
            counts: Arc::clone(&self.0),
            key,
        })
    }
}

/// One that is held; given back when dropped.
pub(in crate::http) struct Slot<K: Hash + Eq + Clone> {
    counts: Counts<K>,
    key: K,
}

impl<K: Hash + Eq + Clone> Drop for Slot<K> {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut held) = counts.entry(self.key.clone()) {
            match held.get() {
                0 | 1 => drop(held.remove()),
                more => {
                    let less = more - 1;
                    held.insert(less);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_holds_up_to_the_limit_and_none_is_kept_that_holds_nothing() {
        let held = Held::default();
        let slots = [held.take("a", 2), held.take("a", 2), held.take("b", 2)];
        assert!(slots.iter().all(Option::is_some));
        assert!(held.take("a", 2).is_none());
        drop(slots);
        assert!(held.take("a", 1).is_some());
        assert!(held.0.lock().unwrap().is_empty());
    }
}
