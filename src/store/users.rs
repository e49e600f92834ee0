//! Users and their tokens. A token is shown once and stored as its SHA-256 hash.

use super::{Row, StoreError, Tx, params};
use crate::domain::{Millis, UserId, Viewer};
use sha2::{Digest, Sha256};

/// What a user may do everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What structures allow.
    Member,
    /// Everything.
    Admin,
}

impl Role {
    /// The name under which it is stored and served.
    pub fn name(self) -> &'static str {
        match self {
            Self::Member => "MEMBER",
            Self::Admin => "ADMIN",
        }
    }

    /// The role of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Member, Self::Admin]
            .into_iter()
            .find(|role| role.name() == name)
    }
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// The user's name, unique.
    pub name: String,
    /// The user's role.
    pub role: Role,
}

impl From<User> for Viewer {
    fn from(user: User) -> Self {
        Self {
            user_id: user.id,
            name: user.name,
            admin: user.role == Role::Admin,
        }
    }
}

/// A token as a list shows it: never the token itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo {
    /// Its number, for `revoke_token`.
    pub id: i64,
    /// Whose it is.
    pub user: String,
    /// When it was made.
    pub created_at: Millis,
    /// When it ends by itself.
    pub expires_at: Option<Millis>,
    /// When it was revoked.
    pub revoked_at: Option<Millis>,
}

/// The users with the given ids.
pub fn by_ids(tx: &Tx<'_>, ids: impl IntoIterator<Item = UserId>) -> Result<Vec<User>, StoreError> {
    tx.query_ids(
        "SELECT id, name, role FROM user_account WHERE id IN ({})",
        &[],
        ids.into_iter().map(|id| id.0),
        read,
    )
}

fn read(row: &Row<'_>) -> Result<User, StoreError> {
    Ok(User {
        id: row.get(0)?,
        name: row.get(1)?,
        role: row.named(2, Role::from_name)?,
    })
}

/// The user of a name.
pub fn find_by_name(tx: &Tx<'_>, name: &str) -> Result<Option<User>, StoreError> {
    tx.find(
        "SELECT id, name, role FROM user_account WHERE name = ?",
        params![name],
        read,
    )
}

/// The user of a name, made if there is none; the role is set to the one given.
pub fn ensure(tx: &Tx<'_>, name: &str, role: Role) -> Result<UserId, StoreError> {
    tx.insert(
        "INSERT INTO user_account (name, role, created_at) VALUES (?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET role = excluded.role RETURNING id",
        params![name, role.name(), tx.now()],
    )
    .map(UserId)
}

/// The user whom an identity provider names, made if there is none. A role that is given is the
/// user's from now on; without one, users keep theirs and a new one is a member.
pub fn admit(tx: &Tx<'_>, name: &str, role: Option<Role>) -> Result<User, StoreError> {
    let known = find_by_name(tx, name)?;
    let role = role.or(known.map(|it| it.role)).unwrap_or(Role::Member);
    let id = ensure(tx, name, role)?;
    let name = name.to_owned();
    Ok(User { id, name, role })
}

/// Keeps a token for a user, hashed.
pub fn add_token(
    tx: &Tx<'_>,
    user: UserId,
    token: &str,
    expires_at: Option<Millis>,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO token (user_id, hash, created_at, expires_at) VALUES (?, ?, ?, ?)",
        params![user, hash(token), tx.now(), expires_at],
    )
    .map(|_| ())
}

/// Whose token this is, if it is valid now.
pub fn find_by_token(tx: &Tx<'_>, token: &str) -> Result<Option<Viewer>, StoreError> {
    tx.find(
        "SELECT user_account.id, user_account.name, user_account.role
         FROM token JOIN user_account ON user_account.id = token.user_id
         WHERE token.hash = ? AND token.revoked_at IS NULL
           AND (token.expires_at IS NULL OR token.expires_at > ?)",
        params![hash(token), tx.now()],
        |row| read(row).map(Viewer::from),
    )
}

/// Every token, newest first, at most 1,000.
pub fn tokens(tx: &Tx<'_>) -> Result<Vec<TokenInfo>, StoreError> {
    tx.query(
        "SELECT token.id, user_account.name, token.created_at, token.expires_at, token.revoked_at
         FROM token JOIN user_account ON user_account.id = token.user_id
         ORDER BY token.id DESC LIMIT 1000",
        &[],
        |row| {
            Ok(TokenInfo {
                id: row.get(0)?,
                user: row.get(1)?,
                created_at: row.get(2)?,
                expires_at: row.get(3)?,
                revoked_at: row.get(4)?,
            })
        },
    )
}

/// Ends a token; whether there was one that was valid.
pub fn revoke_token(tx: &Tx<'_>, id: i64) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
        params![tx.now(), id],
    )?;
    Ok(changed > 0)
}

fn hash(token: &str) -> String {
    Sha256::digest(token.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
