//! Projects, issue types and statuses: what issues are filed under. Imports and the embedded
//! tracker make them as they meet them; nothing removes one.

use super::{Row, StoreError, Tx, params};
use crate::domain::issue::{IssueType, Status, StatusCategory};

/// A project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectId(pub i64);

/// A type of issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub i64);

/// A status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusId(pub i64);

/// The project of a key.
pub fn find_project(tx: &Tx<'_>, key: &str) -> Result<Option<ProjectId>, StoreError> {
    tx.find(
        "SELECT id FROM project WHERE key = ?",
        params![key],
        |row| row.get(0).map(ProjectId),
    )
}

/// Makes a project, or finds the one of that key; a name that is given replaces the one it has.
pub fn ensure_project(tx: &Tx<'_>, key: &str, name: Option<&str>) -> Result<ProjectId, StoreError> {
    tx.insert(
        "INSERT INTO project (key, name) VALUES (?, ?)
         ON CONFLICT (key) DO UPDATE SET name = COALESCE(?, project.name) RETURNING id",
        params![key, name.unwrap_or(key), name],
    )
    .map(ProjectId)
}

/// Every project, by key.
pub fn projects(tx: &Tx<'_>) -> Result<Vec<ProjectId>, StoreError> {
    tx.query("SELECT id FROM project ORDER BY key", &[], |row| {
        row.get(0).map(ProjectId)
    })
}

/// The key of every project, in order.
pub fn project_keys(tx: &Tx<'_>) -> Result<Vec<String>, StoreError> {
    tx.query("SELECT key FROM project ORDER BY key", &[], |row| {
        row.get(0)
    })
}

/// The id of every project and its key, by key.
pub fn keyed_projects(tx: &Tx<'_>) -> Result<Vec<(ProjectId, String)>, StoreError> {
    tx.query("SELECT id, key FROM project ORDER BY key", &[], |row| {
        Ok((ProjectId(row.get(0)?), row.get(1)?))
    })
}

/// Takes the next free issue number of a project.
pub fn take_number(tx: &Tx<'_>, project: ProjectId) -> Result<i64, StoreError> {
    tx.get(
        "UPDATE project SET last_number = last_number + 1 WHERE id = ? RETURNING last_number",
        params![project.0],
        |row| row.get(0),
    )
}

/// Notes that a project's numbers are taken up to this one.
pub fn raise_number(tx: &Tx<'_>, project: ProjectId, number: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE project SET last_number = ? WHERE id = ? AND last_number < ?",
        params![number, project.0, number],
    )
    .map(|_| ())
}

fn read_type(row: &Row<'_>) -> Result<(TypeId, IssueType), StoreError> {
    Ok((
        TypeId(row.get(0)?),
        IssueType {
            name: row.get(1)?,
            sub_task: row.get(2)?,
            epic: row.get(3)?,
        },
    ))
}

/// Every issue type, by name.
pub fn issue_types(tx: &Tx<'_>) -> Result<Vec<(TypeId, IssueType)>, StoreError> {
    tx.query(
        "SELECT id, name, sub_task, epic FROM issue_type ORDER BY name",
        &[],
        read_type,
    )
}

/// Makes an issue type, or brings the one of that name up to date.
pub fn ensure_issue_type(tx: &Tx<'_>, it: &IssueType) -> Result<TypeId, StoreError> {
    tx.insert(
        "INSERT INTO issue_type (name, sub_task, epic) VALUES (?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET sub_task = excluded.sub_task, epic = excluded.epic
         RETURNING id",
        params![&it.name, it.sub_task, it.epic],
    )
    .map(TypeId)
}

fn read_status(row: &Row<'_>) -> Result<(StatusId, Status), StoreError> {
    Ok((
        StatusId(row.get(0)?),
        Status {
            name: row.get(1)?,
            category: row.named(2, StatusCategory::from_name)?,
        },
    ))
}

/// Every status, oldest first.
pub fn statuses(tx: &Tx<'_>) -> Result<Vec<(StatusId, Status)>, StoreError> {
    tx.query(
        "SELECT id, name, category FROM status ORDER BY id",
        &[],
        read_status,
    )
}

/// Makes a status, or brings the one of that name up to date.
pub fn ensure_status(tx: &Tx<'_>, it: &Status) -> Result<StatusId, StoreError> {
    tx.insert(
        "INSERT INTO status (name, category) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET category = excluded.category RETURNING id",
        params![&it.name, it.category.name()],
    )
    .map(StatusId)
}
