//! What jobs have written that nobody sees yet: of one that is under way, or that something stopped.
//! It breaks no rule, since a server takes it back when it starts; a repair does as well.

use crate::store::{StoreError, Tx};
use serde::Serialize;

/// What one job has written before its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unfinished {
    /// The job's number.
    pub job: i64,
    /// That of the structure.
    pub structure: i64,
    /// New rows of the structure.
    pub rows: i64,
    /// New versions of it.
    pub versions: i64,
    /// Lines of what the job changes.
    pub lines: i64,
}

/// All of it, by job. Jobs of one structure do not run together, so what is unseen in it belongs to
/// one of them.
pub(super) fn all(tx: &Tx<'_>) -> Result<Vec<Unfinished>, StoreError> {
    tx.query(
        "SELECT job_id, structure_id,
             (SELECT count(*) FROM forest_row AS r WHERE r.structure_id = p.structure_id)
                 - (SELECT count(*) FROM seen_row AS r WHERE r.structure_id = p.structure_id),
             (SELECT count(*) FROM structure_version AS v WHERE v.structure_id = p.structure_id)
                 - (SELECT count(*) FROM seen_version AS v WHERE v.structure_id = p.structure_id),
             (SELECT count(*) FROM job_change AS c WHERE c.job_id = p.job_id)
         FROM pending_write AS p ORDER BY job_id",
        &[],
        |row| {
            Ok(Unfinished {
                job: row.get(0)?,
                structure: row.get(1)?,
                rows: row.get(2)?,
                versions: row.get(3)?,
                lines: row.get(4)?,
            })
        },
    )
}
