//! Jobs: how they ended, how long they took, what they changed, and what stopped them.

use super::{Counters, Histograms, job_seconds, label};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use std::time::Duration;

label!(Change, change);

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Ended {
    kind: &'static str,
    outcome: &'static str,
    dry_run: &'static str,
}

/// A job at its end.
#[derive(Clone, Copy, Debug)]
pub struct JobOutcome<'a> {
    /// What it was.
    pub kind: &'static str,
    /// The state that it ended in.
    pub outcome: &'static str,
    /// Whether it only worked out what it would change.
    pub dry_run: bool,
    /// From its start to its end.
    pub duration: Duration,
    /// What it changed, by kind of change; nothing, if it was a dry run.
    pub changes: &'a [(&'static str, usize)],
    /// The code of its error.
    pub error: Option<&'a str>,
}

/// What is counted of jobs.
#[derive(Clone, Debug)]
pub struct JobMetrics {
    pub(super) seconds: Histograms<Ended>,
    pub(super) changes: Counters<Change>,
    pub(super) removals_stopped: Counter,
    pub(super) previews_refused: Counter,
}

impl Default for JobMetrics {
    fn default() -> Self {
        Self {
            seconds: Family::new_with_constructor(job_seconds),
            changes: Family::default(),
            removals_stopped: Counter::default(),
            previews_refused: Counter::default(),
        }
    }
}

impl JobMetrics {
    /// A job ended.
    pub fn ended(&self, job: &JobOutcome<'_>) {
        self.seconds
            .get_or_create(&Ended {
                kind: job.kind,
                outcome: job.outcome,
                dry_run: if job.dry_run { "true" } else { "false" },
            })
            .observe(job.duration.as_secs_f64());
        for (change, count) in job.changes {
            self.changes
                .get_or_create(&Change { change })
                .inc_by(*count as u64);
        }
        // A dry run has an error as well, if it warns of what would stop a run.
        match job.error.filter(|_| !job.dry_run) {
            Some("REMOVAL_LIMIT_EXCEEDED") => {
                self.removals_stopped.inc();
            }
            Some("PREVIEW_STALE") => self.preview_refused(),
            _ => {}
        }
    }

    /// A run was bound to a dry run that no longer was what would happen.
    pub fn preview_refused(&self) {
        self.previews_refused.inc();
    }
}
