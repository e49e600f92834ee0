//! What an input names, found or refused, and the rules that creating and updating share.

use crate::domain::issue::{IssueType, Status};
use crate::domain::{Refusal, RefusalCode, text};
use crate::store::catalog::{self, ProjectId, StatusId, TypeId};
use crate::store::issue_rows::{self, IssueRow};
use crate::store::{Failure, StoreError, Tx};

/// Labels of an issue at the most.
const LABEL_COUNT: usize = 100;

/// The issue of a key.
pub(super) fn issue(tx: &Tx<'_>, key: &str, path: &str) -> Result<IssueRow, Failure> {
    issue_rows::find_by_key(tx, key)?
        .ok_or_else(|| Refusal::not_found(path, format!("there is no issue {key:?}")).into())
}

/// The project of a key.
pub(in crate::tracker) fn project(
    tx: &Tx<'_>,
    key: &str,
    path: &str,
) -> Result<ProjectId, Failure> {
    catalog::find_project(tx, key)?
        .ok_or_else(|| Refusal::not_found(path, format!("there is no project {key:?}")).into())
}

/// The type of a name.
pub(super) fn issue_type(
    tx: &Tx<'_>,
    name: &str,
    path: &str,
) -> Result<(TypeId, IssueType), Failure> {
    let all = catalog::issue_types(tx)?;
    match all.iter().find(|(_, it)| it.name == name) {
        Some(found) => Ok(found.clone()),
        None => {
            let names: Vec<&str> = all.iter().map(|(_, it)| it.name.as_str()).collect();
            Err(unknown("issue type", name, &names).at(path).into())
        }
    }
}

/// The type of an id.
pub(super) fn type_of(tx: &Tx<'_>, issue: &IssueRow) -> Result<IssueType, StoreError> {
    let mut all = catalog::issue_types(tx)?.into_iter();
    match all.find(|(id, _)| *id == issue.issue_type) {
        Some((_, it)) => Ok(it),
        None => Err(StoreError::Corrupt(format!("{} has no type", issue.key))),
    }
}

/// The status of a name, among all of them.
pub(in crate::tracker) fn status<'a>(
    all: &'a [(StatusId, Status)],
    name: &str,
    path: &str,
) -> Result<&'a (StatusId, Status), Refusal> {
    all.iter().find(|(_, it)| it.name == name).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|(_, it)| it.name.as_str()).collect();
        unknown("status", name, &names).at(path)
    })
}

fn unknown(what: &str, name: &str, names: &[&str]) -> Refusal {
    let message = format!(
        "there is no {what} {name:?}: expected one of {}",
        names.join(", ")
    );
    Refusal::new(RefusalCode::NotFound, message)
}

/// A summary.
pub(super) fn summary(summary: &str, path: &str) -> Result<String, Refusal> {
    text::line("Summary", summary, text::SUMMARY_LIMIT)
        .map_err(|error| Refusal::invalid(path, error.to_string()))
}

/// Labels, sorted, each once.
pub(super) fn labels(labels: &[String], path: &str) -> Result<Vec<String>, Refusal> {
    if labels.len() > LABEL_COUNT {
        let message = format!("{} labels: expected at most {LABEL_COUNT}", labels.len());
        return Err(Refusal::invalid(path, message));
    }
    let mut all = Vec::with_capacity(labels.len());
    for (index, label) in labels.iter().enumerate() {
        let path = format!("{path}.{index}");
        if label.contains(char::is_whitespace) {
            let message = format!("label {label:?} has a space: expected one word");
            return Err(Refusal::invalid(&path, message));
        }
        let label = text::line("Label", label, text::NAME_LIMIT)
            .map_err(|error| Refusal::invalid(&path, error.to_string()))?;
        all.push(label);
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// The parent of an issue of a type in a project: a sub-task has one, and nothing else does.
pub(super) fn parent(
    tx: &Tx<'_>,
    issue_type: &IssueType,
    project: ProjectId,
    key: Option<&str>,
    path: &str,
) -> Result<Option<IssueRow>, Failure> {
    let name = &issue_type.name;
    let key = match (key, issue_type.sub_task) {
        (None, false) => return Ok(None),
        (None, true) => {
            let message = format!("{name} is a type of sub-tasks: expected a parent");
            return Err(Refusal::invalid(path, message).into());
        }
        (Some(_), false) => {
            let message = format!("{name} is no type of sub-tasks: expected no parent");
            return Err(Refusal::invalid(path, message).into());
        }
        (Some(key), true) => key,
    };
    let parent = issue(tx, key, path)?;
    if parent.project != project {
        let message = format!("{key} is in another project: expected a parent in the same one");
        return Err(Refusal::invalid(path, message).into());
    }
    if parent.parent.is_some() || type_of(tx, &parent)?.sub_task {
        let message = format!("{key} is a sub-task itself: expected a parent that is none");
        return Err(Refusal::invalid(path, message).into());
    }
    Ok(Some(parent))
}

/// The epic of a key.
pub(super) fn epic(tx: &Tx<'_>, key: &str, path: &str) -> Result<IssueRow, Failure> {
    let epic = issue(tx, key, path)?;
    if !type_of(tx, &epic)?.epic {
        let message = format!("{key} is no epic: expected an issue of an epic type");
        return Err(Refusal::invalid(path, message).into());
    }
    Ok(epic)
}
