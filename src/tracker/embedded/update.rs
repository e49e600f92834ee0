//! Changing issues.

use super::find;
use crate::domain::issue::{Status, StatusCategory};
use crate::domain::{IssueId, Refusal, text};
use crate::store::catalog::{self, StatusId};
use crate::store::forest::Author;
use crate::store::issue_rows::{self, IssueRow, NameList};
use crate::store::references::{self, ReferenceKind};
use crate::store::{Failure, StoreError, Tx, workflows};
use crate::tracker::feed::{self, FieldChange, id_text, instant_text, list_text};

/// What is to change. A field that is absent (`None`) stays; one that is null (`Some(None)`) is
/// cleared, or refused where an issue cannot be without it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueUpdate {
    /// The key of the issue.
    pub key: String,
    /// One line of at most 1,000 characters.
    pub summary: Option<Option<String>>,
    /// The name of a status.
    pub status: Option<Option<String>>,
    /// How it was resolved.
    pub resolution: Option<Option<String>>,
    /// Its parent: of a sub-task, and in the same project.
    pub parent_key: Option<Option<String>>,
    /// Its epic.
    pub epic_key: Option<Option<String>>,
    /// All of its labels.
    pub labels: Option<Option<Vec<String>>>,
}

/// Changes an issue. A status that its project's workflow does not allow is refused. Entering one
/// of category DONE notes when; leaving DONE clears that and the resolution.
pub fn update_issue(tx: &Tx<'_>, update: &IssueUpdate, author: Author) -> Result<IssueId, Failure> {
    let before = find::issue(tx, &update.key, "input.key")?;
    let mut issue = before.clone();
    if let Some(summary) = &update.summary {
        let summary = summary.as_deref().ok_or_else(|| needed("summary"))?;
        issue.summary = find::summary(summary, "input.summary")?;
    }
    let statuses = catalog::statuses(tx)?;
    set_status(tx, update, &statuses, &mut issue)?;
    set_parent(tx, update, &mut issue)?;
    set_epic(tx, update, &mut issue)?;
    let labels = match &update.labels {
        Some(labels) => Some(find::labels(
            labels.as_deref().unwrap_or_default(),
            "input.labels",
        )?),
        None => None,
    };

    let mut changes = differences(&before, &issue, &statuses);
    if let Some(labels) = labels {
        changes.extend(replace_labels(tx, issue.id, &labels)?);
    }
    if changes.is_empty() {
        return Ok(issue.id);
    }
    issue.updated_at = tx.now();
    issue_rows::update(tx, &issue)?;
    for change in &changes {
        feed::record_field(tx, issue.id, change, author)?;
    }
    Ok(issue.id)
}

/// Writes fields that were given other values, with their lines of the feed; labels are apart.
pub(super) fn write(
    tx: &Tx<'_>,
    before: &IssueRow,
    mut after: IssueRow,
    statuses: &[(StatusId, Status)],
    author: Author,
) -> Result<(), StoreError> {
    let changes = differences(before, &after, statuses);
    if changes.is_empty() {
        return Ok(());
    }
    after.updated_at = tx.now();
    issue_rows::update(tx, &after)?;
    for change in &changes {
        feed::record_field(tx, after.id, change, author)?;
    }
    Ok(())
}

fn needed(field: &str) -> Refusal {
    let message = format!("an issue cannot be without a {field}: expected a value");
    Refusal::invalid(&format!("input.{field}"), message)
}

fn set_status(
    tx: &Tx<'_>,
    update: &IssueUpdate,
    statuses: &[(StatusId, Status)],
    issue: &mut IssueRow,
) -> Result<(), Failure> {
    let is_done = |id: StatusId| {
        let found = statuses.iter().find(|(it, _)| *it == id);
        found.is_some_and(|(_, it)| it.category == StatusCategory::Done)
    };
    let resolution = match &update.resolution {
        Some(Some(text)) => Some(Some(
            text::line("Resolution", text, text::NAME_LIMIT)
                .map_err(|error| Refusal::invalid("input.resolution", error.to_string()))?,
        )),
        Some(None) => Some(None),
        None => None,
    };
    let was_done = is_done(issue.status);
    if let Some(status) = &update.status {
        let name = status.as_deref().ok_or_else(|| needed("status"))?;
        let to = find::status(statuses, name, "input.status")?;
        check_transition(tx, issue, statuses, to)?;
        issue.status = to.0;
    }
    let done = is_done(issue.status);
    if was_done && !done {
        if let Some(Some(_)) = resolution {
            let message = "a resolution on the way out of a done status: expected none";
            return Err(Refusal::invalid("input.resolution", message).into());
        }
        issue.resolution = None;
        issue.resolved_at = None;
    } else if done && !was_done {
        issue.resolved_at = Some(tx.now());
    }
    if let Some(resolution) = resolution {
        issue.resolution = resolution;
    }
    Ok(())
}

/// Refuses a transition that the workflow of the issue's project does not have.
fn check_transition(
    tx: &Tx<'_>,
    issue: &IssueRow,
    statuses: &[(StatusId, Status)],
    (to, target): &(StatusId, Status),
) -> Result<(), Failure> {
    if issue.status == *to {
        return Ok(());
    }
    let Some(reachable) = workflows::reachable(tx, issue.project, issue.status)? else {
        return Ok(());
    };
    if reachable.contains(&target.name) {
        return Ok(());
    }
    let source = statuses.iter().find(|(id, _)| *id == issue.status);
    let expected = if reachable.is_empty() {
        "no status can be reached from there".to_owned()
    } else {
        format!("expected one of {}", reachable.join(", "))
    };
    let message = format!(
        "the workflow does not lead from {} to {}: {expected}",
        source.map_or("its status", |(_, it)| &it.name),
        target.name
    );
    Err(Refusal::invalid("input.status", message).into())
}

fn set_parent(tx: &Tx<'_>, update: &IssueUpdate, issue: &mut IssueRow) -> Result<(), Failure> {
    let Some(key) = &update.parent_key else {
        return Ok(());
    };
    let path = "input.parentKey";
    let issue_type = find::type_of(tx, issue)?;
    let parent = find::parent(tx, &issue_type, issue.project, key.as_deref(), path)?;
    if let Some(parent) = &parent {
        if parent.id == issue.id {
            let message = format!("{} cannot be its own parent", issue.key);
            return Err(Refusal::invalid(path, message).into());
        }
        if issue_rows::count_sub_tasks(tx, issue.id)? > 0 {
            let message = format!("{} has sub-tasks itself: expected no parent", issue.key);
            return Err(Refusal::invalid(path, message).into());
        }
    }
    issue.parent = parent.map(|it| it.id);
    // What an import waited for is no longer wanted.
    references::remove_kind(tx, issue.id, ReferenceKind::Parent)?;
    Ok(())
}

fn set_epic(tx: &Tx<'_>, update: &IssueUpdate, issue: &mut IssueRow) -> Result<(), Failure> {
    let Some(key) = &update.epic_key else {
        return Ok(());
    };
    let path = "input.epicKey";
    issue.epic = match key {
        Some(key) => Some(find::epic(tx, key, path)?.id),
        None => None,
    };
    if issue.epic == Some(issue.id) {
        let message = format!("{} cannot be its own epic", issue.key);
        return Err(Refusal::invalid(path, message).into());
    }
    references::remove_kind(tx, issue.id, ReferenceKind::Epic)?;
    Ok(())
}

fn differences(
    old: &IssueRow,
    new: &IssueRow,
    statuses: &[(StatusId, Status)],
) -> Vec<FieldChange> {
    let status = |id: &StatusId| {
        let found = statuses.iter().find(|(it, _)| it == id);
        found.map(|(_, it)| it.name.clone())
    };
    [
        FieldChange::between("summary", &old.summary, &new.summary, |it| Some(it.clone())),
        FieldChange::between("status", &old.status, &new.status, status),
        FieldChange::between(
            "resolution",
            &old.resolution,
            &new.resolution,
            Option::clone,
        ),
        FieldChange::between("resolved", &old.resolved_at, &new.resolved_at, instant_text),
        FieldChange::between("parent", &old.parent, &new.parent, id_text),
        FieldChange::between("epic", &old.epic, &new.epic, id_text),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn replace_labels(
    tx: &Tx<'_>,
    issue: IssueId,
    labels: &[String],
) -> Result<Option<FieldChange>, StoreError> {
    let before = issue_rows::replace_names(tx, NameList::Labels, issue, labels)?;
    Ok(FieldChange::between(
        "labels",
        &before[..],
        labels,
        list_text,
    ))
}
