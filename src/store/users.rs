//! Users: their names, their roles, and whether they may come in.

use super::{Row, StoreError, Tx, Value, params, permissions};
pub use crate::domain::Role;
use crate::domain::{UserId, user_name};

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// The user's name, unique.
    pub name: String,
    /// The user's role.
    pub role: Role,
    /// Whether the user's tokens are accepted, and jobs run with the user's rights.
    pub active: bool,
}

const COLUMNS: &str = "id, name, role, active";

fn read(row: &Row<'_>) -> Result<User, StoreError> {
    Ok(User {
        id: row.get(0)?,
        name: row.get(1)?,
        role: row.named(2, Role::from_name)?,
        active: row.get(3)?,
    })
}

/// The users with the given ids.
pub fn by_ids(tx: &Tx<'_>, ids: impl IntoIterator<Item = UserId>) -> Result<Vec<User>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM user_account WHERE id IN ({{}})");
    tx.query_ids(&sql, &[], ids.into_iter().map(|id| id.0), read)
}

/// The user with this id.
pub fn find(tx: &Tx<'_>, id: UserId) -> Result<Option<User>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM user_account WHERE id = ?");
    tx.find(&sql, params![id], read)
}

/// The user of a name.
pub fn find_by_name(tx: &Tx<'_>, name: &str) -> Result<Option<User>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM user_account WHERE name = ?");
    tx.find(&sql, params![name], read)
}

/// A user whose name could be taken for this one. It looks at everybody, for which there is time:
/// users are made rarely, and are thousands at the most.
pub fn find_alike(tx: &Tx<'_>, name: &str) -> Result<Option<User>, StoreError> {
    let key = user_name::key(name);
    let sql = format!("SELECT {COLUMNS} FROM user_account ORDER BY id");
    let mut all = tx.query(&sql, &[], read)?.into_iter();
    Ok(all.find(|user| user_name::key(&user.name) == key))
}

/// Whether a user is an administrator, and active.
pub fn is_admin(tx: &Tx<'_>, id: UserId) -> Result<bool, StoreError> {
    let found = find(tx, id)?;
    Ok(found.is_some_and(|user| user.active && user.role == Role::Admin))
}

/// Makes a user; the name must not be taken.
pub fn create(tx: &Tx<'_>, name: &str, role: Role) -> Result<UserId, StoreError> {
    tx.insert(
        "INSERT INTO user_account (name, role, created_at) VALUES (?, ?, ?) RETURNING id",
        params![name, role.name(), tx.now()],
    )
    .map(UserId)
}

/// The user of a name, made if there is none; the role is set to the one given.
pub fn ensure(tx: &Tx<'_>, name: &str, role: Role) -> Result<UserId, StoreError> {
    let Some(user) = find_by_name(tx, name)? else {
        return create(tx, name, role);
    };
    if user.role != role {
        update(
            tx,
            &User {
                role,
                ..user.clone()
            },
        )?;
    }
    Ok(user.id)
}

/// Writes the role of a user, and whether they are active.
pub fn update(tx: &Tx<'_>, user: &User) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE user_account SET role = ?, active = ? WHERE id = ?",
        params![user.role.name(), user.active, user.id],
    )?;
    permissions::changed(tx)
}

/// When the token of an identity provider was made that last told of a user's role, in seconds.
pub fn role_told_at(tx: &Tx<'_>, user: UserId) -> Result<Option<i64>, StoreError> {
    tx.get(
        "SELECT role_told_at FROM user_account WHERE id = ?",
        params![user],
        |row| row.get(0),
    )
}

/// Notes when the token was made that tells of a user's role.
pub fn role_was_told(tx: &Tx<'_>, user: UserId, at: Option<i64>) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE user_account SET role_told_at = ? WHERE id = ?",
        params![at, user],
    )?;
    Ok(())
}

/// Whether a user is the one administrator who may still come in.
pub fn is_last_admin(tx: &Tx<'_>, user: &User) -> Result<bool, StoreError> {
    let admins: i64 = tx.get(
        "SELECT count(*) FROM user_account WHERE role = 'ADMIN' AND active = 1",
        &[],
        |row| row.get(0),
    )?;
    Ok(user.active && user.role == Role::Admin && admins == 1)
}

/// Whose name contains a text, whatever the case of ASCII letters; `None`: everybody.
fn containing(text: Option<&str>) -> (String, Vec<Value<'static>>) {
    match text {
        None => ("1 = 1".to_owned(), vec![]),
        Some(text) => (
            "LOWER(name) LIKE ? ESCAPE '\\'".to_owned(),
            vec![super::tx::like(text).into()],
        ),
    }
}

/// A page of users by name, after a name.
pub fn page(
    tx: &Tx<'_>,
    name_contains: Option<&str>,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<User>, StoreError> {
    let (mut sql, mut values) = containing(name_contains);
    if let Some(after) = after {
        sql += " AND name > ?";
        values.push(after.to_owned().into());
    }
    values.push(limit.into());
    let sql = format!("SELECT {COLUMNS} FROM user_account WHERE {sql} ORDER BY name LIMIT ?");
    tx.query(&sql, &values, read)
}

/// How many users there are whose name contains a text.
pub fn count(tx: &Tx<'_>, name_contains: Option<&str>) -> Result<i64, StoreError> {
    let (sql, values) = containing(name_contains);
    let sql = format!("SELECT count(*) FROM user_account WHERE {sql}");
    tx.get(&sql, &values, |row| row.get(0))
}
