//! Issues as whole rows: what the importer and the embedded tracker compare and write.
//!
//! No rules and no feed here: `tracker` decides what may be written and records it.

use super::catalog::{ProjectId, StatusId, TypeId};
use super::inserts::Inserts;
use super::{Row, StoreError, Tx, params};
use crate::domain::{IssueId, Millis};

/// One row of the table `issue`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueRow {
    /// Its id.
    pub id: IssueId,
    /// Its id in the tracker that it was imported from.
    pub external_id: Option<String>,
    /// Its key.
    pub key: String,
    /// Its project.
    pub project: ProjectId,
    /// Its number in the project.
    pub number: i64,
    /// Its type.
    pub issue_type: TypeId,
    /// Its status.
    pub status: StatusId,
    /// One line.
    pub summary: String,
    /// How it was resolved.
    pub resolution: Option<String>,
    /// Its priority.
    pub priority: Option<String>,
    /// Who works on it.
    pub assignee: Option<String>,
    /// Who asked for it.
    pub reporter: Option<String>,
    /// The issue whose sub-task it is.
    pub parent: Option<IssueId>,
    /// Its epic.
    pub epic: Option<IssueId>,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last changed.
    pub updated_at: Millis,
    /// When it was resolved.
    pub resolved_at: Option<Millis>,
}

const SELECT: &str = "SELECT id, external_id, key, project_id, number, type_id, status_id, summary,
    resolution, priority, assignee, reporter, parent_id, epic_id, created_at, updated_at, resolved_at
  FROM issue";

fn read(row: &Row<'_>) -> Result<IssueRow, StoreError> {
    Ok(IssueRow {
        id: row.get(0)?,
        external_id: row.get(1)?,
        key: row.get(2)?,
        project: ProjectId(row.get(3)?),
        number: row.get(4)?,
        issue_type: TypeId(row.get(5)?),
        status: StatusId(row.get(6)?),
        summary: row.get(7)?,
        resolution: row.get(8)?,
        priority: row.get(9)?,
        assignee: row.get(10)?,
        reporter: row.get(11)?,
        parent: row.get(12)?,
        epic: row.get(13)?,
        created_at: row.get(14)?,
        updated_at: row.get(15)?,
        resolved_at: row.get(16)?,
    })
}

/// The issue of a key.
pub fn find_by_key(tx: &Tx<'_>, key: &str) -> Result<Option<IssueRow>, StoreError> {
    tx.find(&format!("{SELECT} WHERE key = ?"), params![key], read)
}

/// The issues that bear an external id or a key: at most two.
pub fn find_by_identity(
    tx: &Tx<'_>,
    external_id: Option<&str>,
    key: &str,
) -> Result<Vec<IssueRow>, StoreError> {
    tx.query(
        &format!("{SELECT} WHERE external_id = ? OR key = ?"),
        params![external_id, key],
        read,
    )
}

/// The parent of an issue; `None` also if there is no such issue.
pub fn find_parent(tx: &Tx<'_>, issue: IssueId) -> Result<Option<IssueId>, StoreError> {
    let sql = "SELECT parent_id FROM issue WHERE id = ?";
    Ok(tx.find(sql, params![issue], |row| row.get(0))?.flatten())
}

/// How many sub-tasks an issue has.
pub fn count_sub_tasks(tx: &Tx<'_>, parent: IssueId) -> Result<i64, StoreError> {
    tx.get(
        "SELECT count(*) FROM issue WHERE parent_id = ?",
        params![parent],
        |row| row.get(0),
    )
}

/// The issues of an epic.
pub fn of_epic(tx: &Tx<'_>, epic: IssueId) -> Result<Vec<IssueId>, StoreError> {
    tx.query(
        "SELECT id FROM issue WHERE epic_id = ? ORDER BY id",
        params![epic],
        |row| row.get(0),
    )
}

/// Writes a new issue, with its rank if that is known yet.
pub fn insert(tx: &Tx<'_>, issue: &IssueRow, rank: Option<&str>) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO issue (id, external_id, key, project_id, number, type_id, status_id, summary,
             resolution, priority, assignee, reporter, parent_id, epic_id, created_at, updated_at,
             resolved_at, rank)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            issue.id,
            issue.external_id.as_ref(),
            &issue.key,
            issue.project.0,
            issue.number,
            issue.issue_type.0,
            issue.status.0,
            &issue.summary,
            issue.resolution.as_ref(),
            issue.priority.as_ref(),
            issue.assignee.as_ref(),
            issue.reporter.as_ref(),
            issue.parent,
            issue.epic,
            issue.created_at,
            issue.updated_at,
            issue.resolved_at,
            rank,
        ],
    )
    .map(|_| ())
}

/// Writes every field of an issue that is there, except its rank.
pub fn update(tx: &Tx<'_>, issue: &IssueRow) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE issue SET external_id = ?, key = ?, project_id = ?, number = ?, type_id = ?,
             status_id = ?, summary = ?, resolution = ?, priority = ?, assignee = ?, reporter = ?,
             parent_id = ?, epic_id = ?, created_at = ?, updated_at = ?, resolved_at = ?
         WHERE id = ?",
        params![
            issue.external_id.as_ref(),
            &issue.key,
            issue.project.0,
            issue.number,
            issue.issue_type.0,
            issue.status.0,
            &issue.summary,
            issue.resolution.as_ref(),
            issue.priority.as_ref(),
            issue.assignee.as_ref(),
            issue.reporter.as_ref(),
            issue.parent,
            issue.epic,
            issue.created_at,
            issue.updated_at,
            issue.resolved_at,
            issue.id,
        ],
    )
    .map(|_| ())
}

/// Notes that an issue was changed in this transaction.
pub fn touch(tx: &Tx<'_>, issue: IssueId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE issue SET updated_at = ? WHERE id = ?",
        params![tx.now(), issue],
    )
    .map(|_| ())
}

/// Sets the parent of an issue.
pub fn set_parent(tx: &Tx<'_>, issue: IssueId, parent: Option<IssueId>) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE issue SET parent_id = ? WHERE id = ?",
        params![parent, issue],
    )
    .map(|_| ())
}

/// Sets the epic of an issue.
pub fn set_epic(tx: &Tx<'_>, issue: IssueId, epic: Option<IssueId>) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE issue SET epic_id = ? WHERE id = ?",
        params![epic, issue],
    )
    .map(|_| ())
}

/// Deletes an issue, and with it its labels, links and references.
pub fn delete(tx: &Tx<'_>, issue: IssueId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM issue WHERE id = ?", params![issue])
        .map(|_| ())
}

/// The last rank that an issue has.
pub fn last_rank(tx: &Tx<'_>) -> Result<Option<String>, StoreError> {
    tx.get("SELECT max(rank) FROM issue", &[], |row| row.get(0))
}

/// The epic of an issue; `None` also if there is no such issue.
pub fn find_epic(tx: &Tx<'_>, issue: IssueId) -> Result<Option<IssueId>, StoreError> {
    let sql = "SELECT epic_id FROM issue WHERE id = ?";
    Ok(tx.find(sql, params![issue], |row| row.get(0))?.flatten())
}

/// The rank of an issue; `None` also if there is no such issue.
pub fn find_rank(tx: &Tx<'_>, issue: IssueId) -> Result<Option<String>, StoreError> {
    let sql = "SELECT rank FROM issue WHERE id = ?";
    Ok(tx.find(sql, params![issue], |row| row.get(0))?.flatten())
}

/// Sets the rank of an issue.
pub fn set_rank(tx: &Tx<'_>, issue: IssueId, rank: Option<&str>) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE issue SET rank = ? WHERE id = ?",
        params![rank, issue],
    )
    .map(|_| ())
}

/// Takes the ranks of all issues with larger ids.
pub fn clear_ranks(tx: &Tx<'_>, after: IssueId) -> Result<(), StoreError> {
    tx.execute("UPDATE issue SET rank = NULL WHERE id > ?", params![after])
        .map(|_| ())
}

/// The next issues of a project after a number that have no rank, with their numbers.
pub fn unranked(
    tx: &Tx<'_>,
    project: ProjectId,
    after: i64,
    limit: usize,
) -> Result<Vec<(IssueId, i64)>, StoreError> {
    // COALESCE keeps the index on ranks out of it: the one on numbers gives the order as well.
    tx.query(
        "SELECT id, number FROM issue
         WHERE project_id = ? AND number > ? AND COALESCE(rank, '') = ''
         ORDER BY number LIMIT ?",
        params![project.0, after, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// A list of names that an issue has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameList {
    /// Its labels.
    Labels,
    /// Its components.
    Components,
    /// The versions in which it is fixed.
    FixVersions,
}

impl NameList {
    fn select(self) -> &'static str {
        match self {
            Self::Labels => "SELECT name FROM issue_label WHERE issue_id = ?",
            Self::Components => "SELECT name FROM issue_component WHERE issue_id = ?",
            Self::FixVersions => "SELECT name FROM issue_fix_version WHERE issue_id = ?",
        }
    }

    fn insert(self) -> &'static str {
        match self {
            Self::Labels => "INSERT INTO issue_label (issue_id, name) VALUES (?, ?)",
            Self::Components => "INSERT INTO issue_component (issue_id, name) VALUES (?, ?)",
            Self::FixVersions => "INSERT INTO issue_fix_version (issue_id, name) VALUES (?, ?)",
        }
    }

    fn delete(self) -> &'static str {
        match self {
            Self::Labels => "DELETE FROM issue_label WHERE issue_id = ? AND name = ?",
            Self::Components => "DELETE FROM issue_component WHERE issue_id = ? AND name = ?",
            Self::FixVersions => "DELETE FROM issue_fix_version WHERE issue_id = ? AND name = ?",
        }
    }
}

/// Adds a name that is not yet in a list of an issue.
pub fn add_name(tx: &Tx<'_>, list: NameList, issue: IssueId, name: &str) -> Result<(), StoreError> {
    tx.execute(list.insert(), params![issue, name]).map(|_| ())
}

/// Names in the lists of new issues, written several at a time.
pub struct NewNames {
    labels: Inserts,
    components: Inserts,
    fix_versions: Inserts,
}

impl Default for NewNames {
    fn default() -> Self {
        Self {
            labels: Inserts::by(NameList::Labels.insert()),
            components: Inserts::by(NameList::Components.insert()),
            fix_versions: Inserts::by(NameList::FixVersions.insert()),
        }
    }
}

impl NewNames {
    /// Adds a name that is not yet in a list of an issue, which is there.
    pub fn add(
        &mut self,
        tx: &Tx<'_>,
        list: NameList,
        issue: IssueId,
        name: &str,
    ) -> Result<(), StoreError> {
        let names = match list {
            NameList::Labels => &mut self.labels,
            NameList::Components => &mut self.components,
            NameList::FixVersions => &mut self.fix_versions,
        };
        names.add(tx, params![issue, name])
    }

    /// Writes all that were added.
    pub fn flush(&mut self, tx: &Tx<'_>) -> Result<(), StoreError> {
        self.labels.flush(tx)?;
        self.components.flush(tx)?;
        self.fix_versions.flush(tx)
    }
}

/// Makes a list of an issue these names, which ascend; the names before, ascending too.
pub fn replace_names(
    tx: &Tx<'_>,
    list: NameList,
    issue: IssueId,
    names: &[String],
) -> Result<Vec<String>, StoreError> {
    let mut before: Vec<String> = tx.query(list.select(), params![issue], |row| row.get(0))?;
    before.sort_unstable();
    for name in names {
        if before.binary_search(name).is_err() {
            add_name(tx, list, issue, name)?;
        }
    }
    for name in &before {
        if names.binary_search(name).is_err() {
            tx.execute(list.delete(), params![issue, name])?;
        }
    }
    Ok(before)
}

/// The last id that a counter gave out.
pub fn counter(tx: &Tx<'_>, name: &str) -> Result<i64, StoreError> {
    tx.get(
        "SELECT value FROM counter WHERE name = ?",
        params![name],
        |row| row.get(0),
    )
}

/// Notes that ids of a counter are taken up to this one.
pub fn raise_counter(tx: &Tx<'_>, name: &str, taken: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE counter SET value = ? WHERE name = ? AND value < ?",
        params![taken, name, taken],
    )
    .map(|_| ())
}
