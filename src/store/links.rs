//! Links between issues, and their types.

use super::{Row, StoreError, Tx, params};
use crate::domain::issue::{Link, LinkType};
use crate::domain::{IssueId, LinkId, LinkTypeId};

const LINK: &str = "id, type_id, source_id, target_id";

fn read(row: &Row<'_>) -> Result<Link, StoreError> {
    Ok(Link {
        id: row.get(0)?,
        link_type: row.get(1)?,
        source: row.get(2)?,
        target: row.get(3)?,
    })
}

fn read_type(row: &Row<'_>) -> Result<LinkType, StoreError> {
    Ok(LinkType {
        id: row.get(0)?,
        name: row.get(1)?,
        inward: row.get(2)?,
        outward: row.get(3)?,
    })
}

/// Every link type, by name.
pub fn types(tx: &Tx<'_>) -> Result<Vec<LinkType>, StoreError> {
    tx.query(
        "SELECT id, name, inward, outward FROM link_type ORDER BY name",
        &[],
        read_type,
    )
}

/// The link type with this id.
pub fn find_type(tx: &Tx<'_>, id: LinkTypeId) -> Result<Option<LinkType>, StoreError> {
    tx.find(
        "SELECT id, name, inward, outward FROM link_type WHERE id = ?",
        params![id],
        read_type,
    )
}

/// The link types with the given ids.
pub fn types_by_ids(
    tx: &Tx<'_>,
    ids: impl IntoIterator<Item = LinkTypeId>,
) -> Result<Vec<LinkType>, StoreError> {
    tx.query_ids(
        "SELECT id, name, inward, outward FROM link_type WHERE id IN ({})",
        &[],
        ids.into_iter().map(|id| id.0),
        read_type,
    )
}

/// Makes a link type, or finds the one of that name.
pub fn ensure_type(
    tx: &Tx<'_>,
    name: &str,
    inward: &str,
    outward: &str,
) -> Result<LinkTypeId, StoreError> {
    tx.insert(
        "INSERT INTO link_type (name, inward, outward) VALUES (?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET inward = excluded.inward, outward = excluded.outward
         RETURNING id",
        params![name, inward, outward],
    )
    .map(LinkTypeId)
}

/// The link with this id.
pub fn find(tx: &Tx<'_>, id: LinkId) -> Result<Option<Link>, StoreError> {
    tx.find(
        &format!("SELECT {LINK} FROM issue_link WHERE id = ?"),
        params![id],
        read,
    )
}

/// The links with the given ids.
pub fn by_ids(tx: &Tx<'_>, ids: impl IntoIterator<Item = LinkId>) -> Result<Vec<Link>, StoreError> {
    let sql = format!("SELECT {LINK} FROM issue_link WHERE id IN ({{}})");
    tx.query_ids(&sql, &[], ids.into_iter().map(|id| id.0), read)
}

/// The link of a type from one issue to another.
pub fn find_between(
    tx: &Tx<'_>,
    link_type: LinkTypeId,
    source: IssueId,
    target: IssueId,
) -> Result<Option<Link>, StoreError> {
    tx.find(
        &format!(
            "SELECT {LINK} FROM issue_link WHERE type_id = ? AND source_id = ? AND target_id = ?"
        ),
        params![link_type, source, target],
        read,
    )
}

/// Every link of a type, by id.
pub fn of_type(tx: &Tx<'_>, link_type: LinkTypeId) -> Result<Vec<Link>, StoreError> {
    tx.query(
        &format!("SELECT {LINK} FROM issue_link WHERE type_id = ? ORDER BY id"),
        params![link_type],
        read,
    )
}

/// The links, of a type or of any, that have one of the issues at either end; by id.
pub fn touching(
    tx: &Tx<'_>,
    link_type: Option<LinkTypeId>,
    issues: impl IntoIterator<Item = IssueId>,
) -> Result<Vec<Link>, StoreError> {
    let issues: Vec<i64> = issues.into_iter().map(|issue| issue.0).collect();
    let mut found = Vec::new();
    for end in ["source_id", "target_id"] {
        let typed = if link_type.is_some() {
            "type_id = ? AND "
        } else {
            ""
        };
        let sql = format!("SELECT {LINK} FROM issue_link WHERE {typed}{end} IN ({{}})");
        let parameters = link_type.map(Into::into);
        found.extend(tx.query_ids(&sql, parameters.as_slice(), issues.iter().copied(), read)?);
    }
    found.sort_unstable_by_key(|link| link.id);
    found.dedup_by_key(|link| link.id);
    Ok(found)
}

/// Writes a link with the given id.
pub fn insert(tx: &Tx<'_>, link: &Link) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO issue_link (id, type_id, source_id, target_id) VALUES (?, ?, ?, ?)",
        params![link.id, link.link_type, link.source, link.target],
    )
    .map(|_| ())
}

/// A link and its id in the tracker that it was imported from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedLink {
    /// The link.
    pub link: Link,
    /// Its id there; `None` if it was made here.
    pub external_id: Option<String>,
}

const IMPORTED: &str = "SELECT id, type_id, source_id, target_id, external_id FROM issue_link";

fn read_imported(row: &Row<'_>) -> Result<ImportedLink, StoreError> {
    Ok(ImportedLink {
        link: read(row)?,
        external_id: row.get(4)?,
    })
}

/// The links that have an issue at either end.
pub fn imported_of(tx: &Tx<'_>, issue: IssueId) -> Result<Vec<ImportedLink>, StoreError> {
    tx.query(
        &format!("{IMPORTED} WHERE source_id = ? OR target_id = ? ORDER BY id"),
        params![issue, issue],
        read_imported,
    )
}

/// The link that bears an external id.
pub fn find_imported(tx: &Tx<'_>, external_id: &str) -> Result<Option<ImportedLink>, StoreError> {
    tx.find(
        &format!("{IMPORTED} WHERE external_id = ?"),
        params![external_id],
        read_imported,
    )
}

/// Writes an imported link with the given id.
pub fn insert_imported(tx: &Tx<'_>, imported: &ImportedLink) -> Result<(), StoreError> {
    let link = &imported.link;
    tx.execute(
        "INSERT INTO issue_link (id, type_id, source_id, target_id, external_id)
         VALUES (?, ?, ?, ?, ?)",
        params![
            link.id,
            link.link_type,
            link.source,
            link.target,
            imported.external_id.as_ref()
        ],
    )
    .map(|_| ())
}

/// The id of a link in the tracker that it was imported from.
pub fn find_external_id(tx: &Tx<'_>, link: LinkId) -> Result<Option<String>, StoreError> {
    let sql = "SELECT external_id FROM issue_link WHERE id = ?";
    Ok(tx.find(sql, params![link], |row| row.get(0))?.flatten())
}

/// Notes the external id of a link that was made here.
pub fn set_external_id(tx: &Tx<'_>, link: LinkId, external_id: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE issue_link SET external_id = ? WHERE id = ?",
        params![external_id, link],
    )
    .map(|_| ())
}

/// Deletes a link; whether there was one.
pub fn delete(tx: &Tx<'_>, id: LinkId) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM issue_link WHERE id = ?", params![id])? > 0)
}
