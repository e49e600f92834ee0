//! Edits on their way into the database as new versions of a hierarchy, in one transaction or, a
//! part at a time, in several.
//!
//! In several, what is new is written at once, where nobody sees it yet (see `pending`): the rows
//! that are added, and the lines of the feed. Rows that move or go are left to the last
//! transaction (see `later`).

use super::super::tx::ROWS_PER_INSERT;
use super::super::{StoreError, Tx, params, pending};
use super::later::{Later, Spot, move_row, remove_row};
use super::{Author, CHANGES_PER_VERSION, Numbered};
use crate::domain::fractional;
use crate::domain::{Forest, IdMap, IssueId, Place, RowEdit, RowId, StructureId};
use crate::events::Event;
use std::collections::HashMap;
use std::sync::Arc;

/// Edits of one structure while they are being written.
pub struct Edition {
    structure: StructureId,
    author: Author,
    base: Arc<Forest>,
    forest: Arc<Forest>,
    numbered: Numbered,
    positions: HashMap<RowId, String>,
    /// How many edits have been written.
    at: usize,
    /// Keys for the rest of a run of neighbours, of which the first ones have theirs.
    keys: std::vec::IntoIter<String>,
    /// What is left to the last of several transactions; `None` if there is only one.
    later: Option<Later>,
}

impl Edition {
    /// Edits of a forest, of which none has been written; an error if the forest refuses one.
    pub fn new(
        base: Arc<Forest>,
        structure: StructureId,
        numbered: Numbered,
        author: Author,
    ) -> Result<Self, StoreError> {
        let forest = if numbered.edits.is_empty() {
            Arc::clone(&base)
        } else {
            let version = base.version() + versions(numbered.edits.len());
            Arc::new(base.edited(version, &numbered.edits)?)
        };
        Ok(Self {
            structure,
            author,
            base,
            forest,
            numbered,
            positions: HashMap::new(),
            at: 0,
            keys: Vec::new().into_iter(),
            later: None,
        })
    }

    /// With keys that rows get among their siblings, where that is decided; the others get new ones.
    pub fn with_positions(mut self, positions: HashMap<RowId, String>) -> Self {
        self.positions = positions;
        self
    }

    /// To be written in several transactions, unseen until the last.
    pub fn in_parts(mut self) -> Self {
        self.later = Some(Later::default());
        self
    }

    /// The edits, with the ids that new rows have got.
    pub fn edits(&self) -> &[RowEdit] {
        &self.numbered.edits
    }

    /// The ids that new rows have got, by those of the plan.
    pub fn into_ids(self) -> IdMap<RowId, RowId> {
        self.numbered.ids
    }

    /// The forest after all edits.
    pub fn forest(&self) -> &Arc<Forest> {
        &self.forest
    }

    /// Writes up to so many of the edits that are left.
    pub fn write(&mut self, tx: &Tx<'_>, limit: usize) -> Result<(), StoreError> {
        let from = self.at;
        let until = self.numbered.edits.len().min(from.saturating_add(limit));
        if from == 0 && until > 0 && self.later.is_none() {
            pending::yield_versions(tx, self.structure, self.forest.version())?;
        }
        let part = self.numbered.edits[from..until].to_vec();
        let mut left = &part[..];
        while let Some(first) = left.first() {
            let (run, rest) = left.split_at(run_length(left));
            match first.place() {
                Some(place) => self.write_run(tx, place, run)?,
                None => self.remove(tx, first.row())?,
            }
            left = rest;
        }
        Ok(())
    }

    /// Writes what was left to the end, and makes the forest after it the current one.
    pub fn close(&mut self, tx: &Tx<'_>) -> Result<Arc<Forest>, StoreError> {
        let forest = Arc::clone(&self.forest);
        if self.numbered.edits.is_empty() {
            return Ok(forest);
        }
        if let Some(later) = self.later.take() {
            later.write(tx)?;
        }
        tx.execute(
            "UPDATE structure SET version = ?, row_count = ?, updated_at = ? WHERE id = ?",
            params![forest.version(), forest.len(), tx.now(), self.structure],
        )?;
        tx.install(self.structure, Some(Arc::clone(&forest)));
        tx.publish(Event::Structure(self.structure));
        Ok(forest)
    }

    fn write_run(&mut self, tx: &Tx<'_>, place: Place, run: &[RowEdit]) -> Result<(), StoreError> {
        let decided = run.iter().map(|it| self.positions.get(&it.row()).cloned());
        let keys = match decided.collect::<Option<Vec<String>>>() {
            Some(keys) => {
                self.keys = Vec::new().into_iter();
                keys
            }
            None => self.new_keys(tx, place, run.len())?,
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
                    self.add(tx, place.parent, &adds)?;
                }
                RowEdit::Move { id, .. } => self.move_to(tx, id, place.parent, key)?,
                RowEdit::Remove { .. } => {}
            }
        }
        Ok(())
    }

    /// Keys for the next rows of a run. Behind the last sibling there is always room; between two,
    /// the whole run gets its keys at once, so that they stay short.
    fn new_keys(
        &mut self,
        tx: &Tx<'_>,
        place: Place,
        count: usize,
    ) -> Result<Vec<String>, StoreError> {
        if self.keys.len() == 0 {
            let (low, high) = self.gap(tx, place)?;
            let count = match high {
                Some(_) => run_length(&self.numbered.edits[self.at..]),
                None => count,
            };
            self.keys = fractional::between(low.as_deref(), high.as_deref(), count).into_iter();
        }
        Ok(self.keys.by_ref().take(count).collect())
    }

    /// The keys between which a place lies.
    fn gap(
        &self,
        tx: &Tx<'_>,
        place: Place,
    ) -> Result<(Option<String>, Option<String>), StoreError> {
        let low = match place.after {
            Some(after) => Some(self.stood(tx, after)?.1),
            None => None,
        };
        let above = low.as_deref().unwrap_or("");
        // Two statements, because `parent_id IS ?` is no common SQL.
        let high: Option<String> = match place.parent {
            Some(parent) => tx.find(
                "SELECT position FROM forest_row
                 WHERE structure_id = ? AND parent_id = ? AND position > ?
                 ORDER BY position LIMIT 1",
                params![self.structure, parent, above],
                |row| row.get(0),
            )?,
            None => tx.find(
                "SELECT position FROM forest_row
                 WHERE structure_id = ? AND parent_id IS NULL AND position > ?
                 ORDER BY position LIMIT 1",
                params![self.structure, above],
                |row| row.get(0),
            )?,
        };
        let later = self.later.as_ref();
        let moved = later.and_then(|it| it.next_key(place.parent, above));
        let high = high.into_iter().chain(moved.cloned()).min();
        Ok((low, high))
    }

    fn stood(&self, tx: &Tx<'_>, row: RowId) -> Result<Spot, StoreError> {
        let moved = self.later.as_ref().and_then(|it| it.moved(row));
        if let Some(spot) = moved {
            return Ok(spot.clone());
        }
        tx.get(
            "SELECT parent_id, position FROM forest_row WHERE id = ?",
            params![row],
            |it| Ok((it.get(0)?, it.get(1)?)),
        )
    }

    /// Adds rows, each with its issue, if it holds one, and its key, under one parent.
    fn add(
        &mut self,
        tx: &Tx<'_>,
        parent: Option<RowId>,
        rows: &[(RowId, Option<IssueId>, &str)],
    ) -> Result<(), StoreError> {
        let structure = self.structure;
        if self.later.is_some()
            && let Some(job) = self.author.job()
        {
            let added = rows.iter().map(|(row, ..)| *row);
            pending::hide(tx, job, added.filter(|row| self.numbered.comes_back(*row)))?;
        }
        let mut places = Vec::with_capacity(rows.len());
        for _ in rows {
            places.push(self.next(tx)?);
        }
        let (mut added, mut changes) = (Vec::new(), Vec::new());
        for (&(row, issue, key), (version, seq)) in rows.iter().zip(places) {
            let folder = self.numbered.folders.get(&row).map(String::as_str);
            added.extend_from_slice(params![row, structure, parent, key, issue, folder]);
            changes.extend_from_slice(params![
                structure, version, seq, "ADDED", row, issue, folder, parent, key
            ]);
        }
        tx.insert_rows(
            "INSERT INTO forest_row (id, structure_id, parent_id, position, issue_id, folder)",
            6,
            &added,
        )?;
        tx.insert_rows(
            "INSERT INTO forest_change (structure_id, version, seq, kind, row_id, issue_id, folder,
                                        after_parent_id, after_position)",
            9,
            &changes,
        )
    }

    fn move_to(
        &mut self,
        tx: &Tx<'_>,
        row: RowId,
        parent: Option<RowId>,
        key: &str,
    ) -> Result<(), StoreError> {
        let (before_parent, before_key) = self.stood(tx, row)?;
        match &mut self.later {
            Some(later) => later.move_to(row, (parent, key.to_owned())),
            None => move_row(tx, row, parent, key)?,
        }
        let issue = self.base.find(row).and_then(|view| view.issue);
        let (version, seq) = self.next(tx)?;
        tx.execute(
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

    fn remove(&mut self, tx: &Tx<'_>, row: RowId) -> Result<(), StoreError> {
        let (parent, key) = self.stood(tx, row)?;
        let (issue, folder): (Option<IssueId>, Option<String>) = tx.get(
            "SELECT issue_id, folder FROM forest_row WHERE id = ?",
            params![row],
            |it| Ok((it.get(0)?, it.get(1)?)),
        )?;
        match &mut self.later {
            Some(later) => later.remove(row),
            None => remove_row(tx, row)?,
        }
        let (version, seq) = self.next(tx)?;
        tx.execute(
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
    fn next(&mut self, tx: &Tx<'_>) -> Result<(i64, usize), StoreError> {
        let seq = self.at % CHANGES_PER_VERSION;
        let version = self.base.version() + 1 + (self.at / CHANGES_PER_VERSION) as i64;
        if seq == 0 {
            tx.execute(
                "INSERT INTO structure_version (structure_id, version, user_id, job_id, at)
                 VALUES (?, ?, ?, ?, ?)",
                params![
                    self.structure,
                    version,
                    self.author.user(),
                    self.author.job(),
                    tx.now()
                ],
            )?;
        }
        self.at += 1;
        Ok((version, seq))
    }
}

/// How many versions so many edits make.
pub fn versions(edits: usize) -> i64 {
    edits.div_ceil(CHANGES_PER_VERSION) as i64
}

/// How many edits from the first on put rows one behind the other under one parent.
fn run_length(edits: &[RowEdit]) -> usize {
    let Some(first) = edits.first().and_then(RowEdit::place) else {
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
