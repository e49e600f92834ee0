//! The feed of changes to issues and links: each edit a line, with what was before and after.

use super::super::inserts::Inserts;
use super::super::{Row, StoreError, Tx, Value, params};
use super::raw;
use crate::domain::issue::Link;
use crate::domain::{IssueId, JobId, LinkId, LinkTypeId, Millis, UserId};
use crate::events::Event;
use crate::store::forest::Author;
use std::collections::{BTreeMap, HashMap};

/// What happened to an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueChangeKind {
    /// It is new.
    Created,
    /// A field has another value.
    Updated,
    /// It is gone.
    Deleted,
    /// It is one end of a new link.
    LinkAdded,
    /// It was one end of a link that is gone.
    LinkRemoved,
}

impl IssueChangeKind {
    pub(in crate::store) fn name(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Updated => "UPDATED",
            Self::Deleted => "DELETED",
            Self::LinkAdded => "LINK_ADDED",
            Self::LinkRemoved => "LINK_REMOVED",
        }
    }

    pub(in crate::store) fn from_name(name: &str) -> Option<Self> {
        [
            Self::Created,
            Self::Updated,
            Self::Deleted,
            Self::LinkAdded,
            Self::LinkRemoved,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }
}

/// The end of a link at which an issue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRole {
    /// It plays the outward role.
    Source,
    /// It plays the inward role.
    Target,
}

impl LinkRole {
    /// The name under which the feed has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
        }
    }
}

/// A link as the feed remembers it, seen from one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkSeen {
    /// The end from which it is seen.
    pub role: LinkRole,
    /// The link.
    pub link: LinkId,
    /// Its type.
    pub link_type: LinkTypeId,
    /// The issue at the other end.
    pub other: IssueId,
}

impl LinkSeen {
    fn read(
        field: Option<&str>,
        link: Option<LinkId>,
        link_type: Option<LinkTypeId>,
        other: Option<IssueId>,
    ) -> Option<Self> {
        let is_source = field == Some(LinkRole::Source.name());
        Some(Self {
            role: if is_source {
                LinkRole::Source
            } else {
                LinkRole::Target
            },
            link: link?,
            link_type: link_type?,
            other: other?,
        })
    }
}

/// One line of the tracker's change feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueChange {
    /// Its place in the feed.
    pub seq: i64,
    /// The issue.
    pub issue: IssueId,
    /// What happened.
    pub kind: IssueChangeKind,
    /// The field, for an update; for a link, the role of the issue.
    pub field: Option<String>,
    /// The value before: of `parent` and `epic`, an issue id; of an issue that is gone, its key.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
    /// The link, for one that came or went.
    pub link: Option<LinkSeen>,
    /// The job that did it, if one did.
    pub job: Option<JobId>,
    /// The user who did it, or with whose rights the job did; `None` for an import.
    pub user: Option<UserId>,
    /// When.
    pub at: Millis,
}

/// What is new in a line of the feed.
#[derive(Clone, Copy, Debug)]
pub struct NewChange<'a> {
    /// The issue.
    pub issue: IssueId,
    /// What happened.
    pub kind: IssueChangeKind,
    /// The field, its value before and after, for an update; of a link, its role, and what is to be
    /// remembered of one that goes; of an issue that is gone, its key.
    pub field: Option<(&'a str, Option<&'a str>, Option<&'a str>)>,
    /// The link, for one that came or went.
    pub link: Option<LinkSeen>,
}

const INSERT: &str = "INSERT INTO issue_change (issue_id, kind, field, before, after, link_id,
    link_type_id, other_id, user_id, job_id, at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

fn values<'a>(tx: &Tx<'_>, change: NewChange<'a>, author: Option<Author>) -> [Value<'a>; 11] {
    let (field, before, after) = match change.field {
        Some((field, before, after)) => (Some(field), before, after),
        None => (change.link.map(|seen| seen.role.name()), None, None),
    };
    [
        change.issue.into(),
        change.kind.name().into(),
        field.into(),
        before.into(),
        after.into(),
        change.link.map(|seen| seen.link).into(),
        change.link.map(|seen| seen.link_type).into(),
        change.link.map(|seen| seen.other).into(),
        author.map(Author::user).into(),
        author.and_then(Author::job).into(),
        tx.now().into(),
    ]
}

/// Adds a line to the feed. `author` is `None` for an import.
pub fn record(
    tx: &Tx<'_>,
    change: NewChange<'_>,
    author: Option<Author>,
) -> Result<(), StoreError> {
    tx.execute(INSERT, &values(tx, change, author))?;
    tx.publish(Event::Issues);
    Ok(())
}

/// New lines of an import: they have no author, and are written several at a time.
pub struct ImportedLines(Inserts);

impl Default for ImportedLines {
    fn default() -> Self {
        Self(Inserts::by(INSERT))
    }
}

impl ImportedLines {
    /// Adds a line behind those before.
    pub fn add(&mut self, tx: &Tx<'_>, change: NewChange<'_>) -> Result<(), StoreError> {
        self.0.add(tx, &values(tx, change, None))?;
        tx.publish(Event::Issues);
        Ok(())
    }

    /// Writes all that were added.
    pub fn flush(&mut self, tx: &Tx<'_>) -> Result<(), StoreError> {
        self.0.flush(tx)
    }
}

/// The place of the newest line of the feed; 0 if there is none.
pub fn last_change(tx: &Tx<'_>) -> Result<i64, StoreError> {
    tx.get(
        "SELECT COALESCE(max(seq), 0) FROM issue_change",
        &[],
        |row| row.get(0),
    )
}

/// What a line of the feed is read from.
pub(in crate::store) const SELECT_CHANGE: &str =
    "SELECT seq, issue_id, kind, field, before, after, link_id,
    link_type_id, other_id, job_id, user_id, at
  FROM issue_change";

/// Reads a line of the feed.
pub(in crate::store) fn read_change(row: &Row<'_>) -> Result<IssueChange, StoreError> {
    let link: (Option<LinkId>, Option<LinkTypeId>, Option<IssueId>) =
        (row.get(6)?, row.get(7)?, row.get(8)?);
    let field: Option<String> = row.get(3)?;
    let is_source = field.as_deref() == Some(LinkRole::Source.name());
    let role = if is_source {
        LinkRole::Source
    } else {
        LinkRole::Target
    };
    Ok(IssueChange {
        seq: row.get(0)?,
        issue: row.get(1)?,
        kind: row.named(2, IssueChangeKind::from_name)?,
        field,
        before: row.get(4)?,
        after: row.get(5)?,
        link: match link {
            (Some(link), Some(link_type), Some(other)) => Some(LinkSeen {
                role,
                link,
                link_type,
                other,
            }),
            _ => None,
        },
        job: row.get(9)?,
        user: row.get(10)?,
        at: row.get(11)?,
    })
}

/// The lines after `since` up to and including `until`, in order.
pub fn changes(tx: &Tx<'_>, since: i64, until: i64) -> Result<Vec<IssueChange>, StoreError> {
    tx.query(
        &format!("{SELECT_CHANGE} WHERE seq > ? AND seq <= ? ORDER BY seq"),
        params![since, until],
        read_change,
    )
}

/// What a user, or an import, did to an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserChange {
    /// The issue.
    pub issue: IssueId,
    /// What happened.
    pub kind: IssueChangeKind,
    /// The field, for an update.
    pub field: Option<String>,
    /// The link, for one that came or went.
    pub link: Option<LinkSeen>,
    /// Who did it; `None` for an import.
    pub user: Option<UserId>,
}

/// The lines of the given issues after `since` up to and including `until` that no job wrote but one
/// that undid another, in order.
pub fn changes_by_users(
    tx: &Tx<'_>,
    since: i64,
    until: i64,
    issues: impl IntoIterator<Item = IssueId>,
) -> Result<Vec<UserChange>, StoreError> {
    let mut found = tx.query_ids(
        "SELECT seq, issue_id, issue_change.kind, field, link_id, link_type_id, other_id, user_id
         FROM issue_change LEFT JOIN job ON job.id = issue_change.job_id
         WHERE seq > ? AND seq <= ? AND (job_id IS NULL OR job.kind = 'REVERT')
           AND issue_id IN ({})",
        params![since, until],
        raw(issues),
        |row| {
            let field: Option<String> = row.get(3)?;
            let change = UserChange {
                issue: row.get(1)?,
                kind: row.named(2, IssueChangeKind::from_name)?,
                link: LinkSeen::read(field.as_deref(), row.get(4)?, row.get(5)?, row.get(6)?),
                field,
                user: row.get(7)?,
            };
            Ok((row.get::<i64>(0)?, change))
        },
    )?;
    found.sort_unstable_by_key(|(seq, _)| *seq);
    Ok(found.into_iter().map(|(_, change)| change).collect())
}

/// What the feed remembers of a link that was removed from between its ends, as [`record`] was given
/// it.
pub fn remembered_of(tx: &Tx<'_>, link: &Link) -> Result<Option<String>, StoreError> {
    let found = tx.find(
        "SELECT before FROM issue_change
         WHERE issue_id = ? AND kind = 'LINK_REMOVED' AND link_id = ? AND field = 'source'
         ORDER BY seq DESC LIMIT 1",
        params![link.source, link.id],
        |row| row.get(0),
    )?;
    Ok(found.flatten())
}

/// The issues that were deleted after a change of the feed.
pub fn deleted_since(tx: &Tx<'_>, since: i64) -> Result<Vec<IssueId>, StoreError> {
    tx.query(
        "SELECT issue_id FROM issue_change WHERE seq > ? AND kind = 'DELETED' ORDER BY seq",
        params![since],
        |row| row.get(0),
    )
}

/// The keys of deleted issues, where the feed knows them.
pub fn keys_of_deleted(
    tx: &Tx<'_>,
    ids: impl IntoIterator<Item = IssueId>,
) -> Result<HashMap<IssueId, String>, StoreError> {
    let sql = "SELECT issue_id, before FROM issue_change
               WHERE kind = 'DELETED' AND before IS NOT NULL AND issue_id IN ({})";
    let found = tx.query_ids(sql, &[], raw(ids), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.into_iter().collect())
}

/// The issues that people ranked after `since` up to and including `until`, and who did it last.
pub fn ranked_by_users(
    tx: &Tx<'_>,
    since: i64,
    until: i64,
) -> Result<BTreeMap<IssueId, Option<UserId>>, StoreError> {
    let found = tx.query(
        "SELECT issue_id, user_id
         FROM issue_change LEFT JOIN job ON job.id = issue_change.job_id
         WHERE seq > ? AND seq <= ? AND field = 'rank' AND (job_id IS NULL OR job.kind = 'REVERT')
         ORDER BY seq",
        params![since, until],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(found.into_iter().collect())
}

/// Deletes up to `limit` lines that were written before an instant, never the newest: its number
/// must not come back; how many.
pub fn delete_changes_before(
    tx: &Tx<'_>,
    before: Millis,
    limit: usize,
) -> Result<usize, StoreError> {
    tx.execute(
        "DELETE FROM issue_change WHERE seq IN (
             SELECT seq FROM issue_change WHERE at < ? AND seq < (SELECT max(seq) FROM issue_change)
             ORDER BY at LIMIT ?)",
        params![before, limit],
    )
}
