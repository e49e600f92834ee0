//! The history of one issue: its lines of the change feed, as long as the feed keeps them.

use super::issues::{self, IssueChange, IssueChangeKind, SELECT_CHANGE, read_change};
use super::{StoreError, Tx, params};
use crate::domain::{IdMap, IssueId};

/// The lines of an issue before a place in the feed, newest first, at most `limit`.
pub fn page(
    tx: &Tx<'_>,
    issue: IssueId,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<IssueChange>, StoreError> {
    tx.query(
        &format!("{SELECT_CHANGE} WHERE issue_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?"),
        params![issue, before.unwrap_or(i64::MAX), limit],
        read_change,
    )
}

/// How many lines of an issue there are.
pub fn count(tx: &Tx<'_>, issue: IssueId) -> Result<i64, StoreError> {
    tx.get(
        "SELECT count(*) FROM issue_change WHERE issue_id = ?",
        params![issue],
        |row| row.get(0),
    )
}

/// The keys of issues, also of those that are gone while the feed still knows of that.
pub fn keys(
    tx: &Tx<'_>,
    ids: impl IntoIterator<Item = IssueId>,
) -> Result<IdMap<IssueId, String>, StoreError> {
    let ids: Vec<IssueId> = ids.into_iter().collect();
    let mut keys = issues::keys(tx, ids.iter().copied())?;
    let gone = ids.iter().filter(|id| !keys.contains_key(id));
    let gone = tx.query_ids(
        "SELECT issue_id, before FROM issue_change
         WHERE kind = ? AND before IS NOT NULL AND issue_id IN ({})",
        params![IssueChangeKind::Deleted.name()],
        gone.map(|id| id.0),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    keys.extend(gone);
    Ok(keys)
}
