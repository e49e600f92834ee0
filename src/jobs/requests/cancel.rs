//! Stopping jobs.

use crate::domain::{JobId, JobState, LogLevel, Refusal, RefusalCode, Viewer};
use crate::jobs::Jobs;
use crate::store::jobs::{self, Job};
use crate::store::{Failure, Tx};
use crate::structures::access::{self, AccessLevel};

impl Jobs {
    /// Asks a job to stop: a queued one is cancelled at once, a running one at its next safe point.
    pub async fn cancel(&self, viewer: &Viewer, id: JobId) -> Result<(), Failure> {
        let asker = viewer.clone();
        let state = self
            .store
            .write(move |tx| {
                let job = find_visible(tx, &asker, id)?;
                require_to_cancel(tx, &asker, &job)?;
                if job.state.is_ended() {
                    let message = format!(
                        "the job has ended already: it is {}, and only a job that waits or runs \
                         can be cancelled",
                        job.state.name()
                    );
                    return Err(Refusal::new(RefusalCode::Conflict, message).at("id").into());
                }
                let because = format!("“{}” cancelled it.", asker.name);
                Ok::<_, Failure>(jobs::cancel(tx, &job, &because)?)
            })
            .await?;
        if state == JobState::Cancelling
            && let Some(progress) = self.live.find(id)
        {
            let message = format!("“{}” asked it to stop.", viewer.name);
            progress.log(LogLevel::Info, message);
            progress.cancel();
        }
        Ok(())
    }
}

/// The job, if it exists for the viewer.
pub(in crate::jobs) fn find_visible(
    tx: &Tx<'_>,
    viewer: &Viewer,
    id: JobId,
) -> Result<Job, Failure> {
    let unknown = || Refusal::not_found("id", "there is no job with this id");
    let job = jobs::find(tx, id)?.ok_or_else(unknown)?;
    access::find(tx, viewer, job.structure)?.ok_or_else(unknown)?;
    Ok(job)
}

/// Whoever controls the structure stops its jobs, as a brake must be in reach; others stop the
/// imports and exports that they began themselves.
fn require_to_cancel(tx: &Tx<'_>, viewer: &Viewer, job: &Job) -> Result<(), Failure> {
    let own = job.kind.is_one_off() && job.requested_by == Some(viewer.user_id);
    let needed = match own {
        true => AccessLevel::Automate,
        false => AccessLevel::Control,
    };
    access::require(tx, viewer, job.structure, needed, "id")?;
    Ok(())
}
