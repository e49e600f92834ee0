//! Rows in inputs: where they go, which they are.

use crate::domain::{Refusal, RowId};
use crate::graphql::error::Result;
use crate::graphql::ids;
use crate::structures::{NewRow, Position};
use async_graphql::{ID, InputObject, OneofObject};

/// Where rows go: under a row, after one of its children.
#[derive(InputObject)]
pub(super) struct PositionInput {
    /// The row that becomes the parent; null for the top level.
    under: Option<ID>,
    /// The child of `under` after which the first of the rows goes; null makes it the first child.
    after: Option<ID>,
}

impl PositionInput {
    pub(super) fn decode(&self) -> Result<Position, Refusal> {
        let row = |id: &Option<ID>, path: &str| {
            id.as_ref().map(|id| ids::decode_at(id, path)).transpose()
        };
        Ok(Position {
            under: row(&self.under, "input.position.under")?,
            after: row(&self.after, "input.position.after")?,
        })
    }
}

/// What a new row holds: exactly one of these.
#[derive(OneofObject)]
pub(super) enum NewRowInput {
    /// The key of an issue.
    IssueKey(String),
    /// The name of a new folder, 1 to 1,000 characters.
    Folder(String),
}

impl From<NewRowInput> for NewRow {
    fn from(input: NewRowInput) -> Self {
        match input {
            NewRowInput::IssueKey(key) => Self::Issue(key),
            NewRowInput::Folder(name) => Self::Folder(name),
        }
    }
}

/// The rows of a list of ids.
pub(super) fn decode_rows(ids: &[ID]) -> Result<Vec<RowId>, Refusal> {
    let row = |(at, id)| ids::decode_at(id, &format!("input.rowIds.{at}"));
    ids.iter().enumerate().map(row).collect()
}
