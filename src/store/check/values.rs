//! What SQL cannot say of single values: that keys are well formed, that stored JSON is read, and
//! that a job's counts are those of its lines.

use super::{Broken, Mend};
use crate::domain::issue::StatusCategory;
use crate::domain::{
    ChangeCounts, ChangeKind, Direction, GlobalPermission, JobId, JobKind, JobState, LogLevel,
    Role, Settings, fractional,
};
use crate::store::changes::RowChangeKind;
use crate::store::issues::IssueChangeKind;
use crate::store::references::ReferenceKind;
use crate::store::{StoreError, Tx, params};

/// Tells `broken` of each place or rank that is no fractional key, or is another's as well.
pub(super) fn row_keys(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    type Place = (i64, Option<i64>, String);
    let mut last: Option<Place> = None;
    tx.each(
        "SELECT structure_id, parent_id, position, id FROM forest_row
         ORDER BY structure_id, parent_id, position, id",
        &[],
        |row| {
            let here: Place = (row.get(0)?, row.get(1)?, row.get(2)?);
            let id: i64 = row.get(3)?;
            if !fractional::is_key(&here.2) {
                broken(format!("row {id} has the key {:?}", here.2), Mend::Follows);
            } else if last.as_ref() == Some(&here) {
                broken(
                    format!("row {id} has the key {:?} of the row before it", here.2),
                    Mend::Follows,
                );
            }
            last = Some(here);
            Ok(())
        },
    )
}

/// As [`row_keys`], for the ranks of issues.
pub(super) fn ranks(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    let mut last: Option<String> = None;
    tx.each(
        "SELECT rank, key FROM issue WHERE rank IS NOT NULL ORDER BY rank, id",
        &[],
        |row| {
            let (rank, key): (String, String) = (row.get(0)?, row.get(1)?);
            if !fractional::is_key(&rank) {
                broken(format!("{key} has the rank {rank:?}"), Mend::Follows);
            } else if last.as_deref() == Some(&rank) {
                broken(
                    format!("{key} has the rank {rank:?} of the issue before it"),
                    Mend::Follows,
                );
            }
            last = Some(rank);
            Ok(())
        },
    )
}

/// Settings and counts that do not read as what was written.
pub(super) fn documents(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    tx.each(
        "SELECT id, kind, settings FROM synchronizer ORDER BY id",
        &[],
        |row| {
            let (id, kind): (i64, String) = (row.get(0)?, row.get(1)?);
            match serde_json::from_str::<Settings>(&row.get::<String>(2)?) {
                Ok(settings) if settings.kind().name() == kind => {}
                Ok(_) => broken(
                    format!("synchronizer {id} is {kind}, its settings are not"),
                    Mend::Open,
                ),
                Err(error) => broken(
                    format!("the settings of synchronizer {id}: {error}"),
                    Mend::Open,
                ),
            }
            Ok(())
        },
    )?;
    tx.each(
        "SELECT id, settings, counts FROM job ORDER BY id",
        &[],
        |row| {
            let id: i64 = row.get(0)?;
            if let Some(text) = row.get::<Option<String>>(1)?
                && let Err(error) = serde_json::from_str::<Settings>(&text)
            {
                broken(format!("the settings of job {id}: {error}"), Mend::Open);
            }
            if let Err(error) = serde_json::from_str::<ChangeCounts>(&row.get::<String>(2)?) {
                broken(format!("the counts of job {id}: {error}"), Mend::Open);
            }
            Ok(())
        },
    )
}

/// A column that holds names which the program has to know: its table, the key there, and whether a
/// name is known.
type Names = (&'static str, &'static str, &'static str, fn(&str) -> bool);

/// Those of columns with a CHECK are among them: of a file that is only read, SQLite's own check
/// leaves these out.
const NAMES: &[Names] = &[
    ("job", "id", "kind", |it| JobKind::from_name(it).is_some()),
    ("job", "id", "state", |it| JobState::from_name(it).is_some()),
    ("job", "id", "direction", |it| {
        Direction::from_name(it).is_some()
    }),
    ("job_change", "job_id", "kind", |it| {
        ChangeKind::from_name(it).is_some()
    }),
    ("job_log", "job_id", "level", |it| {
        LogLevel::from_name(it).is_some()
    }),
    ("issue_change", "seq", "kind", |it| {
        IssueChangeKind::from_name(it).is_some()
    }),
    ("forest_change", "row_id", "kind", |it| {
        RowChangeKind::from_name(it).is_some()
    }),
    ("dangling_reference", "issue_id", "kind", |it| {
        ReferenceKind::from_name(it).is_some()
    }),
    ("status", "id", "category", |it| {
        StatusCategory::from_name(it).is_some()
    }),
    ("user_account", "id", "role", |it| {
        Role::from_name(it).is_some()
    }),
    ("global_permission", "subject", "permission", |it| {
        GlobalPermission::from_name(it).is_some()
    }),
];

/// Names of kinds, states and the like that this program does not know.
pub(super) fn names(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    for (table, key, column, known) in NAMES {
        let distinct =
            format!("SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY 1");
        let names: Vec<String> = tx.query(&distinct, &[], |row| row.get(0))?;
        for name in names.iter().filter(|name| !known(name)) {
            let found = format!("SELECT CAST({key} AS TEXT) FROM {table} WHERE {column} = ?");
            tx.each(&found, params![name], |row| {
                let at: String = row.get(0)?;
                let line = format!("{table} {key} {at} has the {column} {name:?}");
                broken(line, Mend::Open);
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// Lines that are missing in the middle of what a job changed.
pub(super) fn job_lines(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    tx.each(
        "SELECT job_id, min(seq), max(seq), count(*) FROM job_change GROUP BY job_id
         HAVING max(seq) - min(seq) + 1 <> count(*) ORDER BY job_id",
        &[],
        |row| {
            let (job, from): (i64, i64) = (row.get(0)?, row.get(1)?);
            let (to, count): (i64, i64) = (row.get(2)?, row.get(3)?);
            broken(
                format!("job {job} has {count} lines, numbered {from} to {to}"),
                Mend::Open,
            );
            Ok(())
        },
    )
}

/// A job whose counts are not those of its lines.
pub(super) struct Miscounted {
    pub(super) job: JobId,
    pub(super) said: ChangeCounts,
    pub(super) counted: ChangeCounts,
    /// Whether its lines are all that it had, as far as their numbers tell.
    pub(super) unbroken: bool,
}

/// Calls `found` with each job that counts other than its lines do. Those of the job that ended
/// first may be being deleted, from the first on, because it is past its time.
pub(super) fn each_miscounted(
    tx: &Tx<'_>,
    found: &mut dyn FnMut(Miscounted) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    tx.each(
        "SELECT job.id, job.counts FROM job
         WHERE job.finished_at IS NOT NULL
           AND NOT (job.finished_at = (SELECT min(finished_at) FROM job)
                AND COALESCE((SELECT min(seq) FROM job_change WHERE job_id = job.id), 1) > 0)
         ORDER BY job.id",
        &[],
        |row| {
            let job: JobId = row.get(0)?;
            let Ok(said) = serde_json::from_str::<ChangeCounts>(&row.get::<String>(1)?) else {
                return Ok(());
            };
            let mut counted = ChangeCounts {
                issues_scanned: said.issues_scanned,
                ..ChangeCounts::default()
            };
            let (mut unbroken, mut next) = (true, 0);
            tx.each(
                "SELECT kind, seq FROM job_change WHERE job_id = ? ORDER BY seq",
                params![job],
                |line| {
                    let (kind, seq): (String, i64) = (line.get(0)?, line.get(1)?);
                    match ChangeKind::from_name(&kind) {
                        Some(kind) => counted.count(kind),
                        None => unbroken = false,
                    }
                    unbroken &= seq == next;
                    next = seq + 1;
                    Ok(())
                },
            )?;
            match said == counted {
                true => Ok(()),
                false => found(Miscounted {
                    job,
                    said,
                    counted,
                    unbroken,
                }),
            }
        },
    )
}

pub(super) fn job_counts(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    each_miscounted(tx, &mut |it| {
        let (said, counted) = (it.said.total(), it.counted.total());
        let line = format!(
            "job {} says {said} changes, its lines {counted}: {:?}, {:?}",
            it.job, it.said, it.counted
        );
        broken(
            line,
            if it.unbroken {
                Mend::Follows
            } else {
                Mend::Open
            },
        );
        Ok(())
    })
}

/// Jobs that ended well and of whose changes the feeds do not tell, or tell more.
pub(super) fn job_feeds(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    tx.each(
        "SELECT job.id, job.counts,
             (SELECT count(*) FROM structure_version AS made JOIN forest_change AS change
                ON change.structure_id = made.structure_id AND change.version = made.version
              WHERE made.job_id = job.id),
             (SELECT count(*) FROM issue_change
              WHERE job_id = job.id AND link_id IS NOT NULL AND field = 'source')
         FROM job
         WHERE dry_run = 0 AND state IN ('SUCCEEDED', 'PARTIALLY_SUCCEEDED') ORDER BY job.id",
        &[],
        |row| {
            let (job, rows, links): (i64, i64, i64) = (row.get(0)?, row.get(2)?, row.get(3)?);
            let Ok(said) = serde_json::from_str::<ChangeCounts>(&row.get::<String>(1)?) else {
                return Ok(());
            };
            let said_rows = said.rows_added + said.rows_moved + said.rows_removed;
            let said_links = said.links_added + said.links_removed;
            if said_rows as i64 != rows || said_links as i64 != links {
                broken(format!(
                    "job {job} changed {said_rows} rows and {said_links} links, the feeds tell of \
                     {rows} and {links}"
                ), Mend::Open);
            }
            Ok(())
        },
    )
}
