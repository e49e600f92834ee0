//! Mutations of users, their tokens, and permissions everywhere.

use super::outcome::{accept, errors};
use super::permissions::PermissionSubjectInput;
use crate::accounts::{self, Changes, NewSecret, TokenRequest};
use crate::domain::{TokenId, UserId, Viewer};
use crate::graphql::context::ContextExt;
use crate::graphql::date_time::DateTime;
use crate::graphql::error::{ApiError, Result, code};
use crate::graphql::ids;
use crate::graphql::types::permission::{GlobalPermission, GlobalPermissionGrant};
use crate::graphql::types::user::Role;
use crate::graphql::types::{Token, User, UserError};
use crate::store::permissions::Grant;
use crate::store::{Failure, Store};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

/// A user to be made.
#[derive(InputObject)]
struct CreateUserInput {
    /// The user's name, 1 to 255 characters, not yet taken.
    name: String,
    /// What the user may do everywhere.
    #[graphql(default_with = "Role::Member")]
    role: Role,
}

/// What is to change of a user.
#[derive(InputObject)]
struct UpdateUserInput {
    /// Which user.
    id: ID,
    /// What the user may do everywhere; null leaves it.
    role: Option<Role>,
    /// Whether the user may come in; null leaves it. False ends the user's subscriptions, and keeps
    /// work from being done with the user's rights.
    active: Option<bool>,
}

/// A token to be made.
#[derive(InputObject)]
struct CreateTokenInput {
    /// For whom; null: for the viewer. Administrators make tokens for others.
    user_id: Option<ID>,
    /// What it is for, 1 to 255 characters.
    name: String,
    /// When it ends by itself, in the future; null: never.
    expires_at: Option<DateTime>,
}

/// A permission everywhere, and to whom it is given.
#[derive(InputObject)]
struct GlobalPermissionInput {
    /// What is allowed.
    permission: GlobalPermission,
    /// To whom.
    subject: PermissionSubjectInput,
}

impl GlobalPermissionInput {
    fn decode(&self) -> Result<Grant, Failure> {
        Ok(Grant {
            permission: self.permission.into(),
            subject: self.subject.decode()?,
        })
    }
}

/// What became of a request to make or change a user.
#[derive(SimpleObject)]
struct UserPayload {
    /// The user afterwards; null if the request was refused.
    user: Option<User>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl UserPayload {
    async fn new(ctx: &Context<'_>, outcome: Result<UserId, Failure>) -> Result<Self> {
        Ok(match accept(outcome)? {
            Ok(id) => Self {
                user: ctx.loaders().find(id).await?.map(User),
                user_errors: vec![],
            },
            Err(refusal) => Self {
                user: None,
                user_errors: errors(refusal),
            },
        })
    }
}

/// What became of a request to make a token.
#[derive(SimpleObject)]
struct CreateTokenPayload {
    /// The token, to be sent as `Authorization: Bearer …`: shown now and never again. Null if the
    /// request was refused.
    secret: Option<String>,
    /// What is kept of it; null if the request was refused.
    token: Option<Token>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

/// What became of a request to revoke a token.
#[derive(SimpleObject)]
struct TokenPayload {
    /// The token afterwards; null if the request was refused.
    token: Option<Token>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

/// What became of a request to change permissions everywhere.
#[derive(SimpleObject)]
struct GlobalPermissionPayload {
    /// Every grant afterwards; empty if the request was refused.
    global_permissions: Vec<GlobalPermissionGrant>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl GlobalPermissionPayload {
    async fn new(ctx: &Context<'_>, outcome: Result<(), Failure>) -> Result<Self> {
        Ok(match accept(outcome)? {
            Ok(()) => {
                let found = accounts::grants(&ctx.api().store, ctx.viewer()).await?;
                Self {
                    global_permissions: found.into_iter().map(Into::into).collect(),
                    user_errors: vec![],
                }
            }
            Err(refusal) => Self {
                global_permissions: vec![],
                user_errors: errors(refusal),
            },
        })
    }
}

/// Mutations of users, their tokens, and permissions everywhere.
#[derive(Default)]
pub(super) struct AccountMutations;

/// Mutations of users, their tokens, and permissions everywhere.
#[Object]
impl AccountMutations {
    /// Makes a user; for administrators.
    async fn create_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user to be made.")] input: CreateUserInput,
    ) -> Result<UserPayload> {
        let CreateUserInput { name, role } = input;
        let store = &ctx.api().store;
        let outcome = accounts::create_user(store, ctx.viewer(), &name, role.into()).await;
        UserPayload::new(ctx, outcome).await
    }

    /// Changes the role of a user, deactivates or activates them; for administrators. The last
    /// active administrator stays one.
    async fn update_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: UpdateUserInput,
    ) -> Result<UserPayload> {
        let outcome = update(&ctx.api().store, ctx.viewer(), &input).await;
        UserPayload::new(ctx, outcome).await
    }

    /// Makes a token for the viewer or, by an administrator, for anybody who is active. At most 100
    /// valid ones a user. One that is made by means of a token that expires may not outlive it.
    async fn create_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token to be made.")] input: CreateTokenInput,
    ) -> Result<CreateTokenPayload> {
        let secret = NewSecret::random().map_err(|error| {
            tracing::error!(%error, "the system gives no random numbers");
            ApiError::new(code::INTERNAL, "The server cannot make secrets just now.")
        })?;
        let made = create(&ctx.api().store, ctx.viewer(), input, secret.clone()).await;
        Ok(match accept(made)? {
            Ok(id) => CreateTokenPayload {
                secret: Some(secret.0),
                token: ctx.loaders().find(id).await?.map(Token),
                user_errors: vec![],
            },
            Err(refusal) => CreateTokenPayload {
                secret: None,
                token: None,
                user_errors: errors(refusal),
            },
        })
    }

    /// Ends a token of the viewer's or, by an administrator, of anybody: at once for requests, and
    /// within seconds for what is open.
    async fn revoke_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which token.")] id: ID,
    ) -> Result<TokenPayload> {
        let outcome = revoke(&ctx.api().store, ctx.viewer(), &id).await;
        Ok(match accept(outcome)? {
            Ok(id) => TokenPayload {
                token: ctx.loaders().find(id).await?.map(Token),
                user_errors: vec![],
            },
            Err(refusal) => TokenPayload {
                token: None,
                user_errors: errors(refusal),
            },
        })
    }

    /// Gives a user, a role or everyone a permission on all structures together; for
    /// administrators, who have all of them.
    async fn grant_global_permission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is given to whom.")] input: GlobalPermissionInput,
    ) -> Result<GlobalPermissionPayload> {
        let outcome = grant(&ctx.api().store, ctx.viewer(), &input).await;
        GlobalPermissionPayload::new(ctx, outcome).await
    }

    /// Takes such a permission back; for administrators.
    async fn revoke_global_permission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is taken from whom.")] input: GlobalPermissionInput,
    ) -> Result<GlobalPermissionPayload> {
        let outcome = take_back(&ctx.api().store, ctx.viewer(), &input).await;
        GlobalPermissionPayload::new(ctx, outcome).await
    }
}

async fn update(
    store: &Store,
    viewer: &Viewer,
    input: &UpdateUserInput,
) -> Result<UserId, Failure> {
    let id = ids::decode_at(&input.id, "input.id")?;
    let changes = Changes {
        role: input.role.map(Into::into),
        active: input.active,
    };
    accounts::update_user(store, viewer, id, changes).await?;
    Ok(id)
}

async fn create(
    store: &Store,
    viewer: &Viewer,
    input: CreateTokenInput,
    secret: NewSecret,
) -> Result<TokenId, Failure> {
    let user = |id: &ID| ids::decode_at(id, "input.userId");
    let request = TokenRequest {
        user: input.user_id.as_ref().map(user).transpose()?,
        name: input.name,
        expires_at: input.expires_at.map(|at| at.0),
    };
    accounts::create_token(store, viewer, request, secret).await
}

async fn revoke(store: &Store, viewer: &Viewer, id: &ID) -> Result<TokenId, Failure> {
    let id = ids::decode_at(id, "id")?;
    accounts::revoke_token(store, viewer, id).await?;
    Ok(id)
}

async fn grant(
    store: &Store,
    viewer: &Viewer,
    input: &GlobalPermissionInput,
) -> Result<(), Failure> {
    accounts::grant(store, viewer, input.decode()?).await
}

async fn take_back(
    store: &Store,
    viewer: &Viewer,
    input: &GlobalPermissionInput,
) -> Result<(), Failure> {
    accounts::revoke(store, viewer, input.decode()?).await
}
