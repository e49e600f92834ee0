//! Who may do what to a structure, as those who control it decide: rules, and another owner.

use super::access::{self, AccessLevel};
use crate::domain::{Refusal, RefusalCode, StructureId, Subject, UserId, Viewer};
use crate::store::permissions::{self, Rule};
use crate::store::{Failure, Store, Tx, structures, users};

/// Rules of one structure at the most: they are listed whole.
const RULES: usize = 200;

/// Gives a subject a level of access, instead of the one that a rule gave it before.
pub async fn set(
    store: &Store,
    viewer: &Viewer,
    id: StructureId,
    rule: Rule,
) -> Result<(), Failure> {
    if rule.level == AccessLevel::None {
        let message = "NONE cannot be given, for a rule grants and never takes away: expected VIEW, \
                       EDIT, AUTOMATE or CONTROL. To take access away, remove the rule that grants it.";
        return Err(Refusal::invalid("input.level", message).into());
    }
    let viewer = viewer.clone();
    store
        .write(move |tx| {
            access::require(tx, &viewer, id, AccessLevel::Control, "input.structureId")?;
            check_subject(tx, rule.subject)?;
            let rules = permissions::rules(tx, [id])?
                .remove(&id)
                .unwrap_or_default();
            if rules.contains(&rule) {
                return Ok(());
            }
            let known = rules.iter().any(|it| it.subject == rule.subject);
            if !known && rules.len() >= RULES {
                let message = format!(
                    "A structure has at most {RULES} rules: remove one, or give a role what its \
                     users have."
                );
                return Err(Refusal::new(RefusalCode::Conflict, message).into());
            }
            Ok(permissions::set_rule(tx, id, rule)?)
        })
        .await
}

/// Takes away what a rule gives a subject.
pub async fn remove(
    store: &Store,
    viewer: &Viewer,
    id: StructureId,
    subject: Subject,
) -> Result<(), Failure> {
    let viewer = viewer.clone();
    store
        .write(move |tx| {
            access::require(tx, &viewer, id, AccessLevel::Control, "input.structureId")?;
            if permissions::remove_rule(tx, id, subject)? {
                return Ok(());
            }
            let message = "The structure has no rule for this subject.";
            Err(Refusal::not_found("input.subject", message).into())
        })
        .await
}

/// Gives a structure to another user, for its owner and administrators. The owner until then keeps
/// what rules give them.
pub async fn transfer(
    store: &Store,
    viewer: &Viewer,
    id: StructureId,
    owner: UserId,
) -> Result<(), Failure> {
    let viewer = viewer.clone();
    store
        .write(move |tx| {
            let structure = access::require(tx, &viewer, id, AccessLevel::View, "input.id")?;
            if structure.owner != Some(viewer.user_id) && !users::is_admin(tx, viewer.user_id)? {
                let message = "Only the owner of the structure and administrators give it away.";
                let refusal = Refusal::new(RefusalCode::Forbidden, message);
                return Err(refusal.at("input.id").into());
            }
            let unknown = || Refusal::not_found("input.ownerId", "There is no such user.");
            let next = users::find(tx, owner)?.ok_or_else(unknown)?;
            if !next.active {
                let message = format!(
                    "“{}” is deactivated: expected a user who is active.",
                    next.name
                );
                return Err(Refusal::invalid("input.ownerId", message).into());
            }
            if structure.owner == Some(owner) {
                return Ok(());
            }
            Ok(structures::set_owner(tx, id, owner)?)
        })
        .await
}

fn check_subject(tx: &Tx<'_>, subject: Subject) -> Result<(), Failure> {
    if let Some(id) = subject.user()
        && users::find(tx, id)?.is_none()
    {
        let message = "There is no such user.";
        return Err(Refusal::not_found("input.subject.userId", message).into());
    }
    Ok(())
}
