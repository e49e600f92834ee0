//! The hierarchy as it was: the rows of today, with the changes of later versions taken back.
//!
//! A row stood, at a version, where its first change after that version found it. What a row holds
//! never changes, so that comes from the row itself or, once it is gone, from the line that says so.
//! A version can be seen as long as all changes after it are kept.

use super::{StoreError, Tx, params};
use crate::domain::forest::SourceRow;
use crate::domain::{Forest, IssueId, RowId, StructureId};
use crate::store::forest::find_version;
use crate::store::undo::Spot;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// A hierarchy at an earlier version.
#[derive(Debug)]
pub struct Past {
    /// Its rows.
    pub forest: Arc<Forest>,
    /// The names of the folders among them.
    pub folders: HashMap<RowId, String>,
}

/// What can be seen of a version.
#[derive(Clone, Debug)]
pub enum AtVersion {
    /// All of it.
    Seen(Arc<Past>),
    /// Nothing: it has not been made yet.
    Ahead {
        /// The current version.
        current: i64,
    },
    /// Nothing: changes after it are no longer kept.
    Gone {
        /// The oldest version that can be seen.
        oldest: i64,
    },
}

/// The hierarchy of a structure at a version; `None` if there is no such structure.
pub fn forest_at(
    tx: &Tx<'_>,
    structure: StructureId,
    version: i64,
) -> Result<Option<AtVersion>, StoreError> {
    let Some(current) = find_version(tx, structure)? else {
        return Ok(None);
    };
    if !(0..=current).contains(&version) {
        return Ok(Some(AtVersion::Ahead { current }));
    }
    let kept: i64 = tx.get(
        "SELECT count(*) FROM seen_version WHERE structure_id = ? AND version > ?",
        params![structure, version],
        |row| row.get(0),
    )?;
    if kept < current - version {
        let oldest = oldest_seen(tx, structure, current)?;
        return Ok(Some(AtVersion::Gone { oldest }));
    }
    let past = rebuild(tx, structure, version, current)?;
    Ok(Some(AtVersion::Seen(Arc::new(past))))
}

/// The version before the unbroken run of kept ones that leads to the current one.
fn oldest_seen(tx: &Tx<'_>, structure: StructureId, current: i64) -> Result<i64, StoreError> {
    let first: Option<i64> = tx.get(
        "SELECT max(made.version) FROM seen_version AS made
         WHERE made.structure_id = ? AND NOT EXISTS (
             SELECT 1 FROM seen_version AS earlier
             WHERE earlier.structure_id = made.structure_id
               AND earlier.version = made.version - 1)",
        params![structure],
        |row| row.get(0),
    )?;
    Ok(first.map_or(current, |first| first - 1))
}

/// What a row holds.
type Item = (Option<IssueId>, Option<String>);

/// A row that was changed since: where it stood, if it did, and what it holds, once that is known.
struct Changed {
    stood: Option<Spot>,
    item: Option<Item>,
}

fn rebuild(
    tx: &Tx<'_>,
    structure: StructureId,
    version: i64,
    current: i64,
) -> Result<Past, StoreError> {
    let changed = changed_since(tx, structure, version, current)?;
    let mut former: Vec<(Spot, RowId, Item)> = Vec::new();
    for (row, it) in &changed {
        if let Some(stood) = &it.stood {
            former.push((stood.clone(), *row, it.item.clone().unwrap_or_default()));
        }
    }
    former.sort_unstable_by(|a, b| order((&a.0, a.1), (&b.0, b.1)));
    let mut former = former.into_iter().peekable();
    let mut rows = Vec::new();
    let mut folders = HashMap::new();
    let mut push = |id: RowId, parent: Option<RowId>, (issue, folder): Item| {
        rows.push(SourceRow { id, parent, issue });
        if let Some(folder) = folder {
            folders.insert(id, folder);
        }
    };
    tx.each(
        "SELECT id, parent_id, position, issue_id, folder FROM seen_row WHERE structure_id = ?
         ORDER BY parent_id NULLS FIRST, position, id",
        params![structure],
        |row| {
            let id: RowId = row.get(0)?;
            if changed.contains_key(&id) {
                return Ok(());
            }
            let stands = Spot {
                parent: row.get(1)?,
                key: row.get(2)?,
            };
            let is_before = |(stood, row, _): &(Spot, RowId, Item)| {
                order((stood, *row), (&stands, id)) == Ordering::Less
            };
            while let Some((stood, row, item)) = former.next_if(is_before) {
                push(row, stood.parent, item);
            }
            push(id, stands.parent, (row.get(3)?, row.get(4)?));
            Ok(())
        },
    )?;
    former.for_each(|(stood, row, item)| push(row, stood.parent, item));
    let forest = Arc::new(Forest::build(version, rows)?);
    Ok(Past { forest, folders })
}

/// The order in which rows are read: by parent, then by key and id.
fn order(a: (&Spot, RowId), b: (&Spot, RowId)) -> Ordering {
    (a.0.parent, &a.0.key, a.1).cmp(&(b.0.parent, &b.0.key, b.1))
}

/// The rows that were changed after a version.
fn changed_since(
    tx: &Tx<'_>,
    structure: StructureId,
    version: i64,
    current: i64,
) -> Result<HashMap<RowId, Changed>, StoreError> {
    let mut changed: HashMap<RowId, Changed> = HashMap::new();
    tx.each(
        "SELECT kind, row_id, issue_id, folder, before_parent_id, before_position
         FROM forest_change WHERE structure_id = ? AND version BETWEEN ? AND ?
         ORDER BY version, seq",
        params![structure, version + 1, current],
        |row| {
            let (kind, id): (String, RowId) = (row.get(0)?, row.get(1)?);
            let (parent, key): (_, Option<String>) = (row.get(4)?, row.get(5)?);
            let first = changed.entry(id).or_insert_with(|| Changed {
                stood: key.map(|key| Spot { parent, key }),
                item: None,
            });
            if kind == "REMOVED" {
                first.item = Some((row.get(2)?, row.get(3)?));
            }
            Ok(())
        },
    )?;
    let unknown = changed.iter().filter(|(_, it)| it.item.is_none());
    let unknown: Vec<i64> = unknown.map(|(row, _)| row.0).collect();
    let items = tx.query_ids(
        "SELECT id, issue_id, folder FROM forest_row WHERE id IN ({})",
        &[],
        unknown,
        |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))),
    )?;
    for (row, item) in items {
        if let Some(it) = changed.get_mut(&row) {
            it.item = Some(item);
        }
    }
    Ok(changed)
}

#[cfg(test)]
mod tests;
