//! The global order of issues, as the tables hold it: by rank, of equal ranks by id.
//!
//! Issues without a rank stand behind all that have one; they are no neighbours of anybody here.
//! Which key a moved issue gets is decided in `tracker`.

use super::{Row, StoreError, Tx, params};
use crate::domain::IssueId;
use std::collections::HashMap;

/// An issue at its place in the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// The issue.
    pub issue: IssueId,
    /// Its rank.
    pub rank: String,
}

fn read(row: &Row<'_>) -> Result<Ranked, StoreError> {
    Ok(Ranked {
        issue: row.get(0)?,
        rank: row.get(1)?,
    })
}

/// The ranks of issues, `None` where one has none; an issue that does not exist is absent.
pub fn of(
    tx: &Tx<'_>,
    issues: impl IntoIterator<Item = IssueId>,
) -> Result<HashMap<IssueId, Option<String>>, StoreError> {
    let ids = issues.into_iter().map(|id| id.0);
    let sql = "SELECT id, rank FROM issue WHERE id IN ({})";
    let found = tx.query_ids(sql, &[], ids, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.into_iter().collect())
}

/// The issues that follow one, nearest first.
pub fn following(tx: &Tx<'_>, place: &Ranked, limit: usize) -> Result<Vec<Ranked>, StoreError> {
    tx.query(
        "SELECT id, rank FROM issue WHERE (rank, id) > (?, ?) ORDER BY rank, id LIMIT ?",
        params![&place.rank, place.issue, limit],
        read,
    )
}

/// The issues that precede one, nearest first.
pub fn preceding(tx: &Tx<'_>, place: &Ranked, limit: usize) -> Result<Vec<Ranked>, StoreError> {
    tx.query(
        "SELECT id, rank FROM issue WHERE (rank, id) < (?, ?) ORDER BY rank DESC, id DESC LIMIT ?",
        params![&place.rank, place.issue, limit],
        read,
    )
}
