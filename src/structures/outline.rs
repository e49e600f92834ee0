//! The part of a forest that a page of rows is taken from: one row's subtree, down to a depth.
//!
//! Stepping from row to row skips what lies deeper, by the sizes of subtrees, so that a page costs
//! its own length, however large the structure is.

use crate::domain::Forest;
use std::ops::Range;

/// Rows of a forest in depth-first order: all, or those under one row, down to a depth.
#[derive(Clone, Debug)]
pub struct Outline<'f> {
    forest: &'f Forest,
    range: Range<usize>,
    deepest: Option<u32>,
}

impl<'f> Outline<'f> {
    /// The rows below the row at index `under` (`None`: all rows), at most `levels` below it.
    pub fn new(forest: &'f Forest, under: Option<usize>, levels: Option<u32>) -> Self {
        let (range, top) = match under.map(|index| forest.row(index)) {
            Some(row) => (row.index + 1..row.index + row.size, row.depth + 1),
            None => (0..forest.len(), 0),
        };
        Self {
            forest,
            range,
            deepest: levels.map(|levels| top.saturating_add(levels.saturating_sub(1))),
        }
    }

    /// Whether the row at `index` is among them.
    pub fn holds(&self, index: usize) -> bool {
        let shown = |deepest| self.forest.row(index).depth <= deepest;
        self.range.contains(&index) && self.deepest.is_none_or(shown)
    }

    /// Indexes of the rows after the one at `after` (`None`: from the first), in order.
    pub fn after(&self, after: Option<usize>) -> impl Iterator<Item = usize> + use<'_, 'f> {
        let first = after.map_or(self.range.start, |index| self.next(index));
        let within = |index: &usize| self.range.contains(index);
        std::iter::successors(Some(first).filter(within), move |&index| {
            Some(self.next(index)).filter(within)
        })
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        match self.deepest {
            Some(_) => self.after(None).count(),
            None => self.range.len(),
        }
    }

    fn next(&self, index: usize) -> usize {
        let row = self.forest.row(index);
        let skip = self.deepest.is_some_and(|deepest| row.depth >= deepest);
        index + if skip { row.size } else { 1 }
    }
}
