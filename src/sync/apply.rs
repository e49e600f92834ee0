//! Writes a plan: rows, links, the audit, the end of its job and the synchronizer's cursor, all in
//! one transaction. What is interrupted has changed nothing.

use super::load::Planned;
use super::{Halt, Watch, audit};
use crate::domain::{ChangeCounts, JobState, LinkEdit};
use crate::store::forest::{self, Author};
use crate::store::jobs::{self, ChangeLine, End, Job};
use crate::store::synchronizers::{self, Cursor, Synchronizer};
use crate::store::{Store, StoreError, Tx, issues};
use crate::tracker::embedded;
use std::collections::HashMap;

/// A plan that was looked at and may be applied, and its lines.
pub(super) struct Ready {
    pub(super) planned: Planned,
    pub(super) lines: Vec<ChangeLine>,
    pub(super) counts: ChangeCounts,
}

/// Applies a plan that is still up to date; otherwise says so, and changes nothing.
pub(super) fn apply(
    store: &Store,
    tx: &Tx<'_>,
    job: &Job,
    synchronizer: &Synchronizer,
    ready: Ready,
    watch: &dyn Watch,
) -> Result<(), Halt> {
    let Ready {
        planned,
        mut lines,
        counts,
    } = ready;
    let now = heads(store, tx, synchronizer)?;
    if now != Some(planned.heads) {
        return Err(Halt::Outdated);
    }
    watch.phase("Applying changes", Some(counts.total()));
    let author = Author::Job(job.id);
    let applied = forest::apply_watched(
        store,
        tx,
        forest::Edition {
            structure: synchronizer.structure,
            edits: &planned.plan.rows,
            folders: &HashMap::new(),
            author,
        },
        &|done| watch.advance(done),
    )?;
    audit::number(&mut lines, &applied.ids, &planned.plan.rows);
    let link_lines = &mut lines[planned.plan.rows.len()..];
    for (edit, line) in planned.plan.links.iter().zip(link_lines) {
        match *edit {
            LinkEdit::Add {
                link_type,
                source,
                target,
            } => {
                line.link = Some(embedded::add_link(tx, link_type, source, target, author)?);
            }
            LinkEdit::Remove { link, .. } => embedded::remove_link(tx, link, author)?,
        }
    }
    watch.check()?;
    finish(tx, job, &lines, counts, None, watch)?;
    // Nothing came between the plan and this, so what lies behind the heads is the job's own work.
    let Some(cursor) = heads(store, tx, synchronizer)? else {
        return Ok(());
    };
    if job.enable_afterwards {
        synchronizers::enable(tx, synchronizer.id, cursor)?;
    } else {
        synchronizers::advance(tx, synchronizer.id, cursor)?;
    }
    Ok(())
}

/// Keeps a job's lines and ends it well; `warning` is what a dry run found in the way of a run.
pub(super) fn finish(
    tx: &Tx<'_>,
    job: &Job,
    lines: &[ChangeLine],
    counts: ChangeCounts,
    warning: Option<Halt>,
    watch: &dyn Watch,
) -> Result<(), StoreError> {
    jobs::add_changes(tx, job.id, lines)?;
    let end = End {
        state: JobState::Succeeded,
        counts,
        error: warning.map(|halt| (halt.code().to_owned(), halt.to_string())),
        ticks: watch.ticks(),
    };
    jobs::finish(tx, job, &end)
}

/// How far both feeds have come; `None` if the structure is gone.
fn heads(
    store: &Store,
    tx: &Tx<'_>,
    synchronizer: &Synchronizer,
) -> Result<Option<Cursor>, StoreError> {
    let Some(forest) = store.forest_in(tx, synchronizer.structure)? else {
        return Ok(None);
    };
    Ok(Some(Cursor {
        issues: issues::last_change(tx)?,
        structure: forest.version(),
    }))
}
