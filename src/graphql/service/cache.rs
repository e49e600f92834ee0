//! Parsed documents, kept for the next request with the same text.
//!
//! Clients send few documents many times, and parsing is half the cost of a small query. Two
//! generations bound the memory: what is used moves to the young one, and when that is full the old
//! one is dropped. That is close to least-recently-used, in constant time and without links.
//! What validation said is kept with them, as far as it does not depend on the variables.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

/// A bounded map from a text to what was made of it.
pub(super) struct Cache<T> {
    generations: Mutex<Generations<T>>,
    /// Bytes of text that one generation may hold.
    generation_bytes: usize,
}

struct Generations<T> {
    young: HashMap<Arc<str>, Arc<T>>,
    old: HashMap<Arc<str>, Arc<T>>,
    young_bytes: usize,
}

/// Counted for each entry besides its text, so that many tiny ones are bounded too.
const ENTRY_BYTES: usize = 256;

impl<T> Cache<T> {
    pub(super) fn new(bytes: usize) -> Self {
        let generations = Generations {
            young: HashMap::new(),
            old: HashMap::new(),
            young_bytes: 0,
        };
        Self {
            generations: Mutex::new(generations),
            generation_bytes: bytes / 2,
        }
    }

    pub(super) fn find(&self, text: &str) -> Option<Arc<T>> {
        let mut generations = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = generations.young.get(text) {
            return Some(Arc::clone(found));
        }
        let (text, found) = generations.old.remove_entry(text)?;
        generations.keep(text, Arc::clone(&found), self.generation_bytes);
        Some(found)
    }

    pub(super) fn keep(&self, text: &str, made: Arc<T>) {
        if text.len() + ENTRY_BYTES <= self.generation_bytes {
            let mut generations = self
                .generations
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            generations.keep(text.into(), made, self.generation_bytes);
        }
    }
}

impl<T> Generations<T> {
    fn keep(&mut self, text: Arc<str>, made: Arc<T>, bytes: usize) {
        let size = text.len() + ENTRY_BYTES;
        if self.young_bytes + size > bytes {
            self.old = mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        if self.young.insert(text, made).is_none() {
            self.young_bytes += size;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_survives_what_is_not() {
        let cache = Cache::new(2 * 10 * (ENTRY_BYTES + 2));
        cache.keep("hot", Arc::new(0));
        for number in 10..99 {
            cache.keep(&number.to_string(), Arc::new(number));
            assert_eq!(cache.find("hot").as_deref(), Some(&0), "after {number}");
        }
        assert!(cache.find("10").is_none());
        assert_eq!(cache.find("98").as_deref(), Some(&98));
        let generations = cache.generations.lock().unwrap();
        assert!(generations.young.len() + generations.old.len() <= 20);
    }

    #[test]
    fn a_text_larger_than_a_generation_is_not_kept() {
        let cache = Cache::new(1_000);
        cache.keep(&"x".repeat(600), Arc::new(()));
        assert!(cache.find(&"x".repeat(600)).is_none());
    }
}
