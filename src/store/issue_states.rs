//! What issues are filed under, by ids alone: what rules read of very many issues at a time.

use super::catalog::{ProjectId, StatusId, TypeId};
use super::{StoreError, Tx};
use crate::domain::IssueId;

/// What an issue is filed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssueState {
    /// The issue.
    pub issue: IssueId,
    /// Its project.
    pub project: ProjectId,
    /// Its type.
    pub issue_type: TypeId,
    /// Its status.
    pub status: StatusId,
}

/// The states of the given issues, in no order.
pub fn by_ids(
    tx: &Tx<'_>,
    ids: impl IntoIterator<Item = IssueId>,
) -> Result<Vec<IssueState>, StoreError> {
    tx.query_ids(
        "SELECT id, project_id, type_id, status_id FROM issue WHERE id IN ({})",
        &[],
        ids.into_iter().map(|id| id.0),
        |row| {
            Ok(IssueState {
                issue: row.get(0)?,
                project: ProjectId(row.get(1)?),
                issue_type: TypeId(row.get(2)?),
                status: StatusId(row.get(3)?),
            })
        },
    )
}
