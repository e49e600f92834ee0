//! Mutations of who may do what to a structure.

use super::outcome::{accept, errors};
use crate::domain::{Refusal, StructureId, Subject, Viewer};
use crate::graphql::context::ContextExt;
use crate::graphql::error::Result;
use crate::graphql::ids;
use crate::graphql::types::structure::AccessLevel;
use crate::graphql::types::user::Role;
use crate::graphql::types::{Structure, UserError};
use crate::store::permissions::Rule;
use crate::store::{Failure, Store};
use crate::structures::permissions;
use async_graphql::{Context, ID, InputObject, Object, OneofObject, SimpleObject};

/// To whom a permission is given: exactly one of these.
#[derive(OneofObject)]
pub(super) enum PermissionSubjectInput {
    /// One user.
    UserId(ID),
    /// Every user of a role.
    Role(Role),
    /// Every user: must be true.
    Everyone(bool),
}

impl PermissionSubjectInput {
    pub(super) fn decode(&self) -> Result<Subject, Refusal> {
        match self {
            Self::UserId(id) => ids::decode_at(id, "input.subject.userId").map(Subject::User),
            Self::Role(role) => Ok(Subject::Role((*role).into())),
            Self::Everyone(true) => Ok(Subject::Everyone),
            Self::Everyone(false) => {
                let message = "`everyone` is false: expected true, or a user, or a role.";
                Err(Refusal::invalid("input.subject.everyone", message))
            }
        }
    }
}

/// A rule to be added or changed.
#[derive(InputObject)]
struct SetStructurePermissionInput {
    /// Of which structure.
    structure_id: ID,
    /// To whom it applies; there is one rule for a subject.
    subject: PermissionSubjectInput,
    /// What it allows them: VIEW, EDIT, AUTOMATE or CONTROL.
    level: AccessLevel,
}

/// A rule to be removed.
#[derive(InputObject)]
struct RemoveStructurePermissionInput {
    /// Of which structure.
    structure_id: ID,
    /// To whom it applies.
    subject: PermissionSubjectInput,
}

/// A structure to be given to another user.
#[derive(InputObject)]
struct TransferStructureInput {
    /// Which structure.
    id: ID,
    /// Who is to own it: an active user.
    owner_id: ID,
}

/// What became of a request to change who may do what to a structure.
#[derive(SimpleObject)]
struct StructureAccessPayload {
    /// The structure afterwards; null if the request was refused, and if the viewer may no longer
    /// view it.
    structure: Option<Structure>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl StructureAccessPayload {
    async fn new(ctx: &Context<'_>, outcome: Result<StructureId, Failure>) -> Result<Self> {
        Ok(match accept(outcome)? {
            Ok(id) => Self {
                structure: ctx.loaders().find(id).await?.map(Structure),
                user_errors: vec![],
            },
            Err(refusal) => Self {
                structure: None,
                user_errors: errors(refusal),
            },
        })
    }
}

/// Mutations of who may do what to a structure.
#[derive(Default)]
pub(super) struct PermissionMutations;

/// Mutations of who may do what to a structure.
#[Object]
impl PermissionMutations {
    /// Gives a user, a role or everyone a level of access to a structure, instead of the one that a
    /// rule gave them before. Needs CONTROL. At most 200 rules a structure.
    async fn set_structure_permission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rule.")] input: SetStructurePermissionInput,
    ) -> Result<StructureAccessPayload> {
        let outcome = set(&ctx.api().store, ctx.viewer(), &input).await;
        StructureAccessPayload::new(ctx, outcome).await
    }

    /// Takes a rule of a structure away. Needs CONTROL. What other rules give the subject stays.
    async fn remove_structure_permission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which rule.")] input: RemoveStructurePermissionInput,
    ) -> Result<StructureAccessPayload> {
        let outcome = remove(&ctx.api().store, ctx.viewer(), &input).await;
        StructureAccessPayload::new(ctx, outcome).await
    }

    /// Gives a structure to another user; for its owner and administrators. The owner until then
    /// keeps what rules give them.
    async fn transfer_structure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What goes to whom.")] input: TransferStructureInput,
    ) -> Result<StructureAccessPayload> {
        let outcome = transfer(&ctx.api().store, ctx.viewer(), &input).await;
        StructureAccessPayload::new(ctx, outcome).await
    }
}

async fn set(
    store: &Store,
    viewer: &Viewer,
    input: &SetStructurePermissionInput,
) -> Result<StructureId, Failure> {
    let id = ids::decode_at(&input.structure_id, "input.structureId")?;
    let rule = Rule {
        subject: input.subject.decode()?,
        level: input.level.into(),
    };
    permissions::set(store, viewer, id, rule).await?;
    Ok(id)
}

async fn remove(
    store: &Store,
    viewer: &Viewer,
    input: &RemoveStructurePermissionInput,
) -> Result<StructureId, Failure> {
    let id = ids::decode_at(&input.structure_id, "input.structureId")?;
    permissions::remove(store, viewer, id, input.subject.decode()?).await?;
    Ok(id)
}

async fn transfer(
    store: &Store,
    viewer: &Viewer,
    input: &TransferStructureInput,
) -> Result<StructureId, Failure> {
    let id = ids::decode_at(&input.id, "input.id")?;
    let owner = ids::decode_at(&input.owner_id, "input.ownerId")?;
    permissions::transfer(store, viewer, id, owner).await?;
    Ok(id)
}
