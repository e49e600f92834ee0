//! Who may do what: rules of structures, permissions everywhere, and to whom they are given.

use super::User;
use super::structure::AccessLevel;
use super::user::Role;
use crate::domain::{self, Subject};
use crate::graphql::context::ContextExt;
use crate::graphql::error::Result;
use crate::store::permissions;
use async_graphql::{Context, Enum, Object, SimpleObject};

/// What kind of subject a permission is given to.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum SubjectKind {
    /// One user.
    User,
    /// Every user of a role.
    Role,
    /// Every user.
    Everyone,
}

/// To whom a permission is given.
pub(crate) struct PermissionSubject(pub(crate) Subject);

/// To whom a permission is given.
#[Object]
impl PermissionSubject {
    /// What kind of subject it is.
    async fn kind(&self) -> SubjectKind {
        match self.0 {
            Subject::User(_) => SubjectKind::User,
            Subject::Role(_) => SubjectKind::Role,
            Subject::Everyone => SubjectKind::Everyone,
        }
    }

    /// The user; null unless `kind` is USER.
    async fn user(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        let found = ctx.loaders().find(self.0.user()?).await.transpose()?;
        Some(found.map(User))
    }

    /// The role; null unless `kind` is ROLE.
    async fn role(&self) -> Option<Role> {
        match self.0 {
            Subject::Role(role) => Some(role.into()),
            Subject::User(_) | Subject::Everyone => None,
        }
    }
}

/// A rule of a structure. It grants and never takes away: the highest that matches a user counts.
#[derive(SimpleObject)]
pub(crate) struct StructurePermission {
    /// To whom it applies.
    subject: PermissionSubject,
    /// What it allows them.
    level: AccessLevel,
}

impl From<&permissions::Rule> for StructurePermission {
    fn from(rule: &permissions::Rule) -> Self {
        Self {
            subject: PermissionSubject(rule.subject),
            level: rule.level.into(),
        }
    }
}

/// What a user may be allowed on all structures together. Administrators have all of them.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::GlobalPermission")]
pub(crate) enum GlobalPermission {
    /// Install, change, enable, resync, revert and uninstall synchronizers of the structures that
    /// the user controls.
    ControlSynchronizers,
}

/// A permission everywhere, and to whom it is given.
#[derive(SimpleObject)]
pub(crate) struct GlobalPermissionGrant {
    /// What is allowed.
    permission: GlobalPermission,
    /// To whom.
    subject: PermissionSubject,
}

impl From<permissions::Grant> for GlobalPermissionGrant {
    fn from(grant: permissions::Grant) -> Self {
        Self {
            permission: grant.permission.into(),
            subject: PermissionSubject(grant.subject),
        }
    }
}
