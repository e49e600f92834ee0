//! A forest: the rows of one structure in depth-first order, immutable, in one vector.
//!
//! A row costs 40 bytes: what a reader of a page needs (id, item, parent, subtree size, depth,
//! number of children) plus its place in two orders, by id and by issue. So a page, a parent, a
//! subtree and the rows of an issue are found without walking the forest. A change makes a new
//! forest (`edited`); readers keep the one they hold. Folder names and sibling keys stay in the
//! database: no planner needs them.

mod edit;
mod linked;
#[cfg(test)]
pub(crate) mod samples;

pub use edit::{ForestError, Place, RowEdit};
pub use linked::SourceRow;

use super::{IssueId, RowId};
use linked::Linked;

/// Stands for "no row" where an index is stored.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    id: i64,
    /// The issue, or −1 for a folder.
    issue: i64,
    parent: u32,
    /// Rows in the subtree, this one included.
    size: u32,
    depth: u32,
    children: u32,
}

/// The rows of one structure at one version.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Forest {
    version: i64,
    nodes: Vec<Node>,
    /// Indexes into `nodes`, ordered by row id.
    by_id: Vec<u32>,
    /// Indexes of issue rows, ordered by issue, then depth-first.
    by_issue: Vec<u32>,
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
        self.nodes.len()
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The row at `index`, which must be below `len()`.
    pub fn row(&self, index: usize) -> RowView {
        let node = &self.nodes[index];
        RowView {
            index,
            id: RowId(node.id),
            issue: (node.issue >= 0).then_some(IssueId(node.issue)),
            depth: node.depth,
            child_count: node.children,
            size: node.size as usize,
            parent: (node.parent != NONE).then_some(node.parent as usize),
        }
    }

    /// All rows in depth-first order.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = RowView> + ExactSizeIterator + '_ {
        (0..self.len()).map(|index| self.row(index))
    }

    /// Where the row stands; `None` if it is not in this forest.
    pub fn index_of(&self, id: RowId) -> Option<usize> {
        self.by_id
            .binary_search_by_key(&id.0, |&index| self.nodes[index as usize].id)
            .ok()
            .map(|at| self.by_id[at] as usize)
    }

    /// The row with this id.
    pub fn find(&self, id: RowId) -> Option<RowView> {
        self.index_of(id).map(|index| self.row(index))
    }

    /// The rows that hold an issue, in depth-first order; the first is its primary row.
    pub fn rows_of(&self, issue: IssueId) -> impl ExactSizeIterator<Item = RowView> + '_ {
        let key = |index: &u32| self.nodes[*index as usize].issue;
        let start = self.by_issue.partition_point(|index| key(index) < issue.0);
        let length = self.by_issue[start..].partition_point(|index| key(index) == issue.0);
        self.by_issue[start..start + length]
            .iter()
            .map(|&index| self.row(index as usize))
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
        let mut last = None;
        self.by_issue.iter().filter_map(move |&index| {
            let issue = self.nodes[index as usize].issue;
            (last.replace(issue) != Some(issue)).then_some(IssueId(issue))
        })
    }

    /// The children of a row (`None`: the top level) in order, each found from the one before.
    pub fn children(&self, parent: Option<usize>) -> impl Iterator<Item = RowView> + '_ {
        let (mut next, end) = match parent {
            Some(parent) => (parent + 1, parent + self.nodes[parent].size as usize),
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
        let parent = self.nodes[index].parent;
        let mut above = index.checked_sub(1)? as u32;
        if above == parent {
            return None;
        }
        while self.nodes[above as usize].parent != parent {
            above = self.nodes[above as usize].parent;
        }
        Some(self.row(above as usize))
    }

    /// Whether the row at `index` lies in the subtree of the one at `ancestor` (itself included).
    pub fn is_within(&self, index: usize, ancestor: usize) -> bool {
        (ancestor..ancestor + self.nodes[ancestor].size as usize).contains(&index)
    }

    /// The rows above a row, nearest first.
    pub fn ancestors(&self, index: usize) -> impl Iterator<Item = RowView> + '_ {
        std::iter::successors(self.row(index).parent, |&up| self.row(up).parent)
            .map(|index| self.row(index))
    }

    /// The forest after the edits, in their order; an error leaves nothing half done.
    ///
    /// Linear in rows plus edits.
    pub fn edited(&self, version: i64, edits: &[RowEdit]) -> Result<Self, ForestError> {
        let mut linked = Linked::from_forest(self);
        for edit in edits {
            linked.apply(self, edit)?;
        }
        linked.flatten(version)
    }
}

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
