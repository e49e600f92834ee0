//! What SQL cannot say of single values: that keys are well formed, that stored JSON is read, and
//! that a job's counts are those of its lines.

use super::Broken;
use crate::domain::{ChangeCounts, ChangeKind, JobId, Settings, fractional};
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
                broken(format!("row {id} has the key {:?}", here.2));
            } else if last.as_ref() == Some(&here) {
                broken(format!(
                    "row {id} has the key {:?} of the row before it",
                    here.2
                ));
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
                broken(format!("{key} has the rank {rank:?}"));
            } else if last.as_deref() == Some(&rank) {
                broken(format!(
                    "{key} has the rank {rank:?} of the issue before it"
                ));
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
                Ok(_) => broken(format!("synchronizer {id} is {kind}, its settings are not")),
                Err(error) => broken(format!("the settings of synchronizer {id}: {error}")),
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
                broken(format!("the settings of job {id}: {error}"));
            }
            if let Err(error) = serde_json::from_str::<ChangeCounts>(&row.get::<String>(2)?) {
                broken(format!("the counts of job {id}: {error}"));
            }
            Ok(())
        },
    )
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
            broken(format!(
                "job {job} has {count} lines, numbered {from} to {to}"
            ));
            Ok(())
        },
    )
}

/// A job whose counts are not those of its lines.
pub(super) struct Miscounted {
    pub(super) job: JobId,
    pub(super) said: ChangeCounts,
    pub(super) counted: ChangeCounts,
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
            tx.each(
                "SELECT kind FROM job_change WHERE job_id = ?",
                params![job],
                |line| {
                    counted.count(line.named(0, ChangeKind::from_name)?);
                    Ok(())
                },
            )?;
            match said == counted {
                true => Ok(()),
                false => found(Miscounted { job, said, counted }),
            }
        },
    )
}

pub(super) fn job_counts(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    each_miscounted(tx, &mut |it| {
        let (said, counted) = (it.said.total(), it.counted.total());
        broken(format!(
            "job {} says {said} changes, its lines {counted}: {:?}, {:?}",
            it.job, it.said, it.counted
        ));
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
                ));
            }
            Ok(())
        },
    )
}
