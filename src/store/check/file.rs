//! What must hold of the file itself: its pages, its indexes, its tables, and that no row points at
//! one that is not there.

use super::Broken;
use crate::store::migrations::expected_objects;
use crate::store::{StoreError, Tx, params};
use std::collections::HashMap;

/// Lines that the engine's own check gives at the most.
const ENGINE_LINES: usize = 1_000;

/// Pages, indexes, and what each column may hold.
pub(super) fn pages(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    tx.each(
        &format!("PRAGMA integrity_check({ENGINE_LINES})"),
        &[],
        |row| {
            let line: String = row.get(0)?;
            if line != "ok" {
                line.lines().for_each(|line| broken(line.to_owned()));
            }
            Ok(())
        },
    )
}

/// Rows that point at rows that are not there.
pub(super) fn references(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    tx.each("PRAGMA foreign_key_check", &[], |row| {
        let (table, to): (String, String) = (row.get(0)?, row.get(2)?);
        match row.get::<Option<i64>>(1)? {
            Some(id) => broken(format!(
                "row {id} of table {table} points at no row of {to}"
            )),
            None => broken(format!("a row of table {table} points at no row of {to}")),
        }
        Ok(())
    })
}

/// Tables and indexes that are not as this version makes them.
pub(super) fn objects(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    let mut here: HashMap<String, String> = HashMap::new();
    tx.each(
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'",
        &[],
        |row| {
            here.insert(row.get(0)?, row.get(1)?);
            Ok(())
        },
    )?;
    for object in expected_objects()? {
        match here.remove(&object.name) {
            None => broken(format!("{} is missing", object.name)),
            Some(sql) if sql != object.sql => broken(format!("{} is another", object.name)),
            Some(_) => {}
        }
    }
    here.keys()
        .for_each(|name| broken(format!("{name} is not of this program")));
    Ok(())
}

/// Ids that would be given out again. The engine keeps a counter for each table that asked for it.
pub(super) fn sequences(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    for (table, counter, largest) in behind(tx)? {
        broken(format!(
            "table {table} stands at {counter}, its largest id is {largest}"
        ));
    }
    Ok(())
}

/// Tables whose counter lies behind their largest id: name, counter, largest id.
pub(super) fn behind(tx: &Tx<'_>) -> Result<Vec<(String, i64, i64)>, StoreError> {
    let mut behind = Vec::new();
    let counted = expected_objects()?.into_iter();
    for object in counted.filter(|it| it.sql.contains("AUTOINCREMENT")) {
        let table = object.name;
        let key = match table.as_str() {
            "issue_change" => "seq",
            _ => "id",
        };
        let sql = format!("SELECT COALESCE(max({key}), 0) FROM {table}");
        let largest: i64 = tx.get(&sql, &[], |row| row.get(0))?;
        let counter = tx.find(
            "SELECT seq FROM sqlite_sequence WHERE name = ?",
            params![&table],
            |row| row.get(0),
        )?;
        let counter = counter.unwrap_or(0);
        if counter < largest {
            behind.push((table, counter, largest));
        }
    }
    Ok(behind)
}
