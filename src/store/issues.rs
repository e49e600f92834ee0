//! Issues as the tables hold them; `feed` has the lines that tell of their changes. The rules of
//! the embedded tracker, and the importer, are in `tracker`.

mod feed;

use super::{Row, StoreError, Tx, params};
use crate::domain::issue::{Issue, IssueType, Status, StatusCategory};
use crate::domain::{IdMap, IssueId};
use std::collections::HashMap;

pub use feed::{
    ImportedLines, IssueChange, IssueChangeKind, LinkRole, LinkSeen, NewChange, UserChange,
    changes, changes_by_users, delete_changes_before, deleted_since, keys_of_deleted, last_change,
    ranked_by_users, record, remembered_of,
};
pub(super) use feed::{SELECT_CHANGE, read_change};

const SELECT: &str = "SELECT issue.id, issue.key, project.key, issue.summary,
    issue_type.name, issue_type.sub_task, issue_type.epic, status.name, status.category,
    issue.resolution, issue.priority, issue.assignee, issue.parent_id, issue.epic_id, issue.rank,
    issue.created_at, issue.updated_at
  FROM issue
  JOIN project ON project.id = issue.project_id
  JOIN issue_type ON issue_type.id = issue.type_id
  JOIN status ON status.id = issue.status_id";

fn read(row: &Row<'_>) -> Result<Issue, StoreError> {
    Ok(Issue {
        id: row.get(0)?,
        key: row.get(1)?,
        project_key: row.get(2)?,
        summary: row.get(3)?,
        issue_type: IssueType {
            name: row.get(4)?,
            sub_task: row.get(5)?,
            epic: row.get(6)?,
        },
        status: Status {
            name: row.get(7)?,
            category: row.named(8, StatusCategory::from_name)?,
        },
        resolution: row.get(9)?,
        priority: row.get(10)?,
        assignee: row.get(11)?,
        parent: row.get(12)?,
        epic: row.get(13)?,
        rank: row.get(14)?,
        created_at: row.get(15)?,
        updated_at: row.get(16)?,
    })
}

/// The issues with the given ids, in no order.
pub fn by_ids(
    tx: &Tx<'_>,
    ids: impl IntoIterator<Item = IssueId>,
) -> Result<Vec<Issue>, StoreError> {
    tx.query_ids(
        &format!("{SELECT} WHERE issue.id IN ({{}})"),
        &[],
        raw(ids),
        read,
    )
}

/// The issue of a key.
pub fn find_by_key(tx: &Tx<'_>, key: &str) -> Result<Option<Issue>, StoreError> {
    tx.find(&format!("{SELECT} WHERE issue.key = ?"), params![key], read)
}

/// The id of the issue of a key.
pub fn find_id(tx: &Tx<'_>, key: &str) -> Result<Option<IssueId>, StoreError> {
    tx.find("SELECT id FROM issue WHERE key = ?", params![key], |row| {
        row.get(0)
    })
}

/// Issues from which on a range of ids may be read whole.
const MANY: usize = 1_000;

/// The keys of the given issues, where they still exist.
pub fn keys(
    tx: &Tx<'_>,
    ids: impl IntoIterator<Item = IssueId>,
) -> Result<IdMap<IssueId, String>, StoreError> {
    let mut ids: Vec<i64> = raw(ids).collect();
    ids.sort_unstable();
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let (Some(&first), Some(&last)) = (ids.first(), ids.last()) else {
        return Ok(IdMap::default());
    };
    if ids.len() < MANY || last.abs_diff(first) > 4 * ids.len() as u64 {
        let sql = "SELECT id, key FROM issue WHERE id IN ({})";
        return Ok(tx.query_ids(sql, &[], ids, read)?.into_iter().collect());
    }
    // Where most of a range is asked for, to read all of it is quicker than to look each up.
    let mut found = IdMap::default();
    tx.each(
        "SELECT id, key FROM issue WHERE id BETWEEN ? AND ?",
        params![first, last],
        |row| {
            let (id, key): (IssueId, String) = read(row)?;
            if ids.binary_search(&id.0).is_ok() {
                found.insert(id, key);
            }
            Ok(())
        },
    )?;
    Ok(found)
}

/// The labels of issues, in alphabetical order.
pub fn labels(
    tx: &Tx<'_>,
    ids: impl IntoIterator<Item = IssueId>,
) -> Result<HashMap<IssueId, Vec<String>>, StoreError> {
    let mut labels: HashMap<IssueId, Vec<String>> = HashMap::new();
    let sql =
        "SELECT issue_id, name FROM issue_label WHERE issue_id IN ({}) ORDER BY issue_id, name";
    for (issue, name) in tx.query_ids(sql, &[], raw(ids), |row| Ok((row.get(0)?, row.get(1)?)))? {
        labels.entry(issue).or_default().push(name);
    }
    Ok(labels)
}

/// A sub-task, with what its order and its type filter need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubTask {
    /// The sub-task.
    pub issue: IssueId,
    /// Its parent.
    pub parent: IssueId,
    /// Its type's name.
    pub type_name: String,
}

const SUB_TASKS: &str = "SELECT issue.id, issue.parent_id, issue_type.name
  FROM issue
  JOIN issue_type ON issue_type.id = issue.type_id
  JOIN project ON project.id = issue.project_id";

fn read_sub_task(row: &Row<'_>) -> Result<SubTask, StoreError> {
    Ok(SubTask {
        issue: row.get(0)?,
        parent: row.get(1)?,
        type_name: row.get(2)?,
    })
}

/// Every issue with a parent, in key order (project key, then number).
pub fn sub_tasks(tx: &Tx<'_>) -> Result<Vec<SubTask>, StoreError> {
    let sql =
        format!("{SUB_TASKS} WHERE issue.parent_id IS NOT NULL ORDER BY project.key, issue.number");
    tx.query(&sql, &[], read_sub_task)
}

/// The sub-tasks of the given parents, in key order.
pub fn sub_tasks_of(
    tx: &Tx<'_>,
    parents: impl IntoIterator<Item = IssueId>,
) -> Result<Vec<SubTask>, StoreError> {
    let sql = SUB_TASKS.replace("SELECT ", "SELECT project.key, issue.number, ");
    let mut found = tx.query_ids(
        &format!("{sql} WHERE issue.parent_id IN ({{}})"),
        &[],
        raw(parents),
        |row| {
            let order: (String, i64) = (row.get(0)?, row.get(1)?);
            Ok((
                order,
                SubTask {
                    issue: row.get(2)?,
                    parent: row.get(3)?,
                    type_name: row.get(4)?,
                },
            ))
        },
    )?;
    found.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    Ok(found.into_iter().map(|(_, sub_task)| sub_task).collect())
}

fn raw(ids: impl IntoIterator<Item = IssueId>) -> impl Iterator<Item = i64> {
    ids.into_iter().map(|id| id.0)
}
