//! The whole way of one job: plan on a snapshot, look at the plan, apply it.
//!
//! Planning runs on a reading connection while users go on writing. If a write came between, the
//! plan is made again; after a few such rounds it is made inside the write transaction, where
//! nothing can come between. So a busy tracker delays a job and never starves it.

use super::apply::{self, Ending, Ready};
use super::rule::Rule;
use super::{Halt, Watch, audit, availability, guard, journal, load};
use crate::domain::{AccessLevel, Direction, JobId, JobKind, JobState, LogLevel, UserId};
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
    /// What a job does, if the user as whom it runs has the rights for it by now.
    fn of_job(tx: &Tx<'_>, job: &Job) -> Result<Self, Halt> {
        if job.kind != JobKind::Revert {
            let rule = Rule::of_job(tx, job)?;
            let needed = availability::needed(&rule.settings);
            return match availability::lacks(tx, rule.structure, rule.run_as, needed)? {
                None => Ok(Self::Synchronize(rule)),
                Some(reason) => Err(Halt::NotAvailable(reason)),
            };
        }
        let gone = || Halt::NotRevertible("whoever asked for it is gone".to_owned());
        let user = job.requested_by.ok_or_else(gone)?;
        match availability::lacks(tx, job.structure, user, AccessLevel::Edit)? {
            None => Ok(Self::Revert(user)),
            Some(reason) => Err(Halt::NotAvailable(reason)),
        }
    }
}

/// Runs a job that has been started, to its end in the database or to a halt.
pub async fn run(store: &Store, job: &Job, watch: Arc<dyn Watch>) -> Result<(), Halt> {
    if job.dry_run {
        return dry_run(store, job, watch).await;
    }
    for _ in 0..ROUNDS_BESIDE_WRITERS {
        match plan_then_apply(store, job, &watch).await {
            Err(Halt::Outdated) => {
                let message = "One of the two sides changed meanwhile: it is planned again.";
                watch.log(LogLevel::Info, message.to_owned());
            }
            ended => return ended,
        }
    }
    let (writer, job) = (store.clone(), job.clone());
    store
        .write(move |tx| {
            let task = Task::of_job(tx, &job)?;
            let message = "Both sides are held still for as long as that takes.";
            watch.log(LogLevel::Info, message.to_owned());
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
            let warning = guard::check_removals(&ready.planned.plan, job.max_removal_percent).err();
            let last = match &warning {
                None => (
                    LogLevel::Info,
                    "It was a dry run: nothing was changed.".to_owned(),
                ),
                Some(halt) => {
                    let message =
                        format!("It was a dry run: nothing was changed. A run would fail: {halt}.");
                    (LogLevel::Warning, message)
                }
            };
            let mut closing = journal::warnings(&ready.counts);
            closing.push(last);
            let ending = Ending { warning, closing };
            Ok(apply::finish(tx, &job, &ready, ending, &*watch)?)
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
        guard::check_preview(&previewed(tx, preview)?, &lines)?;
        let message = format!("The plan is the one that dry run {} showed.", preview.0);
        watch.log(LogLevel::Info, message);
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
    mut ready: Ready,
    watch: &dyn Watch,
) -> Result<(), Halt> {
    watch.check()?;
    // What users decided while it was planned is kept to: a cancellation, other settings, and that
    // the synchronizer is not to be enabled after all.
    let Some(job) = jobs::find(tx, job.id)?.filter(|job| job.state == JobState::Running) else {
        return Err(Halt::Cancelled);
    };
    let run_as = match (task, Task::of_job(tx, &job)?) {
        (Task::Synchronize(planned), Task::Synchronize(now)) => {
            if planned.settings != now.settings || planned.run_as != now.run_as {
                return Err(Halt::SettingsChanged);
            }
            now.run_as
        }
        (_, Task::Synchronize(Rule { run_as, .. }) | Task::Revert(run_as)) => run_as,
    };
    apply::apply(
        store,
        tx,
        &job,
        Author::Job(job.id, run_as),
        &mut ready,
        watch,
    )?;
    let mut ending = Ending {
        warning: None,
        closing: journal::warnings(&ready.counts),
    };
    if ready.counts.total() > 0 {
        let message = "The plan was applied, all of it in one transaction.";
        ending.closing.push((LogLevel::Info, message.to_owned()));
    }
    // What a revert does not synchronize, it does not count as synchronized: cursors stay.
    match task {
        Task::Synchronize(rule) => ending.closing.extend(advance(store, tx, &job, rule)?),
        Task::Revert(_) => ending.closing.extend(still_enabled(tx, &job)?),
    }
    Ok(apply::finish(tx, &job, &ready, ending, watch)?)
}

/// Moves the synchronizer's cursor past its own work: nothing came between the plan and this, so
/// that is all that lies behind the heads.
fn advance(
    store: &Store,
    tx: &Tx<'_>,
    job: &Job,
    rule: &Rule,
) -> Result<Option<journal::Line>, StoreError> {
    let cursor = apply::heads(store, tx, rule.structure)?;
    let Some((synchronizer, cursor)) = rule.synchronizer.zip(cursor) else {
        return Ok(None);
    };
    if job.enable_afterwards {
        synchronizers::enable(tx, synchronizer, cursor)?;
    } else {
        synchronizers::advance(tx, synchronizer, cursor)?;
    }
    Ok(Some(journal::advanced(cursor, job.enable_afterwards)))
}

/// What a revert leaves behind whose synchronizer goes on: two sides that differ.
fn still_enabled(tx: &Tx<'_>, job: &Job) -> Result<Option<journal::Line>, StoreError> {
    let synchronizer = match job.synchronizer {
        Some(id) => synchronizers::find(tx, id)?,
        None => None,
    };
    Ok(synchronizer.filter(|it| it.enabled).map(|it| {
        let message = format!(
            "“{}” is enabled. It does not carry over what was undone, so both sides differ there \
             until one of them is edited; disable it to keep that so.",
            it.name
        );
        (LogLevel::Warning, message)
    }))
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
