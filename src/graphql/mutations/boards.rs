//! The mutation of boards.

use super::outcome::{accept, errors};
use crate::domain::BoardId;
use crate::graphql::api::NewBoard;
use crate::graphql::context::ContextExt;
use crate::graphql::error::Result;
use crate::graphql::types::{Board, UserError};
use crate::store::Failure;
use async_graphql::{Context, InputObject, Object, SimpleObject};

/// A board to be made.
#[derive(InputObject)]
struct BoardInput {
    /// Its name, 1 to 255 characters.
    name: String,
    /// The query for its issues, in JQL.
    jql: String,
    /// Whether its issues are planned in the order of their ranks.
    #[graphql(default = true)]
    ranked: bool,
}

/// What became of a request to make a board.
#[derive(SimpleObject)]
struct BoardPayload {
    /// The board; null if the request was refused.
    board: Option<Board>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl BoardPayload {
    async fn new(ctx: &Context<'_>, outcome: Result<BoardId, Failure>) -> Result<Self> {
        Ok(match accept(outcome)? {
            Ok(id) => Self {
                board: ctx.loaders().find(id).await?.map(Board),
                user_errors: vec![],
            },
            Err(refusal) => Self {
                board: None,
                user_errors: errors(refusal),
            },
        })
    }
}

/// The mutation of boards.
#[derive(Default)]
pub(super) struct BoardMutations;

/// The mutation of boards.
#[Object]
impl BoardMutations {
    /// Makes a board: a query whose issues a team plans.
    async fn create_board(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The board to be made.")] input: BoardInput,
    ) -> Result<BoardPayload> {
        let BoardInput { name, jql, ranked } = input;
        let board = NewBoard { name, jql, ranked };
        let outcome = ctx.api().tracker.create_board(ctx.viewer(), board).await;
        BoardPayload::new(ctx, outcome).await
    }
}
