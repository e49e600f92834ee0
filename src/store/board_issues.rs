//! Issues as a board plans them: by epics, by ranks, and as sub-tasks of each other.

use super::{Row, StoreError, Tx};
use crate::domain::IssueId;

/// What places an issue on a board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoardIssue {
    /// Whether it is of a type of epics.
    pub is_epic: bool,
    /// Whether it is of a type of sub-tasks, or has a parent whatever its type.
    pub is_sub_task: bool,
    /// Its parent.
    pub parent: Option<IssueId>,
    /// What it names as its epic.
    pub epic: Option<IssueId>,
    /// Whether that is of a type of epics.
    pub epic_is_epic: bool,
    /// Its place in the tracker's global order.
    pub rank: Option<String>,
}

const SELECT: &str = "SELECT issue.id, issue_type.epic, issue_type.sub_task, issue.parent_id,
    issue.epic_id, COALESCE(epic_type.epic, 0), issue.rank
  FROM issue
  JOIN issue_type ON issue_type.id = issue.type_id
  LEFT JOIN issue AS epic ON epic.id = issue.epic_id
  LEFT JOIN issue_type AS epic_type ON epic_type.id = epic.type_id";

fn read(row: &Row<'_>) -> Result<(IssueId, BoardIssue), StoreError> {
    let parent: Option<IssueId> = row.get(3)?;
    let typed: bool = row.get(2)?;
    Ok((
        row.get(0)?,
        BoardIssue {
            is_epic: row.get(1)?,
            is_sub_task: typed || parent.is_some(),
            parent,
            epic: row.get(4)?,
            epic_is_epic: row.get(5)?,
            rank: row.get(6)?,
        },
    ))
}

/// The given issues, as far as they exist, in no order.
pub fn by_ids(
    tx: &Tx<'_>,
    ids: impl IntoIterator<Item = IssueId>,
) -> Result<Vec<(IssueId, BoardIssue)>, StoreError> {
    tx.query_ids(
        &format!("{SELECT} WHERE issue.id IN ({{}})"),
        &[],
        ids.into_iter().map(|id| id.0),
        read,
    )
}

/// Calls `visit` with every issue, one at a time, in no order.
pub fn each(tx: &Tx<'_>, mut visit: impl FnMut(IssueId, BoardIssue)) -> Result<(), StoreError> {
    tx.each(SELECT, &[], |row| {
        let (id, issue) = read(row)?;
        visit(id, issue);
        Ok(())
    })
}

/// The issues that name one of the given ones as their epic, in no order.
pub fn of_epics(
    tx: &Tx<'_>,
    epics: impl IntoIterator<Item = IssueId>,
) -> Result<Vec<IssueId>, StoreError> {
    tx.query_ids(
        "SELECT id FROM issue WHERE epic_id IN ({})",
        &[],
        epics.into_iter().map(|id| id.0),
        |row| row.get(0),
    )
}
