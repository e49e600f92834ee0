//! Structures: their names, owners and counts. Their rows are in `forest`.

use super::{Row, StoreError, Tx, Value, params, permissions};
use crate::domain::{Millis, StructureId, UserId, Viewer};
use crate::events::Event;

/// A structure without its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Structure {
    /// Its id.
    pub id: StructureId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Who made it, or was given it.
    pub owner: Option<UserId>,
    /// Grows with every change of the hierarchy.
    pub version: i64,
    /// Number of rows.
    pub row_count: i64,
    /// When it was made.
    pub created_at: Millis,
    /// When its name, description or hierarchy last changed.
    pub updated_at: Millis,
}

const COLUMNS: &str = "id, name, description, owner_id, version, row_count, created_at, updated_at";

fn read(row: &Row<'_>) -> Result<Structure, StoreError> {
    Ok(Structure {
        id: row.get(0)?,
        name: row.get(1)?,
        description: row.get(2)?,
        owner: row.get(3)?,
        version: row.get(4)?,
        row_count: row.get(5)?,
        created_at: row.get(6)?,
        updated_at: row.get(7)?,
    })
}

/// Makes an empty structure.
pub fn create(
    tx: &Tx<'_>,
    name: &str,
    description: &str,
    owner: UserId,
) -> Result<StructureId, StoreError> {
    let id = tx.insert(
        "INSERT INTO structure (name, description, owner_id, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?) RETURNING id",
        params![name, description, owner, tx.now(), tx.now()],
    )?;
    tx.publish(Event::Structure(StructureId(id)));
    Ok(StructureId(id))
}

/// Changes the name or the description; what is `None` stays.
pub fn update(
    tx: &Tx<'_>,
    id: StructureId,
    name: Option<&str>,
    description: Option<&str>,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE structure SET name = COALESCE(?, name), description = COALESCE(?, description),
                updated_at = ? WHERE id = ?",
        params![name, description, tx.now(), id],
    )?;
    tx.publish(Event::Structure(id));
    Ok(())
}

/// Gives a structure to another user.
pub fn set_owner(tx: &Tx<'_>, id: StructureId, owner: UserId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE structure SET owner_id = ?, updated_at = ? WHERE id = ?",
        params![owner, tx.now(), id],
    )?;
    tx.publish(Event::Structure(id));
    permissions::changed(tx)
}

/// Removes a structure with its rows, synchronizers and jobs.
pub fn delete(tx: &Tx<'_>, id: StructureId) -> Result<(), StoreError> {
    // Rows first: a cascade through parents would climb the forest row by row.
    tx.execute(
        "DELETE FROM synchronizer WHERE structure_id = ?",
        params![id],
    )?;
    tx.execute("DELETE FROM structure WHERE id = ?", params![id])?;
    tx.install(id, None);
    tx.publish(Event::Structure(id));
    Ok(())
}

/// The structure with this id.
pub fn find(tx: &Tx<'_>, id: StructureId) -> Result<Option<Structure>, StoreError> {
    tx.find(
        &format!("SELECT {COLUMNS} FROM structure WHERE id = ?"),
        params![id],
        read,
    )
}

/// The structures with the given ids.
pub fn by_ids(
    tx: &Tx<'_>,
    ids: impl IntoIterator<Item = StructureId>,
) -> Result<Vec<Structure>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM structure WHERE id IN ({{}})");
    tx.query_ids(&sql, &[], ids.into_iter().map(|id| id.0), read)
}

/// Those of the given structures that a user may view.
pub fn viewable_by_ids(
    tx: &Tx<'_>,
    user: UserId,
    ids: impl IntoIterator<Item = StructureId>,
) -> Result<Vec<Structure>, StoreError> {
    let viewable = permissions::viewable("structure.id");
    let sql =
        format!("SELECT {COLUMNS} FROM structure WHERE {viewable} AND structure.id IN ({{}})");
    let values = permissions::viewer_values(user);
    tx.query_ids(&sql, &values, ids.into_iter().map(|id| id.0), read)
}

/// Which structures a page is taken from: those that a user may view, by name.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Who asks.
    pub viewer: UserId,
    /// Only those whose name contains this, whatever the case.
    pub name_contains: Option<String>,
}

impl Filter {
    /// What a viewer may see.
    pub fn for_viewer(viewer: &Viewer, name_contains: Option<String>) -> Self {
        Self {
            viewer: viewer.user_id,
            name_contains,
        }
    }

    fn sql(&self) -> (String, Vec<Value<'_>>) {
        let mut sql = permissions::viewable("structure.id");
        let mut values = Vec::from(permissions::viewer_values(self.viewer));
        if let Some(text) = &self.name_contains {
            sql += " AND LOWER(name) LIKE ? ESCAPE '\\'";
            values.push(super::tx::like(text).into());
        }
        (sql, values)
    }
}

/// A place in the order of names: a name and, among equal names, an id.
pub type Place = (String, StructureId);

/// A page of structures ordered by name, then id: those after `after` and before `before`, from
/// the front or, with `backwards`, from the end (still in ascending order).
pub fn page(
    tx: &Tx<'_>,
    filter: &Filter,
    after: Option<&Place>,
    before: Option<&Place>,
    limit: usize,
    backwards: bool,
) -> Result<Vec<Structure>, StoreError> {
    let (mut sql, mut values) = filter.sql();
    for (place, sign) in [(after, '>'), (before, '<')] {
        if let Some((name, id)) = place {
            sql += &format!(" AND (name, id) {sign} (?, ?)");
            values.extend([name.into(), (*id).into()]);
        }
    }
    let order = if backwards {
        "name DESC, id DESC"
    } else {
        "name, id"
    };
    values.push(limit.into());
    let mut found = tx.query(
        &format!("SELECT {COLUMNS} FROM structure WHERE {sql} ORDER BY {order} LIMIT ?"),
        &values,
        read,
    )?;
    if backwards {
        found.reverse();
    }
    Ok(found)
}

/// How many structures pass a filter.
pub fn count(tx: &Tx<'_>, filter: &Filter) -> Result<i64, StoreError> {
    let (sql, values) = filter.sql();
    tx.get(
        &format!("SELECT count(*) FROM structure WHERE {sql}"),
        &values,
        |row| row.get(0),
    )
}
