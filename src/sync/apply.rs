//! Writes a plan: rows with their lines, links, fields, and the end of the job.

use super::audit::{self, New};
use super::journal::Line;
use super::load::Planned;
use super::{Halt, Watch};
use crate::domain::issue::Link;
use crate::domain::{
    ChangeCounts, FieldEdit, IdSet, IssueId, JobId, JobState, LinkEdit, Plan, RowEdit, StructureId,
};
use crate::store::forest::{self, Author, Edition, Numbered};
use crate::store::jobs::{self, ChangeLine, End, Job};
use crate::store::{Failure, StoreError, Tx, issues};
use crate::tracker::embedded;
use std::cell::OnceCell;
use std::sync::Arc;

/// A plan that was looked at and may be applied.
pub(super) struct Ready {
    pub(super) planned: Planned,
    /// The lines of what is no edit of a row.
    pub(super) others: Vec<ChangeLine>,
    pub(super) counts: ChangeCounts,
    /// The issues that come into rows, once somebody has asked.
    added: OnceCell<IdSet<IssueId>>,
}

impl Ready {
    pub(super) fn new(planned: Planned, others: Vec<ChangeLine>, counts: ChangeCounts) -> Self {
        Self {
            planned,
            others,
            counts,
            added: OnceCell::new(),
        }
    }

    /// Whether any of these issues comes into a row.
    fn adds_any(&self, issues: &[IssueId]) -> bool {
        if issues.is_empty() {
            return false;
        }
        let added = self.added.get_or_init(|| {
            let issue = |edit: &RowEdit| match *edit {
                RowEdit::Add { issue, .. } => issue,
                RowEdit::Move { .. } | RowEdit::Remove { .. } => None,
            };
            self.planned.plan.rows.iter().filter_map(issue).collect()
        });
        issues.iter().any(|issue| added.contains(issue))
    }
}

/// Whether a plan still is what would be planned now. Where others write `beside` it for so long
/// that some would always come between, what the tracker changed meanwhile may lie ahead of the
/// synchronizer's cursor, as if it had come after the plan; unless the plan writes to the tracker, or
/// an issue is gone that would come into a row.
pub(super) fn is_current(
    tx: &Tx<'_>,
    structure: StructureId,
    ready: &Ready,
    beside: bool,
) -> Result<bool, StoreError> {
    let planned = &ready.planned;
    if forest::find_version(tx, structure)? != Some(planned.heads.structure) {
        return Ok(false);
    }
    let since = planned.heads.issues;
    Ok(match beside && !planned.writes_issues() {
        true => !ready.adds_any(&issues::deleted_since(tx, since)?),
        false => issues::last_change(tx)? == since,
    })
}

/// A plan's rows while they are written, with a line for each, or only these lines.
pub(super) struct Rows {
    edition: Option<Edition>,
    new: New,
    /// How many are written.
    at: usize,
}

impl Rows {
    /// The edits of a plan, of which none has been written. New rows get the ids from `first` on.
    pub(super) fn new(
        planned: &Planned,
        structure: StructureId,
        author: Author,
        first: i64,
    ) -> Result<Self, StoreError> {
        let plan = &planned.plan;
        let numbered = Numbered::new(&plan.rows, &plan.folders, first);
        let base = Arc::clone(&planned.forest);
        let edition = Edition::new(base, structure, numbered, author)?;
        let new = New::Forest(Arc::clone(edition.forest()));
        Ok(Self {
            edition: Some(edition.with_positions(plan.positions.clone())),
            new,
            at: 0,
        })
    }

    /// The edits of a plan of which only the lines are written.
    pub(super) fn listed(planned: &Planned) -> Self {
        Self {
            edition: None,
            new: New::of(&planned.plan.rows),
            at: 0,
        }
    }

    /// To be written in several transactions.
    pub(super) fn in_parts(mut self) -> Self {
        self.edition = self.edition.map(Edition::in_parts);
        self
    }

    /// Writes up to so many rows, and their lines; how many are written by now.
    pub(super) fn write(
        &mut self,
        tx: &Tx<'_>,
        job: JobId,
        planned: &Planned,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let listed = &planned.plan.rows;
        let until = listed.len().min(self.at.saturating_add(limit));
        let edits = self.edition.as_ref().map_or(&listed[..], Edition::edits);
        // What goes is named before it goes.
        let lines = audit::row_lines(tx, planned, &edits[self.at..until], &self.new)?;
        if let Some(edition) = &mut self.edition {
            edition.write(tx, limit)?;
        }
        jobs::add_changes(tx, job, self.at, &lines)?;
        self.at = until;
        Ok(until)
    }

    /// Makes what was written the structure's hierarchy.
    pub(super) fn close(&mut self, tx: &Tx<'_>) -> Result<(), StoreError> {
        if let Some(edition) = &mut self.edition {
            edition.close(tx)?;
        }
        Ok(())
    }
}

/// Writes what the plan changes in the tracker; its lines learn what became of it.
pub(super) fn edit_issues(
    tx: &Tx<'_>,
    plan: &Plan,
    author: Author,
    lines: &mut [ChangeLine],
) -> Result<(), StoreError> {
    let (link_lines, field_lines) = lines.split_at_mut(plan.links.len());
    for (edit, line) in plan.links.iter().zip(link_lines) {
        match *edit {
            LinkEdit::Add {
                link_type,
                source,
                target,
            } => {
                line.link = Some(embedded::add_link(tx, link_type, source, target, author)?);
            }
            LinkEdit::Remove { link, .. } => embedded::remove_link(tx, link, author)?,
            LinkEdit::Restore {
                link: id,
                link_type,
                source,
                target,
            } => {
                let link = Link {
                    id,
                    link_type,
                    source,
                    target,
                };
                embedded::restore_link(tx, &link, author)?;
            }
        }
    }
    for (edit, line) in plan.fields.iter().zip(field_lines) {
        match edit {
            FieldEdit::Rank { issue, to, .. } => {
                let rank = embedded::set_rank(tx, *issue, to, author)?;
                line.after = Some(audit::rank_json(rank.as_deref()));
            }
            FieldEdit::Epic { issue, to, .. } => embedded::set_epic(tx, *issue, *to, author)?,
            FieldEdit::Status {
                issue,
                to,
                resolution,
                ..
            } => embedded::set_status(tx, *issue, to, resolution.as_deref(), author)
                .map_err(unforeseen)?,
            FieldEdit::RestoreStatus { issue, to, .. } => {
                embedded::restore_status(tx, *issue, to, author)?;
            }
        }
    }
    Ok(())
}

/// The plan was made on this very state, so what the tracker would refuse is not in it.
fn unforeseen(failure: Failure) -> StoreError {
    match failure {
        Failure::Store(error) => error,
        Failure::Refused(refusal) => {
            StoreError::Corrupt(format!("the tracker refuses what was planned: {refusal}"))
        }
    }
}

/// How a job ends well.
pub(super) struct Ending {
    /// What a dry run found in the way of a run.
    pub(super) warning: Option<Halt>,
    /// What the log says in the end.
    pub(super) closing: Vec<Line>,
}

/// Keeps a job's log and ends it.
pub(super) fn finish(
    tx: &Tx<'_>,
    job: &Job,
    counts: ChangeCounts,
    ending: Ending,
    watch: &dyn Watch,
) -> Result<(), StoreError> {
    let state = if counts.failed > 0 && !job.dry_run {
        JobState::PartiallySucceeded
    } else {
        JobState::Succeeded
    };
    let end = End {
        state,
        counts,
        error: ending
            .warning
            .map(|halt| (halt.code().to_owned(), halt.to_string())),
        ticks: watch.ticks(),
        log: watch.log_with(ending.closing),
    };
    jobs::finish(tx, job, &end)
}
