//! The whole way of one job: plan on a snapshot, look at the plan, apply it.
//!
//! Planning runs on a reading connection while users go on writing. If a write came between, the
//! plan is made again; after a few such rounds it is made inside the write transaction, where
//! nothing can come between. So a busy tracker delays a job and never starves it.

use super::apply::{self, Ready};
use super::rule::Rule;
use super::{Halt, Watch, audit, guard, load};
use crate::domain::{Direction, JobId, JobKind, JobState, UserId};
use crate::store::forest::Author;
use crate::store::jobs::{self, ChangeLine, Job};
use crate::store::synchronizers::{self, Synchronizer};
use crate::store::{Store, StoreError, Tx};
use std::sync::Arc;

/// Rounds of planning beside the writers before one excludes them.
const ROUNDS_BESIDE_WRITERS: usize = 3;

/// What a job does.
enum Task {
    /// It carries out a rule.
    Synchronize(Rule),
    /// It undoes another job, as a user.
    Revert(UserId),
}

impl Task {
    fn of_job(tx: &Tx<'_>, job: &Job) -> Result<Self, Halt> {
        if job.kind != JobKind::Revert {
            return Rule::of_job(tx, job).map(Self::Synchronize);
        }
        let gone = || Halt::NotRevertible("whoever asked for it is gone".to_owned());
        job.requested_by.map(Self::Revert).ok_or_else(gone)
    }
}

/// Runs a job that has been started, to its end in the database or to a halt.
pub async fn run(store: &Store, job: &Job, watch: Arc<dyn Watch>) -> Result<(), Halt> {
    if job.dry_run {
        return dry_run(store, job, watch).await;
    }
    for _ in 0..ROUNDS_BESIDE_WRITERS {
        match plan_then_apply(store, job, &watch).await {
            Err(Halt::Outdated) => continue,
            ended => return ended,
        }
    }
    let (writer, job) = (store.clone(), job.clone());
    store
        .write(move |tx| {
            let task = Task::of_job(tx, &job)?;
            let ready = prepare(&writer, tx, &job, &task, &*watch)?;
            commit(&writer, tx, &job, &task, ready, &*watch)
        })
        .await
}

async fn plan_then_apply(store: &Store, job: &Job, watch: &Arc<dyn Watch>) -> Result<(), Halt> {
    let (reader, planner, looker) = (store.clone(), job.clone(), Arc::clone(watch));
    let (task, ready) = store
        .read(move |tx| {
            let task = Task::of_job(tx, &planner)?;
            let ready = prepare(&reader, tx, &planner, &task, &*looker)?;
            Ok::<_, Halt>((task, ready))
        })
        .await?;
    let (writer, job, watch) = (store.clone(), job.clone(), Arc::clone(watch));
    store
        .write(move |tx| commit(&writer, tx, &job, &task, ready, &*watch))
        .await
}

async fn dry_run(store: &Store, job: &Job, watch: Arc<dyn Watch>) -> Result<(), Halt> {
    let (reader, planner, looker) = (store.clone(), job.clone(), Arc::clone(&watch));
    let ready = store
        .read(move |tx| {
            let task = Task::of_job(tx, &planner)?;
            prepare(&reader, tx, &planner, &task, &*looker)
        })
        .await?;
    let job = job.clone();
    store
        .write(move |tx| {
            watch.check()?;
            // The dry run is what was asked for, so it succeeds, and says that a run would not.
            let guard = guard::check_removals(&ready.planned.plan, job.max_removal_percent).err();
            Ok(apply::finish(
                tx,
                &job,
                &ready.lines,
                ready.counts,
                guard,
                &*watch,
            )?)
        })
        .await
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
    let (lines, counts) = audit::lines(tx, &planned)?;
    if !job.dry_run {
        guard::check_removals(&planned.plan, job.max_removal_percent)?;
    }
    if let Some(preview) = job.preview {
        guard::check_preview(&previewed(tx, preview)?, &lines)?;
    }
    Ok(Ready {
        planned,
        lines,
        counts,
    })
}

fn commit(
    store: &Store,
    tx: &Tx<'_>,
    job: &Job,
    task: &Task,
    ready: Ready,
    watch: &dyn Watch,
) -> Result<(), Halt> {
    watch.check()?;
    // What users decided while it was planned is kept to: a cancellation, other settings, and that
    // the synchronizer is not to be enabled after all.
    let Some(job) = jobs::find(tx, job.id)?.filter(|job| job.state == JobState::Running) else {
        return Err(Halt::Cancelled);
    };
    let rule = match task {
        Task::Synchronize(rule) => rule,
        // What it does not synchronize, it does not count as synchronized: cursors stay.
        Task::Revert(run_as) => {
            let author = Author::Job(job.id, *run_as);
            return apply::apply(store, tx, &job, author, ready, watch);
        }
    };
    if Rule::of_job(tx, &job)?.settings != rule.settings {
        return Err(Halt::SettingsChanged);
    }
    let author = Author::Job(job.id, rule.run_as);
    apply::apply(store, tx, &job, author, ready, watch)?;
    let Some(synchronizer) = rule.synchronizer else {
        return Ok(());
    };
    // Nothing came between the plan and this, so what lies behind the heads is the job's own work.
    let Some(cursor) = apply::heads(store, tx, rule.structure)? else {
        return Ok(());
    };
    if job.enable_afterwards {
        synchronizers::enable(tx, synchronizer, cursor)?;
    } else {
        synchronizers::advance(tx, synchronizer, cursor)?;
    }
    Ok(())
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
            let (lines, _) = audit::lines(tx, &planned)?;
            guard::check_preview(&previewed(tx, preview)?, &lines)
        })
        .await
}

/// Nobody watches, nobody cancels.
struct Unwatched;

impl Watch for Unwatched {
    fn phase(&self, _: &'static str, _: Option<usize>) {}
    fn advance(&self, _: usize) {}
    fn is_cancelled(&self) -> bool {
        false
    }
    fn ticks(&self) -> i64 {
        0
    }
}
