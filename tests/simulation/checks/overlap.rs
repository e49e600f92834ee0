//! What runs at a time: one job of a synchronizer, one writer of a structure, one writer of issues;
//! and of two that exclude each other, the one that was queued first.

use super::Checked;
use crate::simulation::rules::Rule;
use understory::domain::JobState;
use understory::store::jobs::Job;

/// Checks a job that has just been started against all that have not ended.
pub(crate) fn check(started: &Job, active: &[Job], rules: &[Rule], workers: usize) -> Checked {
    let running = active.iter().filter(|job| job.state != JobState::Queued);
    if running.count() > workers {
        return Err(format!("more than {workers} jobs run"));
    }
    let others = active.iter().filter(|job| job.id != started.id);
    for other in others.filter(|other| excludes(started, other, rules)) {
        if other.state != JobState::Queued {
            return Err(format!("jobs {} and {} run together", started.id, other.id));
        }
        if other.id < started.id {
            return Err(format!("job {} was queued before {}", other.id, started.id));
        }
    }
    Ok(())
}

fn excludes(one: &Job, other: &Job, rules: &[Rule]) -> bool {
    let both_write = writes_issues(one, rules) && writes_issues(other, rules);
    let same = one.synchronizer.is_some() && one.synchronizer == other.synchronizer;
    one.structure == other.structure || same || both_write
}

fn writes_issues(job: &Job, rules: &[Rule]) -> bool {
    let rule = rules.iter().find(|rule| Some(rule.id) == job.synchronizer);
    rule.is_some_and(|rule| rule.writes_issues(job.direction))
}
