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

/// The job, if it exists for the viewer and the viewer may steer it.
pub(in crate::jobs) fn find_visible(
    tx: &Tx<'_>,
    viewer: &Viewer,
    id: JobId,
) -> Result<Job, Failure> {
    let unknown = || Refusal::not_found("id", "there is no job with this id");
    let job = jobs::find(tx, id)?.ok_or_else(unknown)?;
    access::find(tx, viewer, job.structure)?.ok_or_else(unknown)?;
    access::require(tx, viewer, job.structure, AccessLevel::Control, "id")?;
    Ok(job)
}
