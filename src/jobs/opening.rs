//! How the log of a job begins: who asked for it and with what, and for what it waited.
//!
//! Jobs of other structures are not named: whoever reads the log may not see those.

use crate::domain::{JobKind, SynchronizerId};
use crate::store::jobs::{self, Job};
use crate::store::{StoreError, Tx, structures, synchronizers, users};

/// Jobs that a sentence names at the most.
const NAMED: usize = 5;
/// Less than this, in milliseconds, is no wait.
const AT_ONCE: i64 = 1_000;

/// What is known of a job that starts, in whole sentences.
pub(super) fn tell(tx: &Tx<'_>, job: &Job) -> Result<Vec<String>, StoreError> {
    Ok(vec![tell_request(tx, job)?, tell_wait(tx, job)?])
}

fn tell_request(tx: &Tx<'_>, job: &Job) -> Result<String, StoreError> {
    let structure = structures::find(tx, job.structure)?.map(|it| it.name);
    let on = format!("the structure “{}”", structure.unwrap_or_default());
    let rule = rule_name(tx, job.synchronizer)?;
    let kind = job.settings.as_ref().map_or("", |it| it.kind().name());
    let what = match job.kind {
        JobKind::Incremental => {
            return Ok(format!("Incremental synchronization of {on} by {rule}."));
        }
        JobKind::Resync => format!("a resync of {on} by {rule}"),
        JobKind::Import => format!("a one-off import by {kind} into {on}"),
        JobKind::Export => format!("a one-off export by {kind} from {on}"),
        JobKind::Revert => {
            let undone = job
                .reverts
                .map_or("a job".to_owned(), |it| format!("job {}", it.0));
            format!("undoing {undone} on {on}")
        }
    };
    let user = match job.requested_by {
        Some(id) => users::by_ids(tx, [id])?.pop(),
        None => None,
    };
    let who = user.map_or("A user who is gone".to_owned(), |it| {
        format!("“{}”", it.name)
    });
    let mut sentence = format!("{who} asked for {what}");
    if let (JobKind::Resync, Some(direction)) = (job.kind, job.direction) {
        sentence += &format!(", direction {}", direction.name());
    }
    if job.dry_run {
        sentence += ", as a dry run: nothing will be changed";
    }
    if job.enable_afterwards {
        sentence += ", and to enable it afterwards";
    }
    if let Some(preview) = job.preview {
        sentence += &format!(", if it still is what dry run {} showed", preview.0);
    }
    Ok(sentence + ".")
}

fn rule_name(tx: &Tx<'_>, id: Option<SynchronizerId>) -> Result<String, StoreError> {
    let found = match id.map(|id| synchronizers::find(tx, id)) {
        // The job itself fails with what is wrong; the queue does not.
        Some(Err(StoreError::Corrupt(_))) => {
            return Ok("a synchronizer that cannot be read".to_owned());
        }
        Some(found) => found?,
        None => None,
    };
    Ok(match found {
        Some(it) => format!("“{}” ({})", it.name, it.settings.kind().name()),
        None => "a synchronizer that is gone".to_owned(),
    })
}

fn tell_wait(tx: &Tx<'_>, job: &Job) -> Result<String, StoreError> {
    let started = job.started_at.unwrap_or(job.created_at);
    let waited = started.0.saturating_sub(job.created_at.0);
    let ahead = jobs::waited_for(tx, job)?;
    let seconds = format!("{}.{} s", waited / 1_000, waited % 1_000 / 100);
    if ahead.is_empty() {
        return Ok(match waited < AT_ONCE {
            true => "It started at once.".to_owned(),
            false => format!("It waited {seconds} for a free worker."),
        });
    }
    let (own, others): (Vec<&Job>, Vec<&Job>) =
        ahead.iter().partition(|it| it.structure == job.structure);
    let mut names: Vec<String> = own
        .iter()
        .take(NAMED)
        .map(|it| format!("job {} ({})", it.id.0, it.kind.name()))
        .collect();
    match others.len() + own.len().saturating_sub(NAMED) {
        0 => {}
        1 => names.push("one more job".to_owned()),
        more => names.push(format!("{more} more jobs")),
    }
    if own.is_empty() {
        names = vec!["jobs of other structures that write issues as well".to_owned()];
    }
    Ok(format!("It waited {seconds} for {}.", names.join(", ")))
}
