//! The type `User`, and pages of users.

use super::permission::GlobalPermission;
use super::{Token, token};
use crate::domain::Viewer;
use crate::graphql::api::Api;
use crate::graphql::connection::{self, Connection};
use crate::graphql::context::ContextExt;
use crate::graphql::cursor;
use crate::graphql::error::Result;
use crate::graphql::ids;
use crate::graphql::loaders::GlobalPermissionsOf;
use crate::store::users;
use async_graphql::{Context, Enum, ID, Object};
use std::sync::Arc;

/// What a user may do everywhere.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "users::Role")]
pub(crate) enum Role {
    /// What structures allow.
    Member,
    /// Everything.
    Admin,
}

/// Someone with a token.
pub(crate) struct User(pub(crate) Arc<users::User>);

impl From<&Viewer> for User {
    fn from(viewer: &Viewer) -> Self {
        let role = if viewer.admin {
            users::Role::Admin
        } else {
            users::Role::Member
        };
        Self(Arc::new(users::User {
            id: viewer.user_id,
            name: viewer.name.clone(),
            role,
            active: true,
        }))
    }
}

/// Someone with a token.
#[Object]
impl User {
    /// The user's id.
    pub(crate) async fn id(&self) -> ID {
        ids::encode(self.0.id)
    }

    /// The user's name, unique on this server.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What the user may do everywhere.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// Whether the user may come in, and work is done with the user's rights.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// What the user may do on all structures together, by whatever grant; null unless the viewer
    /// is the user or an administrator.
    async fn global_permissions(&self, ctx: &Context<'_>) -> Result<Option<Vec<GlobalPermission>>> {
        let found = ctx.loaders().find(GlobalPermissionsOf(self.0.id)).await?;
        Ok(found.map(|all| all.into_iter().map(Into::into).collect()))
    }

    /// The user's tokens, newest first, also those that have ended; null unless the viewer is the
    /// user or an administrator.
    async fn tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Tokens of the page at the most, 0 to 500; default 50.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor of the last token before the page.")] after: Option<String>,
    ) -> Result<Option<Connection<Token>>> {
        token::page(ctx, self.0.id, first, after).await
    }
}

/// A page of users by name.
pub(crate) async fn page(
    api: &Api,
    name_contains: Option<String>,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<User>> {
    let length = connection::length(first)?;
    let after = after.as_deref().map(cursor::decode_user).transpose()?;
    let bounded = after.is_some();
    let asked = name_contains.clone();
    let found = api
        .read(move |tx| users::page(tx, asked.as_deref(), after.as_deref(), length + 1))
        .await?;
    let edge = |it: users::User| (cursor::encode_user(&it.name), User(Arc::new(it)));
    let items = found.into_iter().map(edge).collect();
    let api = api.clone();
    let count = move || {
        let (api, asked) = (api.clone(), name_contains.clone());
        async move { api.read(move |tx| users::count(tx, asked.as_deref())).await }
    };
    Ok(Connection::forwards(items, length, bounded, count))
}
