//! The rows of a forest in depth-first order, in one vector, with the two orders in which they are
//! looked for. Never changed once it is made; what is edited later stands in a [`Patch`].
//!
//! [`Patch`]: super::patch::Patch

/// Stands for "no row" where a slot is stored.
pub(super) const NONE: u32 = u32::MAX;

/// One row. Its slot, its index in the vector, is what other rows know it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) id: i64,
    /// The issue, or −1 for a folder.
    pub(super) issue: i64,
    /// The slot of its parent.
    pub(super) parent: u32,
    /// Rows in the subtree, this one included.
    pub(super) size: u32,
    pub(super) depth: u32,
    pub(super) children: u32,
}

/// 40 bytes a row.
#[derive(Default)]
pub(super) struct Flat {
    pub(super) nodes: Vec<Node>,
    /// Slots, ordered by row id.
    pub(super) by_id: Vec<u32>,
    /// Slots of issue rows, ordered by issue, then depth-first.
    pub(super) by_issue: Vec<u32>,
}

impl Flat {
    pub(super) fn bytes(&self) -> usize {
        size_of::<Node>() * self.nodes.capacity()
            + size_of::<u32>() * (self.by_id.capacity() + self.by_issue.capacity())
    }

    pub(super) fn find(&self, id: i64) -> Option<u32> {
        let at = self
            .by_id
            .binary_search_by_key(&id, |&slot| self.nodes[slot as usize].id);
        at.ok().map(|at| self.by_id[at])
    }

    /// The slots of an issue's rows, in depth-first order.
    pub(super) fn slots_of(&self, issue: i64) -> &[u32] {
        let key = |slot: &u32| self.nodes[*slot as usize].issue;
        slots_with(&self.by_issue, issue, key)
    }
}

/// Those of some slots that hold an issue, out of all of them ordered by it.
pub(super) fn slots_with(slots: &[u32], issue: i64, key: impl Fn(&u32) -> i64) -> &[u32] {
    let start = slots.partition_point(|slot| key(slot) < issue);
    let length = slots[start..].partition_point(|slot| key(slot) == issue);
    &slots[start..start + length]
}
