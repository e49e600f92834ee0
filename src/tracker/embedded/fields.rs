//! Edits of single fields, as jobs make them: by id, already checked against the tracker's rules
//! by whoever planned them.

use super::update::{IssueUpdate, update_issue};
use crate::domain::IssueId;
use crate::store::forest::Author;
use crate::store::{Failure, StoreError, Tx, issue_rows, issues};
use crate::tracker::feed::{self, FieldChange, id_text};

/// Sets the epic of an issue.
pub fn set_epic(
    tx: &Tx<'_>,
    issue: IssueId,
    epic: Option<IssueId>,
    author: Author,
) -> Result<(), StoreError> {
    let before = issue_rows::find_epic(tx, issue)?;
    let Some(change) = FieldChange::between("epic", &before, &epic, id_text) else {
        return Ok(());
    };
    issue_rows::set_epic(tx, issue, epic)?;
    issue_rows::touch(tx, issue)?;
    feed::record_field(tx, issue, &change, Some(author))
}

/// Takes an issue to a status, by name; entering one of category DONE resolves it.
pub fn set_status(
    tx: &Tx<'_>,
    issue: IssueId,
    status: &str,
    resolution: Option<&str>,
    author: Author,
) -> Result<(), Failure> {
    let key = issues::keys(tx, [issue])?
        .remove(&issue)
        .unwrap_or_default();
    let update = IssueUpdate {
        key,
        status: Some(Some(status.to_owned())),
        resolution: resolution.map(|it| Some(it.to_owned())),
        ..IssueUpdate::default()
    };
    update_issue(tx, &update, author).map(|_| ())
}
