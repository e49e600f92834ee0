//! The tokens of users. A token is shown once and stored as its SHA-256 hash.

use super::{Row, StoreError, Tx, params, permissions};
use crate::domain::{Admission, Denial, Millis, Role, TokenId, UserId, Viewer};
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// A token as a list shows it: never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub user: UserId,
    /// What it is for, in the words of whoever made it; may be empty.
    pub name: String,
    /// When it was made.
    pub created_at: Millis,
    /// When it ends by itself.
    pub expires_at: Option<Millis>,
    /// When it was revoked.
    pub revoked_at: Option<Millis>,
}

/// A token to be kept.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    /// Whose it is.
    pub user: UserId,
    /// What it is for.
    pub name: &'a str,
    /// What its bearer shows.
    pub secret: &'a str,
    /// When it ends by itself.
    pub expires_at: Option<Millis>,
}

const COLUMNS: &str = "id, user_id, name, created_at, expires_at, revoked_at";

fn read(row: &Row<'_>) -> Result<Token, StoreError> {
    Ok(Token {
        id: row.get(0)?,
        user: row.get(1)?,
        name: row.get(2)?,
        created_at: row.get(3)?,
        expires_at: row.get(4)?,
        revoked_at: row.get(5)?,
    })
}

/// Keeps a token, hashed.
pub fn add(tx: &Tx<'_>, token: &NewToken<'_>) -> Result<TokenId, StoreError> {
    let NewToken {
        user,
        name,
        secret,
        expires_at,
    } = *token;
    tx.insert(
        "INSERT INTO token (user_id, name, hash, created_at, expires_at)
         VALUES (?, ?, ?, ?, ?) RETURNING id",
        params![user, name, hash(secret), tx.now(), expires_at],
    )
    .map(TokenId)
}

/// What is kept of a secret.
pub type Digest = [u8; 32];

/// Whom a token lets in, as long as it is good.
#[derive(Clone, Debug)]
pub struct Bearer {
    viewer: Viewer,
    active: bool,
    revoked: bool,
}

impl Bearer {
    /// Whom the token lets in at an instant, or why nobody.
    pub fn admit(&self, now: Millis) -> Result<Admission, Denial> {
        let left = self.viewer.token_ends.map(|at| at.0 - now.0);
        match left {
            _ if self.revoked => Err(Denial::Revoked),
            Some(..=0) => Err(Denial::Expired),
            _ if !self.active => Err(Denial::Deactivated),
            left => Ok(Admission {
                viewer: self.viewer.clone(),
                lasts: left.map(|millis| Duration::from_millis(millis.unsigned_abs())),
            }),
        }
    }
}

/// Whose token it is of which a secret has this digest.
pub fn find_bearer(tx: &Tx<'_>, digest: Digest) -> Result<Option<Bearer>, StoreError> {
    tx.find(
        "SELECT user_account.id, user_account.name, user_account.role, user_account.active,
                token.revoked_at IS NOT NULL, token.expires_at
         FROM token JOIN user_account ON user_account.id = token.user_id
         WHERE token.hash = ?",
        params![hex(&digest)],
        |row| {
            Ok(Bearer {
                viewer: Viewer {
                    user_id: row.get(0)?,
                    name: row.get(1)?,
                    admin: row.named(2, Role::from_name)? == Role::Admin,
                    token_ends: row.get(5)?,
                },
                active: row.get(3)?,
                revoked: row.get(4)?,
            })
        },
    )
}

/// The tokens with the given ids.
pub fn by_ids(
    tx: &Tx<'_>,
    ids: impl IntoIterator<Item = TokenId>,
) -> Result<Vec<Token>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM token WHERE id IN ({{}})");
    tx.query_ids(&sql, &[], ids.into_iter().map(|id| id.0), read)
}

/// A page of tokens, newest first, below `before`: those of a user, or all.
pub fn page(
    tx: &Tx<'_>,
    user: Option<UserId>,
    before: Option<TokenId>,
    limit: usize,
) -> Result<Vec<Token>, StoreError> {
    let (mut sql, mut values) = (format!("SELECT {COLUMNS} FROM token WHERE 1 = 1"), vec![]);
    if let Some(user) = user {
        sql += " AND user_id = ?";
        values.push(user.into());
    }
    if let Some(before) = before {
        sql += " AND id < ?";
        values.push(before.into());
    }
    values.push(limit.into());
    tx.query(&(sql + " ORDER BY id DESC LIMIT ?"), &values, read)
}

/// How many tokens a user has, valid or not.
pub fn count(tx: &Tx<'_>, user: UserId) -> Result<i64, StoreError> {
    tx.get(
        "SELECT count(*) FROM token WHERE user_id = ?",
        params![user],
        |row| row.get(0),
    )
}

/// How many tokens of a user are valid now.
pub fn count_valid(tx: &Tx<'_>, user: UserId) -> Result<i64, StoreError> {
    tx.get(
        "SELECT count(*) FROM token WHERE user_id = ? AND revoked_at IS NULL
           AND (expires_at IS NULL OR expires_at > ?)",
        params![user, tx.now()],
        |row| row.get(0),
    )
}

/// Ends a token; whether there was one that had not been revoked.
pub fn revoke(tx: &Tx<'_>, id: TokenId) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
        params![tx.now(), id],
    )?;
    permissions::changed(tx)?;
    Ok(changed > 0)
}

fn hash(secret: &str) -> String {
    hex(&digest(secret))
}

/// The digest by which a secret is known.
pub fn digest(secret: &str) -> Digest {
    Sha256::digest(secret.as_bytes()).into()
}

fn hex(digest: &Digest) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
