//! Makes good what follows from something else: indexes, counts, counters, cursors and keys that
//! order things. What was there before is kept in a backup.
//!
//! Keys of rows are changed as an edit would: as moves, in a version that nobody made, so that the
//! feed goes on telling where each row stands.

use super::open::{CheckError, change, look, open};
use super::{Report, check, feeds, file, rules, values};
use crate::domain::fractional;
use crate::store::backup::{BackupRequest, back_up};
use crate::store::forest::CHANGES_PER_VERSION;
use crate::store::{StoreError, Tx, params, pending};
use rusqlite::OpenFlags;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// What a repair did.
#[derive(Clone, Debug)]
pub struct Repaired {
    /// What was found before.
    pub before: Report,
    /// What is left.
    pub after: Report,
    /// The database as it was before; `None` if there was nothing to repair or to take back.
    pub kept: Option<PathBuf>,
}

/// Checks the database in a file, takes back what jobs left unfinished and repairs what can be, all
/// of it in one transaction, after what was there was copied to `keep`. No server may have it open:
/// its memory would not know.
pub fn repair(
    path: &Path,
    keep: &Path,
    watch: &mut dyn FnMut(&'static str),
) -> Result<Repaired, CheckError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = open(path, flags)?;
    connection
        .execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")
        .map_err(StoreError::from)?;
    let before = look(&mut connection, watch)?;
    let takes_back = !before.damaged && !before.unfinished.is_empty();
    if !takes_back && before.findings.iter().all(|it| it.mendable == 0) {
        return Ok(Repaired {
            after: before.clone(),
            before,
            kept: None,
        });
    }
    let request = BackupRequest {
        from: path.to_owned(),
        to: keep.to_owned(),
        replace: false,
        only_if_whole: false,
    };
    back_up(&request, |_, _| {})?;
    let after = change(&mut connection, |tx| {
        make_good(tx, &before)?;
        Ok(check(tx, watch))
    })?;
    Ok(Repaired {
        before,
        after,
        kept: Some(keep.to_owned()),
    })
}

fn make_good(tx: &Tx<'_>, found: &Report) -> Result<(), StoreError> {
    let broken: HashSet<&str> = found.findings.iter().map(|it| it.rule).collect();
    // What nobody sees is not to be ordered along with the rest.
    for write in pending::all(tx)? {
        while pending::take_back_some(tx, &write)? {}
    }
    while pending::forget_some(tx)? {}
    if broken.contains("schema") {
        file::make_indexes(tx)?;
    }
    if broken.contains("pages") {
        file::fill_indexes(tx)?;
    }
    if broken.contains("sequences") {
        for (table, _, largest) in file::behind(tx)? {
            raise_sequence(tx, &table, largest)?;
        }
    }
    // All of them, feeds first: what one puts right may be what another follows from.
    for rule in feeds::RULES.iter().chain(rules::RULES) {
        if let Some(sql) = rule.repair.statement() {
            tx.execute(sql, &[])?;
        }
    }
    if broken.contains("row-keys") {
        order_rows(tx)?;
    }
    if broken.contains("ranks") {
        order_issues(tx)?;
    }
    if broken.contains("job-counts") {
        count_lines(tx)?;
    }
    Ok(())
}

fn raise_sequence(tx: &Tx<'_>, table: &str, to: i64) -> Result<(), StoreError> {
    let sql = "UPDATE sqlite_sequence SET seq = ? WHERE name = ?";
    if tx.execute(sql, params![to, table])? == 0 {
        let sql = "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)";
        tx.execute(sql, params![table, to])?;
    }
    Ok(())
}

/// A row, its parent and its key.
type Standing = (i64, Option<i64>, String);

/// Gives siblings whose keys are malformed, or stand twice, their keys back: those of which the
/// feed tells and, where even these are no order, new ones in the order in which they stand.
fn order_rows(tx: &Tx<'_>) -> Result<(), StoreError> {
    let structures = "SELECT id FROM structure ORDER BY id";
    for structure in tx.query(structures, &[], |row| row.get::<i64>(0))? {
        let groups = broken_siblings(tx, structure)?;
        if groups.is_empty() {
            continue;
        }
        recall_keys(tx, structure, groups.iter().flatten())?;
        let mut moves = Vec::new();
        for siblings in broken_siblings(tx, structure)? {
            let keys = fractional::between(None, None, siblings.len());
            let moved = siblings.into_iter().zip(keys);
            moves.extend(moved.filter(|(stood, key)| stood.2 != *key));
        }
        write_moves(tx, structure, &moves)?;
    }
    Ok(())
}

/// The children of each row among whose keys one is malformed or stands twice.
fn broken_siblings(tx: &Tx<'_>, structure: i64) -> Result<Vec<Vec<Standing>>, StoreError> {
    let (mut broken, mut siblings) = (Vec::new(), Vec::<Standing>::new());
    let mut close = |siblings: &mut Vec<Standing>| {
        let siblings = std::mem::take(siblings);
        let whole = siblings.iter().all(|it| fractional::is_key(&it.2))
            && siblings.windows(2).all(|pair| pair[0].2 < pair[1].2);
        if !whole {
            broken.push(siblings);
        }
    };
    tx.each(
        "SELECT id, parent_id, position FROM forest_row WHERE structure_id = ?
         ORDER BY parent_id, position, id",
        params![structure],
        |row| {
            let next: Standing = (row.get(0)?, row.get(1)?, row.get(2)?);
            if siblings.first().is_some_and(|first| first.1 != next.1) {
                close(&mut siblings);
            }
            siblings.push(next);
            Ok(())
        },
    )?;
    close(&mut siblings);
    Ok(broken)
}

/// Puts rows back to the keys of their last lines in the feed, where these say the same parent.
fn recall_keys<'a>(
    tx: &Tx<'_>,
    structure: i64,
    rows: impl Iterator<Item = &'a Standing>,
) -> Result<(), StoreError> {
    let mut told: HashMap<i64, Option<String>> = HashMap::new();
    let parents: HashMap<i64, Option<i64>> = rows.map(|it| (it.0, it.1)).collect();
    tx.each(
        "SELECT row_id, after_parent_id, after_position FROM forest_change
         WHERE structure_id = ? ORDER BY version, seq",
        params![structure],
        |row| {
            let (id, parent): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
            if let Some(stands) = parents.get(&id) {
                let key: Option<String> = row.get(2)?;
                told.insert(id, key.filter(|_| parent == *stands));
            }
            Ok(())
        },
    )?;
    for (row, key) in told.into_iter().filter_map(|(row, key)| Some((row, key?))) {
        let sql = "UPDATE forest_row SET position = ? WHERE id = ?";
        tx.execute(sql, params![key, row])?;
    }
    Ok(())
}

fn write_moves(
    tx: &Tx<'_>,
    structure: i64,
    moves: &[(Standing, String)],
) -> Result<(), StoreError> {
    for part in moves.chunks(CHANGES_PER_VERSION) {
        let version: i64 = tx.get(
            "UPDATE structure SET version = version + 1 WHERE id = ? RETURNING version",
            params![structure],
            |row| row.get(0),
        )?;
        tx.execute(
            "INSERT INTO structure_version (structure_id, version, at) VALUES (?, ?, ?)",
            params![structure, version, tx.now()],
        )?;
        for (seq, ((row, parent, before), after)) in part.iter().enumerate() {
            tx.execute(
                "UPDATE forest_row SET position = ? WHERE id = ?",
                params![after, *row],
            )?;
            tx.execute(
                "INSERT INTO forest_change (structure_id, version, seq, kind, row_id, issue_id,
                     before_parent_id, before_position, after_parent_id, after_position)
                 SELECT ?, ?, ?, 'MOVED', id, issue_id, ?, ?, ?, ? FROM forest_row WHERE id = ?",
                params![
                    structure, version, seq, *parent, before, *parent, after, *row
                ],
            )?;
        }
    }
    Ok(())
}

/// Gives all issues new ranks in the order in which they stand: that is no edit, as wherever room
/// is made between ranks.
fn order_issues(tx: &Tx<'_>) -> Result<(), StoreError> {
    let issues: Vec<i64> = tx.query(
        "SELECT id FROM issue WHERE rank IS NOT NULL ORDER BY rank, id",
        &[],
        |row| row.get(0),
    )?;
    let keys = fractional::between(None, None, issues.len());
    for (issue, key) in issues.into_iter().zip(keys) {
        tx.execute(
            "UPDATE issue SET rank = ? WHERE id = ?",
            params![key, issue],
        )?;
    }
    Ok(())
}

/// Counts a job's lines anew, unless some are missing: then they are not all that it did.
fn count_lines(tx: &Tx<'_>) -> Result<(), StoreError> {
    let mut found = Vec::new();
    values::each_miscounted(tx, &mut |it| {
        if it.unbroken {
            found.push((it.job, it.counted));
        }
        Ok(())
    })?;
    for (job, counts) in found {
        let text = serde_json::to_string(&counts)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let sql = "UPDATE job SET counts = ? WHERE id = ?";
        tx.execute(sql, params![text, job])?;
    }
    Ok(())
}
