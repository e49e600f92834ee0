//! A forest: the rows of one structure in depth-first order, immutable.
//!
//! A row costs 41 bytes: what a reader of a page needs (id, item, parent, subtree size, depth,
//! number of children) plus its place in two orders, by id and by issue. So a page, a parent, a
//! subtree and the rows of an issue are found without walking the forest. A change makes a new
//! forest (`edited`) that shares the rows of the one before and says in a patch what is otherwise,
//! until that is better written out; readers keep the forest they hold. Folder names and sibling
//! keys stay in the database: no planner needs them.

mod edit;
mod flat;
mod linked;
mod patch;
#[cfg(test)]
mod patch_tests;
#[cfg(test)]
pub(crate) mod samples;

pub use edit::{ForestError, Place, RowEdit};
pub use linked::SourceRow;

use super::{IssueId, RowId};
use flat::{Flat, NONE, Node};
use linked::Linked;
use patch::{Patch, Standing};
use std::borrow::Cow;
use std::sync::Arc;

/// Edits that are worth a patch at the most; more are written out at once.
const PATCH_EDITS: usize = 256;
/// A patch that is heavier than this is written out by the next edit.
const PATCH_WEIGHT: usize = 4_096;
/// A forest in which a copy of all rows costs no more than a patch.
const SMALL: usize = 1_000;

/// The rows of one structure at one version.
#[derive(Clone, Default)]
pub struct Forest {
    version: i64,
    flat: Arc<Flat>,
    patch: Option<Arc<Patch>>,
}

/// One row as it stands in a forest. `index` is its place in depth-first order, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowView {
    /// Place in depth-first order.
    pub index: usize,
    /// The row's id.
    pub id: RowId,
    /// The issue it holds; `None` for a folder.
    pub issue: Option<IssueId>,
    /// 0 at the top level.
    pub depth: u32,
    /// Number of direct children.
    pub child_count: u32,
    /// Rows in its subtree, itself included.
    pub size: usize,
    /// Index of its parent row.
    pub parent: Option<usize>,
}

impl Forest {
    /// Builds a forest from rows in any order that keeps siblings in theirs.
    ///
    /// Errors when a row names a parent that is not among them, stands twice, or closes a cycle.
    pub fn build(
        version: i64,
        rows: impl IntoIterator<Item = SourceRow>,
    ) -> Result<Self, ForestError> {
        Linked::from_rows(rows)?.flatten(version)
    }

    /// The version of the hierarchy that this is.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match &self.patch {
            None => self.flat.nodes.len(),
            Some(patch) => patch.len(),
        }
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that it takes in memory; what it shares with other versions is counted.
    pub fn bytes(&self) -> usize {
        self.flat.bytes() + self.patch.as_ref().map_or(0, |patch| patch.bytes())
    }

    /// The row at `index`, which must be below `len()`.
    pub fn row(&self, index: usize) -> RowView {
        let (node, depth, parent) = match &self.patch {
            None => {
                let node = &self.flat.nodes[index];
                (node, node.depth, Some(node.parent))
            }
            Some(patch) => {
                let Standing { slot, shift } = patch.at(index as u32);
                let node = patch.node(&self.flat, slot);
                let depth = node.depth.wrapping_add_signed(shift);
                (node, depth, patch.index_of(node.parent))
            }
        };
        RowView {
            index,
            id: RowId(node.id),
            issue: (node.issue >= 0).then_some(IssueId(node.issue)),
            depth,
            child_count: node.children,
            size: node.size as usize,
            parent: parent.filter(|up| *up != NONE).map(|up| up as usize),
        }
    }

    /// All rows in depth-first order.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = RowView> + ExactSizeIterator + '_ {
        (0..self.len()).map(|index| self.row(index))
    }

    /// Where the row stands; `None` if it is not in this forest.
    pub fn index_of(&self, id: RowId) -> Option<usize> {
        let slot = self.flat.find(id.0);
        let index = match &self.patch {
            None => slot,
            Some(patch) => slot
                .and_then(|slot| patch.index_of(slot))
                .or_else(|| patch.index_of(patch.added(id.0)?)),
        };
        index.map(|index| index as usize)
    }

    /// The row with this id.
    pub fn find(&self, id: RowId) -> Option<RowView> {
        self.index_of(id).map(|index| self.row(index))
    }

    /// The rows that hold an issue, in depth-first order; the first is its primary row.
    pub fn rows_of(&self, issue: IssueId) -> impl ExactSizeIterator<Item = RowView> + '_ {
        let slots = self.flat.slots_of(issue.0);
        let indexes = match &self.patch {
            None => Cow::Borrowed(slots),
            Some(patch) => {
                let all = slots.iter().chain(patch.added_of(&self.flat, issue.0));
                let mut indexes: Vec<u32> = all.filter_map(|slot| patch.index_of(*slot)).collect();
                indexes.sort_unstable();
                Cow::Owned(indexes)
            }
        };
        (0..indexes.len()).map(move |at| self.row(indexes[at] as usize))
    }

    /// The first row, in depth-first order, that holds an issue.
    pub fn primary(&self, issue: IssueId) -> Option<RowView> {
        self.rows_of(issue).next()
    }

    /// Whether an issue stands in any row.
    pub fn holds(&self, issue: IssueId) -> bool {
        self.primary(issue).is_some()
    }

    /// The distinct issues that stand in the forest, ascending by id.
    pub fn issues(&self) -> impl Iterator<Item = IssueId> + '_ {
        let issue = move |slot: u32| self.node(slot).issue;
        let patch = self.patch.as_deref();
        let stands = move |slot: &u32| patch.is_none_or(|it| it.index_of(*slot).is_some());
        let old = self
            .flat
            .by_issue()
            .iter()
            .copied()
            .filter(stands)
            .map(issue);
        let new = patch.map_or(&[][..], Patch::all_added).iter().copied();
        let new = new.map(issue).filter(|issue| *issue >= 0);
        let (mut old, mut new) = (old.peekable(), new.peekable());
        let mut last = None;
        std::iter::from_fn(move || {
            loop {
                let next = match (old.peek(), new.peek()) {
                    (Some(one), Some(other)) if other < one => new.next(),
                    (Some(_), _) => old.next(),
                    (None, _) => new.next(),
                }?;
                if last.replace(next) != Some(next) {
                    return Some(IssueId(next));
                }
            }
        })
    }

    /// The children of a row (`None`: the top level) in order, each found from the one before.
    pub fn children(&self, parent: Option<usize>) -> impl Iterator<Item = RowView> + '_ {
        let (mut next, end) = match parent {
            Some(parent) => (parent + 1, parent + self.size(parent)),
            None => (0, self.len()),
        };
        std::iter::from_fn(move || {
            (next < end).then(|| {
                let row = self.row(next);
                next += row.size;
                row
            })
        })
    }

    /// The sibling before a row, found by climbing from the row above it.
    pub fn previous_sibling(&self, index: usize) -> Option<RowView> {
        let parent = self.row(index).parent;
        let above = index
            .checked_sub(1)
            .filter(|above| Some(*above) != parent)?;
        let mut above = self.row(above);
        while above.parent != parent {
            above = self.row(above.parent?);
        }
        Some(above)
    }

    /// Whether the row at `index` lies in the subtree of the one at `ancestor` (itself included).
    pub fn is_within(&self, index: usize, ancestor: usize) -> bool {
        (ancestor..ancestor + self.size(ancestor)).contains(&index)
    }

    /// The rows above a row, nearest first.
    pub fn ancestors(&self, index: usize) -> impl Iterator<Item = RowView> + '_ {
        std::iter::successors(self.row(index).parent, |&up| self.row(up).parent)
            .map(|index| self.row(index))
    }

    /// The forest after the edits, in their order; an error leaves nothing half done.
    ///
    /// A few edits cost the same in a forest of any size; many are linear in rows plus edits.
    pub fn edited(&self, version: i64, edits: &[RowEdit]) -> Result<Self, ForestError> {
        let weight = self.patch.as_ref().map_or(0, |patch| patch.weight());
        let few = edits.len() <= PATCH_EDITS.min(self.len() / 64);
        if self.len() >= SMALL && few && weight < PATCH_WEIGHT {
            return self.patched(version, edits);
        }
        let mut linked = Linked::from_forest(self);
        for edit in edits {
            linked.apply(self, edit)?;
        }
        linked.flatten(version)
    }

    fn patched(&self, version: i64, edits: &[RowEdit]) -> Result<Self, ForestError> {
        let mut patch = match &self.patch {
            None => Patch::new(&self.flat),
            Some(patch) => Patch::clone(patch),
        };
        for edit in edits {
            patch.apply(&self.flat, edit)?;
        }
        patch.settle(&self.flat);
        Ok(Self {
            version,
            flat: Arc::clone(&self.flat),
            patch: Some(Arc::new(patch)),
        })
    }

    fn of(version: i64, flat: Flat) -> Self {
        Self {
            version,
            flat: Arc::new(flat),
            patch: None,
        }
    }

    fn node(&self, slot: u32) -> &Node {
        match &self.patch {
            None => &self.flat.nodes[slot as usize],
            Some(patch) => patch.node(&self.flat, slot),
        }
    }

    fn size(&self, index: usize) -> usize {
        let slot = match &self.patch {
            None => index as u32,
            Some(patch) => patch.at(index as u32).slot,
        };
        self.node(slot).size as usize
    }

    /// The indexes of rows in the order of the flat forest's slots, as far as they still stand, then
    /// those of added rows.
    fn standing(&self, slots: &[u32]) -> Vec<u32> {
        match &self.patch {
            None => slots.to_vec(),
            Some(patch) => {
                let all = slots.iter().chain(patch.all_added());
                all.filter_map(|slot| patch.index_of(*slot)).collect()
            }
        }
    }
}

impl PartialEq for Forest {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version && self.rows().eq(other.rows())
    }
}

impl Eq for Forest {}

impl std::fmt::Debug for Forest {
    /// An outline, one row a line: its id, and the issue it holds.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "forest at version {}", self.version)?;
        for row in self.rows() {
            let item = row
                .issue
                .map_or("folder".to_owned(), |issue| format!("issue {issue}"));
            writeln!(f, "{}{} ({item})", "  ".repeat(row.depth as usize), row.id)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use samples::{forest, outline};

    #[test]
    fn a_forest_answers_where_its_rows_stand() {
        let forest = forest("1\n 2\n  3\n 4\n5");
        assert_eq!(outline(&forest), "1\n 2\n  3\n 4\n5");
        let two = forest.find(RowId(2)).unwrap();
        assert_eq!(
            (two.depth, two.child_count, two.size, two.parent),
            (1, 1, 2, Some(0))
        );
        let children: Vec<i64> = forest.children(Some(0)).map(|row| row.id.0).collect();
        assert_eq!(children, [2, 4]);
        let top: Vec<i64> = forest.children(None).map(|row| row.id.0).collect();
        assert_eq!(top, [1, 5]);
        assert_eq!(forest.previous_sibling(3).unwrap().id, RowId(2));
        assert_eq!(forest.previous_sibling(1), None);
        assert_eq!(forest.previous_sibling(4).unwrap().id, RowId(1));
        assert!(forest.is_within(2, 0) && !forest.is_within(4, 0));
        assert_eq!(forest.find(RowId(9)), None);
    }

    #[test]
    fn an_issue_knows_its_rows_the_primary_first() {
        let rows = [(1, None, 7), (2, Some(1), 8), (3, None, 8), (4, None, -1)];
        let forest = Forest::build(
            1,
            rows.map(|(id, parent, issue)| SourceRow {
                id: RowId(id),
                parent: parent.map(RowId),
                issue: (issue >= 0).then_some(IssueId(issue)),
            }),
        )
        .unwrap();
        let ids: Vec<i64> = forest.rows_of(IssueId(8)).map(|row| row.id.0).collect();
        assert_eq!(ids, [2, 3]);
        assert!(!forest.holds(IssueId(9)));
        assert_eq!(
            forest.issues().collect::<Vec<_>>(),
            [IssueId(7), IssueId(8)]
        );
    }

    #[test]
    fn a_forest_with_a_cycle_or_a_lost_parent_is_refused() {
        let row = |id, parent: Option<i64>| SourceRow {
            id: RowId(id),
            parent: parent.map(RowId),
            issue: None,
        };
        assert!(Forest::build(1, [row(1, Some(2)), row(2, Some(1))]).is_err());
        assert!(Forest::build(1, [row(1, Some(9))]).is_err());
        assert!(Forest::build(1, [row(1, None), row(1, None)]).is_err());
    }
}
