//! What users ask of jobs: start a resync, stop a job, and why one waits.
//!
//! A resync in the wrong direction loses data, so nothing here starts one that the user has not
//! confirmed, and a confirmation may be bound to the dry run that was looked at.

use super::schedule::{self, Wait};
use super::{Jobs, runner};
use crate::domain::{
    Direction, JobId, JobKind, JobState, Kind, Refusal, RefusalCode, SynchronizerId, Viewer,
};
use crate::store::jobs::{self, Job, NewJob};
use crate::store::synchronizers::{self, Synchronizer};
use crate::store::{Failure, StoreError, Tx, structures};
use crate::structures::access::{self, AccessLevel};
use std::collections::HashMap;

/// Jobs that may wait at a time, of all users.
const QUEUE_LIMIT: i64 = 1_000;

/// A resync to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResyncRequest {
    /// The synchronizer to run.
    pub synchronizer: SynchronizerId,
    /// Which side is the truth.
    pub direction: Direction,
    /// Whether success enables the synchronizer.
    pub enable_afterwards: bool,
    /// Whether it only works out what it would change.
    pub dry_run: bool,
    /// Whether the user has confirmed that data may be lost.
    pub confirm: bool,
    /// The dry run that its plan has to equal.
    pub preview: Option<JobId>,
    /// The share of rows or links that it may remove, in percent.
    pub max_removal_percent: u32,
}

/// What each queued job waits for, and in one sentence why.
pub type Waits = HashMap<JobId, (Vec<JobId>, String)>;

impl Jobs {
    /// Queues a resync. A refusal because of another job names that job.
    pub async fn start_resync(
        &self,
        viewer: &Viewer,
        request: ResyncRequest,
    ) -> Result<JobId, Failure> {
        let (jobs, asker, asked) = (self.clone(), viewer.clone(), request.clone());
        let synchronizer = self
            .store
            .read(move |tx| jobs.check(tx, &asker, &asked))
            .await?;
        if let Some(preview) = request.preview {
            let direction = request.direction;
            self.work
                .check_preview(synchronizer, direction, preview)
                .await?;
        }
        let (jobs, asker) = (self.clone(), viewer.clone());
        self.store
            .write(move |tx| {
                // Looked at again: this is the transaction that counts.
                let synchronizer = jobs.check(tx, &asker, &request)?;
                refuse_second(tx, &request)?;
                // Changes made before this moment go first, or the resync would overwrite them.
                runner::enqueue_incremental(tx, &synchronizer)?;
                Ok(jobs::enqueue(
                    tx,
                    &new_job(&synchronizer, &request, &asker),
                )?)
            })
            .await
    }

    /// Asks a job to stop: a queued one is cancelled at once, a running one at its next safe point.
    pub async fn cancel(&self, viewer: &Viewer, id: JobId) -> Result<(), Failure> {
        let asker = viewer.clone();
        let state = self
            .store
            .write(move |tx| {
                let job = find_visible(tx, &asker, id)?;
                if job.state.is_ended() {
                    let message = format!(
                        "the job has ended already: it is {}, and only a job that waits or runs \
                         can be cancelled",
                        job.state.name()
                    );
                    return Err(Refusal::new(RefusalCode::Conflict, message).at("id").into());
                }
                Ok::<_, Failure>(jobs::cancel(tx, &job)?)
            })
            .await?;
        if state == JobState::Cancelling
            && let Some(progress) = self.live.find(id)
        {
            progress.cancel();
        }
        Ok(())
    }

    /// The job with the progress that is only known here.
    pub fn with_progress(&self, job: Job) -> Job {
        self.live.show(job)
    }

    /// What each queued job waits for; a job that could start at once is absent.
    pub async fn waits(&self, workers: usize) -> Result<Waits, StoreError> {
        let active = self.store.read(jobs::active).await?;
        let (queue, running): (Vec<&Job>, Vec<&Job>) =
            active.iter().partition(|job| job.state == JobState::Queued);
        let decision = schedule::next(
            &runner::entries(&queue),
            &runner::entries(&running),
            workers,
        );
        let explain = |(job, wait)| match wait {
            Wait::Jobs(ahead) => {
                let reason = explain_jobs(&active, &ahead);
                (job, (ahead, reason))
            }
            Wait::Worker => {
                let reason = format!("all {workers} workers are busy with other structures");
                (job, (Vec::new(), reason))
            }
        };
        Ok(decision.wait.into_iter().map(explain).collect())
    }

    fn check(
        &self,
        tx: &Tx<'_>,
        viewer: &Viewer,
        request: &ResyncRequest,
    ) -> Result<Synchronizer, Failure> {
        let at = "input.synchronizerId";
        let unknown = || Refusal::not_found(at, "there is no synchronizer with this id");
        let synchronizer = synchronizers::find(tx, request.synchronizer)?.ok_or_else(unknown)?;
        access::find(tx, viewer, synchronizer.structure)?.ok_or_else(unknown)?;
        access::require(tx, viewer, synchronizer.structure, AccessLevel::Control, at)?;
        let kind = synchronizer.settings.kind();
        if !kind.directions().contains(&request.direction) {
            return Err(not_supported(kind, request.direction).into());
        }
        if request.max_removal_percent > 100 {
            let message = format!(
                "maxRemovalPercent is {}: expected a number from 0 to 100",
                request.max_removal_percent
            );
            return Err(Refusal::invalid("input.maxRemovalPercent", message).into());
        }
        if request.dry_run && request.enable_afterwards {
            let message = "a dry run changes nothing, so it cannot enable: leave out enableAfterwards or dryRun";
            return Err(Refusal::invalid("input.enableAfterwards", message).into());
        }
        if let Some(reason) = self.work.unavailable(tx, &synchronizer)? {
            let message = format!("this synchronizer cannot run: {reason}");
            return Err(Refusal::new(RefusalCode::NotAvailable, message)
                .at(at)
                .into());
        }
        if let Some(preview) = request.preview {
            check_is_preview(tx, preview, request)?;
        }
        if !request.confirm && !request.dry_run {
            let structure = structures::find(tx, synchronizer.structure)?;
            let name = structure.map(|it| it.name).unwrap_or_default();
            let message = what_may_be_lost(&synchronizer, &name, request.direction);
            return Err(Refusal::new(RefusalCode::ConfirmationRequired, message)
                .at("input.confirm")
                .into());
        }
        Ok(synchronizer)
    }
}

/// The job, if it exists for the viewer and the viewer may steer it.
pub(super) fn find_visible(tx: &Tx<'_>, viewer: &Viewer, id: JobId) -> Result<Job, Failure> {
    let unknown = || Refusal::not_found("id", "there is no job with this id");
    let job = jobs::find(tx, id)?.ok_or_else(unknown)?;
    access::find(tx, viewer, job.structure)?.ok_or_else(unknown)?;
    access::require(tx, viewer, job.structure, AccessLevel::Control, "id")?;
    Ok(job)
}

fn not_supported(kind: Kind, direction: Direction) -> Refusal {
    let supported: Vec<&str> = kind.directions().iter().map(|it| it.name()).collect();
    let message = format!(
        "a {} synchronizer cannot be resynced {}: it supports {}",
        kind.name(),
        direction.name(),
        supported.join(" and ")
    );
    Refusal::new(RefusalCode::DirectionNotSupported, message).at("input.direction")
}

fn check_is_preview(tx: &Tx<'_>, preview: JobId, request: &ResyncRequest) -> Result<(), Failure> {
    let at = "input.previewJobId";
    let job = jobs::find(tx, preview)?
        .filter(|job| job.synchronizer == Some(request.synchronizer))
        .ok_or_else(|| Refusal::not_found(at, "this synchronizer has no job with this id"))?;
    if !job.dry_run || job.direction != Some(request.direction) || request.dry_run {
        let message = "previewJobId names a dry run in the same direction, for a run that is none";
        return Err(Refusal::invalid(at, message).into());
    }
    if job.state != JobState::Succeeded {
        let message = format!(
            "the dry run is {}: expected one that SUCCEEDED",
            job.state.name()
        );
        return Err(Refusal::invalid(at, message).into());
    }
    Ok(())
}

/// Who wins, who loses, and what may be lost.
fn what_may_be_lost(synchronizer: &Synchronizer, structure: &str, direction: Direction) -> String {
    let (winner, loser, lost) = match direction {
        Direction::IntoStructure => (
            "the issues in the tracker".to_owned(),
            format!("the hierarchy of structure “{structure}”"),
            "rows that were added, moved or removed by hand may be moved or removed",
        ),
        Direction::FromStructure => (
            format!("the hierarchy of structure “{structure}”"),
            "the issues in the tracker".to_owned(),
            "links that no row justifies may be deleted, others added",
        ),
    };
    format!(
        "Resync of “{}” {}: {winner} win, {loser} is overwritten; {lost}. Look at a dry run, then \
         repeat with confirm: true.",
        synchronizer.name,
        direction.name()
    )
    .replace("” win,", "” wins,")
    .replace("tracker is overwritten", "tracker are overwritten")
}

/// One resync of a synchronizer at a time.
fn refuse_second(tx: &Tx<'_>, request: &ResyncRequest) -> Result<(), Failure> {
    let same = |job: &&Job| {
        job.kind == JobKind::Resync
            && job.synchronizer == Some(request.synchronizer)
            && job.dry_run == request.dry_run
            && (!request.dry_run || job.direction == Some(request.direction))
    };
    let active = jobs::active(tx)?;
    if let Some(job) = active.iter().find(same) {
        let what = if job.dry_run { "a dry run" } else { "a resync" };
        let message = format!(
            "{what} of this synchronizer is {} already",
            job.state.name()
        );
        let mut refusal =
            Refusal::new(RefusalCode::AlreadyQueued, message).at("input.synchronizerId");
        refusal.job = Some(job.id);
        return Err(refusal.into());
    }
    refuse_full_queue(tx)
}

/// A bound on the queue.
pub(super) fn refuse_full_queue(tx: &Tx<'_>) -> Result<(), Failure> {
    if jobs::count_queued(tx)? >= QUEUE_LIMIT {
        let message = format!("{QUEUE_LIMIT} jobs wait already: try again when some have ended");
        return Err(Refusal::new(RefusalCode::Conflict, message).into());
    }
    Ok(())
}

fn new_job(synchronizer: &Synchronizer, request: &ResyncRequest, viewer: &Viewer) -> NewJob {
    NewJob {
        kind: JobKind::Resync,
        direction: Some(request.direction),
        dry_run: request.dry_run,
        structure: synchronizer.structure,
        synchronizer: Some(synchronizer.id),
        settings: None,
        reverts: None,
        // A dry run writes nothing, and still looks at what the jobs before it leave.
        writes_issues: synchronizer
            .settings
            .kind()
            .writes_issues(Some(request.direction)),
        enable_afterwards: request.enable_afterwards,
        preview: request.preview,
        max_removal_percent: Some(request.max_removal_percent),
        requested_by: Some(viewer.user_id),
    }
}

/// The reason in words; which jobs they are, `waitingFor` says, as far as the viewer may see them.
fn explain_jobs(active: &[Job], ahead: &[JobId]) -> String {
    let describe = |id: &JobId| {
        let job = active.iter().find(|job| job.id == *id)?;
        let what = match job.kind {
            JobKind::Incremental => "incremental synchronization",
            JobKind::Resync if job.dry_run => "a dry run",
            JobKind::Resync => "a resync",
            JobKind::Import => "an import",
            JobKind::Export => "an export",
            JobKind::Revert => "a revert",
        };
        let does = if job.state == JobState::Queued {
            "was queued first"
        } else {
            "is running"
        };
        Some(format!("{what} {does}"))
    };
    let mut described: Vec<String> = ahead.iter().filter_map(describe).collect();
    described.dedup();
    format!(
        "waits for other work on the same data: {}",
        described.join(", ")
    )
}
