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

/// 41 bytes a row.
#[derive(Default)]
pub(super) struct Flat {
    pub(super) nodes: Vec<Node>,
    by_id: Order,
    /// Of the rows that hold an issue; those of one issue depth-first.
    by_issue: Order,
}

impl Flat {
    /// Nodes in depth-first order, with their slots ordered by id and, as far as they hold an issue,
    /// by issue and then depth-first.
    pub(super) fn new(nodes: Vec<Node>, by_id: Vec<u32>, by_issue: Vec<u32>) -> Self {
        Self {
            by_id: Order::new(by_id, |slot| nodes[slot as usize].id),
            by_issue: Order::new(by_issue, |slot| nodes[slot as usize].issue),
            nodes,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of::<Node>() * self.nodes.capacity() + self.by_id.bytes() + self.by_issue.bytes()
    }

    pub(super) fn find(&self, id: i64) -> Option<u32> {
        let key = |slot: u32| self.nodes[slot as usize].id;
        self.by_id.run(id, key).first().copied()
    }

    /// The slots of an issue's rows, in depth-first order.
    pub(super) fn slots_of(&self, issue: i64) -> &[u32] {
        let key = |slot: u32| self.nodes[slot as usize].issue;
        self.by_issue.run(issue, key)
    }

    /// All slots, ordered by row id.
    pub(super) fn by_id(&self) -> &[u32] {
        &self.by_id.slots
    }

    /// The slots of rows that hold an issue, ordered by it, then depth-first.
    pub(super) fn by_issue(&self) -> &[u32] {
        &self.by_issue.slots
    }
}

/// Slots between two keys that are kept.
const STEP: usize = 32;

/// Slots in the order of a key. Some of the keys stand beside them, close together: a search that
/// looked at nodes alone would touch twenty places of a large forest, one cache line each.
#[derive(Default)]
struct Order {
    slots: Vec<u32>,
    /// The key of each [`STEP`]th slot.
    keys: Vec<i64>,
}

impl Order {
    fn new(slots: Vec<u32>, key: impl Fn(u32) -> i64) -> Self {
        let keys = slots.iter().step_by(STEP).map(|&slot| key(slot)).collect();
        Self { slots, keys }
    }

    /// The slots with a key.
    fn run(&self, wanted: i64, key: impl Fn(u32) -> i64) -> &[u32] {
        let step = self.keys.partition_point(|it| *it < wanted);
        let from = step.saturating_sub(1) * STEP;
        let to = (step * STEP).min(self.slots.len());
        let start = from + self.slots[from..to].partition_point(|&slot| key(slot) < wanted);
        // Few rows have the same key, so that they are counted one by one.
        let same = self.slots[start..].iter();
        let length = same.take_while(|&&slot| key(slot) == wanted).count();
        &self.slots[start..start + length]
    }

    fn bytes(&self) -> usize {
        size_of::<u32>() * self.slots.capacity() + size_of::<i64>() * self.keys.capacity()
    }
}

/// Those of a few slots that hold an issue, out of all of them ordered by it.
pub(super) fn slots_with(slots: &[u32], issue: i64, key: impl Fn(&u32) -> i64) -> &[u32] {
    let start = slots.partition_point(|slot| key(slot) < issue);
    let length = slots[start..].partition_point(|slot| key(slot) == issue);
    &slots[start..start + length]
}
