//! Writes a plan: rows, links, fields, the audit and the end of its job, all in one transaction.
//! What is interrupted has changed nothing.

use super::journal::Line;
use super::load::Planned;
use super::{Halt, Watch, audit};
use crate::domain::issue::Link;
use crate::domain::{ChangeCounts, FieldEdit, JobState, LinkEdit, Plan, StructureId};
use crate::store::forest::{self, Author};
use crate::store::jobs::{self, ChangeLine, End, Job};
use crate::store::synchronizers::Cursor;
use crate::store::{Failure, Store, StoreError, Tx, issues};
use crate::tracker::embedded;

/// A plan that was looked at and may be applied, and its lines.
pub(super) struct Ready {
    pub(super) planned: Planned,
    pub(super) lines: Vec<ChangeLine>,
    pub(super) counts: ChangeCounts,
}

/// Applies a plan that is still up to date, whose lines learn what became of them; otherwise says so,
/// and changes nothing.
pub(super) fn apply(
    store: &Store,
    tx: &Tx<'_>,
    job: &Job,
    author: Author,
    ready: &mut Ready,
    watch: &dyn Watch,
) -> Result<(), Halt> {
    let Ready {
        planned,
        lines,
        counts,
    } = ready;
    let now = heads(store, tx, job.structure)?;
    if now != Some(planned.heads) {
        return Err(Halt::Outdated);
    }
    watch.phase("Applying changes", Some(counts.total()));
    let applied = forest::apply_watched(
        store,
        tx,
        forest::Edition {
            structure: job.structure,
            edits: &planned.plan.rows,
            folders: &planned.plan.folders,
            positions: &planned.plan.positions,
            author,
        },
        &|done| watch.advance(done),
    )?;
    audit::number(lines, &applied.ids, &planned.plan.rows);
    let (_, issue_lines) = lines.split_at_mut(planned.plan.rows.len());
    edit_issues(tx, &planned.plan, author, issue_lines)?;
    watch.check()
}

/// Writes what the plan changes in the tracker; its lines learn what became of it.
fn edit_issues(
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

/// Fewer lines are written before anybody could read that they are.
const WORTH_TELLING: usize = 5_000;

/// Keeps a job's lines and its log and ends it.
pub(super) fn finish(
    tx: &Tx<'_>,
    job: &Job,
    ready: &Ready,
    ending: Ending,
    watch: &dyn Watch,
) -> Result<(), StoreError> {
    let count = ready.lines.len();
    if count >= WORTH_TELLING {
        watch.phase("Recording changes", Some(count));
    }
    jobs::add_changes(tx, job.id, &ready.lines, &|done| watch.advance(done))?;
    let state = if ready.counts.failed > 0 && !job.dry_run {
        JobState::PartiallySucceeded
    } else {
        JobState::Succeeded
    };
    let end = End {
        state,
        counts: ready.counts,
        error: ending
            .warning
            .map(|halt| (halt.code().to_owned(), halt.to_string())),
        ticks: watch.ticks(),
        log: watch.log_with(ending.closing),
    };
    jobs::finish(tx, job, &end)
}

/// How far both feeds have come; `None` if the structure is gone.
pub(super) fn heads(
    store: &Store,
    tx: &Tx<'_>,
    structure: StructureId,
) -> Result<Option<Cursor>, StoreError> {
    let Some(forest) = store.forest_in(tx, structure)? else {
        return Ok(None);
    };
    Ok(Some(Cursor {
        issues: issues::last_change(tx)?,
        structure: forest.version(),
    }))
}
