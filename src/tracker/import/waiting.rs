//! The keys that references may lead to: nearly every new issue would ask for those to it, and nearly
//! none has any.

use crate::store::references;
use crate::store::{StoreError, Tx};
use std::collections::HashSet;

/// Keys that are remembered at the most, which bounds memory and what the first look costs.
const LIMIT: usize = 20_000;

/// Every key that a reference leads to, and some that none does any more.
pub(super) struct Waiting {
    /// `None` if they are too many: then each key may be one of them.
    keys: Option<HashSet<String>>,
    limit: usize,
}

impl Waiting {
    pub(super) fn load(tx: &Tx<'_>) -> Result<Self, StoreError> {
        let keys = references::some_keys(tx, LIMIT + 1)?;
        Ok(Self::of(keys, LIMIT))
    }

    fn of(keys: Vec<String>, limit: usize) -> Self {
        let keys = (keys.len() <= limit).then(|| keys.into_iter().collect());
        Self { keys, limit }
    }

    /// Notes the key of a new reference.
    pub(super) fn note(&mut self, key: &str) {
        let Some(keys) = &mut self.keys else { return };
        keys.insert(key.to_owned());
        if keys.len() > self.limit {
            self.keys = None;
        }
    }

    /// Whether the tables have to be asked for references to a key.
    pub(super) fn may_wait_for(&self, key: &str) -> bool {
        self.keys.as_ref().is_none_or(|keys| keys.contains(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_more_keys_than_are_remembered_each_may_be_one_of_them() {
        let keys = |count: usize| (0..count).map(|it| format!("A-{it}")).collect::<Vec<_>>();
        let mut waiting = Waiting::of(keys(2), 3);
        assert!(waiting.may_wait_for("A-1"));
        assert!(!waiting.may_wait_for("A-2"));
        waiting.note("A-2");
        waiting.note("A-2");
        assert!(waiting.may_wait_for("A-2"));
        assert!(!waiting.may_wait_for("B-1"));
        waiting.note("A-3");
        assert!(waiting.may_wait_for("B-1"));
        assert!(Waiting::of(keys(4), 3).may_wait_for("B-1"));
    }
}
