//! The lines of both change feeds, as stored.

use std::collections::BTreeMap;
use understory::domain::{IssueId, JobId, LinkId, LinkTypeId, RowId, StructureId, UserId};
use understory::store::{StoreError, Tx};

/// A line of the tracker's feed, as stored.
#[derive(Clone, Debug)]
pub(super) struct IssueLine {
    pub(super) issue: IssueId,
    pub(super) kind: String,
    pub(super) field: Option<String>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) link: Option<LinkId>,
    pub(super) link_type: Option<LinkTypeId>,
    pub(super) other: Option<IssueId>,
    pub(super) user: Option<UserId>,
    pub(super) job: Option<JobId>,
}

/// A line of the feed of a hierarchy, as stored, with who made its version.
#[derive(Clone, Debug)]
pub(super) struct RowLine {
    pub(super) structure: StructureId,
    pub(super) kind: String,
    pub(super) row: RowId,
    pub(super) issue: Option<IssueId>,
    pub(super) folder: Option<String>,
    pub(super) before: (Option<RowId>, Option<String>),
    pub(super) after: (Option<RowId>, Option<String>),
    pub(super) user: Option<UserId>,
    pub(super) job: Option<JobId>,
}

/// What the tracker's feed holds after a place.
pub(super) fn of_issues(tx: &Tx<'_>, since: i64) -> Result<Vec<IssueLine>, StoreError> {
    tx.query(
        "SELECT issue_id, kind, field, before, after, link_id, link_type_id, other_id, user_id, job_id
         FROM issue_change WHERE seq > ? ORDER BY seq",
        &[since.into()],
        |row| {
            Ok(IssueLine {
                issue: row.get(0)?,
                kind: row.get(1)?,
                field: row.get(2)?,
                before: row.get(3)?,
                after: row.get(4)?,
                link: row.get(5)?,
                link_type: row.get(6)?,
                other: row.get(7)?,
                user: row.get(8)?,
                job: row.get(9)?,
            })
        },
    )
}

/// What the feeds of hierarchies hold after their versions.
pub(super) fn of_rows(
    tx: &Tx<'_>,
    since: &BTreeMap<StructureId, i64>,
) -> Result<Vec<RowLine>, StoreError> {
    let mut found = Vec::new();
    for (structure, version) in since {
        found.extend(tx.query(
            "SELECT change.kind, change.row_id, change.issue_id, change.folder,
                    change.before_parent_id, change.before_position, change.after_parent_id,
                    change.after_position, made.user_id, made.job_id
             FROM structure_version AS made JOIN forest_change AS change
               ON change.structure_id = made.structure_id AND change.version = made.version
             WHERE made.structure_id = ? AND made.version > ? ORDER BY change.version, change.seq",
            &[(*structure).into(), (*version).into()],
            |row| {
                Ok(RowLine {
                    structure: *structure,
                    kind: row.get(0)?,
                    row: row.get(1)?,
                    issue: row.get(2)?,
                    folder: row.get(3)?,
                    before: (row.get(4)?, row.get(5)?),
                    after: (row.get(6)?, row.get(7)?),
                    user: row.get(8)?,
                    job: row.get(9)?,
                })
            },
        )?);
    }
    Ok(found)
}
