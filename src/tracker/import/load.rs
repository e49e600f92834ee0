//! One issue after the other into the tables: made if it is new, changed where it differs.
//!
//! What is there and is not spoken of stays. The fields of the issue itself are here; what it
//! points at is in `references` and `links`. Lines of the feed, and names of new issues, are written
//! several at a time: nobody asks for them before the file ends, or they are written before.

use super::Summary;
use super::error::Fault;
use super::fields;
use super::json::Issue;
use super::names::Names;
use super::ranks::Ranks;
use super::waiting::Waiting;
use crate::domain::IssueId;
use crate::store::issue_rows::{self, IssueRow, NameList, NewNames};
use crate::store::issues::ImportedLines;
use crate::store::{StoreError, Tx};
use crate::tracker::feed::{self, FieldChange, list_text};

/// The import of one file, in its transaction.
pub(super) struct Load<'t> {
    pub(super) tx: &'t Tx<'t>,
    pub(super) names: Names<'t>,
    pub(super) summary: Summary,
    pub(super) lines: ImportedLines,
    new_names: NewNames,
    /// The keys that references may lead to.
    pub(super) waiting: Waiting,
    /// Issues up to this id were there before the file.
    old_issues: i64,
    last_issue: i64,
    ranks: Ranks,
    pub(super) last_link: i64,
}

impl<'t> Load<'t> {
    pub(super) fn begin(tx: &'t Tx<'t>) -> Result<Self, StoreError> {
        let last_issue = issue_rows::counter(tx, "issue")?;
        Ok(Self {
            tx,
            names: Names::load(tx)?,
            summary: Summary::default(),
            lines: ImportedLines::default(),
            new_names: NewNames::default(),
            waiting: Waiting::load(tx)?,
            old_issues: last_issue,
            last_issue,
            ranks: Ranks::behind(issue_rows::last_rank(tx)?),
            last_link: issue_rows::counter(tx, "issue_link")?,
        })
    }

    /// Whether an issue was made by this file: its line in the feed then stands for all of it.
    pub(super) fn is_new(&self, issue: IssueId) -> bool {
        issue.0 > self.old_issues
    }

    /// Takes in one issue.
    pub(super) fn issue(&mut self, mut issue: Issue) -> Result<(), Fault> {
        self.summary.issues_read += 1;
        let links = issue.fields.links.take();
        let here = match self.find(&issue)? {
            Some(row) => self.change(row, issue)?,
            None => self.make(issue)?,
        };
        match links {
            Some(links) => self.links(&here, links.unwrap_or_default()),
            None => Ok(()),
        }
    }

    /// The issue that is there already.
    ///
    /// An id that was moved to another key is the same issue; that needs proof, because another
    /// tracker counts its ids from 1 too, and must not overwrite this one's issues.
    fn find(&self, issue: &Issue) -> Result<Option<IssueRow>, Fault> {
        let external_id = issue.id.as_ref().map(|id| id.0.as_str());
        let key = issue.key.as_str();
        let mut found = issue_rows::find_by_identity(self.tx, external_id, key)?;
        let Some(row) = found.pop() else {
            return Ok(None);
        };
        if let Some(other) = found.pop() {
            let (of_id, of_key) = match row.key == key {
                true => (other, row),
                false => (row, other),
            };
            let message = format!(
                "{key} is the issue with id {} here; id {} is {}",
                of_key.external_id.as_deref().unwrap_or("(none)"),
                external_id.unwrap_or("(none)"),
                of_id.key
            );
            return Err(Fault::value("key", message));
        }
        if row.key != key {
            let created = issue.fields.created.map(|at| at.0);
            if created != Some(row.created_at) {
                let message = format!(
                    "id of {} here, which was created at another time: expected issues of one tracker",
                    row.key
                );
                return Err(Fault::value("id", message));
            }
        } else if let (Some(here), Some(there)) = (row.external_id.as_deref(), external_id)
            && here != there
        {
            let message = format!("{there}: {key} has the id {here} here");
            return Err(Fault::value("id", message));
        }
        Ok(Some(row))
    }

    fn make(&mut self, issue: Issue) -> Result<Here, Fault> {
        let Issue {
            id,
            key,
            fields: told,
        } = issue;
        let absent = |what: &str| {
            let message = format!("absent: {} is new here and needs a {what}", key.as_str());
            Fault::value(format!("fields.{what}"), message)
        };
        let project = self.names.project(&key, told.project.as_ref())?;
        let issue_type = told
            .issue_type
            .as_ref()
            .ok_or_else(|| absent("issuetype"))?;
        let status = told.status.as_ref().ok_or_else(|| absent("status"))?;
        self.last_issue += 1;
        let mut row = IssueRow {
            id: IssueId(self.last_issue),
            external_id: id.map(|id| id.0),
            key: key.as_str().to_owned(),
            project,
            number: key.number(),
            issue_type: self.names.issue_type(issue_type)?,
            status: self.names.status(status)?,
            summary: String::new(),
            resolution: None,
            priority: None,
            assignee: None,
            reporter: None,
            parent: None,
            epic: None,
            created_at: told.created.map_or(self.tx.now(), |at| at.0),
            updated_at: self.tx.now(),
            resolved_at: None,
        };
        let (lists, pointers) = fields::fill(&mut row, told);
        let targets = self.resolve(&mut row, pointers)?;
        let rank = self.ranks.next(&key);
        issue_rows::insert(self.tx, &row, rank)?;
        for (list, names) in lists {
            for name in names.into_iter().flatten() {
                self.new_names.add(self.tx, list, row.id, &name)?;
            }
        }
        self.lines.add(self.tx, feed::created(row.id))?;
        self.add_missing(row.id, targets)?;
        let completed = self.complete(row.id, &row.key)?;
        self.summary.created += 1;
        Ok(Here {
            id: row.id,
            key: row.key,
            new: true,
            linked: completed,
        })
    }

    fn change(&mut self, before: IssueRow, issue: Issue) -> Result<Here, Fault> {
        let Issue {
            id,
            key,
            fields: told,
        } = issue;
        let mut row = before.clone();
        if let Some(id) = id {
            row.external_id = Some(id.0);
        }
        row.project = self.names.project(&key, told.project.as_ref())?;
        row.key = key.as_str().to_owned();
        row.number = key.number();
        if let Some(issue_type) = &told.issue_type {
            row.issue_type = self.names.issue_type(issue_type)?;
        }
        if let Some(status) = &told.status {
            row.status = self.names.status(status)?;
        }
        let says_updated = told.updated.is_some();
        let (lists, pointers) = fields::fill(&mut row, told);
        let targets = self.resolve(&mut row, pointers)?;
        let mut changes = fields::differences(&self.names, &before, &row);
        if self.is_new(row.id) {
            self.new_names.flush(self.tx)?;
        }
        for (list, names) in lists {
            let Some(names) = names else { continue };
            changes.extend(self.change_names(list, row.id, names)?);
        }
        let changed = !changes.is_empty() || row != before;
        if changed {
            if !says_updated {
                row.updated_at = self.tx.now();
            }
            issue_rows::update(self.tx, &row)?;
            for change in &changes {
                self.lines.add(self.tx, feed::updated(row.id, change))?;
            }
            self.summary.updated += 1;
        } else {
            self.summary.unchanged += 1;
        }
        self.keep_missing(row.id, targets)?;
        if row.key != before.key {
            self.complete(row.id, &row.key)?;
        }
        Ok(Here {
            id: row.id,
            key: row.key,
            new: false,
            linked: true,
        })
    }

    fn change_names(
        &self,
        list: NameList,
        issue: IssueId,
        names: Vec<String>,
    ) -> Result<Option<FieldChange>, StoreError> {
        let before = issue_rows::replace_names(self.tx, list, issue, &names)?;
        let field = match list {
            NameList::Labels => "labels",
            NameList::Components => "components",
            NameList::FixVersions => "fixVersions",
        };
        Ok(FieldChange::between(
            field,
            &before[..],
            &names[..],
            list_text,
        ))
    }

    /// Ranks what is new behind all others, in key order, settles the counters and writes what is
    /// left to write.
    pub(super) fn finish(mut self) -> Result<Summary, StoreError> {
        self.new_names.flush(self.tx)?;
        self.lines.flush(self.tx)?;
        issue_rows::raise_counter(self.tx, "issue", self.last_issue)?;
        issue_rows::raise_counter(self.tx, "issue_link", self.last_link)?;
        self.ranks.finish(self.tx, IssueId(self.old_issues))?;
        self.names.finish()?;
        Ok(self.summary)
    }
}

/// An issue that is being taken in, as it stands here.
pub(super) struct Here {
    pub(super) id: IssueId,
    pub(super) key: String,
    /// Whether it was just made.
    pub(super) new: bool,
    /// Whether there can be links at it already.
    pub(super) linked: bool,
}
