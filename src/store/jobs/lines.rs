//! What a job changed or, in a dry run, would change: its lines, with before and after.

use crate::domain::{ChangeKind, IssueId, JobId, LinkId, RowId};
use crate::store::tx::ROWS_PER_INSERT;
use crate::store::{StoreError, Tx, params};

/// One line of what a job changed or would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeLine {
    /// What it is.
    pub kind: ChangeKind,
    /// The key of the issue it is about.
    pub issue_key: Option<String>,
    /// The row, if it has an id yet.
    pub row: Option<RowId>,
    /// The issue.
    pub issue: Option<IssueId>,
    /// The link.
    pub link: Option<LinkId>,
    /// The state before, as JSON.
    pub before: Option<String>,
    /// The state after, as JSON.
    pub after: Option<String>,
    /// One line a person can read.
    pub summary: String,
}

/// Keeps what a job changed, telling before each part how many lines have been written.
pub fn add_changes(
    tx: &Tx<'_>,
    job: JobId,
    lines: &[ChangeLine],
    written: &dyn Fn(usize),
) -> Result<(), StoreError> {
    let mut seq = 0..lines.len();
    for part in lines.chunks(ROWS_PER_INSERT) {
        written(seq.start);
        let mut values = Vec::with_capacity(10 * part.len());
        for (line, seq) in part.iter().zip(&mut seq) {
            values.extend_from_slice(params![
                job,
                seq,
                line.kind.name(),
                line.issue_key.as_ref(),
                line.row,
                line.issue,
                line.link,
                line.before.as_ref(),
                line.after.as_ref(),
                &line.summary,
            ]);
        }
        tx.insert_rows(
            "INSERT INTO job_change (job_id, seq, kind, issue_key, row_id, issue_id, link_id,
                                     before, after, summary)",
            10,
            &values,
        )?;
    }
    Ok(())
}

/// A page of what a job changed, from the place after `after` on (−1: from the first).
pub fn changes(
    tx: &Tx<'_>,
    job: JobId,
    after: i64,
    limit: usize,
) -> Result<Vec<(i64, ChangeLine)>, StoreError> {
    tx.query(
        "SELECT seq, kind, issue_key, row_id, issue_id, link_id, before, after, summary
         FROM job_change WHERE job_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        params![job, after, limit],
        |row| {
            let line = ChangeLine {
                kind: row.named(1, ChangeKind::from_name)?,
                issue_key: row.get(2)?,
                row: row.get(3)?,
                issue: row.get(4)?,
                link: row.get(5)?,
                before: row.get(6)?,
                after: row.get(7)?,
                summary: row.get(8)?,
            };
            Ok((row.get(0)?, line))
        },
    )
}

/// How many lines a job's changes have.
pub fn count_changes(tx: &Tx<'_>, job: JobId) -> Result<i64, StoreError> {
    tx.get(
        "SELECT count(*) FROM job_change WHERE job_id = ?",
        params![job],
        |row| row.get(0),
    )
}
