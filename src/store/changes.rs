//! The change feed of hierarchies: what each version changed, in order, for subscribers and for
//! incremental synchronization.

use super::{Row, StoreError, Tx, params};
use crate::domain::{IssueId, JobId, Millis, RowId, StructureId, UserId};

/// One version of a hierarchy: who or what made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its number.
    pub version: i64,
    /// The job that made it, if one did.
    pub job: Option<JobId>,
    /// The user who made it, or as whom the job did.
    pub user: Option<UserId>,
    /// When.
    pub at: Millis,
}

/// What happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowChangeKind {
    /// It is new.
    Added,
    /// It went elsewhere.
    Moved,
    /// It is gone.
    Removed,
}

impl RowChangeKind {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "ADDED" => Some(Self::Added),
            "MOVED" => Some(Self::Moved),
            "REMOVED" => Some(Self::Removed),
            _ => None,
        }
    }
}

/// One line of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowChange {
    /// What happened.
    pub kind: RowChangeKind,
    /// To which row.
    pub row: RowId,
    /// The issue it holds.
    pub issue: Option<IssueId>,
    /// Its parent before, for moved and removed rows.
    pub before_parent: Option<RowId>,
    /// Its parent after, for added and moved rows.
    pub after_parent: Option<RowId>,
    /// The job that did it, if one did.
    pub job: Option<JobId>,
    /// When.
    pub at: Millis,
}

fn read_version(row: &Row<'_>) -> Result<Version, StoreError> {
    Ok(Version {
        version: row.get(0)?,
        job: row.get(1)?,
        user: row.get(2)?,
        at: row.get(3)?,
    })
}

/// The next versions after `since`, at most `limit`, oldest first.
pub fn versions_since(
    tx: &Tx<'_>,
    structure: StructureId,
    since: i64,
    limit: usize,
) -> Result<Vec<Version>, StoreError> {
    tx.query(
        "SELECT version, job_id, user_id, at FROM seen_version
         WHERE structure_id = ? AND version > ? ORDER BY version LIMIT ?",
        params![structure, since, limit],
        read_version,
    )
}

/// The newest versions below `before`, or of all, newest first.
pub fn versions_before(
    tx: &Tx<'_>,
    structure: StructureId,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<Version>, StoreError> {
    tx.query(
        "SELECT version, job_id, user_id, at FROM seen_version
         WHERE structure_id = ? AND version < ? ORDER BY version DESC LIMIT ?",
        params![structure, before.unwrap_or(i64::MAX), limit],
        read_version,
    )
}

/// How many versions of a structure are kept.
pub fn count_versions(tx: &Tx<'_>, structure: StructureId) -> Result<i64, StoreError> {
    tx.get(
        "SELECT count(*) FROM seen_version WHERE structure_id = ?",
        params![structure],
        |row| row.get(0),
    )
}

/// How many rows a version added, moved and removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// Rows added.
    pub added: i64,
    /// Rows moved, each with its subtree.
    pub moved: i64,
    /// Rows removed.
    pub removed: i64,
}

/// How many rows a version added, moved and removed.
pub fn counts_of_version(
    tx: &Tx<'_>,
    structure: StructureId,
    version: i64,
) -> Result<RowCounts, StoreError> {
    tx.get(
        "SELECT count(CASE kind WHEN 'ADDED' THEN 1 END), count(CASE kind WHEN 'MOVED' THEN 1 END),
                count(CASE kind WHEN 'REMOVED' THEN 1 END)
         FROM forest_change WHERE structure_id = ? AND version = ?",
        params![structure, version],
        |row| {
            Ok(RowCounts {
                added: row.get(0)?,
                moved: row.get(1)?,
                removed: row.get(2)?,
            })
        },
    )
}

/// The row changes of one version, in order.
pub fn of_version(
    tx: &Tx<'_>,
    structure: StructureId,
    version: i64,
) -> Result<Vec<RowChange>, StoreError> {
    rows(tx, structure, version - 1, version)
}

/// The row changes after `since` up to and including `until`, in order.
pub fn rows(
    tx: &Tx<'_>,
    structure: StructureId,
    since: i64,
    until: i64,
) -> Result<Vec<RowChange>, StoreError> {
    tx.query(
        "SELECT change.kind, change.row_id, change.issue_id, change.before_parent_id,
                change.after_parent_id, made.job_id, made.at
         FROM seen_version AS made
         JOIN forest_change AS change
           ON change.structure_id = made.structure_id AND change.version = made.version
         WHERE made.structure_id = ? AND made.version > ? AND made.version <= ?
         ORDER BY change.version, change.seq",
        params![structure, since, until],
        |row| {
            Ok(RowChange {
                kind: row.named(0, RowChangeKind::from_name)?,
                row: row.get(1)?,
                issue: row.get(2)?,
                before_parent: row.get(3)?,
                after_parent: row.get(4)?,
                job: row.get(5)?,
                at: row.get(6)?,
            })
        },
    )
}

/// What a user did to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserRowChange {
    /// In which version.
    pub version: i64,
    /// What happened.
    pub kind: RowChangeKind,
    /// To which row.
    pub row: RowId,
    /// The issue it holds.
    pub issue: Option<IssueId>,
    /// Its parent before, for moved and removed rows.
    pub before_parent: Option<RowId>,
    /// Who did it.
    pub user: UserId,
}

/// Visits the row changes after `since` up to and including `until` that users made, by hand or by
/// undoing a job, in order.
pub fn each_by_user(
    tx: &Tx<'_>,
    structure: StructureId,
    since: i64,
    until: i64,
    visit: &mut dyn FnMut(UserRowChange),
) -> Result<(), StoreError> {
    // Jobs make most changes, so that those of users are read version by version: a join would walk
    // over all of them.
    let versions = tx.query(
        "SELECT made.version, made.user_id FROM seen_version AS made
         LEFT JOIN job ON job.id = made.job_id
         WHERE made.structure_id = ? AND made.version > ? AND made.version <= ?
           AND (made.job_id IS NULL OR job.kind = 'REVERT') AND made.user_id IS NOT NULL
         ORDER BY made.version",
        params![structure, since, until],
        |row| Ok((row.get::<i64>(0)?, row.get(1)?)),
    )?;
    for (version, user) in versions {
        tx.each(
            "SELECT kind, row_id, issue_id, before_parent_id FROM forest_change
             WHERE structure_id = ? AND version = ? ORDER BY seq",
            params![structure, version],
            |row| {
                visit(UserRowChange {
                    version,
                    kind: row.named(0, RowChangeKind::from_name)?,
                    row: row.get(1)?,
                    issue: row.get(2)?,
                    before_parent: row.get(3)?,
                    user,
                });
                Ok(())
            },
        )?;
    }
    Ok(())
}

/// Deletes up to `limit` versions that were made before an instant, with their changes, and never
/// the newest of a structure; how many.
pub fn delete_before(tx: &Tx<'_>, before: Millis, limit: usize) -> Result<usize, StoreError> {
    let old: Vec<(StructureId, i64)> = tx.query(
        "SELECT made.structure_id, made.version FROM seen_version AS made
         JOIN structure ON structure.id = made.structure_id
         WHERE made.at < ? AND made.version < structure.version ORDER BY made.at, made.version LIMIT ?",
        params![before, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    for (structure, version) in &old {
        tx.execute(
            "DELETE FROM structure_version WHERE structure_id = ? AND version = ?",
            params![*structure, *version],
        )?;
    }
    Ok(old.len())
}

/// The oldest version whose changes are still kept.
pub fn oldest_kept(tx: &Tx<'_>, structure: StructureId) -> Result<Option<i64>, StoreError> {
    tx.find(
        "SELECT version FROM seen_version WHERE structure_id = ? ORDER BY version LIMIT 1",
        params![structure],
        |row| row.get(0),
    )
}
