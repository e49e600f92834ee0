//! What undo reads: what one job changed, as both change feeds have it, and what is there now.
//!
//! The feeds are the truth about a job; its lines in `job_change` are for people. How to undo what
//! is found here is decided in `sync`.

use super::jobs::Job;
use super::{Row, StoreError, Tx, Value, params};
use crate::domain::issue::Link;
use crate::domain::{IssueId, JobId, LinkId, RowId, StatusState, StructureId};
use std::collections::HashMap;

/// Where a row stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The row above it; `None` at the top level.
    pub parent: Option<RowId>,
    /// The key that orders it among its siblings.
    pub key: String,
}

/// What a job made of one row, from before its first change to after its last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedRow {
    /// The row.
    pub row: RowId,
    /// The issue it holds.
    pub issue: Option<IssueId>,
    /// The name of its folder, if it holds one and the feed knows it.
    pub folder: Option<String>,
    /// Where it stood before; `None`: nowhere.
    pub before: Option<Spot>,
    /// Where it stood after; `None`: nowhere.
    pub after: Option<Spot>,
}

fn spot(row: &Row<'_>, parent: usize, key: usize) -> Result<Option<Spot>, StoreError> {
    let stands: Option<String> = row.get(key)?;
    let parent = row.get(parent)?;
    Ok(stands.map(|key| Spot { parent, key }))
}

/// The rows that a job changed in its structure, in the order in which it came to them.
pub fn changed_rows(
    tx: &Tx<'_>,
    structure: StructureId,
    job: JobId,
) -> Result<Vec<ChangedRow>, StoreError> {
    let (mut rows, mut at) = (Vec::<ChangedRow>::new(), HashMap::new());
    tx.each(
        "SELECT change.row_id, change.issue_id, change.folder, change.before_parent_id,
                change.before_position, change.after_parent_id, change.after_position
         FROM seen_version AS made
         JOIN forest_change AS change
           ON change.structure_id = made.structure_id AND change.version = made.version
         WHERE made.job_id = ? AND made.structure_id = ?
         ORDER BY change.version, change.seq",
        params![job, structure],
        |row| {
            let id: RowId = row.get(0)?;
            let place = *at.entry(id).or_insert(rows.len());
            if place == rows.len() {
                rows.push(ChangedRow {
                    row: id,
                    issue: row.get(1)?,
                    folder: None,
                    before: spot(row, 3, 4)?,
                    after: None,
                });
            }
            let changed = &mut rows[place];
            changed.after = spot(row, 5, 6)?;
            let folder: Option<String> = row.get(2)?;
            changed.folder = folder.or(changed.folder.take());
            Ok(())
        },
    )?;
    Ok(rows)
}

/// Where the given rows stand now, with the names of folders; rows that are gone are absent.
pub fn spots(
    tx: &Tx<'_>,
    rows: impl IntoIterator<Item = RowId>,
) -> Result<HashMap<RowId, (Spot, Option<String>)>, StoreError> {
    let found = tx.query_ids(
        "SELECT id, parent_id, position, folder FROM seen_row WHERE id IN ({})",
        &[],
        rows.into_iter().map(|row| row.0),
        |row| {
            let stands = Spot {
                parent: row.get(1)?,
                key: row.get(2)?,
            };
            Ok((row.get(0)?, (stands, row.get(3)?)))
        },
    )?;
    Ok(found.into_iter().collect())
}

/// Siblings with their keys, in order.
pub type Siblings = Vec<(RowId, String)>;

/// Which siblings to read.
#[derive(Clone, Copy, Debug)]
pub enum Range<'a> {
    /// The last ones before a key, at most so many.
    Before(&'a str, usize),
    /// Those from a key to another, both included.
    Between(&'a str, &'a str),
    /// The first one after a key.
    After(&'a str),
}

/// Some of the children of a row (`None`: the top level), in order.
pub fn siblings(
    tx: &Tx<'_>,
    structure: StructureId,
    parent: Option<RowId>,
    range: Range<'_>,
) -> Result<Siblings, StoreError> {
    let (which, mut values): (_, Vec<Value<'_>>) = match range {
        Range::Before(key, limit) => (
            "position < ? ORDER BY position DESC, id DESC LIMIT ?",
            vec![key.into(), limit.into()],
        ),
        Range::Between(low, high) => (
            "position >= ? AND position <= ? ORDER BY position, id",
            vec![low.into(), high.into()],
        ),
        Range::After(key) => (
            "position > ? ORDER BY position, id LIMIT 1",
            vec![key.into()],
        ),
    };
    let level = match parent {
        Some(parent) => {
            values.insert(0, parent.into());
            "parent_id = ?"
        }
        None => "parent_id IS NULL",
    };
    values.insert(0, structure.into());
    let sql =
        format!("SELECT id, position FROM seen_row WHERE structure_id = ? AND {level} AND {which}");
    let mut found = tx.query(&sql, &values, |row| Ok((row.get(0)?, row.get(1)?)))?;
    if matches!(range, Range::Before(..)) {
        found.reverse();
    }
    Ok(found)
}

/// A link that a job made or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedLink {
    /// The link.
    pub link: Link,
    /// Whether it was there before the job.
    pub before: bool,
    /// Whether it was there after the job.
    pub after: bool,
}

/// The links that a job made or removed, in the order in which it came to them.
pub fn changed_links(tx: &Tx<'_>, job: JobId) -> Result<Vec<ChangedLink>, StoreError> {
    let (mut links, mut at) = (Vec::<ChangedLink>::new(), HashMap::new());
    tx.each(
        "SELECT kind, link_id, link_type_id, issue_id, other_id FROM issue_change
         WHERE job_id = ? AND link_id IS NOT NULL AND field = 'source' ORDER BY seq",
        params![job],
        |row| {
            let kind: String = row.get(0)?;
            let added = kind == "LINK_ADDED";
            let id: LinkId = row.get(1)?;
            let place = *at.entry(id).or_insert(links.len());
            if place == links.len() {
                let link = Link {
                    id,
                    link_type: row.get(2)?,
                    source: row.get(3)?,
                    target: row.get(4)?,
                };
                links.push(ChangedLink {
                    link,
                    before: !added,
                    after: added,
                });
            }
            links[place].after = added;
            Ok(())
        },
    )?;
    Ok(links)
}

/// A field of an issue, before and after a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedField {
    /// The issue.
    pub issue: IssueId,
    /// The name of the field.
    pub field: String,
    /// Its value before the job, as the feed writes it.
    pub before: Option<String>,
    /// Its value after the job.
    pub after: Option<String>,
}

/// The fields that belong together as the state of a status.
const STATUS_FIELDS: &str = "'status', 'resolution', 'resolved'";

/// The fields of issues that a job changed, in the order of its last change of each. Of an issue
/// whose status, resolution or instant it changed, also those of the three that it left alone and
/// others edited since: a status is as the job left it only if all three are.
pub fn changed_fields(tx: &Tx<'_>, job: JobId) -> Result<Vec<ChangedField>, StoreError> {
    let mut fields: HashMap<(IssueId, String), (i64, ChangedField)> = HashMap::new();
    tx.each(
        "SELECT seq, issue_id, field, before, after FROM issue_change
         WHERE job_id = ? AND kind = 'UPDATED' ORDER BY seq",
        params![job],
        |row| {
            let (seq, issue, field): (i64, IssueId, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let (before, after) = (row.get(3)?, row.get(4)?);
            let found = fields
                .entry((issue, field.clone()))
                .or_insert_with(|| (seq, changed_field(issue, field, before)));
            (found.0, found.1.after) = (seq, after);
            Ok(())
        },
    )?;
    edited_since(tx, job, |seq, field| {
        let of_field = (field.issue, field.field.clone());
        fields.entry(of_field).or_insert((seq, field));
    })?;
    let mut fields: Vec<_> = fields.into_values().collect();
    fields.sort_unstable_by_key(|(seq, _)| *seq);
    Ok(fields.into_iter().map(|(_, field)| field).collect())
}

fn changed_field(issue: IssueId, field: String, before: Option<String>) -> ChangedField {
    ChangedField {
        issue,
        field,
        before,
        after: None,
    }
}

/// Visits what anybody did to the states of statuses that a job had changed, in order, with the
/// value that was there until then as the one before and after the job. The first line of a field
/// that the job left alone so tells what it was right after the job. Lines are forgotten by age, so
/// these are kept for as long as those of the job are.
fn edited_since(
    tx: &Tx<'_>,
    job: JobId,
    mut visit: impl FnMut(i64, ChangedField),
) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT later.seq, later.issue_id, later.field, later.before
         FROM (SELECT issue_id, max(seq) AS last FROM issue_change
               WHERE job_id = ? AND kind = 'UPDATED' AND field IN ({STATUS_FIELDS})
               GROUP BY issue_id) AS made
         JOIN issue_change AS later ON later.issue_id = made.issue_id AND later.seq > made.last
         WHERE later.kind = 'UPDATED' AND later.field IN ({STATUS_FIELDS})
         ORDER BY later.seq"
    );
    tx.each(&sql, params![job], |row| {
        let mut field = changed_field(row.get(1)?, row.get(2)?, row.get(3)?);
        field.after.clone_from(&field.before);
        visit(row.get(0)?, field);
        Ok(())
    })
}

/// The fields of an issue that jobs change, as they are now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldState {
    /// The issue.
    pub issue: IssueId,
    /// Its rank.
    pub rank: Option<String>,
    /// Its epic.
    pub epic: Option<IssueId>,
    /// Its status.
    pub status: StatusState,
}

/// The fields of the given issues, where they still exist.
pub fn field_states(
    tx: &Tx<'_>,
    issues: impl IntoIterator<Item = IssueId>,
) -> Result<HashMap<IssueId, FieldState>, StoreError> {
    let found = tx.query_ids(
        "SELECT issue.id, issue.rank, issue.epic_id, status.name, issue.resolution,
                issue.resolved_at
         FROM issue JOIN status ON status.id = issue.status_id WHERE issue.id IN ({})",
        &[],
        issues.into_iter().map(|issue| issue.0),
        |row| {
            let issue = row.get(0)?;
            let state = FieldState {
                issue,
                rank: row.get(1)?,
                epic: row.get(2)?,
                status: StatusState {
                    status: row.get(3)?,
                    resolution: row.get(4)?,
                    resolved_at: row.get(5)?,
                },
            };
            Ok((issue, state))
        },
    )?;
    Ok(found.into_iter().collect())
}

/// The issues that have a rank.
pub fn holders_of_rank(tx: &Tx<'_>, rank: &str) -> Result<Vec<IssueId>, StoreError> {
    tx.query(
        "SELECT id FROM issue WHERE rank = ? ORDER BY id",
        params![rank],
        |row| row.get(0),
    )
}

/// Whether the feeds still hold all that a job changed, by its own count.
pub fn is_complete(tx: &Tx<'_>, job: &Job) -> Result<bool, StoreError> {
    let counts = &job.counts;
    let rows: i64 = tx.get(
        "SELECT count(*) FROM seen_version AS made
         JOIN forest_change AS change
           ON change.structure_id = made.structure_id AND change.version = made.version
         WHERE made.job_id = ? AND made.structure_id = ?",
        params![job.id, job.structure],
        |row| row.get(0),
    )?;
    let links: i64 = tx.get(
        "SELECT count(*) FROM issue_change
         WHERE job_id = ? AND link_id IS NOT NULL AND field = 'source'",
        params![job.id],
        |row| row.get(0),
    )?;
    let issues = |fields: &str| -> Result<i64, StoreError> {
        let sql = format!(
            "SELECT count(DISTINCT issue_id) FROM issue_change
             WHERE job_id = ? AND kind = 'UPDATED' AND field IN ({fields})"
        );
        tx.get(&sql, params![job.id], |row| row.get(0))
    };
    let pairs: [(i64, usize); 5] = [
        (
            rows,
            counts.rows_added + counts.rows_moved + counts.rows_removed,
        ),
        (links, counts.links_added + counts.links_removed),
        (issues("'rank'")?, counts.ranks_changed),
        (issues("'epic'")?, counts.epics_changed),
        (issues(STATUS_FIELDS)?, counts.statuses_changed),
    ];
    Ok(pairs.iter().all(|(kept, counted)| *kept >= *counted as i64))
}
