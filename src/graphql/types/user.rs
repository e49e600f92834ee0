//! The type `User`.

use crate::domain::Viewer;
use crate::graphql::ids;
use crate::store::users;
use async_graphql::{Enum, ID, Object};
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
}
