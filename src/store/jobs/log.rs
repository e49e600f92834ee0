//! What a job decided and why, in a few lines that people read.
//!
//! A job's lines are kept in memory while it runs and stored in the transaction of its end; so the
//! log is short by design: what it holds is bounded here.

use super::Job;
use crate::domain::{JobId, LogLevel, Millis};
use crate::events::Event;
use crate::store::{StoreError, Tx, params};
use std::collections::HashMap;

/// Entries of one job at the most.
pub const LOG_LIMIT: usize = 100;
/// Characters of one message at the most.
pub const MESSAGE_LIMIT: usize = 1_000;

/// One line of a job's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// When.
    pub at: Millis,
    /// Whether it wants attention.
    pub level: LogLevel,
    /// What was decided and why, in a whole sentence.
    pub message: String,
}

impl LogEntry {
    /// An entry; of a message that is too long, the beginning.
    pub fn new(at: Millis, level: LogLevel, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if let Some((end, _)) = message.char_indices().nth(MESSAGE_LIMIT) {
            let last = message[..end].char_indices().next_back();
            message.truncate(last.map_or(0, |(at, _)| at));
            message.push('…');
        }
        Self { at, level, message }
    }
}

/// Adds entries at the end of a job's log. Where it is full, the last line is written over: how a
/// job ended matters most.
pub fn add_log(tx: &Tx<'_>, job: JobId, entries: &[LogEntry]) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    let kept: i64 = tx.get(
        "SELECT count(*) FROM job_log WHERE job_id = ?",
        params![job],
        |row| row.get(0),
    )?;
    let kept = usize::try_from(kept).unwrap_or(LOG_LIMIT);
    for (at, entry) in entries.iter().enumerate() {
        tx.execute(
            "INSERT INTO job_log (job_id, seq, level, message, at) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (job_id, seq) DO UPDATE
             SET level = excluded.level, message = excluded.message, at = excluded.at",
            params![
                job,
                (kept + at).min(LOG_LIMIT - 1),
                entry.level.name(),
                &entry.message,
                entry.at,
            ],
        )?;
    }
    Ok(())
}

/// Adds an entry to the log of a job that may have ended, which shows as a change of the job.
pub fn remark(tx: &Tx<'_>, job: &Job, level: LogLevel, message: String) -> Result<(), StoreError> {
    add_log(tx, job.id, &[LogEntry::new(tx.now(), level, message)])?;
    tx.execute(
        "UPDATE job SET revision = revision + 1 WHERE id = ?",
        params![job.id],
    )?;
    tx.publish(Event::Job(job.id, job.structure, job.synchronizer));
    Ok(())
}

/// The stored logs of jobs, in order; a job without one is absent.
pub fn logs(
    tx: &Tx<'_>,
    jobs: impl IntoIterator<Item = JobId>,
) -> Result<HashMap<JobId, Vec<LogEntry>>, StoreError> {
    let found = tx.query_ids(
        "SELECT job_id, level, message, at FROM job_log WHERE job_id IN ({}) ORDER BY job_id, seq",
        &[],
        jobs.into_iter().map(|job| job.0),
        |row| {
            let entry = LogEntry {
                at: row.get(3)?,
                level: row.named(1, LogLevel::from_name)?,
                message: row.get(2)?,
            };
            Ok((row.get::<JobId>(0)?, entry))
        },
    )?;
    let mut logs: HashMap<JobId, Vec<LogEntry>> = HashMap::new();
    for (job, entry) in found {
        logs.entry(job).or_default().push(entry);
    }
    Ok(logs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_is_too_long_is_cut_between_characters() {
        let entry = |message: &str| LogEntry::new(Millis(0), LogLevel::Info, message);
        let fits = "ä".repeat(MESSAGE_LIMIT);
        assert_eq!(entry(&fits).message, fits);
        let cut = entry(&"ä".repeat(MESSAGE_LIMIT + 1)).message;
        assert_eq!(cut.chars().count(), MESSAGE_LIMIT);
        assert!(cut.ends_with("ä…"));
    }
}
