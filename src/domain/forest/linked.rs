//! A forest while it is edited: first child and neighbours by index, so that an edit is constant
//! work; flattened into depth-first order once at the end.

use super::flat::{Flat, NONE, Node};
use super::{Forest, ForestError, Place, RowEdit};
use crate::domain::{IssueId, RowId};
use std::collections::HashMap;

/// A row as it comes from the database.
#[derive(Clone, Copy, Debug)]
pub struct SourceRow {
    /// The row.
    pub id: RowId,
    /// Its parent; `None` at the top level.
    pub parent: Option<RowId>,
    /// The issue it holds; `None` for a folder.
    pub issue: Option<IssueId>,
}

#[derive(Clone, Copy)]
struct Cell {
    id: i64,
    issue: i64,
    parent: u32,
    first: u32,
    last: u32,
    next: u32,
    previous: u32,
}

/// Cell 0 is the top level; row `i` of the base forest is cell `i + 1`; new rows follow.
pub(super) struct Linked {
    cells: Vec<Cell>,
    added: HashMap<RowId, u32>,
    removed: usize,
    base_len: usize,
    /// Cells of the base in the order of their ids, and of their issues.
    known_by_id: Vec<u32>,
    known_by_issue: Vec<u32>,
}

impl Linked {
    fn with_capacity(rows: usize) -> Self {
        let mut cells = Vec::with_capacity(rows + 1);
        cells.push(Cell::new(-1, -1));
        Self {
            cells,
            added: HashMap::new(),
            removed: 0,
            base_len: rows,
            known_by_id: Vec::new(),
            known_by_issue: Vec::new(),
        }
    }

    pub(super) fn from_forest(forest: &Forest) -> Self {
        let mut linked = Self::with_capacity(forest.len());
        let cells = |slots: &[u32]| {
            let mut indexes = forest.standing(slots);
            indexes.iter_mut().for_each(|index| *index += 1);
            indexes
        };
        linked.known_by_id = cells(forest.flat.by_id());
        linked.known_by_issue = cells(forest.flat.by_issue());
        for row in forest.rows() {
            let cell = linked.cells.len() as u32;
            let issue = row.issue.map_or(-1, |issue| issue.0);
            linked.cells.push(Cell::new(row.id.0, issue));
            // Depth-first order puts a parent before its children and siblings in order.
            linked.append(cell, row.parent.map_or(0, |up| up as u32 + 1));
        }
        linked
    }

    pub(super) fn from_rows(
        rows: impl IntoIterator<Item = SourceRow>,
    ) -> Result<Self, ForestError> {
        let rows: Vec<SourceRow> = rows.into_iter().collect();
        if rows.len() > ForestError::ROW_LIMIT {
            return Err(ForestError::TooManyRows);
        }
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.sort_unstable_by_key(|&at| rows[at as usize].id);
        let cell_of = |id: RowId| {
            order
                .binary_search_by_key(&id, |&at| rows[at as usize].id)
                .map(|at| order[at] + 1)
                .map_err(|_| ForestError::UnknownRow(id))
        };
        if let Some(pair) = order
            .windows(2)
            .find(|p| rows[p[0] as usize].id == rows[p[1] as usize].id)
        {
            return Err(ForestError::Duplicate(rows[pair[0] as usize].id));
        }
        let mut linked = Self::with_capacity(rows.len());
        linked.known_by_issue = (1..=rows.len() as u32).collect();
        for row in &rows {
            linked
                .cells
                .push(Cell::new(row.id.0, row.issue.map_or(-1, |issue| issue.0)));
        }
        let (mut named, mut parent) = (None, 0);
        for (at, row) in rows.iter().enumerate() {
            if row.parent != named {
                parent = row.parent.map_or(Ok(0), cell_of)?;
                named = row.parent;
            }
            linked.append(at as u32 + 1, parent);
        }
        linked.known_by_id = order.iter().map(|&at| at + 1).collect();
        Ok(linked)
    }

    pub(super) fn apply(&mut self, base: &Forest, edit: &RowEdit) -> Result<(), ForestError> {
        match *edit {
            RowEdit::Add { id, issue, place } => {
                if self.cell(base, id).is_ok() {
                    return Err(ForestError::Duplicate(id));
                }
                if self.cells.len() > ForestError::ROW_LIMIT {
                    return Err(ForestError::TooManyRows);
                }
                let (parent, after) = self.resolve(base, place)?;
                let cell = self.cells.len() as u32;
                self.cells
                    .push(Cell::new(id.0, issue.map_or(-1, |issue| issue.0)));
                self.added.insert(id, cell);
                self.insert(cell, parent, after);
            }
            RowEdit::Move { id, place } => {
                let cell = self.cell(base, id)?;
                let (parent, after) = self.resolve(base, place)?;
                if after == cell || self.is_above(cell, parent) {
                    return Err(ForestError::Cycle(id));
                }
                self.detach(cell);
                self.insert(cell, parent, after);
            }
            RowEdit::Remove { id } => {
                let cell = self.cell(base, id)?;
                if self.cells[cell as usize].first != NONE {
                    return Err(ForestError::HasChildren(id));
                }
                self.detach(cell);
                self.cells[cell as usize].parent = NONE;
                self.removed += 1;
            }
        }
        Ok(())
    }

    fn cell(&self, base: &Forest, id: RowId) -> Result<u32, ForestError> {
        let stands = |cell: &u32| self.cells[*cell as usize].parent != NONE;
        let known = base.index_of(id).map(|index| index as u32 + 1);
        // A row that was removed may have been added again since.
        known
            .filter(stands)
            .or_else(|| self.added.get(&id).copied().filter(stands))
            .ok_or(ForestError::UnknownRow(id))
    }

    /// The cells of a place; `after` is `NONE` for the first child.
    fn resolve(&self, base: &Forest, place: Place) -> Result<(u32, u32), ForestError> {
        let parent = place.parent.map_or(Ok(0), |id| self.cell(base, id))?;
        let Some(after) = place.after else {
            return Ok((parent, NONE));
        };
        let cell = self.cell(base, after)?;
        if self.cells[cell as usize].parent != parent {
            return Err(ForestError::NotAChild { after });
        }
        Ok((parent, cell))
    }

    fn is_above(&self, cell: u32, below: u32) -> bool {
        let mut at = below;
        while at != 0 {
            if at == cell {
                return true;
            }
            at = self.cells[at as usize].parent;
        }
        false
    }

    fn append(&mut self, cell: u32, parent: u32) {
        self.insert(cell, parent, self.cells[parent as usize].last);
    }

    fn insert(&mut self, cell: u32, parent: u32, after: u32) {
        let next = match after {
            NONE => std::mem::replace(&mut self.cells[parent as usize].first, cell),
            after => std::mem::replace(&mut self.cells[after as usize].next, cell),
        };
        match next {
            NONE => self.cells[parent as usize].last = cell,
            next => self.cells[next as usize].previous = cell,
        }
        let own = &mut self.cells[cell as usize];
        (own.parent, own.previous, own.next) = (parent, after, next);
    }

    fn detach(&mut self, cell: u32) {
        let Cell {
            parent,
            previous,
            next,
            ..
        } = self.cells[cell as usize];
        match previous {
            NONE => self.cells[parent as usize].first = next,
            previous => self.cells[previous as usize].next = next,
        }
        match next {
            NONE => self.cells[parent as usize].last = previous,
            next => self.cells[next as usize].previous = previous,
        }
    }

    /// Writes the cells out depth-first; rows that are not reached from the top close a cycle.
    pub(super) fn flatten(self, version: i64) -> Result<Forest, ForestError> {
        let rows = self.cells.len() - 1 - self.removed;
        let mut nodes: Vec<Node> = Vec::with_capacity(rows);
        let mut index_of = vec![NONE; self.cells.len()];
        let mut open: Vec<u32> = Vec::new();
        let mut at = self.cells[0].first;
        loop {
            if at != NONE {
                let cell = &self.cells[at as usize];
                let parent = open.last().map_or(NONE, |&up| index_of[up as usize]);
                if let Some(parent) = nodes.get_mut(parent as usize) {
                    parent.children += 1;
                }
                index_of[at as usize] = nodes.len() as u32;
                nodes.push(Node {
                    id: cell.id,
                    issue: cell.issue,
                    parent,
                    size: 1,
                    depth: open.len() as u32,
                    children: 0,
                });
                open.push(at);
                at = cell.first;
            } else if let Some(done) = open.pop() {
                let index = index_of[done as usize];
                nodes[index as usize].size = nodes.len() as u32 - index;
                at = self.cells[done as usize].next;
            } else {
                break;
            }
        }
        if nodes.len() != rows {
            let lost = (1..self.cells.len())
                .find(|&cell| index_of[cell] == NONE && self.cells[cell].parent != NONE);
            return Err(ForestError::Cycle(RowId(
                lost.map_or(0, |cell| self.cells[cell].id),
            )));
        }
        let by_id = self.by_id(&nodes, &index_of);
        let by_issue = self.by_issue(&nodes, &index_of);
        Ok(Forest::of(version, Flat::new(nodes, by_id, by_issue)))
    }

    /// The base's order, carried over, then the new rows: nearly sorted, so the sort is linear.
    fn by_id(&self, nodes: &[Node], index_of: &[u32]) -> Vec<u32> {
        let known = self.known_by_id.iter().map(|&cell| index_of[cell as usize]);
        let new = index_of[self.base_len + 1..].iter().copied();
        let mut by_id: Vec<u32> = known.chain(new).filter(|&index| index != NONE).collect();
        by_id.sort_by_key(|&index| nodes[index as usize].id);
        by_id.shrink_to_fit();
        by_id
    }

    fn by_issue(&self, nodes: &[Node], index_of: &[u32]) -> Vec<u32> {
        let known = self
            .known_by_issue
            .iter()
            .map(|&cell| index_of[cell as usize]);
        let new = index_of[self.base_len + 1..].iter().copied();
        let mut by_issue: Vec<u32> = known
            .chain(new)
            .filter(|&index| index != NONE && nodes[index as usize].issue >= 0)
            .collect();
        by_issue.sort_by_key(|&index| (nodes[index as usize].issue, index));
        by_issue.shrink_to_fit();
        by_issue
    }
}

impl Cell {
    fn new(id: i64, issue: i64) -> Self {
        Self {
            id,
            issue,
            parent: NONE,
            first: NONE,
            last: NONE,
            next: NONE,
            previous: NONE,
        }
    }
}
