//! Who may do what: rules of structures and permissions everywhere, as the database compares them.
//!
//! Rights are read from here each time, by the user's id: a change of a rule, of an owner, of a role
//! or of a user counts for the next statement, also in what was begun before it. A rule grants and
//! never takes away; the highest that matches counts. A user who is switched off may do nothing.

use super::{StoreError, Tx, Value, params};
use crate::domain::{AccessLevel, GlobalPermission, Millis, StructureId, Subject, UserId};
use crate::events::Event;
use std::collections::HashMap;

/// A rule of a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// To whom it applies.
    pub subject: Subject,
    /// What it allows them.
    pub level: AccessLevel,
}

/// A permission everywhere, and to whom it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What is allowed.
    pub permission: GlobalPermission,
    /// To whom.
    pub subject: Subject,
}

/// The subjects that a row of `user_account`, called `viewer`, is among.
const SUBJECTS: &str = "('EVERYONE', 'ROLE:' || viewer.role, 'USER:' || viewer.id)";

/// A condition: the structure whose id is in `column` exists for a user. Needs [`viewer_values`].
///
/// What a member may see is gathered once for a statement; an administrator sees all.
pub(super) fn viewable(column: &str) -> String {
    format!(
        "((SELECT role FROM user_account WHERE id = ? AND active = 1) = 'ADMIN'
          OR {column} IN (
             SELECT structure.id FROM user_account AS viewer
             JOIN structure ON structure.owner_id = viewer.id
             WHERE viewer.id = ? AND viewer.active = 1
             UNION ALL
             SELECT structure_permission.structure_id FROM user_account AS viewer
             JOIN structure_permission ON structure_permission.subject IN {SUBJECTS}
             WHERE viewer.id = ? AND viewer.active = 1))"
    )
}

/// The values of [`viewable`] for a user.
pub(super) fn viewer_values(user: UserId) -> [Value<'static>; 3] {
    [user.into(), user.into(), user.into()]
}

/// What a user may do to structures. One that is absent does not exist for the user.
pub fn levels(
    tx: &Tx<'_>,
    user: UserId,
    structures: impl IntoIterator<Item = StructureId>,
) -> Result<HashMap<StructureId, AccessLevel>, StoreError> {
    let sql = format!(
        "SELECT structure.id,
                CASE WHEN viewer.role = 'ADMIN' OR structure.owner_id = viewer.id THEN 4
                     ELSE (SELECT max(level) FROM structure_permission
                           WHERE structure_id = structure.id AND subject IN {SUBJECTS})
                END
         FROM user_account AS viewer CROSS JOIN structure
         WHERE viewer.id = ? AND viewer.active = 1 AND structure.id IN ({{}})"
    );
    let ids = structures.into_iter().map(|id| id.0);
    let found = tx.query_ids(&sql, params![user], ids, |row| {
        let level: Option<i64> = row.get(1)?;
        let level = level.and_then(AccessLevel::from_number);
        Ok(level.map(|level| Ok((row.get(0)?, level))))
    })?;
    found.into_iter().flatten().collect()
}

/// The rules of structures, by subject.
pub fn rules(
    tx: &Tx<'_>,
    structures: impl IntoIterator<Item = StructureId>,
) -> Result<HashMap<StructureId, Vec<Rule>>, StoreError> {
    let found = tx.query_ids(
        "SELECT structure_id, subject, level FROM structure_permission
         WHERE structure_id IN ({}) ORDER BY structure_id, subject",
        &[],
        structures.into_iter().map(|id| id.0),
        |row| {
            let level: i64 = row.get(2)?;
            let rule = Rule {
                subject: row.named(1, Subject::from_key)?,
                level: AccessLevel::from_number(level)
                    .ok_or_else(|| StoreError::Corrupt(format!("unknown level {level}")))?,
            };
            Ok((row.get::<StructureId>(0)?, rule))
        },
    )?;
    let mut rules: HashMap<StructureId, Vec<Rule>> = HashMap::new();
    for (structure, rule) in found {
        rules.entry(structure).or_default().push(rule);
    }
    Ok(rules)
}

/// Adds a rule to a structure, or changes the one of the same subject.
pub fn set_rule(tx: &Tx<'_>, structure: StructureId, rule: Rule) -> Result<(), StoreError> {
    let Rule { subject, level } = rule;
    tx.execute(
        "INSERT INTO structure_permission (structure_id, subject, user_id, level)
         VALUES (?, ?, ?, ?)
         ON CONFLICT (structure_id, subject) DO UPDATE SET level = excluded.level",
        params![structure, subject.key(), subject.user(), level.number()],
    )?;
    changed(tx)
}

/// Takes the rule of a subject away; whether there was one.
pub fn remove_rule(
    tx: &Tx<'_>,
    structure: StructureId,
    subject: Subject,
) -> Result<bool, StoreError> {
    let removed = tx.execute(
        "DELETE FROM structure_permission WHERE structure_id = ? AND subject = ?",
        params![structure, subject.key()],
    )?;
    changed(tx)?;
    Ok(removed > 0)
}

/// Whether a user has a permission everywhere: by a grant, or as an administrator.
pub fn holds(tx: &Tx<'_>, user: UserId, permission: GlobalPermission) -> Result<bool, StoreError> {
    let found = tx.find(
        &format!(
            "SELECT 1 FROM user_account AS viewer
             WHERE viewer.id = ? AND viewer.active = 1
               AND (viewer.role = 'ADMIN' OR EXISTS (
                   SELECT 1 FROM global_permission WHERE permission = ? AND subject IN {SUBJECTS}))"
        ),
        params![user, permission.name()],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// Every grant of a permission everywhere; administrators need none.
pub fn grants(tx: &Tx<'_>) -> Result<Vec<Grant>, StoreError> {
    tx.query(
        "SELECT permission, subject FROM global_permission ORDER BY permission, subject",
        &[],
        |row| {
            Ok(Grant {
                permission: row.named(0, GlobalPermission::from_name)?,
                subject: row.named(1, Subject::from_key)?,
            })
        },
    )
}

/// Gives a permission everywhere; a second time changes nothing.
pub fn grant(tx: &Tx<'_>, grant: Grant) -> Result<(), StoreError> {
    let Grant {
        permission,
        subject,
    } = grant;
    tx.execute(
        "INSERT INTO global_permission (permission, subject, user_id) VALUES (?, ?, ?)
         ON CONFLICT (permission, subject) DO NOTHING",
        params![permission.name(), subject.key(), subject.user()],
    )?;
    changed(tx)
}

/// Takes a permission back; whether it was given.
pub fn revoke(tx: &Tx<'_>, grant: Grant) -> Result<bool, StoreError> {
    let removed = tx.execute(
        "DELETE FROM global_permission WHERE permission = ? AND subject = ?",
        params![grant.permission.name(), grant.subject.key()],
    )?;
    changed(tx)?;
    Ok(removed > 0)
}

/// Notes that somebody may do more or less than before.
pub(super) fn changed(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.take_ids("access", 1)?;
    tx.publish(Event::Access);
    Ok(())
}

/// What is another one whenever rights have changed or a token has expired, in whichever process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    changes: i64,
    last_expiry: Option<Millis>,
}

/// The revision of all rights by now.
pub fn revision(tx: &Tx<'_>) -> Result<Revision, StoreError> {
    tx.get(
        "SELECT (SELECT value FROM counter WHERE name = 'access'),
                (SELECT max(expires_at) FROM token WHERE expires_at <= ?)",
        params![tx.now()],
        |row| {
            Ok(Revision {
                changes: row.get(0)?,
                last_expiry: row.get(1)?,
            })
        },
    )
}
