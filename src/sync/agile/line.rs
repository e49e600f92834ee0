//! Primary rows in the order in which their issues are to rank, and the neighbours of one in it.

use super::known::Known;
use crate::domain::{Forest, IssueId};
use crate::sync::Halt;
use std::collections::HashSet;

/// The places of the primary rows of some issues, depth-first.
pub(super) fn primaries(forest: &Forest, issues: &HashSet<IssueId>) -> Vec<usize> {
    let rows = issues.iter().filter_map(|issue| forest.primary(*issue));
    let mut rows: Vec<usize> = rows.map(|row| row.index).collect();
    rows.sort_unstable();
    rows
}

/// The children of a parent that are primary rows.
pub(super) fn siblings(forest: &Forest, parent: Option<usize>) -> Vec<usize> {
    let rows = forest.children(parent).map(|row| row.index);
    rows.filter(|row| is_primary(forest, *row)).collect()
}

fn is_primary(forest: &Forest, row: usize) -> bool {
    let primary = forest.row(row).issue.and_then(|it| forest.primary(it));
    primary.is_some_and(|primary| primary.index == row)
}

/// The nearest primary row whose issue is in scope, and that issue.
pub(super) fn nearest(
    forest: &Forest,
    rows: impl Iterator<Item = usize>,
    known: &mut Known<'_>,
) -> Result<Option<(usize, IssueId)>, Halt> {
    let rows = rows.filter(|row| is_primary(forest, *row));
    known.first(
        rows.filter_map(|row| Some((row, forest.row(row).issue?))),
        Known::in_scope,
    )
}

/// Which rows follow each other in the order of ranks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    DepthFirst,
    Siblings,
}

impl Line {
    pub(super) fn before(self, forest: &Forest, row: usize) -> impl Iterator<Item = usize> + '_ {
        let step = move |row: &usize| match self {
            Self::DepthFirst => row.checked_sub(1),
            Self::Siblings => forest.previous_sibling(*row).map(|it| it.index),
        };
        std::iter::successors(Some(row), step).skip(1)
    }

    pub(super) fn after(self, forest: &Forest, row: usize) -> impl Iterator<Item = usize> + '_ {
        let parent = forest.row(row).parent.map(|up| forest.row(up));
        let end = match (self, parent) {
            (Self::Siblings, Some(parent)) => parent.index + parent.size,
            _ => forest.len(),
        };
        let step = move |row: &usize| {
            let next = match self {
                Self::DepthFirst => row + 1,
                Self::Siblings => row + forest.row(*row).size,
            };
            (next < end).then_some(next)
        };
        std::iter::successors(Some(row), step).skip(1)
    }
}
