//! From start to end: each step of a job's life is a statement in the transaction that it belongs
//! to, and is told to those who wait for it.

use super::{Job, LogEntry, active, add_log};
use crate::domain::{ChangeCounts, JobId, JobState, LogLevel, Millis, SynchronizerId};
use crate::events::Event;
use crate::store::{StoreError, Tx, params};

/// Moves a queued job to running; whether it was still queued.
pub fn start(tx: &Tx<'_>, job: &Job) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE job SET state = 'RUNNING', phase = 'Starting', started_at = ?, revision = revision + 1
         WHERE id = ? AND state = 'QUEUED'",
        params![tx.now(), job.id],
    )?;
    tx.publish(Event::Job(job.id, job.structure, job.synchronizer));
    Ok(changed > 0)
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// An ended state.
    pub state: JobState,
    /// What it changed.
    pub counts: ChangeCounts,
    /// Why it failed.
    pub error: Option<(String, String)>,
    /// How often its progress was shown without being stored.
    pub ticks: i64,
    /// What its log says beyond what is stored.
    pub log: Vec<LogEntry>,
}

/// Writes the end of a job, and tells the jobs that waited for it.
pub fn finish(tx: &Tx<'_>, job: &Job, end: &End) -> Result<(), StoreError> {
    let counts = serde_json::to_string(&end.counts)
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let (code, message) = match &end.error {
        Some((code, message)) => (Some(code), Some(message)),
        None => (None, None),
    };
    add_log(tx, job.id, &end.log)?;
    let total = end.counts.total();
    tx.execute(
        "UPDATE job SET state = ?, phase = 'Finished', done = ?, total = ?, counts = ?,
                error_code = ?, error_message = ?, finished_at = ?,
                revision = revision + ?
         WHERE id = ?",
        params![
            end.state.name(),
            total,
            total,
            counts,
            code,
            message,
            tx.now(),
            end.ticks + 1,
            job.id
        ],
    )?;
    tx.publish(Event::Job(job.id, job.structure, job.synchronizer));
    wake_waiting(tx, job)
}

/// Jobs that waited for this one have something new to show.
fn wake_waiting(tx: &Tx<'_>, job: &Job) -> Result<(), StoreError> {
    let waiting = tx.query(
        "UPDATE job SET revision = revision + 1
         WHERE state = 'QUEUED' AND id <> ? AND (structure_id = ? OR (writes_issues = 1 AND ? = 1))
         RETURNING id, structure_id, synchronizer_id",
        params![job.id, job.structure, job.writes_issues],
        |row| Ok(Event::Job(row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    waiting.into_iter().for_each(|event| tx.publish(event));
    Ok(())
}

/// Jobs of a synchronizer that have not ended will not enable it: its user has decided otherwise.
pub fn forget_enabling(tx: &Tx<'_>, synchronizer: SynchronizerId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE job SET enable_afterwards = 0
         WHERE synchronizer_id = ? AND state IN ('QUEUED', 'RUNNING', 'CANCELLING')",
        params![synchronizer],
    )
    .map(|_| ())
}

/// Asks a job to stop; its state afterwards. A queued one is cancelled at once, and its log says
/// `because`, a whole sentence.
pub fn cancel(tx: &Tx<'_>, job: &Job, because: &str) -> Result<JobState, StoreError> {
    match job.state {
        JobState::Queued => {
            let message = format!("{because} It had not begun.");
            let end = End {
                log: vec![LogEntry::new(tx.now(), LogLevel::Info, message)],
                state: JobState::Cancelled,
                counts: job.counts,
                error: None,
                ticks: 0,
            };
            finish(tx, job, &end)?;
            Ok(JobState::Cancelled)
        }
        JobState::Running => {
            tx.execute(
                "UPDATE job SET state = 'CANCELLING', revision = revision + 1 WHERE id = ?",
                params![job.id],
            )?;
            tx.publish(Event::Job(job.id, job.structure, job.synchronizer));
            Ok(JobState::Cancelling)
        }
        state => Ok(state),
    }
}

/// Revisions set aside for progress that was shown before a crash and never stored.
const REVISIONS_LOST_AT_MOST: i64 = 10_000;

/// After a crash: what ran has changed nothing, so it waits again, or is cancelled if that was
/// asked for. How many jobs that were.
pub fn recover(tx: &Tx<'_>) -> Result<usize, StoreError> {
    let mut recovered = 0;
    for job in active(tx)? {
        match job.state {
            JobState::Running => {
                tx.execute(
                    "UPDATE job SET state = 'QUEUED', phase = 'Waiting', done = 0, total = NULL,
                            started_at = NULL, revision = revision + ? WHERE id = ?",
                    params![REVISIONS_LOST_AT_MOST, job.id],
                )?;
                note_restart(tx, job.id)?;
            }
            JobState::Cancelling => {
                let message = "The server stopped before the job could: it changed nothing.";
                let end = End {
                    state: JobState::Cancelled,
                    counts: job.counts,
                    error: None,
                    ticks: REVISIONS_LOST_AT_MOST,
                    log: vec![LogEntry::new(tx.now(), LogLevel::Info, message)],
                };
                finish(tx, &job, &end)?;
            }
            _ => continue,
        }
        recovered += 1;
    }
    Ok(recovered)
}

/// Lines of before a stop may be lost; that there was one is not.
fn note_restart(tx: &Tx<'_>, job: JobId) -> Result<(), StoreError> {
    let message = "The server stopped while the job ran: nothing was changed, and it begins again.";
    let entry = LogEntry::new(tx.now(), LogLevel::Warning, message);
    add_log(tx, job, &[entry])
}

/// Puts a running job back into the queue: the server stops before it could end.
pub fn requeue(tx: &Tx<'_>, job: &Job, ticks: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE job SET state = 'QUEUED', phase = 'Waiting', done = 0, total = NULL,
                started_at = NULL, revision = revision + ?
         WHERE id = ? AND state = 'RUNNING'",
        params![ticks + 1, job.id],
    )?;
    note_restart(tx, job.id)?;
    tx.publish(Event::Job(job.id, job.structure, job.synchronizer));
    Ok(())
}

/// Deletes jobs that ended before an instant, oldest first, with all that is kept of them: up to
/// `lines` lines of what they changed, and of the jobs that have none left up to `limit`. Whether
/// there may be more.
pub fn delete_ended_before(
    tx: &Tx<'_>,
    before: Millis,
    limit: usize,
    lines: usize,
) -> Result<bool, StoreError> {
    let old: Vec<JobId> = tx.query(
        "SELECT id FROM job WHERE finished_at IS NOT NULL AND finished_at < ?
         ORDER BY finished_at LIMIT ?",
        params![before, limit],
        |row| row.get(0),
    )?;
    let mut left = lines;
    for job in &old {
        left -= tx.execute(
            "DELETE FROM job_change WHERE job_id = ? AND seq IN (
                 SELECT seq FROM job_change WHERE job_id = ? ORDER BY seq LIMIT ?)",
            params![*job, *job, left],
        )?;
        if left == 0 {
            return Ok(true);
        }
        tx.execute("DELETE FROM job WHERE id = ?", params![*job])?;
    }
    Ok(old.len() == limit)
}
