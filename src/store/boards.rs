//! Boards: named JQL queries whose issues teams plan in the order of their ranks.

use super::{Row, StoreError, Tx, params};
use crate::domain::{BoardId, UserId};

/// A board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// Its id.
    pub id: BoardId,
    /// Its name.
    pub name: String,
    /// Its query.
    pub jql: String,
    /// Whether its issues are planned in the order of their ranks.
    pub ranked: bool,
}

fn read(row: &Row<'_>) -> Result<Board, StoreError> {
    Ok(Board {
        id: row.get(0)?,
        name: row.get(1)?,
        jql: row.get(2)?,
        ranked: row.get(3)?,
    })
}

/// Makes a board.
pub fn create(
    tx: &Tx<'_>,
    name: &str,
    jql: &str,
    ranked: bool,
    owner: UserId,
) -> Result<BoardId, StoreError> {
    tx.insert(
        "INSERT INTO board (name, jql, ranked, owner_id, created_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
        params![name, jql, ranked, owner, tx.now()],
    )
    .map(BoardId)
}

/// The board with this id.
pub fn find(tx: &Tx<'_>, id: BoardId) -> Result<Option<Board>, StoreError> {
    tx.find(
        "SELECT id, name, jql, ranked FROM board WHERE id = ?",
        params![id],
        read,
    )
}

/// The boards with the given ids.
pub fn by_ids(
    tx: &Tx<'_>,
    ids: impl IntoIterator<Item = BoardId>,
) -> Result<Vec<Board>, StoreError> {
    tx.query_ids(
        "SELECT id, name, jql, ranked FROM board WHERE id IN ({})",
        &[],
        ids.into_iter().map(|id| id.0),
        read,
    )
}

/// Every board, oldest first.
pub fn all(tx: &Tx<'_>) -> Result<Vec<Board>, StoreError> {
    tx.query(
        "SELECT id, name, jql, ranked FROM board ORDER BY id",
        &[],
        read,
    )
}

/// How many boards there are.
pub fn count(tx: &Tx<'_>) -> Result<i64, StoreError> {
    tx.get("SELECT count(*) FROM board", &[], |row| row.get(0))
}
