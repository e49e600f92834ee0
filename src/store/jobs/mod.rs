//! Jobs as rows: queued, started, ended, with what each changed. A job that is `RUNNING` in the
//! database has changed nothing: its end is written in the transaction of its changes.
//!
//! Here is what a job is, queueing and finding it; `life` takes it from start to end, `lines` keeps
//! what it changed, `log` why, `reverts` knows which undid which.

mod life;
mod lines;
mod log;
mod reverts;

pub use life::{
    End, cancel, delete_ended_before, finish, forget_enabling, recover, requeue, start,
};
pub use lines::{ChangeLine, add_changes, changes, count_changes};
pub use log::{LOG_LIMIT, LogEntry, MESSAGE_LIMIT, add_log, logs, remark};
pub use reverts::effective_reverts;

use super::{Row, StoreError, Tx, Value, params, permissions};
use crate::domain::{
    ChangeCounts, Direction, JobId, JobKind, JobState, Millis, Settings, StructureId,
    SynchronizerId, UserId,
};
use crate::events::Event;

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id; jobs start in the order of their ids where they must not run together.
    pub id: JobId,
    /// What it is.
    pub kind: JobKind,
    /// Which side is the truth; `None` for incremental synchronization.
    pub direction: Option<Direction>,
    /// Where it is in its life.
    pub state: JobState,
    /// Whether it only works out what it would change.
    pub dry_run: bool,
    /// Whose hierarchy it reads or writes.
    pub structure: StructureId,
    /// The synchronizer that it runs, or whose work it undoes; `None` for a rule that is not
    /// installed, and once it is uninstalled.
    pub synchronizer: Option<SynchronizerId>,
    /// The rule that it runs without a synchronizer.
    pub settings: Option<Settings>,
    /// The job that it undoes.
    pub reverts: Option<JobId>,
    /// Whether it may write issues or links.
    pub writes_issues: bool,
    /// Whether its success enables the synchronizer.
    pub enable_afterwards: bool,
    /// The dry run that its plan has to equal.
    pub preview: Option<JobId>,
    /// The share of rows or links that it may remove, in percent.
    pub max_removal_percent: Option<u32>,
    /// Who asked for it.
    pub requested_by: Option<UserId>,
    /// What it does now, in words.
    pub phase: String,
    /// How much of the phase is done.
    pub done: i64,
    /// Of how much, once known.
    pub total: Option<i64>,
    /// What it changed.
    pub counts: ChangeCounts,
    /// Why it failed: a code and a message.
    pub error: Option<(String, String)>,
    /// When it was queued.
    pub created_at: Millis,
    /// When it was started.
    pub started_at: Option<Millis>,
    /// When it ended.
    pub finished_at: Option<Millis>,
    /// Grows with every change of the job.
    pub revision: i64,
}

/// What a new job is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// What it is.
    pub kind: JobKind,
    /// Which side is the truth.
    pub direction: Option<Direction>,
    /// Whether it only works out what it would change.
    pub dry_run: bool,
    /// Whose hierarchy.
    pub structure: StructureId,
    /// The synchronizer that it runs, or whose work it undoes.
    pub synchronizer: Option<SynchronizerId>,
    /// The rule that it runs without a synchronizer.
    pub settings: Option<Settings>,
    /// The job that it undoes.
    pub reverts: Option<JobId>,
    /// Whether it may write issues or links.
    pub writes_issues: bool,
    /// Whether its success enables the synchronizer.
    pub enable_afterwards: bool,
    /// The dry run that its plan has to equal.
    pub preview: Option<JobId>,
    /// The share of rows or links that it may remove, in percent.
    pub max_removal_percent: Option<u32>,
    /// Who asks for it.
    pub requested_by: Option<UserId>,
}

const COLUMNS: &str = "id, kind, direction, state, dry_run, structure_id, synchronizer_id,
    writes_issues, enable_afterwards, preview_job_id, max_removal_percent, requested_by_id, phase,
    done, total, counts, error_code, error_message, created_at, started_at, finished_at, revision, settings,
    reverts_id";

fn read(row: &Row<'_>) -> Result<Job, StoreError> {
    let direction: Option<String> = row.get(2)?;
    let counts: String = row.get(15)?;
    let settings: Option<String> = row.get(22)?;
    let (code, message): (Option<String>, Option<String>) = (row.get(16)?, row.get(17)?);
    Ok(Job {
        id: row.get(0)?,
        kind: row.named(1, JobKind::from_name)?,
        direction: direction.as_deref().and_then(Direction::from_name),
        state: row.named(3, JobState::from_name)?,
        dry_run: row.get(4)?,
        structure: row.get(5)?,
        synchronizer: row.get(6)?,
        settings: settings
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| StoreError::Corrupt(format!("settings: {error}")))?,
        reverts: row.get(23)?,
        writes_issues: row.get(7)?,
        enable_afterwards: row.get(8)?,
        preview: row.get(9)?,
        max_removal_percent: row.get(10)?,
        requested_by: row.get(11)?,
        phase: row.get(12)?,
        done: row.get(13)?,
        total: row.get(14)?,
        counts: serde_json::from_str(&counts)
            .map_err(|error| StoreError::Corrupt(format!("counts: {error}")))?,
        error: code.map(|code| (code, message.unwrap_or_default())),
        created_at: row.get(18)?,
        started_at: row.get(19)?,
        finished_at: row.get(20)?,
        revision: row.get(21)?,
    })
}

/// Queues a job.
pub fn enqueue(tx: &Tx<'_>, job: &NewJob) -> Result<JobId, StoreError> {
    let settings = job.settings.as_ref().map(serde_json::to_string).transpose();
    let settings = settings.map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let id = tx.insert(
        "INSERT INTO job (kind, direction, state, dry_run, structure_id, synchronizer_id,
                          writes_issues, enable_afterwards, preview_job_id, max_removal_percent,
                          requested_by_id, settings, reverts_id, phase, created_at)
         VALUES (?, ?, 'QUEUED', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'Waiting', ?) RETURNING id",
        params![
            job.kind.name(),
            job.direction.map(Direction::name),
            job.dry_run,
            job.structure,
            job.synchronizer,
            job.writes_issues,
            job.enable_afterwards,
            job.preview,
            job.max_removal_percent.map(i64::from),
            job.requested_by,
            settings,
            job.reverts,
            tx.now(),
        ],
    )?;
    tx.publish(Event::Job(JobId(id), job.structure, job.synchronizer));
    Ok(JobId(id))
}

/// The job with this id.
pub fn find(tx: &Tx<'_>, id: JobId) -> Result<Option<Job>, StoreError> {
    tx.find(
        &format!("SELECT {COLUMNS} FROM job WHERE id = ?"),
        params![id],
        read,
    )
}

/// The jobs with the given ids.
pub fn by_ids(tx: &Tx<'_>, ids: impl IntoIterator<Item = JobId>) -> Result<Vec<Job>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM job WHERE id IN ({{}})");
    tx.query_ids(&sql, &[], ids.into_iter().map(|id| id.0), read)
}

/// The newest incremental job of a synchronizer.
pub fn last_incremental(
    tx: &Tx<'_>,
    synchronizer: SynchronizerId,
) -> Result<Option<Job>, StoreError> {
    tx.find(
        &format!(
            "SELECT {COLUMNS} FROM job WHERE synchronizer_id = ? AND kind = 'INCREMENTAL'
             ORDER BY id DESC LIMIT 1"
        ),
        params![synchronizer],
        read,
    )
}

/// The newest incremental jobs of some synchronizers, newest first.
pub fn newest_incremental(
    tx: &Tx<'_>,
    of: impl IntoIterator<Item = SynchronizerId>,
    limit: usize,
) -> Result<Vec<Job>, StoreError> {
    let mut found = Vec::new();
    for synchronizer in of {
        found.extend(tx.query(
            &format!(
                "SELECT {COLUMNS} FROM job WHERE synchronizer_id = ? AND kind = 'INCREMENTAL'
                 ORDER BY id DESC LIMIT ?"
            ),
            params![synchronizer, limit],
            read,
        )?);
    }
    found.sort_unstable_by_key(|job| std::cmp::Reverse(job.id));
    found.truncate(limit);
    Ok(found)
}

/// Those of the given jobs that ran a synchronizer.
pub fn of_synchronizer(
    tx: &Tx<'_>,
    synchronizer: SynchronizerId,
    jobs: impl IntoIterator<Item = JobId>,
) -> Result<std::collections::HashSet<JobId>, StoreError> {
    let found = tx.query_ids(
        "SELECT id FROM job WHERE synchronizer_id = ? AND id IN ({})",
        params![synchronizer],
        jobs.into_iter().map(|job| job.0),
        |row| row.get(0),
    )?;
    Ok(found.into_iter().collect())
}

/// Every job that has not ended, oldest first.
pub fn active(tx: &Tx<'_>) -> Result<Vec<Job>, StoreError> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM job WHERE state IN ('QUEUED', 'RUNNING', 'CANCELLING') ORDER BY id"
        ),
        &[],
        read,
    )
}

/// The jobs that a job had to wait for: older ones on the same data that ended after it was queued.
pub fn waited_for(tx: &Tx<'_>, job: &Job) -> Result<Vec<Job>, StoreError> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM job
             WHERE finished_at >= ? AND id < ?
               AND (structure_id = ? OR (writes_issues = 1 AND ? = 1))
             ORDER BY id LIMIT 100"
        ),
        params![job.created_at, job.id, job.structure, job.writes_issues],
        read,
    )
}

/// Whether there is a job, ended ones included.
pub fn any(tx: &Tx<'_>) -> Result<bool, StoreError> {
    let found = tx.find("SELECT 1 FROM job LIMIT 1", &[], |row| row.get::<i64>(0))?;
    Ok(found.is_some())
}

/// How many jobs wait, of all or of those that a user asked for.
pub fn count_queued(tx: &Tx<'_>, of: Option<UserId>) -> Result<u64, StoreError> {
    let count: i64 = tx.get(
        "SELECT count(*) FROM job WHERE state = 'QUEUED' AND (? IS NULL OR requested_by_id = ?)",
        params![of, of],
        |row| row.get(0),
    )?;
    Ok(count.unsigned_abs())
}

/// Which jobs a page is taken from.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those on structures that this user may view; `None` shows all.
    pub viewer: Option<UserId>,
    /// Only those of this structure.
    pub structure: Option<StructureId>,
    /// Only those of this synchronizer.
    pub synchronizer: Option<SynchronizerId>,
    /// Only those in these states; empty: all.
    pub states: Vec<JobState>,
}

impl Filter {
    fn sql(&self) -> (String, Vec<Value<'static>>) {
        let (mut sql, mut values) = ("1 = 1".to_owned(), Vec::new());
        if let Some(viewer) = self.viewer {
            sql += &format!(" AND {}", permissions::viewable("structure_id"));
            values.extend(permissions::viewer_values(viewer));
        }
        if let Some(structure) = self.structure {
            sql += " AND structure_id = ?";
            values.push(structure.into());
        }
        if let Some(synchronizer) = self.synchronizer {
            sql += " AND synchronizer_id = ?";
            values.push(synchronizer.into());
        }
        if !self.states.is_empty() {
            sql += &format!(
                " AND state IN ({})",
                vec!["?"; self.states.len()].join(", ")
            );
            values.extend(self.states.iter().map(|state| Value::Text(state.name())));
        }
        (sql, values)
    }
}

/// A page of jobs, newest first, below `before`.
pub fn page(
    tx: &Tx<'_>,
    filter: &Filter,
    before: Option<JobId>,
    limit: usize,
) -> Result<Vec<Job>, StoreError> {
    let (mut sql, mut values) = filter.sql();
    if let Some(before) = before {
        sql += " AND id < ?";
        values.push(before.into());
    }
    values.push(limit.into());
    let sql = format!("SELECT {COLUMNS} FROM job WHERE {sql} ORDER BY id DESC LIMIT ?");
    tx.query(&sql, &values, read)
}

/// How many jobs pass a filter.
pub fn count(tx: &Tx<'_>, filter: &Filter) -> Result<i64, StoreError> {
    let (sql, values) = filter.sql();
    tx.get(
        &format!("SELECT count(*) FROM job WHERE {sql}"),
        &values,
        |row| row.get(0),
    )
}
