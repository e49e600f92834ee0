//! A few edits of a flat forest, without copying it: its rows as pieces of the flat one in another
//! order, rows that were added, and the rows of which something else changed.
//!
//! A row keeps its slot wherever it goes: its index in the flat forest or, counted on from there,
//! among the added ones. A subtree is one run of rows, so that moving it is moving a few pieces,
//! whatever its size. What an edit costs is a copy of the patch, which is kept small.

use super::flat::{Flat, NONE, Node, slots_with};
use super::{ForestError, Place, RowEdit};
use crate::domain::RowId;
use std::collections::HashMap;

/// A run of rows with neighbouring slots.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Index of the first row, in depth-first order.
    at: u32,
    /// Slot of the first row.
    slot: u32,
    len: u32,
    /// How much deeper they stand than their nodes say.
    shift: i32,
}

impl Piece {
    fn holds(&self, slot: u32) -> bool {
        slot.wrapping_sub(self.slot) < self.len
    }

    fn end(&self) -> u32 {
        self.at + self.len
    }
}

/// A row where it stands.
#[derive(Clone, Copy)]
pub(super) struct Standing {
    pub(super) slot: u32,
    /// How much deeper it stands than its node says.
    pub(super) shift: i32,
}

#[derive(Clone)]
pub(super) struct Patch {
    pieces: Vec<Piece>,
    /// Places in `pieces`, ordered by slot; as of the last [`Patch::settle`].
    by_slot: Vec<u32>,
    added: Vec<Node>,
    /// The slots of added rows that are still there, by id.
    added_ids: HashMap<i64, u32>,
    /// The same slots, ordered by issue; as of the last [`Patch::settle`].
    added_by_issue: Vec<u32>,
    /// Nodes of the flat forest that are otherwise now.
    changed: HashMap<u32, Node>,
}

impl Patch {
    /// A patch that changes nothing.
    pub(super) fn new(flat: &Flat) -> Self {
        let all = Piece {
            at: 0,
            slot: 0,
            len: flat.nodes.len() as u32,
            shift: 0,
        };
        Self {
            pieces: Vec::from_iter(Some(all).filter(|it| it.len > 0)),
            by_slot: Vec::new(),
            added: Vec::new(),
            added_ids: HashMap::new(),
            added_by_issue: Vec::new(),
            changed: HashMap::new(),
        }
    }

    /// Rows in all.
    pub(super) fn len(&self) -> usize {
        self.pieces.last().map_or(0, |last| last.end() as usize)
    }

    /// How much there is to copy for an edit.
    pub(super) fn weight(&self) -> usize {
        self.pieces.len() + self.added.len() + self.changed.len()
    }

    /// Bytes that it takes in memory, about.
    pub(super) fn bytes(&self) -> usize {
        let nodes = self.added.capacity() + self.changed.capacity();
        let slots = self.by_slot.capacity() + self.added_by_issue.capacity();
        size_of::<Piece>() * self.pieces.capacity()
            + size_of::<Node>() * nodes
            + size_of::<u32>() * slots
            + size_of::<(i64, u32)>() * self.added_ids.capacity()
    }

    /// The row at an index, which must be below `len()`.
    pub(super) fn at(&self, index: u32) -> Standing {
        let piece = self.pieces[self.pieces.partition_point(|it| it.end() <= index)];
        Standing {
            slot: piece.slot + (index - piece.at),
            shift: piece.shift,
        }
    }

    /// Where a row stands; `None` if it is gone.
    pub(super) fn index_of(&self, slot: u32) -> Option<u32> {
        let next = self
            .by_slot
            .partition_point(|&at| self.pieces[at as usize].slot <= slot);
        let piece = self.pieces[self.by_slot[next.checked_sub(1)?] as usize];
        piece.holds(slot).then(|| piece.at + (slot - piece.slot))
    }

    pub(super) fn node<'a>(&'a self, flat: &'a Flat, slot: u32) -> &'a Node {
        match slot.checked_sub(flat.nodes.len() as u32) {
            Some(added) => &self.added[added as usize],
            None => match self.changed.is_empty() {
                true => &flat.nodes[slot as usize],
                false => self
                    .changed
                    .get(&slot)
                    .unwrap_or(&flat.nodes[slot as usize]),
            },
        }
    }

    /// The slot of an added row that is still there.
    pub(super) fn added(&self, id: i64) -> Option<u32> {
        self.added_ids.get(&id).copied()
    }

    /// The slots of added rows that are still there, ordered by issue.
    pub(super) fn all_added(&self) -> &[u32] {
        &self.added_by_issue
    }

    /// Those of them that hold an issue.
    pub(super) fn added_of(&self, flat: &Flat, issue: i64) -> &[u32] {
        let key = |slot: &u32| self.node(flat, *slot).issue;
        slots_with(&self.added_by_issue, issue, key)
    }

    /// Makes an edit; after an error the patch is as it was before.
    pub(super) fn apply(&mut self, flat: &Flat, edit: &RowEdit) -> Result<(), ForestError> {
        match *edit {
            RowEdit::Add { id, issue, place } => {
                if self.find(flat, id).is_ok() {
                    return Err(ForestError::Duplicate(id));
                }
                if self.len() >= ForestError::ROW_LIMIT {
                    return Err(ForestError::TooManyRows);
                }
                let (parent, after) = self.resolve(flat, place)?;
                let slot = (flat.nodes.len() + self.added.len()) as u32;
                self.added.push(Node {
                    id: id.0,
                    issue: issue.map_or(-1, |issue| issue.0),
                    parent,
                    size: 1,
                    depth: self.depth_under(flat, parent),
                    children: 0,
                });
                self.added_ids.insert(id.0, slot);
                let piece = Piece {
                    at: 0,
                    slot,
                    len: 1,
                    shift: 0,
                };
                self.put(self.index_for(flat, parent, after), vec![piece]);
                self.grow(flat, parent, 1, 1);
            }
            RowEdit::Move { id, place } => {
                let slot = self.find(flat, id)?;
                let (parent, after) = self.resolve(flat, place)?;
                if after == slot || self.is_above(flat, slot, parent) {
                    return Err(ForestError::Cycle(id));
                }
                let size = self.node(flat, slot).size;
                let depth = self.depth(flat, slot);
                let mut subtree = self.take(self.position(slot), size);
                self.grow(flat, self.node(flat, slot).parent, -1, -i64::from(size));
                let deeper = self.depth_under(flat, parent) as i32 - depth as i32;
                for piece in &mut subtree {
                    piece.shift += deeper;
                }
                self.put(self.index_for(flat, parent, after), subtree);
                self.node_mut(flat, slot).parent = parent;
                self.grow(flat, parent, 1, i64::from(size));
            }
            RowEdit::Remove { id } => {
                let slot = self.find(flat, id)?;
                let node = *self.node(flat, slot);
                if node.children > 0 {
                    return Err(ForestError::HasChildren(id));
                }
                self.take(self.position(slot), 1);
                self.grow(flat, node.parent, -1, -1);
                self.added_ids.remove(&id.0);
            }
        }
        Ok(())
    }

    /// To be called after the last edit and before the patch is read.
    pub(super) fn settle(&mut self, flat: &Flat) {
        self.by_slot = (0..self.pieces.len() as u32).collect();
        // Stable, because that sort is quick where most is in order.
        self.by_slot
            .sort_by_key(|&at| self.pieces[at as usize].slot);
        let mut added: Vec<u32> = self.added_ids.values().copied().collect();
        added.sort_unstable_by_key(|&slot| (self.node(flat, slot).issue, slot));
        self.added_by_issue = added;
    }

    fn find(&self, flat: &Flat, id: RowId) -> Result<u32, ForestError> {
        let stands = |slot: &u32| self.piece_of(*slot).is_some();
        // A row that was removed may have been added again since.
        flat.find(id.0)
            .filter(stands)
            .or_else(|| self.added(id.0))
            .ok_or(ForestError::UnknownRow(id))
    }

    /// The slots of a place; `NONE` for the top level and for the first child.
    fn resolve(&self, flat: &Flat, place: Place) -> Result<(u32, u32), ForestError> {
        let parent = place.parent.map_or(Ok(NONE), |id| self.find(flat, id))?;
        let Some(after) = place.after else {
            return Ok((parent, NONE));
        };
        let slot = self.find(flat, after)?;
        if self.node(flat, slot).parent != parent {
            return Err(ForestError::NotAChild { after });
        }
        Ok((parent, slot))
    }

    fn is_above(&self, flat: &Flat, slot: u32, below: u32) -> bool {
        let mut at = below;
        while at != NONE {
            if at == slot {
                return true;
            }
            at = self.node(flat, at).parent;
        }
        false
    }

    fn depth_under(&self, flat: &Flat, parent: u32) -> u32 {
        match parent {
            NONE => 0,
            parent => self.depth(flat, parent) + 1,
        }
    }

    fn depth(&self, flat: &Flat, slot: u32) -> u32 {
        let shift = self.piece_of(slot).map_or(0, |piece| piece.shift);
        self.node(flat, slot).depth.wrapping_add_signed(shift)
    }

    /// The index that a row at a place gets.
    fn index_for(&self, flat: &Flat, parent: u32, after: u32) -> u32 {
        match (parent, after) {
            (NONE, NONE) => 0,
            (parent, NONE) => self.position(parent) + 1,
            (_, after) => self.position(after) + self.node(flat, after).size,
        }
    }

    /// The piece of a row while pieces change: looked for one by one, for there are few.
    fn piece_of(&self, slot: u32) -> Option<&Piece> {
        self.pieces.iter().find(|piece| piece.holds(slot))
    }

    /// The index of a row that stands.
    fn position(&self, slot: u32) -> u32 {
        let piece = self.piece_of(slot);
        piece.map_or(0, |piece| piece.at + (slot - piece.slot))
    }

    /// Tells a row and those above it of children and rows that came or went below it.
    fn grow(&mut self, flat: &Flat, parent: u32, children: i32, rows: i64) {
        let mut at = parent;
        if at != NONE {
            let node = self.node_mut(flat, at);
            node.children = node.children.wrapping_add_signed(children);
        }
        while at != NONE {
            let node = self.node_mut(flat, at);
            node.size = (i64::from(node.size) + rows) as u32;
            at = node.parent;
        }
    }

    fn node_mut(&mut self, flat: &Flat, slot: u32) -> &mut Node {
        match slot.checked_sub(flat.nodes.len() as u32) {
            Some(added) => &mut self.added[added as usize],
            None => self
                .changed
                .entry(slot)
                .or_insert(flat.nodes[slot as usize]),
        }
    }

    /// Takes a run of rows out.
    fn take(&mut self, index: u32, len: u32) -> Vec<Piece> {
        let (from, to) = (self.split(index), self.split(index + len));
        let taken = self.pieces.drain(from..to).collect();
        self.renumber(from);
        taken
    }

    /// Puts rows before the one at an index.
    fn put(&mut self, index: u32, pieces: Vec<Piece>) {
        let from = self.split(index);
        let count = pieces.len();
        self.pieces.splice(from..from, pieces);
        self.join(from + count);
        self.join(from);
        self.renumber(from.saturating_sub(1));
    }

    /// Makes a piece begin at an index; its place among the pieces.
    fn split(&mut self, index: u32) -> usize {
        let at = self.pieces.partition_point(|it| it.end() <= index);
        let Some(piece) = self.pieces.get_mut(at).filter(|it| it.at < index) else {
            return at;
        };
        let left = index - piece.at;
        let right = Piece {
            at: index,
            slot: piece.slot + left,
            len: piece.len - left,
            shift: piece.shift,
        };
        piece.len = left;
        self.pieces.insert(at + 1, right);
        at + 1
    }

    /// Makes one of two neighbours that continue each other.
    fn join(&mut self, right: usize) {
        let Some([first, second]) = right
            .checked_sub(1)
            .and_then(|left| self.pieces.get_mut(left..=right))
        else {
            return;
        };
        if first.slot + first.len == second.slot && first.shift == second.shift {
            first.len += second.len;
            self.pieces.remove(right);
        }
    }

    fn renumber(&mut self, from: usize) {
        let mut at = match from.checked_sub(1) {
            Some(before) => self.pieces[before].end(),
            None => 0,
        };
        for piece in &mut self.pieces[from..] {
            piece.at = at;
            at = piece.end();
        }
    }
}
