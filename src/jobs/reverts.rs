//! What users ask of jobs that ended: to undo what one changed, as a new job.
//!
//! A revert is a job of the same structure and, if that is still installed, of the same
//! synchronizer, which therefore does not react to it. It can itself be reverted; then the first
//! job can be reverted again.

use super::Jobs;
use super::requests::find_visible;
use crate::domain::{JobId, JobKind, Refusal, RefusalCode, Viewer};
use crate::store::jobs::{self, Job, NewJob};
use crate::store::{Failure, Tx, undo};
use crate::structures::access::{self, AccessLevel};

/// A revert to be queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevertRequest {
    /// The job to undo.
    pub job: JobId,
    /// Whether it only works out what it would change.
    pub dry_run: bool,
    /// Whether the user has confirmed.
    pub confirm: bool,
}

impl Jobs {
    /// Queues a revert. A refusal because the job is reverted already names the job that did.
    pub async fn revert(&self, viewer: &Viewer, request: RevertRequest) -> Result<JobId, Failure> {
        let asker = viewer.clone();
        // Counting what is kept takes a while for a large job, so it keeps no writer waiting; the
        // revert counts again when it runs.
        self.store
            .read(move |tx| {
                let job = find_revertible(tx, &asker, request.job)?;
                check(tx, &job)?;
                if !undo::is_complete(tx, &job)? {
                    let message =
                        "its changes are no longer kept in full, so it cannot be reverted";
                    return Err(conflict(message.to_owned()).into());
                }
                if !request.confirm && !request.dry_run {
                    let message = what_is_undone(&job);
                    let refusal = Refusal::new(RefusalCode::ConfirmationRequired, message);
                    return Err(refusal.at("confirm").into());
                }
                Ok::<_, Failure>(())
            })
            .await?;
        let (asker, queue) = (viewer.clone(), self.queue);
        self.store
            .write(move |tx| {
                // Looked at again: this is the transaction that counts.
                let job = find_revertible(tx, &asker, request.job)?;
                check(tx, &job)?;
                queue.check(tx, &asker)?;
                Ok(jobs::enqueue(tx, &new_job(&job, request, &asker))?)
            })
            .await
    }
}

/// The job, if the viewer may undo it: what it takes to run such a job, it takes to undo one.
fn find_revertible(tx: &Tx<'_>, viewer: &Viewer, id: JobId) -> Result<Job, Failure> {
    let job = find_visible(tx, viewer, id)?;
    if job.kind.is_one_off() {
        access::require(tx, viewer, job.structure, AccessLevel::Automate, "id")?;
    } else {
        access::require_synchronizers(tx, viewer, job.structure, "id")?;
    }
    Ok(job)
}

/// Whether the job is one to be reverted at all.
fn check(tx: &Tx<'_>, job: &Job) -> Result<(), Failure> {
    if job.dry_run {
        let message = "a dry run changed nothing, so there is nothing to revert: expected a job \
                       that is none";
        return Err(Refusal::invalid("id", message).into());
    }
    if !job.state.is_ended() {
        let message = format!(
            "the job is {}: only one that has ended can be reverted",
            job.state.name()
        );
        return Err(conflict(message).into());
    }
    if let Some(by) = jobs::effective_reverts(tx, [job.id])?.remove(&job.id) {
        let mut refusal = conflict("the job is reverted already, or about to be".to_owned());
        refusal.job = Some(by);
        return Err(refusal.into());
    }
    Ok(())
}

fn conflict(message: String) -> Refusal {
    Refusal::new(RefusalCode::Conflict, message).at("id")
}

/// What a revert would undo, and what it may leave.
fn what_is_undone(job: &Job) -> String {
    let counts = &job.counts;
    let parts = [
        (
            counts.rows_added + counts.rows_moved + counts.rows_removed,
            "row",
            "rows",
        ),
        (counts.links_added + counts.links_removed, "link", "links"),
        (counts.ranks_changed, "rank", "ranks"),
        (counts.epics_changed, "epic", "epics"),
        (counts.statuses_changed, "status", "statuses"),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    if told.is_empty() {
        return "The job changed nothing, so a revert would undo nothing. Repeat with confirm: \
                true to run it all the same."
            .to_owned();
    }
    format!(
        "A revert puts back what the job changed: {}. What was edited since, and what no longer \
         has its place, is left as it is and listed as SKIPPED. Look at a dry run, then repeat with \
         confirm: true.",
        told.join(", ")
    )
}

fn new_job(job: &Job, request: RevertRequest, viewer: &Viewer) -> NewJob {
    NewJob {
        kind: JobKind::Revert,
        direction: None,
        dry_run: request.dry_run,
        structure: job.structure,
        synchronizer: job.synchronizer,
        settings: None,
        reverts: Some(job.id),
        writes_issues: job.writes_issues,
        enable_afterwards: false,
        preview: None,
        max_removal_percent: None,
        requested_by: Some(viewer.user_id),
    }
}
