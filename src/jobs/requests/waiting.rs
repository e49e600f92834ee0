//! What is shown of a job while it waits or runs, which only the server that runs it knows.

use crate::domain::{JobId, JobKind, JobState};
use crate::jobs::schedule::{self, Wait};
use crate::jobs::{Jobs, runner};
use crate::store::StoreError;
use crate::store::jobs::{self, Job, LogEntry};
use std::collections::HashMap;

/// What each queued job waits for, and in one sentence why.
pub type Waits = HashMap<JobId, (Vec<JobId>, String)>;

impl Jobs {
    /// The job with the progress that is only known here.
    pub fn with_progress(&self, job: Job) -> Job {
        self.live.show(job)
    }

    /// What the log of a running job says beyond what is stored.
    pub fn live_log(&self, job: JobId) -> Vec<LogEntry> {
        self.live.log(job)
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
                let reason = explain_jobs(&active, job, &ahead);
                (job, (ahead, reason))
            }
            Wait::Worker => {
                let reason = format!("all {workers} workers are busy with other structures");
                (job, (Vec::new(), reason))
            }
        };
        Ok(decision.wait.into_iter().map(explain).collect())
    }
}

/// The reason in words; which jobs they are, `waitingFor` says, as far as the viewer may see them.
/// Of jobs on other structures, which may be hidden, it says no more than why they are in the way.
fn explain_jobs(active: &[Job], waiting: JobId, ahead: &[JobId]) -> String {
    let find = |id: JobId| active.iter().find(|job| job.id == id);
    let structure = find(waiting).map(|job| job.structure);
    let describe = |id: &JobId| {
        let job = find(*id)?;
        let what = match job.kind {
            _ if Some(job.structure) != structure => "work of another structure on the issues",
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
