//! Deleting issues, and what goes or stays with them.
//!
//! Links go. Issues of an epic that goes have none from then on. Rows go from all structures; their
//! children move up into their place. Sub-tasks do not go with their parent: it is refused, so
//! that one call never deletes what it does not name.

use super::{find, remove_link};
use crate::domain::forest::RowView;
use crate::domain::{Forest, IssueId, Place, Refusal, RefusalCode, RowEdit, StructureId};
use crate::store::forest::{self, Author};
use crate::store::{Failure, Store, StoreError, Tx, issue_rows, links};
use crate::tracker::feed::{self, FieldChange, id_text};
use std::collections::HashMap;

/// The structures whose rows go with the issue of a key; none if there is no such issue.
pub fn structures_of(tx: &Tx<'_>, key: &str) -> Result<Vec<StructureId>, Failure> {
    match find::issue(tx, key, "key") {
        Ok(issue) => Ok(forest::structures_with(tx, issue.id)?),
        Err(Failure::Refused(_)) => Ok(Vec::new()),
        Err(failed) => Err(failed),
    }
}

/// Deletes the issue of a key; refused while it has sub-tasks.
pub fn delete_issue(
    store: &Store,
    tx: &Tx<'_>,
    key: &str,
    author: Author,
) -> Result<IssueId, Failure> {
    let issue = find::issue(tx, key, "key")?;
    let sub_tasks = issue_rows::count_sub_tasks(tx, issue.id)?;
    if sub_tasks > 0 {
        let message = format!("{key} has {sub_tasks} sub-tasks: delete them first");
        return Err(Refusal::new(RefusalCode::Conflict, message)
            .at("key")
            .into());
    }
    remove_rows(store, tx, issue.id, author)?;
    for link in links::touching(tx, None, [issue.id])? {
        remove_link(tx, link.id, author)?;
    }
    for member in issue_rows::of_epic(tx, issue.id)? {
        issue_rows::set_epic(tx, member, None)?;
        issue_rows::touch(tx, member)?;
        if let Some(change) = FieldChange::between("epic", &Some(issue.id), &None, id_text) {
            feed::record_field(tx, member, &change, author)?;
        }
    }
    issue_rows::delete(tx, issue.id)?;
    feed::record_deleted(tx, issue.id, &issue.key, author)?;
    Ok(issue.id)
}

fn remove_rows(
    store: &Store,
    tx: &Tx<'_>,
    issue: IssueId,
    author: Author,
) -> Result<(), StoreError> {
    for structure in forest::structures_with(tx, issue)? {
        if let Some(forest) = store.forest_in(tx, structure)? {
            let edits = without(&forest, issue);
            forest::apply(store, tx, structure, &edits, &HashMap::new(), author)?;
        }
    }
    Ok(())
}

/// The edits that take an issue's rows out of a forest and leave their children in their place.
fn without(forest: &Forest, issue: IssueId) -> Vec<RowEdit> {
    let mut edits = Vec::new();
    let rows: Vec<RowView> = forest.rows_of(issue).collect();
    // From the last to the first: a row below another of the same issue goes before it.
    for row in rows.iter().rev() {
        let parent = row.parent.map(|index| forest.row(index).id);
        let mut after = row.id;
        let mut lifted = Vec::new();
        staying_children(forest, row, issue, &mut lifted);
        for child in lifted {
            let place = Place {
                parent,
                after: Some(after),
            };
            edits.push(RowEdit::Move {
                id: child.id,
                place,
            });
            after = child.id;
        }
        edits.push(RowEdit::Remove { id: row.id });
    }
    edits
}

/// The children of a row, with those of the issue itself replaced by their own.
fn staying_children(forest: &Forest, row: &RowView, issue: IssueId, found: &mut Vec<RowView>) {
    for child in forest.children(Some(row.index)) {
        if child.issue == Some(issue) {
            staying_children(forest, &child, issue, found);
        } else {
            found.push(child);
        }
    }
}
