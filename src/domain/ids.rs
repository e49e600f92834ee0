//! One type an id, so that a row is never taken for an issue; and the one unit of time.

use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// A map by ids. Those are made here and nobody chooses them, so that a quick hash will do.
pub type IdMap<K, V> = HashMap<K, V, FxBuildHasher>;
/// A set of ids.
pub type IdSet<K> = HashSet<K, FxBuildHasher>;

/// Ids of one page.
const PAGE: i64 = 16;

/// Values by id where most ids have one: neighbours lie together, so that whoever goes through ids
/// in their order finds the next at once, and ids that are far apart cost no more than in a map.
#[derive(Clone, Debug)]
pub struct IdPages<V> {
    pages: IdMap<i64, Box<[V; PAGE as usize]>>,
}

impl<V> Default for IdPages<V> {
    fn default() -> Self {
        Self {
            pages: IdMap::default(),
        }
    }
}

impl<V: Default> IdPages<V> {
    /// The value of an id, unless neither it nor a neighbour was given one.
    pub fn get(&self, id: i64) -> Option<&V> {
        let page = self.pages.get(&id.div_euclid(PAGE))?;
        Some(&page[id.rem_euclid(PAGE) as usize])
    }

    /// The value of an id, the default one if it has none yet.
    pub fn get_mut(&mut self, id: i64) -> &mut V {
        let page = self.pages.entry(id.div_euclid(PAGE));
        let page = page.or_insert_with(|| Box::new(std::array::from_fn(|_| V::default())));
        &mut page[id.rem_euclid(PAGE) as usize]
    }

    /// All ids near which there is a value, with theirs, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &V)> {
        let page = |(number, page): (&i64, _)| (number * PAGE, page);
        self.pages
            .iter()
            .map(page)
            .flat_map(|(first, page)| (first..).zip(page.iter()))
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A user.
    UserId,
    /// A user's token.
    TokenId,
    /// A structure.
    StructureId,
    /// A row of a forest. Negative while a plan has not been applied: the row is yet to be made.
    RowId,
    /// An issue of the tracker.
    IssueId,
    /// A link between two issues.
    LinkId,
    /// A type of link.
    LinkTypeId,
    /// A saved filter.
    FilterId,
    /// A board.
    BoardId,
    /// An installed synchronizer.
    SynchronizerId,
    /// A job.
    JobId,
    /// An instant, in milliseconds since 1970-01-01T00:00:00Z.
    Millis,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_what_each_id_was_given_wherever_it_lies() {
        let mut pages = IdPages::<Option<i64>>::default();
        let ids = [0, 1, 15, 16, -1, i64::MIN, i64::MAX - 16];
        for id in ids {
            *pages.get_mut(id) = Some(id);
        }
        assert!(ids.iter().all(|id| pages.get(*id) == Some(&Some(*id))));
        assert_eq!(pages.get(2), Some(&None));
        assert_eq!(pages.get(1_000), None);
        let mut given: Vec<i64> = pages.iter().filter_map(|(_, value)| *value).collect();
        given.sort_unstable();
        assert_eq!(given, [i64::MIN, -1, 0, 1, 15, 16, i64::MAX - 16]);
    }
}
