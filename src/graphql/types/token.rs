//! The type `Token`, and pages of tokens. Only their user and administrators see them.

use super::User;
use crate::domain::{TokenId, UserId};
use crate::graphql::connection::{self, Connection};
use crate::graphql::context::ContextExt;
use crate::graphql::cursor::{self, Cursor, List};
use crate::graphql::date_time::DateTime;
use crate::graphql::error::Result;
use crate::graphql::ids;
use crate::store::{tokens, users};
use async_graphql::{Context, ID, Object};
use std::sync::Arc;

/// What a user shows to come in. The secret itself is shown once, when the token is made.
pub(crate) struct Token(pub(crate) Arc<tokens::Token>);

/// What a user shows to come in. The secret itself is shown once, when the token is made.
#[Object]
impl Token {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::encode(self.0.id)
    }

    /// What it is for, in the words of whoever made it; may be empty.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whose it is.
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        ctx.loaders().get(self.0.user, "user").await.map(User)
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it ends by itself, or ended; null: never.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime)
    }

    /// When it was revoked; null if it was not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }
}

/// A page of the tokens of a user, newest first; `None` if they are not for the viewer to see.
pub(crate) async fn page(
    ctx: &Context<'_>,
    user: UserId,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Option<Connection<Token>>> {
    let length = connection::length(first)?;
    let before = after
        .as_deref()
        .map(|after| cursor::decode(List::Tokens, after))
        .transpose()?;
    let viewer = ctx.viewer().user_id;
    let found = ctx
        .api()
        .read(move |tx| {
            if viewer != user && !users::is_admin(tx, viewer)? {
                return Ok(None);
            }
            tokens::page(tx, Some(user), before.map(TokenId), length + 1).map(Some)
        })
        .await?;
    let Some(found) = found else { return Ok(None) };
    let edge = |it: tokens::Token| (Cursor::Number(List::Tokens, it.id.0), Token(Arc::new(it)));
    let items = found.into_iter().map(edge).collect();
    let api = ctx.api().clone();
    let count = move || {
        let api = api.clone();
        async move { api.read(move |tx| tokens::count(tx, user)).await }
    };
    Ok(Some(Connection::forwards(
        items,
        length,
        before.is_some(),
        count,
    )))
}
