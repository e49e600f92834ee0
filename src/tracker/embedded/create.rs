//! Making issues.

use super::find;
use crate::domain::issue::{Status, StatusCategory};
use crate::domain::{IssueId, fractional};
use crate::store::catalog::{self, StatusId};
use crate::store::forest::Author;
use crate::store::issue_rows::{self, IssueRow, NameList};
use crate::store::{Failure, StoreError, Tx, users};
use crate::tracker::feed;

/// Names of the status that an issue begins in, where there are several it could be.
const FIRST_STATUSES: [&str; 2] = ["To Do", "Open"];

/// What a new issue is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewIssue {
    /// The key of its project, which must exist.
    pub project_key: String,
    /// The name of its type, which must exist.
    pub type_name: String,
    /// One line of at most 1,000 characters.
    pub summary: String,
    /// Its parent: of a sub-task, and in the same project.
    pub parent_key: Option<String>,
    /// Its epic.
    pub epic_key: Option<String>,
    /// At most 100 labels, each a word of at most 255 characters.
    pub labels: Vec<String>,
}

/// Makes an issue: with the next number of its project, the last rank, and a status to begin in.
pub fn create_issue(tx: &Tx<'_>, new: &NewIssue, author: Author) -> Result<IssueId, Failure> {
    let project = find::project(tx, &new.project_key, "input.projectKey")?;
    let (type_id, issue_type) = find::issue_type(tx, &new.type_name, "input.type")?;
    let summary = find::summary(&new.summary, "input.summary")?;
    let parent_key = new.parent_key.as_deref();
    let parent = find::parent(tx, &issue_type, project, parent_key, "input.parentKey")?;
    let epic = match &new.epic_key {
        Some(key) => Some(find::epic(tx, key, "input.epicKey")?),
        None => None,
    };
    let labels = find::labels(&new.labels, "input.labels")?;

    let number = catalog::take_number(tx, project)?;
    let issue = IssueRow {
        id: IssueId(tx.take_ids("issue", 1)?),
        external_id: None,
        key: format!("{}-{number}", new.project_key),
        project,
        number,
        issue_type: type_id,
        status: first_status(tx)?,
        summary,
        resolution: None,
        priority: None,
        assignee: None,
        reporter: reporter(tx, author)?,
        parent: parent.map(|it| it.id),
        epic: epic.map(|it| it.id),
        created_at: tx.now(),
        updated_at: tx.now(),
        resolved_at: None,
    };
    let last = issue_rows::last_rank(tx)?;
    let rank = fractional::between(last.as_deref(), None, 1).pop();
    issue_rows::insert(tx, &issue, rank.as_deref())?;
    for label in &labels {
        issue_rows::add_name(tx, NameList::Labels, issue.id, label)?;
    }
    feed::record_created(tx, issue.id, author)?;
    Ok(issue.id)
}

/// The status of issues that nobody has begun with: a well-known one, or else the oldest.
fn first_status(tx: &Tx<'_>) -> Result<StatusId, StoreError> {
    let mut all = catalog::statuses(tx)?;
    all.retain(|(_, it)| it.category == StatusCategory::ToDo);
    let named = |name: &&str| all.iter().find(|(_, it)| it.name == *name);
    if let Some((id, _)) = FIRST_STATUSES.iter().find_map(named).or(all.first()) {
        return Ok(*id);
    }
    let to_do = Status {
        name: FIRST_STATUSES[0].to_owned(),
        category: StatusCategory::ToDo,
    };
    catalog::ensure_status(tx, &to_do)
}

/// Who asked for an issue that is made here; a job asks for nothing.
fn reporter(tx: &Tx<'_>, author: Author) -> Result<Option<String>, StoreError> {
    match author {
        Author::User(user) => Ok(users::by_ids(tx, [user])?.pop().map(|it| it.name)),
        Author::Job(..) => Ok(None),
    }
}
