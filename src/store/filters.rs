//! Saved filters: named JQL queries.

use super::{Row, StoreError, Tx, params};
use crate::domain::{FilterId, UserId};

/// A saved filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFilter {
    /// Its id.
    pub id: FilterId,
    /// Its name.
    pub name: String,
    /// Its query.
    pub jql: String,
    /// Who made it.
    pub owner: Option<UserId>,
}

fn read(row: &Row<'_>) -> Result<SavedFilter, StoreError> {
    Ok(SavedFilter {
        id: row.get(0)?,
        name: row.get(1)?,
        jql: row.get(2)?,
        owner: row.get(3)?,
    })
}

/// Makes a saved filter.
pub fn create(tx: &Tx<'_>, name: &str, jql: &str, owner: UserId) -> Result<FilterId, StoreError> {
    tx.insert(
        "INSERT INTO saved_filter (name, jql, owner_id, created_at) VALUES (?, ?, ?, ?) RETURNING id",
        params![name, jql, owner, tx.now()],
    )
    .map(FilterId)
}

/// The filter with this id.
pub fn find(tx: &Tx<'_>, id: FilterId) -> Result<Option<SavedFilter>, StoreError> {
    tx.find(
        "SELECT id, name, jql, owner_id FROM saved_filter WHERE id = ?",
        params![id],
        read,
    )
}

/// The filters with the given ids.
pub fn by_ids(
    tx: &Tx<'_>,
    ids: impl IntoIterator<Item = FilterId>,
) -> Result<Vec<SavedFilter>, StoreError> {
    tx.query_ids(
        "SELECT id, name, jql, owner_id FROM saved_filter WHERE id IN ({})",
        &[],
        ids.into_iter().map(|id| id.0),
        read,
    )
}

/// The filters after an id, oldest first, at most `limit`.
pub fn page(tx: &Tx<'_>, after: FilterId, limit: usize) -> Result<Vec<SavedFilter>, StoreError> {
    tx.query(
        "SELECT id, name, jql, owner_id FROM saved_filter WHERE id > ? ORDER BY id LIMIT ?",
        params![after, limit],
        read,
    )
}

/// How many filters there are.
pub fn count(tx: &Tx<'_>) -> Result<i64, StoreError> {
    tx.get("SELECT count(*) FROM saved_filter", &[], |row| row.get(0))
}
