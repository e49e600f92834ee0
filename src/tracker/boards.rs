//! Boards: named queries that are checked before they are kept.

use crate::domain::text::{self, NAME_LIMIT};
use crate::domain::{BoardId, Refusal, RefusalCode, Viewer};
use crate::jql;
use crate::store::{Failure, Tx, boards};

/// Boards of one server at the most: they are listed whole.
const BOARDS: i64 = 1_000;

/// A board to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBoard {
    /// Its name.
    pub name: String,
    /// Its query.
    pub jql: String,
    /// Whether its issues are planned in the order of their ranks.
    pub ranked: bool,
}

/// Makes a board, owned by the viewer.
pub fn create(tx: &Tx<'_>, viewer: &Viewer, board: &NewBoard) -> Result<BoardId, Failure> {
    let name = text::name("Name", &board.name, NAME_LIMIT)
        .map_err(|error| Refusal::invalid("input.name", error.0))?;
    jql::parse(&board.jql).map_err(|error| Refusal::invalid("input.jql", error.to_string()))?;
    if boards::count(tx)? >= BOARDS {
        let message = format!("a server holds at most {BOARDS} boards");
        return Err(Refusal::new(RefusalCode::Conflict, message).into());
    }
    let owner = viewer.user_id;
    Ok(boards::create(tx, &name, &board.jql, board.ranked, owner)?)
}
