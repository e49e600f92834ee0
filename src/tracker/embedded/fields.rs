//! Edits of single fields, as jobs make them: by id, already checked against the tracker's rules
//! by whoever planned them.

use super::update::{self, IssueUpdate, update_issue};
use crate::domain::{IssueId, StatusState};
use crate::store::forest::Author;
use crate::store::{Failure, StoreError, Tx, catalog, issue_rows, issues};
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
    feed::record_field(tx, issue, &change, author)
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

/// Gives an issue a status that it had before, with resolution and instant, whatever the workflow
/// says: it brings back what was, and is no transition. A status that is gone is not brought back.
pub fn restore_status(
    tx: &Tx<'_>,
    issue: IssueId,
    state: &StatusState,
    author: Author,
) -> Result<(), StoreError> {
    let key = issues::keys(tx, [issue])?
        .remove(&issue)
        .unwrap_or_default();
    let statuses = catalog::statuses(tx)?;
    let found = statuses.iter().find(|(_, it)| it.name == state.status);
    let (Some(before), Some((status, _))) = (issue_rows::find_by_key(tx, &key)?, found) else {
        return Ok(());
    };
    let mut after = before.clone();
    after.status = *status;
    after.resolution = state.resolution.clone();
    after.resolved_at = state.resolved_at;
    update::write(tx, &before, after, &statuses, author)
}
