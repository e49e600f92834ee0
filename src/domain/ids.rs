//! One type an id, so that a row is never taken for an issue; and the one unit of time.

use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// A map by ids. Those are made here and nobody chooses them, so that a quick hash will do.
pub type IdMap<K, V> = HashMap<K, V, FxBuildHasher>;
/// A set of ids.
pub type IdSet<K> = HashSet<K, FxBuildHasher>;

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
