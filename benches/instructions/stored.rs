//! Whole ways through the store, in this process: from the asking to the commit.

use crate::SIZE;
use crate::region::counted;
use crate::world::{STRUCTURE, World};
use anyhow::{Context, ensure};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use understory::domain::{
    Direction, IssueId, JobKind, JobState, Place, RowEdit, Settings, StructureId,
};
use understory::store::forest::{self, Author};
use understory::store::jobs::{self, Job, NewJob};
use understory::store::{issues, structures};
use understory::sync::{self, Unwatched};

/// Edits of one row each.
const EDITS: usize = 100;

pub(crate) fn filter_into_empty(database: &Path) -> anyhow::Result<()> {
    let world = World::open(database)?;
    let admin = world.admin;
    let create = world
        .store
        .write(move |tx| structures::create(tx, "Empty", "", admin));
    let structure = world.run(create)?;
    let job = started(&world, structure, world.settings("savedFilter")?)?;
    let job = counted(|| ended(&world, job))?;
    ensure!(job.counts.rows_added == SIZE, "{:?}", job.counts);
    Ok(())
}

pub(crate) fn sub_tasks_of_one_percent(database: &Path) -> anyhow::Result<()> {
    let world = World::open(database)?;
    let sub_tasks = world.read(issues::sub_tasks)?;
    let children: Vec<IssueId> = sub_tasks.iter().map(|it| it.issue).collect();
    edit(&world, world.disturbance(&children)?)?;
    let job = started(&world, STRUCTURE, world.settings("subTasks")?)?;
    let job = counted(|| ended(&world, job))?;
    ensure!(job.counts.rows_moved == SIZE / 100, "{:?}", job.counts);
    Ok(())
}

/// As when a user drags rows to the top, one after the other, from all over the structure.
pub(crate) fn edits_of_one_row(database: &Path) -> anyhow::Result<()> {
    let world = World::open(database)?;
    let place = Place {
        parent: None,
        after: None,
    };
    let rows = (1..=EDITS).map(|at| world.forest.row(at * (SIZE / EDITS) - 1));
    let edits: Vec<RowEdit> = rows
        .map(|row| RowEdit::Move { id: row.id, place })
        .collect();
    counted(|| edits.into_iter().try_for_each(|it| edit(&world, vec![it])))?;
    let top = world.run(world.store.forest(STRUCTURE))?;
    let first = top.context("no structure")?.row(0).id;
    ensure!(first == world.forest.row(SIZE - 1).id, "{first:?}");
    Ok(())
}

fn edit(world: &World, edits: Vec<RowEdit>) -> anyhow::Result<()> {
    let (store, author) = (world.store.clone(), Author::User(world.admin));
    let apply = world.store.write(move |tx| {
        forest::apply(&store, tx, STRUCTURE, &edits, &HashMap::new(), author).map(drop)
    });
    Ok(world.run(apply)?)
}

/// A job that is started, of a rule that is not installed.
fn started(world: &World, structure: StructureId, rule: Settings) -> anyhow::Result<Job> {
    let job = NewJob {
        kind: JobKind::Import,
        direction: Some(Direction::IntoStructure),
        dry_run: false,
        structure,
        synchronizer: None,
        settings: Some(rule),
        reverts: None,
        writes_issues: false,
        enable_afterwards: false,
        preview: None,
        max_removal_percent: None,
        requested_by: Some(world.admin),
    };
    let start = world.store.write(move |tx| {
        let id = jobs::enqueue(tx, &job)?;
        if let Some(queued) = jobs::find(tx, id)? {
            jobs::start(tx, &queued)?;
        }
        jobs::find(tx, id)
    });
    world.run(start)?.context("no job")
}

/// Runs a job to its end.
fn ended(world: &World, job: Job) -> anyhow::Result<Job> {
    world.run(sync::run(&world.store, &job, Arc::new(Unwatched)))?;
    let id = job.id;
    let job = world
        .read(move |tx| jobs::find(tx, id))?
        .context("no job")?;
    ensure!(job.state == JobState::Succeeded, "{job:?}");
    Ok(job)
}
