//! What imported issues point at by key: issues that no import has brought yet, and links that
//! only one of their ends has listed so far.
//!
//! A reference to a parent or an epic goes when the issue has come. One of a link stays until the
//! other end lists the link too, so that the importer can tell a link that an issue never listed
//! from one that it lists no longer.

use super::{Row, StoreError, Tx, params};
use crate::domain::{IssueId, LinkTypeId};

/// What the missing issue is to the one that points at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceKind {
    /// Its parent.
    Parent,
    /// Its epic.
    Epic,
    /// The source of a link to it.
    LinkSource,
    /// The target of a link from it.
    LinkTarget,
}

impl ReferenceKind {
    /// The name under which it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parent => "PARENT",
            Self::Epic => "EPIC",
            Self::LinkSource => "LINK_SOURCE",
            Self::LinkTarget => "LINK_TARGET",
        }
    }

    /// The kind of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Parent, Self::Epic, Self::LinkSource, Self::LinkTarget]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// A reference from an issue to a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The issue that points.
    pub issue: IssueId,
    /// What the other one is to it.
    pub kind: ReferenceKind,
    /// The id of the link in the tracker it comes from; empty if it has none, or is no link.
    pub external_id: String,
    /// The type of the link.
    pub link_type: Option<LinkTypeId>,
    /// The key of the other one.
    pub key: String,
}

const SELECT: &str = "SELECT issue_id, kind, external_id, type_id, key FROM dangling_reference";

fn read(row: &Row<'_>) -> Result<Reference, StoreError> {
    Ok(Reference {
        issue: row.get(0)?,
        kind: row.named(1, ReferenceKind::from_name)?,
        external_id: row.get(2)?,
        link_type: row.get(3)?,
        key: row.get(4)?,
    })
}

/// The references of an issue.
pub fn of_issue(tx: &Tx<'_>, issue: IssueId) -> Result<Vec<Reference>, StoreError> {
    tx.query(
        &format!("{SELECT} WHERE issue_id = ?"),
        params![issue],
        read,
    )
}

/// The references to a key, oldest issue first.
pub fn to_key(tx: &Tx<'_>, key: &str) -> Result<Vec<Reference>, StoreError> {
    tx.query(
        &format!("{SELECT} WHERE key = ? ORDER BY issue_id, kind, external_id"),
        params![key],
        read,
    )
}

/// The keys that references lead to, up to so many of them.
pub fn some_keys(tx: &Tx<'_>, limit: usize) -> Result<Vec<String>, StoreError> {
    tx.query(
        "SELECT DISTINCT key FROM dangling_reference LIMIT ?",
        params![limit],
        |row| row.get(0),
    )
}

/// Whether there is a reference of this kind, with this key and external id, from an issue.
pub fn exists(
    tx: &Tx<'_>,
    issue: IssueId,
    kind: ReferenceKind,
    key: &str,
    external_id: &str,
) -> Result<bool, StoreError> {
    let found = tx.find(
        "SELECT 1 FROM dangling_reference
         WHERE issue_id = ? AND kind = ? AND key = ? AND external_id = ?",
        params![issue, kind.name(), key, external_id],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// Keeps a reference; the same one twice is kept once.
pub fn add(tx: &Tx<'_>, reference: &Reference) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO dangling_reference (issue_id, kind, external_id, type_id, key)
         VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (issue_id, kind, key, external_id) DO UPDATE SET type_id = excluded.type_id",
        params![
            reference.issue,
            reference.kind.name(),
            &reference.external_id,
            reference.link_type,
            &reference.key,
        ],
    )
    .map(|_| ())
}

/// Drops a reference; whether there was one.
pub fn remove(
    tx: &Tx<'_>,
    issue: IssueId,
    kind: ReferenceKind,
    key: &str,
    external_id: &str,
) -> Result<bool, StoreError> {
    let removed = tx.execute(
        "DELETE FROM dangling_reference
         WHERE issue_id = ? AND kind = ? AND key = ? AND external_id = ?",
        params![issue, kind.name(), key, external_id],
    )?;
    Ok(removed > 0)
}

/// Drops every reference of one kind that an issue has.
pub fn remove_kind(tx: &Tx<'_>, issue: IssueId, kind: ReferenceKind) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM dangling_reference WHERE issue_id = ? AND kind = ?",
        params![issue, kind.name()],
    )
    .map(|_| ())
}

/// What both ends of a link remember of it.
pub fn of_link(
    tx: &Tx<'_>,
    ends: [IssueId; 2],
    external_id: &str,
) -> Result<Vec<Reference>, StoreError> {
    tx.query(
        &format!(
            "{SELECT} WHERE issue_id IN (?, ?) AND external_id = ? ORDER BY issue_id, kind, key"
        ),
        params![ends[0], ends[1], external_id],
        read,
    )
}

/// Drops what both ends of a link remember of it.
pub fn remove_link(tx: &Tx<'_>, ends: [IssueId; 2], external_id: &str) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM dangling_reference WHERE issue_id IN (?, ?) AND external_id = ?",
        params![ends[0], ends[1], external_id],
    )
    .map(|_| ())
}

/// How many references of a kind point at an issue that is not there.
pub fn count_missing(tx: &Tx<'_>, kind: ReferenceKind) -> Result<u64, StoreError> {
    let count: i64 = tx.get(
        "SELECT count(*) FROM dangling_reference AS reference
         WHERE reference.kind = ?
           AND NOT EXISTS (SELECT 1 FROM issue WHERE issue.key = reference.key)",
        params![kind.name()],
        |row| row.get(0),
    )?;
    Ok(count.unsigned_abs())
}
