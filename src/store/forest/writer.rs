//! Edits of a forest as rows and as lines of the change feed.

use super::super::tx::ROWS_PER_INSERT;
use super::super::{StoreError, Tx, params};
use super::{Author, CHANGES_PER_VERSION};
use crate::domain::fractional;
use crate::domain::{Forest, IssueId, Place, RowEdit, RowId, StructureId};
use std::collections::HashMap;

/// Writes edits that the forest has accepted, in runs of neighbours that share one search for keys.
pub(super) struct Writer<'a> {
    pub(super) tx: &'a Tx<'a>,
    pub(super) structure: StructureId,
    pub(super) base: &'a Forest,
    pub(super) author: Author,
    pub(super) folders: HashMap<RowId, &'a str>,
    pub(super) positions: &'a HashMap<RowId, String>,
    pub(super) version: i64,
    pub(super) seq: usize,
    pub(super) written: &'a dyn Fn(usize),
}

/// Where a row stood: parent and key.
type Stood = (Option<RowId>, String);

impl Writer<'_> {
    pub(super) fn write(&mut self, edits: &[RowEdit]) -> Result<(), StoreError> {
        let mut at = 0;
        while at < edits.len() {
            let run = run_length(&edits[at..]);
            match edits[at].place() {
                Some(place) => self.write_run(place, &edits[at..at + run])?,
                None => self.remove(edits[at].row())?,
            }
            at += run;
        }
        Ok(())
    }

    fn write_run(&mut self, place: Place, run: &[RowEdit]) -> Result<(), StoreError> {
        let decided = run.iter().map(|it| self.positions.get(&it.row()).cloned());
        let keys = match decided.collect::<Option<Vec<String>>>() {
            Some(keys) => keys,
            None => self.new_keys(place, run.len())?,
        };
        // Neighbours that are all new are written together, others one by one.
        let mut left = run.iter().zip(&keys).peekable();
        while let Some((edit, key)) = left.next() {
            match *edit {
                RowEdit::Add { id, issue, .. } => {
                    let mut adds = vec![(id, issue, key.as_str())];
                    while adds.len() < ROWS_PER_INSERT
                        && let Some((RowEdit::Add { id, issue, .. }, key)) =
                            left.next_if(|(edit, _)| matches!(edit, RowEdit::Add { .. }))
                    {
                        adds.push((*id, *issue, key.as_str()));
                    }
                    self.add(place.parent, &adds)?;
                }
                RowEdit::Move { id, .. } => self.move_to(id, place.parent, key)?,
                RowEdit::Remove { .. } => {}
            }
        }
        Ok(())
    }

    fn new_keys(&self, place: Place, count: usize) -> Result<Vec<String>, StoreError> {
        let (low, high) = self.gap(place)?;
        Ok(fractional::between(low.as_deref(), high.as_deref(), count))
    }

    /// The keys between which a place lies.
    fn gap(&self, place: Place) -> Result<(Option<String>, Option<String>), StoreError> {
        let low = match place.after {
            Some(after) => Some(self.stood(after)?.1),
            None => None,
        };
        let above = low.as_deref().unwrap_or("");
        // Two statements, because `parent_id IS ?` is no common SQL.
        let high = match place.parent {
            Some(parent) => self.tx.find(
                "SELECT position FROM forest_row
                 WHERE structure_id = ? AND parent_id = ? AND position > ?
                 ORDER BY position LIMIT 1",
                params![self.structure, parent, above],
                |row| row.get(0),
            )?,
            None => self.tx.find(
                "SELECT position FROM forest_row
                 WHERE structure_id = ? AND parent_id IS NULL AND position > ?
                 ORDER BY position LIMIT 1",
                params![self.structure, above],
                |row| row.get(0),
            )?,
        };
        Ok((low, high))
    }

    fn stood(&self, row: RowId) -> Result<Stood, StoreError> {
        self.tx.get(
            "SELECT parent_id, position FROM forest_row WHERE id = ?",
            params![row],
            |it| Ok((it.get(0)?, it.get(1)?)),
        )
    }

    /// Adds rows, each with its issue, if it holds one, and its key, under one parent.
    fn add(
        &mut self,
        parent: Option<RowId>,
        rows: &[(RowId, Option<IssueId>, &str)],
    ) -> Result<(), StoreError> {
        let (mut added, mut changes) = (Vec::new(), Vec::new());
        for &(row, issue, key) in rows {
            let folder = self.folders.get(&row).copied();
            let (version, seq) = self.next()?;
            let structure = self.structure;
            added.extend_from_slice(params![row, structure, parent, key, issue, folder]);
            changes.extend_from_slice(params![
                structure, version, seq, "ADDED", row, issue, folder, parent, key
            ]);
        }
        self.tx.insert_rows(
            "INSERT INTO forest_row (id, structure_id, parent_id, position, issue_id, folder)",
            6,
            &added,
        )?;
        self.tx.insert_rows(
            "INSERT INTO forest_change (structure_id, version, seq, kind, row_id, issue_id, folder,
                                        after_parent_id, after_position)",
            9,
            &changes,
        )
    }

    fn move_to(&mut self, row: RowId, parent: Option<RowId>, key: &str) -> Result<(), StoreError> {
        let (before_parent, before_key) = self.stood(row)?;
        self.tx.execute(
            "UPDATE forest_row SET parent_id = ?, position = ? WHERE id = ?",
            params![parent, key, row],
        )?;
        let issue = self.base.find(row).and_then(|view| view.issue);
        let (version, seq) = self.next()?;
        self.tx.execute(
            "INSERT INTO forest_change (structure_id, version, seq, kind, row_id, issue_id,
                before_parent_id, before_position, after_parent_id, after_position)
             VALUES (?, ?, ?, 'MOVED', ?, ?, ?, ?, ?, ?)",
            params![
                self.structure,
                version,
                seq,
                row,
                issue,
                before_parent,
                before_key,
                parent,
                key
            ],
        )?;
        Ok(())
    }

    fn remove(&mut self, row: RowId) -> Result<(), StoreError> {
        let (parent, key, issue, folder) = self.tx.get(
            "DELETE FROM forest_row WHERE id = ? RETURNING parent_id, position, issue_id, folder",
            params![row],
            |it| {
                let stood: (Option<RowId>, String) = (it.get(0)?, it.get(1)?);
                let item: (Option<IssueId>, Option<String>) = (it.get(2)?, it.get(3)?);
                Ok((stood.0, stood.1, item.0, item.1))
            },
        )?;
        let (version, seq) = self.next()?;
        self.tx.execute(
            "INSERT INTO forest_change (structure_id, version, seq, kind, row_id, issue_id, folder,
                                        before_parent_id, before_position)
             VALUES (?, ?, ?, 'REMOVED', ?, ?, ?, ?, ?)",
            params![
                self.structure,
                version,
                seq,
                row,
                issue,
                folder,
                parent,
                key
            ],
        )?;
        Ok(())
    }

    /// The place of the next change in the feed; begins a version where one is full.
    fn next(&mut self) -> Result<(i64, usize), StoreError> {
        let at = self.seq % CHANGES_PER_VERSION;
        if at == 0 {
            (self.written)(self.seq);
            self.version += 1;
            self.tx.execute(
                "INSERT INTO structure_version (structure_id, version, user_id, job_id, at)
                 VALUES (?, ?, ?, ?, ?)",
                params![
                    self.structure,
                    self.version,
                    self.author.user(),
                    self.author.job(),
                    self.tx.now()
                ],
            )?;
        }
        self.seq += 1;
        Ok((self.version, at))
    }
}

/// How many edits from the first on put rows one behind the other under one parent.
fn run_length(edits: &[RowEdit]) -> usize {
    let Some(first) = edits[0].place() else {
        return 1;
    };
    let follows = |pair: &&[RowEdit]| {
        pair[1].place()
            == Some(Place {
                parent: first.parent,
                after: Some(pair[0].row()),
            })
    };
    1 + edits.windows(2).take_while(follows).count()
}
