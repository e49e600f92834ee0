//! What must hold of the file itself: its pages, its indexes, its tables, and that no row points at
//! one that is not there.

use super::{Broken, Mend};
use crate::store::migrations::{Object, expected_objects};
use crate::store::{StoreError, Tx, params};
use std::collections::{BTreeMap, HashMap};

/// Lines that the engine's own check gives at the most.
const ENGINE_LINES: usize = 1_000;

/// Pages, indexes, and what each column may hold.
pub(super) fn pages(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    let mut found: Vec<String> = Vec::new();
    tx.each(
        &format!("PRAGMA integrity_check({ENGINE_LINES})"),
        &[],
        |row| {
            let text: String = row.get(0)?;
            if text != "ok" {
                found.extend(text.lines().map(str::to_owned));
            }
            Ok(())
        },
    )?;
    let mut fillable: HashMap<String, bool> = HashMap::new();
    for line in found {
        let mend = match index_of(&line) {
            Some(index) => {
                let known = fillable.get(index).copied();
                let fills = known.map_or_else(|| can_be_filled(tx, index), Ok)?;
                fillable.insert(index.to_owned(), fills);
                if fills { Mend::Follows } else { Mend::Open }
            }
            None if is_of_a_value(&line) => Mend::Open,
            None => Mend::Damage,
        };
        broken(line, mend);
    }
    Ok(())
}

/// The index that a line of the engine's check says to differ from its table.
fn index_of(line: &str) -> Option<&str> {
    let of_row = line.strip_prefix("row ").and_then(|rest| {
        rest.split_once(" missing from index ")
            .or_else(|| rest.split_once(" values differ from index "))
    });
    of_row
        .map(|(_, index)| index)
        .or_else(|| line.strip_prefix("wrong # of entries in index "))
        .or_else(|| line.strip_prefix("non-unique entry in index "))
}

/// Whether a line is about what stands in a column, not about how it is stored.
fn is_of_a_value(line: &str) -> bool {
    line.starts_with("CHECK constraint failed in ")
        || line.split_once(" value in ").is_some_and(|(what, _)| {
            what == "NULL" || what == "NUMERIC" || what == "TEXT" || what.starts_with("non-")
        })
}

/// Whether an index can be filled from its table: not if that holds twice what may be there once.
fn can_be_filled(tx: &Tx<'_>, index: &str) -> Result<bool, StoreError> {
    let of = "SELECT list.\"unique\", schema.tbl_name
              FROM sqlite_schema AS schema JOIN pragma_index_list(schema.tbl_name) AS list
                ON list.name = schema.name
              WHERE schema.type = 'index' AND schema.name = ?";
    let found: Option<(bool, String)> =
        tx.find(of, params![index], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((unique, table)) = found else {
        return Ok(false);
    };
    if !unique {
        return Ok(true);
    }
    let columns = "SELECT name FROM pragma_index_info(?) ORDER BY seqno";
    let columns: Vec<String> = tx.query(columns, params![index], |row| row.get(0))?;
    let filled: Vec<String> = columns
        .iter()
        .map(|it| format!("{it} IS NOT NULL"))
        .collect();
    let doubled = format!(
        "SELECT 1 FROM {table} NOT INDEXED WHERE {} GROUP BY {} HAVING count(*) > 1 LIMIT 1",
        filled.join(" AND "),
        columns.join(", ")
    );
    let doubled = tx.find(&doubled, &[], |row| row.get::<i64>(0))?;
    Ok(doubled.is_none())
}

/// Fills indexes from their tables anew, where that can be.
pub(super) fn fill_indexes(tx: &Tx<'_>) -> Result<(), StoreError> {
    let indexes = "SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY name";
    for index in tx.query(indexes, &[], |row| row.get::<String>(0))? {
        if can_be_filled(tx, &index)? {
            tx.execute(&format!("REINDEX \"{}\"", index.replace('"', "\"\"")), &[])?;
        }
    }
    Ok(())
}

/// Rows that point at rows that are not there.
pub(super) fn references(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    tx.each("PRAGMA foreign_key_check", &[], |row| {
        let (table, to): (String, String) = (row.get(0)?, row.get(2)?);
        match row.get::<Option<i64>>(1)? {
            Some(id) => broken(
                format!("row {id} of table {table} points at no row of {to}"),
                Mend::Open,
            ),
            None => broken(
                format!("a row of table {table} points at no row of {to}"),
                Mend::Open,
            ),
        }
        Ok(())
    })
}

/// Tables and indexes that are not as this version makes them. An index follows from its table.
pub(super) fn objects(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    for different in different_objects(tx)? {
        let Different {
            name,
            here,
            expected,
        } = different;
        match (here, expected) {
            (true, Some(object)) if object.is_index => {
                broken(format!("index {name} is another"), Mend::Follows);
            }
            (false, Some(object)) if object.is_index => {
                broken(format!("index {name} is missing"), Mend::Follows);
            }
            (true, Some(_)) => broken(format!("table {name} is another"), Mend::Damage),
            (false, Some(_)) => broken(format!("table {name} is missing"), Mend::Damage),
            (_, None) => broken(format!("{name} is not of this program"), Mend::Open),
        }
    }
    Ok(())
}

/// Something of the schema that is not as it should be.
struct Different {
    name: String,
    /// Whether there is something of that name.
    here: bool,
    /// What there should be, if anything.
    expected: Option<Object>,
}

fn different_objects(tx: &Tx<'_>) -> Result<Vec<Different>, StoreError> {
    let mut here: BTreeMap<String, String> = BTreeMap::new();
    tx.each(
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'",
        &[],
        |row| {
            here.insert(row.get(0)?, row.get(1)?);
            Ok(())
        },
    )?;
    let mut different = Vec::new();
    for object in expected_objects()? {
        let found = here.remove(&object.name);
        if found.as_ref() != Some(&object.sql) {
            different.push(Different {
                name: object.name.clone(),
                here: found.is_some(),
                expected: Some(object),
            });
        }
    }
    different.extend(here.into_keys().map(|name| Different {
        name,
        here: true,
        expected: None,
    }));
    Ok(different)
}

/// Makes indexes that are missing or others anew. A missing table is not made: what was in it is
/// lost.
pub(super) fn make_indexes(tx: &Tx<'_>) -> Result<(), StoreError> {
    for Different {
        name,
        here,
        expected,
    } in different_objects(tx)?
    {
        let Some(index) = expected.filter(|it| it.is_index) else {
            continue;
        };
        if here {
            tx.execute(&format!("DROP INDEX {name}"), &[])?;
        }
        tx.execute(&index.sql, &[])?;
    }
    Ok(())
}

/// Ids that would be given out again. The engine keeps a counter for each table that asked for it.
pub(super) fn sequences(tx: &Tx<'_>, broken: Broken<'_>) -> Result<(), StoreError> {
    for (table, counter, largest) in behind(tx)? {
        broken(
            format!("table {table} stands at {counter}, its largest id is {largest}"),
            Mend::Follows,
        );
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
