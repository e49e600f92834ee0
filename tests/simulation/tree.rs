//! A hierarchy as plain maps, edited row by row: the test's own idea of a forest.

use std::collections::BTreeMap;
use understory::domain::{IssueId, RowId};

/// What a row holds: an issue, or a folder of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Issue(IssueId),
    Folder(String),
}

/// The rows of one structure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tree {
    items: BTreeMap<RowId, Item>,
    parents: BTreeMap<RowId, Option<RowId>>,
    /// Never an empty list.
    children: BTreeMap<Option<RowId>, Vec<RowId>>,
}

impl Tree {
    /// Adds a row behind a sibling, or as the first child.
    pub(super) fn add(
        &mut self,
        row: RowId,
        item: Item,
        parent: Option<RowId>,
        after: Option<RowId>,
    ) -> Result<(), String> {
        if self.items.insert(row, item).is_some() {
            return Err(format!("row {row} is there already"));
        }
        self.place(row, parent, after)
    }

    /// Moves a row with its subtree.
    pub(super) fn put(
        &mut self,
        row: RowId,
        parent: Option<RowId>,
        after: Option<RowId>,
    ) -> Result<(), String> {
        if parent.is_some_and(|parent| self.is_within(parent, row)) {
            return Err(format!("row {row} goes under itself"));
        }
        self.detach(row)?;
        self.place(row, parent, after)
    }

    /// Removes a row that has no children.
    pub(super) fn remove(&mut self, row: RowId) -> Result<(), String> {
        if !self.children(Some(row)).is_empty() {
            return Err(format!("row {row} is removed above its children"));
        }
        self.detach(row)?;
        self.items.remove(&row);
        Ok(())
    }

    fn detach(&mut self, row: RowId) -> Result<(), String> {
        let parent = self
            .parents
            .remove(&row)
            .ok_or_else(|| format!("there is no row {row}"))?;
        let siblings = self.children.entry(parent).or_default();
        siblings.retain(|it| *it != row);
        if siblings.is_empty() {
            self.children.remove(&parent);
        }
        Ok(())
    }

    fn place(
        &mut self,
        row: RowId,
        parent: Option<RowId>,
        after: Option<RowId>,
    ) -> Result<(), String> {
        if let Some(parent) = parent.filter(|parent| !self.items.contains_key(parent)) {
            return Err(format!("there is no row {parent} to stand under"));
        }
        let siblings = self.children.entry(parent).or_default();
        let at = match after {
            None => 0,
            Some(after) => {
                let found = siblings.iter().position(|it| *it == after);
                1 + found.ok_or_else(|| format!("row {after} is no child of {parent:?}"))?
            }
        };
        siblings.insert(at, row);
        self.parents.insert(row, parent);
        Ok(())
    }

    pub(super) fn has(&self, row: RowId) -> bool {
        self.items.contains_key(&row)
    }

    pub(super) fn issue(&self, row: RowId) -> Option<IssueId> {
        match self.items.get(&row) {
            Some(Item::Issue(issue)) => Some(*issue),
            _ => None,
        }
    }

    pub(super) fn parent(&self, row: RowId) -> Option<RowId> {
        self.parents.get(&row).copied().flatten()
    }

    /// The issue of the row above.
    pub(super) fn parent_issue(&self, row: RowId) -> Option<IssueId> {
        self.issue(self.parent(row)?)
    }

    pub(super) fn children(&self, parent: Option<RowId>) -> &[RowId] {
        self.children.get(&parent).map_or(&[], Vec::as_slice)
    }

    /// The sibling before a row.
    pub(super) fn previous(&self, row: RowId) -> Option<RowId> {
        let siblings = self.children(self.parent(row));
        let at = siblings.iter().position(|it| *it == row)?;
        Some(siblings[at.checked_sub(1)?])
    }

    /// The rows above a row, nearest first.
    pub(super) fn above(&self, row: RowId) -> Vec<RowId> {
        let mut found = Vec::new();
        let mut at = self.parent(row);
        while let Some(up) = at {
            found.push(up);
            at = self.parent(up);
        }
        found
    }

    /// Whether a row lies in the subtree of another, itself included.
    pub(super) fn is_within(&self, row: RowId, above: RowId) -> bool {
        row == above || self.above(row).contains(&above)
    }

    /// A row and all below it, depth-first.
    pub(super) fn subtree(&self, row: RowId) -> Vec<RowId> {
        let mut found = vec![row];
        for child in self.children(Some(row)) {
            found.extend(self.subtree(*child));
        }
        found
    }

    /// All rows, depth-first.
    pub(super) fn rows(&self) -> Vec<RowId> {
        let top = self.children(None).iter();
        top.flat_map(|row| self.subtree(*row)).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// The rows of an issue, depth-first.
    pub(super) fn rows_of(&self, issue: IssueId) -> Vec<RowId> {
        let mut rows = self.rows();
        rows.retain(|row| self.issue(*row) == Some(issue));
        rows
    }

    pub(super) fn holds(&self, issue: IssueId) -> bool {
        self.items.values().any(|it| *it == Item::Issue(issue))
    }

    /// Whether any issue stands in several rows.
    pub(super) fn holds_one_twice(&self) -> bool {
        let issues = self
            .items
            .values()
            .filter(|it| matches!(it, Item::Issue(_)));
        let mut seen = Vec::new();
        issues.into_iter().any(|it| {
            let again = seen.contains(&it);
            seen.push(it);
            again
        })
    }

    /// Whether a row of one issue stands directly under a row of another.
    pub(super) fn stands_under(&self, issue: IssueId, parent: IssueId) -> bool {
        let rows = self.rows_of(issue);
        rows.into_iter()
            .any(|row| self.parent_issue(row) == Some(parent))
    }

    /// Whether any move could put a row of one issue under a row of another.
    pub(super) fn can_stand_under(&self, issue: IssueId, parent: IssueId) -> bool {
        let (rows, parents) = (self.rows_of(issue), self.rows_of(parent));
        rows.iter()
            .any(|row| parents.iter().any(|up| !self.is_within(*up, *row)))
    }
}
