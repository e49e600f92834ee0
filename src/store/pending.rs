//! Changes that jobs write in several transactions: between them others write, and nobody sees any
//! of it before its last one.
//!
//! The new rows, the versions and the lines of such a job stand in their tables already; a line in
//! `pending_write` says which, by ranges of ids and versions, and the views `seen_row`,
//! `seen_version` and `seen_job_change` leave them out. Rows that come back with the ids that they
//! had lie in no range: each has a line in `pending_row`, which counts only beside that of its job,
//! so that all is seen as soon as that one line goes. A job that does not get to its end takes back
//! what it wrote, in parts as well.

use super::{Store, StoreError, Tx, params};
use crate::domain::{IdSet, JobId, RowId, StructureId};
use std::ops::RangeInclusive;

/// What one job writes in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingWrite {
    /// The job; its lines belong to it.
    pub job: JobId,
    /// The structure.
    pub structure: StructureId,
    /// The rows that get new ids; none if the last is before the first.
    pub rows: (i64, i64),
    /// The new versions, likewise.
    pub versions: (i64, i64),
}

/// Rows and lines that one transaction deletes at the most.
const ROWS_AT_ONCE: usize = 2_000;

/// Makes what is written from now on in these ranges, and as lines of this job, unseen.
pub fn begin(tx: &Tx<'_>, pending: &PendingWrite) -> Result<(), StoreError> {
    let PendingWrite {
        job,
        structure,
        rows,
        versions,
    } = pending;
    tx.execute(
        "INSERT INTO pending_write (job_id, structure_id, first_row, last_row, first_version,
                                    last_version)
         VALUES (?, ?, ?, ?, ?, ?)",
        params![*job, *structure, rows.0, rows.1, versions.0, versions.1],
    )?;
    Ok(())
}

/// Makes rows unseen that come back with the ids that they had.
pub(super) fn hide(
    tx: &Tx<'_>,
    job: JobId,
    rows: impl Iterator<Item = RowId>,
) -> Result<(), StoreError> {
    let mut values = Vec::new();
    rows.for_each(|row| values.extend_from_slice(params![job, row]));
    tx.insert_rows("INSERT INTO pending_row (job_id, row_id)", 2, &values)
}

/// Makes all that the job wrote seen.
pub fn end(tx: &Tx<'_>, job: JobId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM pending_write WHERE job_id = ?", params![job])?;
    Ok(())
}

/// What is being written in parts, or was when something stopped it.
pub fn all(tx: &Tx<'_>) -> Result<Vec<PendingWrite>, StoreError> {
    tx.query(
        "SELECT job_id, structure_id, first_row, last_row, first_version, last_version
         FROM pending_write ORDER BY job_id",
        &[],
        |row| {
            Ok(PendingWrite {
                job: row.get(0)?,
                structure: row.get(1)?,
                rows: (row.get(2)?, row.get(3)?),
                versions: (row.get(4)?, row.get(5)?),
            })
        },
    )
}

/// What is being written to one structure.
fn of_structure(tx: &Tx<'_>, structure: StructureId) -> Result<Vec<PendingWrite>, StoreError> {
    let mut all = all(tx)?;
    all.retain(|it| it.structure == structure);
    Ok(all)
}

/// The rows of a structure that are not to be seen.
#[derive(Default)]
pub(super) struct Unseen {
    ranges: Vec<RangeInclusive<i64>>,
    rows: IdSet<RowId>,
}

impl Unseen {
    pub(super) fn of(tx: &Tx<'_>, structure: StructureId) -> Result<Self, StoreError> {
        let mut unseen = Self::default();
        for pending in of_structure(tx, structure)? {
            unseen.ranges.push(pending.rows.0..=pending.rows.1);
            let sql = "SELECT row_id FROM pending_row WHERE job_id = ?";
            tx.each(sql, params![pending.job], |row| {
                unseen.rows.insert(row.get(0)?);
                Ok(())
            })?;
        }
        Ok(unseen)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    pub(super) fn holds(&self, row: RowId) -> bool {
        self.rows.contains(&row) || self.ranges.iter().any(|range| range.contains(&row.0))
    }
}

/// Makes room for versions that somebody else makes of a structure meanwhile. What was to become
/// these versions goes: the plan behind it is outdated with that, and is made again.
pub(super) fn yield_versions(
    tx: &Tx<'_>,
    structure: StructureId,
    until: i64,
) -> Result<(), StoreError> {
    for pending in of_structure(tx, structure)? {
        if pending.versions.0 > until {
            continue;
        }
        tx.execute(
            "DELETE FROM structure_version WHERE structure_id = ? AND version BETWEEN ? AND ?",
            params![structure, pending.versions.0, until.min(pending.versions.1)],
        )?;
        tx.execute(
            "UPDATE pending_write SET first_version = ? WHERE job_id = ?",
            params![until + 1, pending.job],
        )?;
    }
    Ok(())
}

/// Takes back a part of what a job wrote that is not to be seen any more; whether there is more.
pub fn take_back_some(tx: &Tx<'_>, pending: &PendingWrite) -> Result<bool, StoreError> {
    let job = pending.job;
    // Other versions may have taken the place of the first ones since.
    let Some(pending) = all(tx)?.into_iter().find(|it| it.job == job) else {
        return Ok(false);
    };
    let lines = take_back_lines(tx, &pending)?;
    let versions = tx.execute(
        "DELETE FROM structure_version WHERE structure_id = ? AND version IN (
             SELECT version FROM structure_version
             WHERE structure_id = ? AND version BETWEEN ? AND ? ORDER BY version DESC LIMIT 2)",
        params![
            pending.structure,
            pending.structure,
            pending.versions.0,
            pending.versions.1
        ],
    )?;
    let rows = match lines {
        0 => take_back_untold(tx, &pending)?,
        _ => 0,
    };
    if lines + versions + rows > 0 {
        return Ok(true);
    }
    end(tx, job)?;
    Ok(false)
}

/// Takes back the last lines of a job, and the rows that these tell of; how many.
fn take_back_lines(tx: &Tx<'_>, pending: &PendingWrite) -> Result<usize, StoreError> {
    let job = pending.job;
    let lines: Vec<(i64, Option<RowId>)> = tx.query(
        "SELECT seq, row_id FROM job_change WHERE job_id = ? ORDER BY seq DESC LIMIT ?",
        params![job, ROWS_AT_ONCE],
        |line| Ok((line.get(0)?, line.get(1)?)),
    )?;
    let Some((first, _)) = lines.last() else {
        return Ok(0);
    };
    // A row was written after the one above it. So each is deleted by itself, the last one first:
    // none takes others along, however deep they stand. Rows that merely move or go, or that a dry
    // run tells of, are in none of the places and stay.
    for row in lines.iter().filter_map(|(_, row)| *row) {
        tx.execute(
            "DELETE FROM forest_row WHERE id = ? AND (id BETWEEN ? AND ? OR EXISTS (
                 SELECT 1 FROM pending_row
                 WHERE pending_row.job_id = ? AND pending_row.row_id = forest_row.id))",
            params![row, pending.rows.0, pending.rows.1, job],
        )?;
    }
    tx.execute(
        "DELETE FROM job_change WHERE job_id = ? AND seq >= ?",
        params![job, *first],
    )
}

/// Takes back new rows of which no line tells; how many. A row and its line are written together, but
/// what is left here would be seen.
fn take_back_untold(tx: &Tx<'_>, pending: &PendingWrite) -> Result<usize, StoreError> {
    let rows: Vec<RowId> = tx.query(
        "SELECT id FROM forest_row WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT ?",
        params![pending.rows.0, pending.rows.1, ROWS_AT_ONCE],
        |row| row.get(0),
    )?;
    for row in &rows {
        tx.execute("DELETE FROM forest_row WHERE id = ?", params![*row])?;
    }
    Ok(rows.len())
}

/// Forgets, in parts, which rows came back with jobs of which nothing is pending any more.
pub async fn forget_ended(store: &Store) -> Result<(), StoreError> {
    while store.write(forget_some).await? {}
    Ok(())
}

/// Forgets a part of it; whether there is more.
pub fn forget_some(tx: &Tx<'_>) -> Result<bool, StoreError> {
    let ended: Option<JobId> = tx.find(
        "SELECT job_id FROM pending_row
         WHERE job_id NOT IN (SELECT job_id FROM pending_write) LIMIT 1",
        &[],
        |row| row.get(0),
    )?;
    let Some(job) = ended else { return Ok(false) };
    tx.execute(
        "DELETE FROM pending_row WHERE job_id = ? AND row_id IN (
             SELECT row_id FROM pending_row WHERE job_id = ? LIMIT ?)",
        params![job, job, ROWS_AT_ONCE],
    )?;
    Ok(true)
}

/// Takes back, in parts, what jobs wrote that did not come to their end: in one structure or, where
/// nothing is being written, in all.
pub async fn take_back(store: &Store, within: Option<StructureId>) -> Result<(), StoreError> {
    let pending = store.read(all).await?;
    let wanted = |it: &StructureId| within.is_none_or(|within| within == *it);
    for pending in pending.into_iter().filter(|it| wanted(&it.structure)) {
        while {
            let pending = pending.clone();
            store.write(move |tx| take_back_some(tx, &pending)).await?
        } {}
    }
    forget_ended(store).await
}
