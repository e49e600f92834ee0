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
        let within = |index: usize| self.range.contains(&index).then_some(index);
        let first = within(after.map_or(self.range.start, |index| self.next(index)));
        std::iter::successors(first, move |&index| within(self.next(index)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::forest::samples::{any_forest, forest};
    use proptest::prelude::*;

    #[test]
    fn no_rows_are_an_outline_too() {
        let empty = Forest::default();
        assert_eq!(Outline::new(&empty, None, Some(1)).count(), 0);
        let forest = forest("1\n 2");
        assert_eq!(Outline::new(&forest, Some(1), None).after(None).count(), 0);
    }

    proptest! {
        #[test]
        fn an_outline_is_what_a_walk_over_all_rows_would_keep(
            forest in any_forest(40, 9),
            under in any::<prop::sample::Index>(),
            whole in any::<bool>(),
            levels in prop::option::of(1u32..5),
        ) {
            let under = (!whole && !forest.is_empty()).then(|| under.index(forest.len()));
            let outline = Outline::new(&forest, under, levels);
            let top = under.map_or(0, |index| forest.row(index).depth + 1);
            let expected: Vec<usize> = forest
                .rows()
                .filter(|row| under.is_none_or(|it| it != row.index && forest.is_within(row.index, it)))
                .filter(|row| levels.is_none_or(|levels| row.depth < top + levels))
                .map(|row| row.index)
                .collect();
            prop_assert_eq!(outline.after(None).collect::<Vec<_>>(), expected.clone());
            prop_assert_eq!(outline.count(), expected.len());
            for (at, &index) in expected.iter().enumerate() {
                prop_assert!(outline.holds(index));
                let rest: Vec<usize> = outline.after(Some(index)).collect();
                prop_assert_eq!(&rest, &expected[at + 1..]);
            }
        }
    }
}
