//! Issues as a board plans them: by epics, by ranks, and as sub-tasks of each other.

use super::{Row, StoreError, Tx, params};
use crate::domain::{IdSet, IssueId};

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

const SELECT: &str = "SELECT id, type_id, parent_id, epic_id, rank FROM issue";

/// The types of issues that a board knows apart.
struct Types {
    epics: IdSet<i64>,
    sub_tasks: IdSet<i64>,
}

impl Types {
    fn read(tx: &Tx<'_>) -> Result<Self, StoreError> {
        let ids = |sql| tx.query(sql, &[], |row| row.get::<i64>(0));
        Ok(Self {
            epics: ids("SELECT id FROM issue_type WHERE epic = 1")?
                .into_iter()
                .collect(),
            sub_tasks: ids("SELECT id FROM issue_type WHERE sub_task = 1")?
                .into_iter()
                .collect(),
        })
    }

    /// An issue, but for whether its epic is one.
    fn issue(&self, row: &Row<'_>) -> Result<(IssueId, BoardIssue), StoreError> {
        let of_type: i64 = row.get(1)?;
        let parent: Option<IssueId> = row.get(2)?;
        let issue = BoardIssue {
            is_epic: self.epics.contains(&of_type),
            is_sub_task: parent.is_some() || self.sub_tasks.contains(&of_type),
            parent,
            epic: row.get(3)?,
            epic_is_epic: false,
            rank: row.get(4)?,
        };
        Ok((row.get(0)?, issue))
    }
}

/// The given issues, as far as they exist, in no order.
pub fn by_ids(
    tx: &Tx<'_>,
    ids: impl IntoIterator<Item = IssueId>,
) -> Result<Vec<(IssueId, BoardIssue)>, StoreError> {
    let types = Types::read(tx)?;
    let mut found = tx.query_ids(
        &format!("{SELECT} WHERE id IN ({{}})"),
        &[],
        ids.into_iter().map(|id| id.0),
        |row| types.issue(row),
    )?;
    let epics = found.iter().filter_map(|(_, issue)| issue.epic);
    let epics = tx.query_ids(
        "SELECT id, type_id FROM issue WHERE id IN ({})",
        &[],
        epics.map(|id| id.0),
        |row| Ok((row.get::<IssueId>(0)?, row.get::<i64>(1)?)),
    )?;
    let epics = epics.into_iter().filter(|(_, it)| types.epics.contains(it));
    let epics: IdSet<IssueId> = epics.map(|(id, _)| id).collect();
    for (_, issue) in &mut found {
        issue.epic_is_epic = issue.epic.is_some_and(|epic| epics.contains(&epic));
    }
    Ok(found)
}

/// Calls `visit` with every issue, one at a time, in no order.
pub fn each(tx: &Tx<'_>, mut visit: impl FnMut(IssueId, BoardIssue)) -> Result<(), StoreError> {
    let types = Types::read(tx)?;
    let mut epics: IdSet<IssueId> = IdSet::default();
    for of_type in &types.epics {
        let sql = "SELECT id FROM issue WHERE type_id = ?";
        epics.extend(tx.query(sql, params![*of_type], |row| row.get::<IssueId>(0))?);
    }
    tx.each(SELECT, &[], |row| {
        let (id, mut issue) = types.issue(row)?;
        issue.epic_is_epic = issue.epic.is_some_and(|epic| epics.contains(&epic));
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
