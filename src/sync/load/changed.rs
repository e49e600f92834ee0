//! What changed on both sides since a synchronizer's cursor, without what it changed itself.

use crate::domain::{IssueId, JobId, RowId};
use crate::store::changes::{self, RowChange, RowChangeKind};
use crate::store::issues::{self, IssueChange, IssueChangeKind};
use crate::store::synchronizers::Cursor;
use crate::store::{StoreError, Tx, jobs};
use crate::sync::rule::Rule;
use std::collections::{HashMap, HashSet};

/// Changes by others, in the order of each feed.
pub(super) struct Changed {
    pub(super) tracker: Vec<IssueChange>,
    pub(super) rows: Vec<RowChange>,
    /// The issues of all rows that the feed names, also of those that are gone.
    issue_of: HashMap<RowId, IssueId>,
    deleted: HashSet<IssueId>,
}

impl Changed {
    pub(super) fn read(tx: &Tx<'_>, rule: &Rule, heads: Cursor) -> Result<Self, StoreError> {
        let since = rule.cursor;
        let mut tracker = issues::changes(tx, since.issues, heads.issues)?;
        let mut rows = changes::rows(tx, rule.structure, since.structure, heads.structure)?;
        let made_by: HashSet<JobId> = tracker
            .iter()
            .filter_map(|it| it.job)
            .chain(rows.iter().filter_map(|it| it.job))
            .collect();
        let own = match rule.synchronizer {
            Some(id) => jobs::of_synchronizer(tx, id, made_by)?,
            None => HashSet::new(),
        };
        let by_other = |job: Option<JobId>| job.is_none_or(|job| !own.contains(&job));
        let issue_of = rows
            .iter()
            .filter_map(|it| Some((it.row, it.issue?)))
            .collect();
        tracker.retain(|change| by_other(change.job));
        rows.retain(|change| by_other(change.job));
        let gone = tracker
            .iter()
            .filter(|change| change.kind == IssueChangeKind::Deleted);
        let deleted = gone.map(|change| change.issue).collect();
        Ok(Self {
            tracker,
            rows,
            issue_of,
            deleted,
        })
    }

    /// The issues that changed in the tracker.
    pub(super) fn issues(&self) -> HashSet<IssueId> {
        self.tracker.iter().map(|change| change.issue).collect()
    }

    /// Whether a row changed only because an issue was deleted in the tracker: it held that issue,
    /// or stood under a row that did and was left in its place.
    pub(super) fn follows_deletion(&self, change: &RowChange) -> bool {
        let deleted =
            |issue: Option<IssueId>| issue.is_some_and(|issue| self.deleted.contains(&issue));
        match change.kind {
            RowChangeKind::Added => false,
            RowChangeKind::Removed => deleted(change.issue),
            RowChangeKind::Moved => change
                .before_parent
                .is_some_and(|up| deleted(self.issue_of(up))),
        }
    }

    /// The issues of the rows that were added, moved or removed.
    pub(super) fn row_issues(&self) -> HashSet<IssueId> {
        self.rows.iter().filter_map(|change| change.issue).collect()
    }

    /// The rows that stood directly above rows that moved or were removed.
    pub(super) fn left(&self) -> impl Iterator<Item = RowId> + '_ {
        self.rows.iter().filter_map(|change| change.before_parent)
    }

    /// The issues that are new in the structure.
    pub(super) fn added_issues(&self) -> HashSet<IssueId> {
        self.issues_of(RowChangeKind::Added)
    }

    /// The issues of rows that were removed.
    pub(super) fn removed_issues(&self) -> HashSet<IssueId> {
        self.issues_of(RowChangeKind::Removed)
    }

    fn issues_of(&self, kind: RowChangeKind) -> HashSet<IssueId> {
        let rows = self.rows.iter().filter(|change| change.kind == kind);
        rows.filter_map(|change| change.issue).collect()
    }

    /// The parents, before and after, of issues whose parent changed.
    pub(super) fn parents(&self) -> HashSet<IssueId> {
        let moves = self
            .tracker
            .iter()
            .filter(|it| it.field.as_deref() == Some("parent"));
        moves
            .flat_map(|change| [&change.before, &change.after])
            .filter_map(|id| id.as_ref()?.parse().ok())
            .map(IssueId)
            .collect()
    }

    /// The issue of a row that the feed names.
    pub(super) fn issue_of(&self, row: RowId) -> Option<IssueId> {
        self.issue_of.get(&row).copied()
    }
}
