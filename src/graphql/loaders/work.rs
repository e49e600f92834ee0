//! Loaders of synchronizers and jobs: what keeps structures in sync, and what it is doing.

use super::{Loaded, Source};
use crate::domain::{JobId, JobState, StructureId, SynchronizerId, Viewer};
use crate::store::jobs::{Job, LogEntry};
use crate::store::synchronizers::Synchronizer;
use crate::store::{StoreError, Tx, jobs, synchronizers};
use crate::structures::access;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Asks for the synchronizers of a structure, in the order of their installation.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SynchronizersOf(pub(crate) StructureId);
/// Asks why a synchronizer cannot run.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Unavailable(pub(crate) SynchronizerId);
/// Asks for the job of a synchronizer that runs now.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RunningJobOf(pub(crate) SynchronizerId);
/// Asks which enabled synchronizers claim what a synchronizer claims.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct OverlapsOf(pub(crate) SynchronizerId);
/// Asks for the log of a job.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LogOf(pub(crate) JobId);
/// Asks what a queued job waits for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct WaitOf(pub(crate) JobId);
/// Asks for the job that undid a job.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RevertOf(pub(crate) JobId);

pub(super) async fn load_synchronizers(
    source: &Source,
    ids: Vec<SynchronizerId>,
) -> Loaded<SynchronizerId> {
    let viewer = source.viewer.clone();
    let read = move |tx: &Tx<'_>| {
        let mut found = synchronizers::by_ids(tx, ids)?;
        let visible = access::visible(tx, &viewer, found.iter().map(|it| it.structure))?;
        found.retain(|it| visible.contains_key(&it.structure));
        Ok(found)
    };
    let found = source.read(read).await?;
    Ok(found.into_iter().map(|it| (it.id, Arc::new(it))).collect())
}

pub(super) async fn load_jobs(source: &Source, ids: Vec<JobId>) -> Loaded<JobId> {
    let viewer = source.viewer.clone();
    let read = move |tx: &Tx<'_>| visible_jobs(tx, &viewer, jobs::by_ids(tx, ids)?);
    let found = source.read(read).await?;
    let current = |job: Job| (job.id, Arc::new(source.api.jobs.with_progress(job)));
    Ok(found.into_iter().map(current).collect())
}

/// Those of the jobs whose structures exist for the viewer.
pub(crate) fn visible_jobs(
    tx: &Tx<'_>,
    viewer: &Viewer,
    mut jobs: Vec<Job>,
) -> Result<Vec<Job>, StoreError> {
    let visible = access::visible(tx, viewer, jobs.iter().map(|job| job.structure))?;
    jobs.retain(|job| visible.contains_key(&job.structure));
    Ok(jobs)
}

pub(super) async fn load_synchronizers_of(
    source: &Source,
    keys: Vec<SynchronizersOf>,
) -> Loaded<SynchronizersOf> {
    let read = move |tx: &Tx<'_>| synchronizers::of_structures(tx, keys.iter().map(|key| key.0));
    let mut of_structure: HashMap<SynchronizersOf, Vec<Arc<Synchronizer>>> = HashMap::new();
    for it in source.read(read).await? {
        of_structure
            .entry(SynchronizersOf(it.structure))
            .or_default()
            .push(Arc::new(it));
    }
    Ok(of_structure)
}

pub(super) async fn load_unavailable(
    source: &Source,
    keys: Vec<Unavailable>,
) -> Loaded<Unavailable> {
    let ids: Vec<SynchronizerId> = keys.iter().map(|key| key.0).collect();
    let found = source.api.synchronizers.availability(&ids).await?;
    Ok(found
        .into_iter()
        .map(|(id, reason)| (Unavailable(id), reason))
        .collect())
}

pub(super) async fn load_overlaps(source: &Source, keys: Vec<OverlapsOf>) -> Loaded<OverlapsOf> {
    let ids: Vec<SynchronizerId> = keys.iter().map(|key| key.0).collect();
    let found = source.api.synchronizers.overlaps(&ids).await?;
    Ok(found
        .into_iter()
        .map(|(id, overlaps)| (OverlapsOf(id), overlaps))
        .collect())
}

pub(super) async fn load_running_jobs(
    source: &Source,
    keys: Vec<RunningJobOf>,
) -> Loaded<RunningJobOf> {
    let asked: HashSet<SynchronizerId> = keys.iter().map(|key| key.0).collect();
    let mut running = source.read(jobs::active).await?;
    running.retain(|job| job.state != JobState::Queued);
    let current = |job: Job| {
        let id = job.synchronizer.filter(|id| asked.contains(id))?;
        Some((
            RunningJobOf(id),
            Arc::new(source.api.jobs.with_progress(job)),
        ))
    };
    Ok(running.into_iter().filter_map(current).collect())
}

/// What was said in memory is taken first: it counts for jobs that had not ended when the store was
/// read, and is stored with the others.
pub(super) async fn load_logs(source: &Source, keys: Vec<LogOf>) -> Loaded<LogOf> {
    let ids: Vec<JobId> = keys.iter().map(|key| key.0).collect();
    let said = |id: &JobId| (*id, source.api.jobs.live_log(*id));
    let mut live: HashMap<JobId, Vec<LogEntry>> = ids.iter().map(said).collect();
    let read = move |tx: &Tx<'_>| {
        let found = jobs::by_ids(tx, ids.iter().copied())?;
        Ok((found, jobs::logs(tx, ids)?))
    };
    let (found, mut stored) = source.read(read).await?;
    let whole = |job: Job| {
        let mut log = stored.remove(&job.id).unwrap_or_default();
        if matches!(job.state, JobState::Running | JobState::Cancelling) {
            log.extend(live.remove(&job.id).unwrap_or_default());
        }
        (LogOf(job.id), log)
    };
    Ok(found.into_iter().map(whole).collect())
}

pub(super) async fn load_waits(source: &Source, _: Vec<WaitOf>) -> Loaded<WaitOf> {
    let waits = source.api.jobs.waits().await?;
    Ok(waits
        .into_iter()
        .map(|(job, wait)| (WaitOf(job), Arc::new(wait)))
        .collect())
}

pub(super) async fn load_reverts(source: &Source, keys: Vec<RevertOf>) -> Loaded<RevertOf> {
    let read = move |tx: &Tx<'_>| jobs::effective_reverts(tx, keys.iter().map(|key| key.0));
    let found = source.read(read).await?;
    Ok(found
        .into_iter()
        .map(|(job, by)| (RevertOf(job), by))
        .collect())
}
