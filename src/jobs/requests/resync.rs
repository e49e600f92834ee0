//! Resyncs of installed synchronizers.
//!
//! Everything is looked at twice: before the preview is compared, and in the transaction that
//! queues the job, which is the one that counts.

use super::checks;
use crate::domain::{
    Direction, JobId, JobKind, JobState, Refusal, RefusalCode, SynchronizerId, Viewer,
};
use crate::jobs::{Jobs, runner};
use crate::store::jobs::{self, Job, NewJob};
use crate::store::synchronizers::{self, Synchronizer};
use crate::store::{Failure, Tx};
use crate::structures::access;

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
            let checked = self
                .work
                .check_preview(synchronizer, direction, preview)
                .await;
            if matches!(&checked, Err(Failure::Refused(it)) if it.code == RefusalCode::PreviewStale)
            {
                self.metrics.preview_refused();
            }
            checked?;
        }
        let (jobs, asker) = (self.clone(), viewer.clone());
        self.store
            .write(move |tx| {
                // Looked at again: this is the transaction that counts.
                let synchronizer = jobs.check(tx, &asker, &request)?;
                refuse_second(tx, &request)?;
                jobs.queue.check(tx, &asker)?;
                // Changes made before this moment go first, or the resync would overwrite them.
                runner::enqueue_incremental(tx, &synchronizer)?;
                Ok(jobs::enqueue(
                    tx,
                    &new_job(&synchronizer, &request, &asker),
                )?)
            })
            .await
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
        let structure = access::require_synchronizers(tx, viewer, synchronizer.structure, at)?;
        let kind = synchronizer.settings.kind();
        checks::direction(kind, request.direction, "input.direction")?;
        checks::removal_percent(request.max_removal_percent)?;
        if request.dry_run && request.enable_afterwards {
            let message = "a dry run changes nothing, so it cannot enable: leave out enableAfterwards or dryRun";
            return Err(Refusal::invalid("input.enableAfterwards", message).into());
        }
        if let Some(reason) = self.unavailable(tx, &synchronizer)? {
            let message = format!("this synchronizer cannot run: {reason}");
            return Err(Refusal::new(RefusalCode::NotAvailable, message)
                .at(at)
                .into());
        }
        if let Some(preview) = request.preview {
            check_is_preview(tx, preview, request)?;
        }
        if !request.confirm && !request.dry_run {
            let what = format!("Resync of “{}”", synchronizer.name);
            return Err(checks::unconfirmed(
                &what,
                &synchronizer.settings,
                &structure.name,
                request.direction,
            )
            .into());
        }
        Ok(synchronizer)
    }
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
