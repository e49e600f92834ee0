//! Installed synchronizers and how far each has come in the two change feeds.

use super::{Row, StoreError, Tx, params};
use crate::domain::{Millis, Settings, StructureId, SynchronizerId, UserId};
use crate::events::Event;

/// An installed synchronizer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synchronizer {
    /// Its id.
    pub id: SynchronizerId,
    /// The structure it is installed on.
    pub structure: StructureId,
    /// Its name.
    pub name: String,
    /// What it does.
    pub settings: Settings,
    /// With whose permissions it makes changes.
    pub run_as: UserId,
    /// Whether incremental synchronization is on.
    pub enabled: bool,
    /// Why it was switched off by the server itself, if it was.
    pub stopped_because: Option<String>,
    /// How far it has come.
    pub cursor: Cursor,
    /// Incremental jobs in a row that only jobs gave rise to.
    pub chain: i64,
}

/// A synchronizer of which what is stored cannot be read: only that one can do nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Its id.
    pub id: SynchronizerId,
    /// What is wrong with it.
    pub reason: String,
}

/// A place in both change feeds: what lies before it is synchronized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// In the tracker's feed.
    pub issues: i64,
    /// In the hierarchy's versions.
    pub structure: i64,
}

const COLUMNS: &str = "id, structure_id, name, settings, run_as_id, enabled, unavailable_reason,
    issue_cursor, structure_cursor, chain";

fn read(row: &Row<'_>) -> Result<Synchronizer, StoreError> {
    let settings: String = row.get(3)?;
    Ok(Synchronizer {
        id: row.get(0)?,
        structure: row.get(1)?,
        name: row.get(2)?,
        settings: serde_json::from_str(&settings)
            .map_err(|error| StoreError::Corrupt(format!("settings: {error}")))?,
        run_as: row.get(4)?,
        enabled: row.get(5)?,
        stopped_because: row.get(6)?,
        cursor: Cursor {
            issues: row.get(7)?,
            structure: row.get(8)?,
        },
        chain: row.get(9)?,
    })
}

fn read_if_possible(row: &Row<'_>) -> Result<Result<Synchronizer, Unreadable>, StoreError> {
    match read(row) {
        Ok(synchronizer) => Ok(Ok(synchronizer)),
        Err(StoreError::Corrupt(reason)) => Ok(Err(Unreadable {
            id: row.get(0)?,
            reason,
        })),
        Err(error) => Err(error),
    }
}

fn json(settings: &Settings) -> Result<String, StoreError> {
    serde_json::to_string(settings).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Installs a synchronizer, disabled.
pub fn create(
    tx: &Tx<'_>,
    structure: StructureId,
    name: &str,
    settings: &Settings,
    run_as: UserId,
) -> Result<SynchronizerId, StoreError> {
    let id = tx.insert(
        "INSERT INTO synchronizer (structure_id, name, kind, settings, run_as_id, enabled,
                                   created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, 0, ?, ?) RETURNING id",
        params![
            structure,
            name,
            settings.kind().name(),
            json(settings)?,
            run_as,
            tx.now(),
            tx.now()
        ],
    )?;
    tx.publish(Event::Synchronizer(SynchronizerId(id)));
    Ok(SynchronizerId(id))
}

/// Changes name, settings and the user as whom it runs, and disables.
pub fn update(
    tx: &Tx<'_>,
    id: SynchronizerId,
    name: &str,
    settings: &Settings,
    run_as: UserId,
) -> Result<(), StoreError> {
    let (kind, settings) = (settings.kind().name(), json(settings)?);
    tx.execute(
        "UPDATE synchronizer SET name = ?, kind = ?, settings = ?, run_as_id = ?, enabled = 0,
                unavailable_reason = NULL, updated_at = ? WHERE id = ?",
        params![name, kind, settings, run_as, tx.now(), id],
    )?;
    tx.publish(Event::Synchronizer(id));
    Ok(())
}

/// Enables from a place in the feeds on.
pub fn enable(tx: &Tx<'_>, id: SynchronizerId, cursor: Cursor) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE synchronizer SET enabled = 1, unavailable_reason = NULL, chain = 0, updated_at = ? WHERE id = ?",
        params![tx.now(), id],
    )?;
    tx.publish(Event::Synchronizer(id));
    advance(tx, id, cursor)
}

/// Disables; `because` says why, if the server does it by itself.
pub fn disable(tx: &Tx<'_>, id: SynchronizerId, because: Option<&str>) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE synchronizer SET enabled = 0, unavailable_reason = ?, updated_at = ? WHERE id = ?",
        params![because, tx.now(), id],
    )?;
    tx.publish(Event::Synchronizer(id));
    Ok(())
}

/// How many synchronizers are enabled, and how many the server has switched off by itself.
pub fn count_enabled_and_stopped(tx: &Tx<'_>) -> Result<(u64, u64), StoreError> {
    let count = |sql| {
        let number: i64 = tx.get(sql, &[], |row| row.get(0))?;
        Ok::<_, StoreError>(u64::try_from(number).unwrap_or_default())
    };
    Ok((
        count("SELECT count(*) FROM synchronizer WHERE enabled = 1")?,
        count(
            "SELECT count(*) FROM synchronizer WHERE enabled = 0 AND unavailable_reason IS NOT NULL",
        )?,
    ))
}

/// Moves the cursor: what lies before it counts as synchronized.
pub fn advance(tx: &Tx<'_>, id: SynchronizerId, cursor: Cursor) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE synchronizer SET issue_cursor = ?, structure_cursor = ? WHERE id = ?",
        params![cursor.issues, cursor.structure, id],
    )
    .map(|_| ())
}

/// Uninstalls; its jobs stay, without it.
pub fn delete(tx: &Tx<'_>, id: SynchronizerId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM synchronizer WHERE id = ?", params![id])?;
    tx.publish(Event::Synchronizer(id));
    Ok(())
}

/// The synchronizer with this id.
pub fn find(tx: &Tx<'_>, id: SynchronizerId) -> Result<Option<Synchronizer>, StoreError> {
    tx.find(
        &format!("SELECT {COLUMNS} FROM synchronizer WHERE id = ?"),
        params![id],
        read,
    )
}

/// The synchronizers with the given ids.
pub fn by_ids(
    tx: &Tx<'_>,
    ids: impl IntoIterator<Item = SynchronizerId>,
) -> Result<Vec<Synchronizer>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM synchronizer WHERE id IN ({{}})");
    tx.query_ids(&sql, &[], ids.into_iter().map(|id| id.0), read)
}

/// The synchronizers of structures, in the order in which they were installed.
pub fn of_structures(
    tx: &Tx<'_>,
    structures: impl IntoIterator<Item = StructureId>,
) -> Result<Vec<Synchronizer>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM synchronizer WHERE structure_id IN ({{}}) ORDER BY id");
    tx.query_ids(&sql, &[], structures.into_iter().map(|id| id.0), read)
}

/// Every enabled synchronizer, as far as it can be read.
pub fn enabled(tx: &Tx<'_>) -> Result<Vec<Result<Synchronizer, Unreadable>>, StoreError> {
    tx.query(
        &format!("SELECT {COLUMNS} FROM synchronizer WHERE enabled = 1 ORDER BY id"),
        &[],
        read_if_possible,
    )
}

/// Whether any is installed anywhere.
pub fn any(tx: &Tx<'_>) -> Result<bool, StoreError> {
    Ok(tx
        .find("SELECT 1 FROM synchronizer LIMIT 1", &[], |row| {
            row.get::<i64>(0)
        })?
        .is_some())
}

/// How many are installed on a structure.
pub fn count(tx: &Tx<'_>, structure: StructureId) -> Result<i64, StoreError> {
    tx.get(
        "SELECT count(*) FROM synchronizer WHERE structure_id = ?",
        params![structure],
        |row| row.get(0),
    )
}

/// Whether the tracker's feed holds a change after `since` that this synchronizer did not make.
pub fn sees_issue_changes(tx: &Tx<'_>, id: SynchronizerId, since: i64) -> Result<bool, StoreError> {
    let found = tx.find(
        "SELECT 1 FROM issue_change LEFT JOIN job ON job.id = issue_change.job_id
         WHERE issue_change.seq > ? AND (job.synchronizer_id IS NULL OR job.synchronizer_id <> ?)
         LIMIT 1",
        params![since, id],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// Whether the hierarchy has a version after `since` that this synchronizer did not make.
pub fn sees_row_changes(
    tx: &Tx<'_>,
    id: SynchronizerId,
    structure: StructureId,
    since: i64,
) -> Result<bool, StoreError> {
    let found = tx.find(
        "SELECT 1 FROM seen_version LEFT JOIN job ON job.id = seen_version.job_id
         WHERE seen_version.structure_id = ? AND seen_version.version > ?
           AND (job.synchronizer_id IS NULL OR job.synchronizer_id <> ?)
         LIMIT 1",
        params![structure, since, id],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// Whether a user has changed anything since an instant: an edit, an import or a resync, which a
/// user starts, in the tracker or in any structure.
pub fn sees_users_since(tx: &Tx<'_>, since: Millis) -> Result<bool, StoreError> {
    let found = tx.find(
        "SELECT 1 FROM issue_change LEFT JOIN job ON job.id = issue_change.job_id
         WHERE issue_change.at >= ? AND (job.id IS NULL OR job.kind <> 'INCREMENTAL')
         UNION ALL
         SELECT 1 FROM seen_version LEFT JOIN job ON job.id = seen_version.job_id
         WHERE seen_version.at >= ? AND (job.id IS NULL OR job.kind <> 'INCREMENTAL')
         LIMIT 1",
        params![since, since],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// The synchronizers whose incremental jobs made the changes after a cursor, without the one whose
/// cursor it is and those that cannot be read.
pub fn behind_changes(
    tx: &Tx<'_>,
    synchronizer: &Synchronizer,
) -> Result<Vec<Synchronizer>, StoreError> {
    let Synchronizer {
        id,
        structure,
        cursor,
        ..
    } = synchronizer;
    let ids: Vec<SynchronizerId> = tx.query(
        "SELECT job.synchronizer_id FROM issue_change JOIN job ON job.id = issue_change.job_id
         WHERE issue_change.seq > ? AND job.synchronizer_id <> ?
         UNION
         SELECT job.synchronizer_id FROM seen_version
         JOIN job ON job.id = seen_version.job_id
         WHERE seen_version.structure_id = ? AND seen_version.version > ?
           AND job.synchronizer_id <> ?",
        params![cursor.issues, *id, *structure, cursor.structure, *id],
        |row| row.get(0),
    )?;
    let sql = format!("SELECT {COLUMNS} FROM synchronizer WHERE id IN ({{}})");
    let found = tx.query_ids(&sql, &[], ids.into_iter().map(|id| id.0), read_if_possible)?;
    Ok(found.into_iter().flatten().collect())
}

/// Notes how many incremental jobs in a row only jobs gave rise to.
pub fn set_chain(tx: &Tx<'_>, id: SynchronizerId, chain: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE synchronizer SET chain = ? WHERE id = ?",
        params![chain, id],
    )
    .map(|_| ())
}
