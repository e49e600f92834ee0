//! Changes that jobs write in several transactions: between them others write, and nobody sees any
//! of it before its last one.
//!
//! The new rows, the versions and the lines of such a job stand in their tables already; a line in
//! `pending_write` says which, and the views `seen_row`, `seen_version` and `seen_job_change` leave
//! them out. A job that does not get to its end takes back what it wrote, in parts as well.

use super::{Store, StoreError, Tx, params};
use crate::domain::{JobId, RowId, StructureId};
use std::ops::RangeInclusive;

/// What one job writes in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingWrite {
    /// The job; its lines belong to it.
    pub job: JobId,
    /// The structure.
    pub structure: StructureId,
    /// The new rows; none if the last is before the first.
    pub rows: (i64, i64),
    /// The new versions, likewise.
    pub versions: (i64, i64),
}

/// Rows that one statement deletes at the most.
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
pub(super) fn unseen_rows(
    tx: &Tx<'_>,
    structure: StructureId,
) -> Result<Vec<RangeInclusive<i64>>, StoreError> {
    let pending = of_structure(tx, structure)?;
    Ok(pending.iter().map(|it| it.rows.0..=it.rows.1).collect())
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
    let lines = tx.execute(
        "DELETE FROM job_change WHERE job_id = ? AND seq IN (
             SELECT seq FROM job_change WHERE job_id = ? ORDER BY seq DESC LIMIT ?)",
        params![job, job, ROWS_AT_ONCE],
    )?;
    // These ids were given to this job alone. Rows below others were written after them, so none
    // takes another along.
    let rows = tx.execute(
        "DELETE FROM forest_row WHERE id IN (
             SELECT id FROM forest_row WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT ?)",
        params![pending.rows.0, pending.rows.1, ROWS_AT_ONCE],
    )?;
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
    if lines + rows + versions > 0 {
        return Ok(true);
    }
    end(tx, job)?;
    Ok(false)
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
    Ok(())
}

/// Whether a row is to be seen.
pub(super) fn is_seen(unseen: &[RangeInclusive<i64>], row: RowId) -> bool {
    !unseen.iter().any(|range| range.contains(&row.0))
}
