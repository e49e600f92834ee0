//! The whole way of one job: plan on a snapshot, look at the plan, apply it.
//!
//! `task` is what a job does, `work` what is left to do of it once there is a plan, and `parts` does
//! that in several transactions where it is much, so that no user waits for long to write. Planning
//! runs on a reading connection while users go on writing. If a write came between that bears on the
//! plan, it is made again; after a few such rounds those who would edit rows of this one structure
//! wait, and what the tracker changes is carried over afterwards. Only what could not be done even
//! so, for it writes to the tracker or an issue is gone that would get a row, is planned inside a
//! write transaction, where nothing can come between. So a busy tracker delays a job and never
//! starves it.

mod parts;
mod task;
#[cfg(test)]
mod tests;
mod work;

use super::apply::Ready;
use super::rule::Rule;

use super::{Halt, Unwatched, Watch, audit, guard, journal, load};
use crate::domain::{Direction, JobId, LogLevel};
use crate::store::jobs::{self, ChangeLine, Job};
use crate::store::synchronizers::Synchronizer;
use crate::store::{Store, StoreError, Tx};
use std::sync::Arc;
use task::Task;
use work::Work;

/// Rounds of planning beside everybody who writes, before one holds somebody off.
const ROUNDS_BESIDE_WRITERS: usize = 3;

/// Which changes that come between make a plan be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// All, unless the plan is large.
    Open,
    /// As few as can be: users are held off.
    Held,
}

/// Runs a job that has been started, to its end in the database or to a halt.
pub async fn run(store: &Store, job: &Job, watch: Arc<dyn Watch>) -> Result<(), Halt> {
    if job.dry_run {
        return plan_then_apply(store, job, &watch, Round::Open).await;
    }
    for _ in 0..ROUNDS_BESIDE_WRITERS {
        match plan_then_apply(store, job, &watch, Round::Open).await {
            Err(Halt::Outdated) => {
                let message = "One of the two sides changed meanwhile: it is planned again.";
                watch.log(LogLevel::Info, message.to_owned());
            }
            ended => return ended,
        }
    }
    let message = "Edits of the structure's rows wait until this job has ended.";
    watch.log(LogLevel::Info, message.to_owned());
    let _held = store.hold_edits(job.structure).await;
    match plan_then_apply(store, job, &watch, Round::Held).await {
        Err(Halt::Outdated) => plan_in_one(store, job, watch).await,
        ended => ended,
    }
}

/// Plans and applies in one transaction, beside which nobody writes.
async fn plan_in_one(store: &Store, job: &Job, watch: Arc<dyn Watch>) -> Result<(), Halt> {
    let (writer, job) = (store.clone(), job.clone());
    store
        .write(move |tx| {
            let task = Task::of_job(tx, &job)?;
            let message = "One of the two sides changed even so: it is planned again, and both are \
                           held still for as long as that takes.";
            watch.log(LogLevel::Info, message.to_owned());
            let ready = prepare(&writer, tx, &job, &task, &*watch)?;
            Work::new(job, task, ready, watch, Round::Open).write_whole(tx)
        })
        .await
}

async fn plan_then_apply(
    store: &Store,
    job: &Job,
    watch: &Arc<dyn Watch>,
    round: Round,
) -> Result<(), Halt> {
    let (reader, planner, looker) = (store.clone(), job.clone(), Arc::clone(watch));
    let (task, ready) = store
        .read(move |tx| {
            let task = Task::of_job(tx, &planner)?;
            let ready = prepare(&reader, tx, &planner, &task, &*looker)?;
            Ok::<_, Halt>((task, ready))
        })
        .await?;
    let work = Work::new(job.clone(), task, ready, Arc::clone(watch), round);
    if work.is_one_part() {
        return store.write(move |tx| work.write_whole(tx)).await;
    }
    parts::write(store, work).await
}

fn prepare(
    store: &Store,
    tx: &Tx<'_>,
    job: &Job,
    task: &Task,
    watch: &dyn Watch,
) -> Result<Ready, Halt> {
    let planned = match task {
        Task::Synchronize(rule) => load::plan(store, tx, rule, job.direction, watch)?,
        Task::Revert(_) => load::revert::plan(store, tx, job, watch)?,
    };
    let others = audit::other_lines(tx, &planned)?;
    let counts = audit::counts(&planned, &others);
    let say = |(level, message)| watch.log(level, message);
    say(journal::planned(planned.heads, &counts));
    let limit = job.max_removal_percent;
    limit
        .and_then(|percent| journal::guarded(&planned.plan, percent))
        .into_iter()
        .for_each(say);
    if !job.dry_run {
        guard::check_removals(&planned.plan, limit)?;
    }
    if let Some(preview) = job.preview {
        let lines = audit::lines(tx, &planned)?;
        guard::check_preview(&previewed(tx, preview)?, &lines)?;
        let message = format!("The plan is the one that dry run {} showed.", preview.0);
        watch.log(LogLevel::Info, message);
    }
    Ok(Ready::new(planned, others, counts))
}

/// Everything that a dry run listed.
fn previewed(tx: &Tx<'_>, preview: JobId) -> Result<Vec<ChangeLine>, StoreError> {
    let lines = jobs::changes(tx, preview, -1, usize::MAX)?;
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

/// Checks, before anything is queued, that a dry run's plan still is what would happen.
pub async fn check_preview(
    store: &Store,
    synchronizer: Synchronizer,
    direction: Direction,
    preview: JobId,
) -> Result<(), Halt> {
    let (reader, rule) = (store.clone(), Rule::from(synchronizer));
    store
        .read(move |tx| {
            let planned = load::plan(&reader, tx, &rule, Some(direction), &Unwatched)?;
            let lines = audit::lines(tx, &planned)?;
            guard::check_preview(&previewed(tx, preview)?, &lines)
        })
        .await
}
