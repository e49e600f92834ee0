//! One transaction, as entity files see it: statements with bound parameters, typed rows, the
//! instant at which it began, and what to tell the world once it is committed.

use super::health::Health;
use super::{Row, StoreError, Value};
use crate::domain::{Forest, Millis, StructureId};
use crate::events::Event;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Largest number of ids in one statement; longer lists are asked for in parts.
const IDS_PER_STATEMENT: usize = 256;

/// Rows that one statement inserts at the most: what a statement costs by itself is shared.
pub(super) const ROWS_PER_INSERT: usize = 32;

/// What becomes visible when a transaction commits.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) forests: Vec<(StructureId, Option<Arc<Forest>>)>,
    pub(super) events: Vec<Event>,
}

/// A transaction under way.
pub struct Tx<'c> {
    connection: &'c rusqlite::Connection,
    now: Millis,
    statements: &'c AtomicU64,
    health: &'c Health,
    outcome: RefCell<Outcome>,
}

impl<'c> Tx<'c> {
    pub(super) fn new(
        connection: &'c rusqlite::Connection,
        now: Millis,
        statements: &'c AtomicU64,
        health: &'c Health,
    ) -> Self {
        Self {
            connection,
            now,
            statements,
            health,
            outcome: RefCell::default(),
        }
    }

    pub(super) fn into_outcome(self) -> Outcome {
        self.outcome.into_inner()
    }

    /// When the transaction began.
    pub fn now(&self) -> Millis {
        self.now
    }

    /// Publishes an event once the transaction is committed; the same event once only.
    pub fn publish(&self, event: Event) {
        let events = &mut self.outcome.borrow_mut().events;
        if !events.contains(&event) {
            events.push(event);
        }
    }

    /// Makes a forest the one that readers get, once the transaction is committed; `None` forgets it.
    pub(super) fn install(&self, structure: StructureId, forest: Option<Arc<Forest>>) {
        self.outcome.borrow_mut().forests.push((structure, forest));
    }

    /// The forest of a structure that this transaction made, if it did.
    pub(super) fn installed(&self, structure: StructureId) -> Option<Arc<Forest>> {
        let outcome = self.outcome.borrow();
        let made = outcome
            .forests
            .iter()
            .rev()
            .find(|(id, _)| *id == structure);
        made.and_then(|(_, forest)| forest.clone())
    }

    /// Runs a statement; how many rows it changed.
    pub fn execute(&self, sql: &str, params: &[Value<'_>]) -> Result<usize, StoreError> {
        let mut statement = self.prepare(sql)?;
        statement
            .execute(rusqlite::params_from_iter(params))
            .map_err(|error| self.fail(error))
    }

    /// Inserts rows of so many columns, several with each statement. `into` is an INSERT up to its
    /// VALUES; the values are those of one row after the other.
    pub(super) fn insert_rows(
        &self,
        into: &str,
        columns: usize,
        values: &[Value<'_>],
    ) -> Result<(), StoreError> {
        let row = format!("({})", vec!["?"; columns].join(","));
        let mut left = values;
        // Two statements serve all, so that each stays prepared.
        for rows in [ROWS_PER_INSERT, 1] {
            let length = columns * rows;
            if left.len() < length {
                continue;
            }
            let sql = format!("{into} VALUES {}", vec![row.as_str(); rows].join(","));
            while let Some((part, rest)) = left.split_at_checked(length) {
                self.execute(&sql, part)?;
                left = rest;
            }
        }
        Ok(())
    }

    /// Runs an INSERT whose key the database makes; that key.
    pub fn insert(&self, sql: &str, params: &[Value<'_>]) -> Result<i64, StoreError> {
        debug_assert!(sql.trim_end().ends_with("RETURNING id"), "{sql}");
        self.get(sql, params, |row| row.get(0))
    }

    /// Every row of a result.
    pub fn query<T>(
        &self,
        sql: &str,
        params: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let (mut found, mut read) = (Vec::new(), read);
        self.each(sql, params, |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Calls `visit` with each row of a result, one at a time.
    pub fn each(
        &self,
        sql: &str,
        params: &[Value<'_>],
        mut visit: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement
            .query(rusqlite::params_from_iter(params))
            .map_err(|error| self.fail(error))?;
        while let Some(row) = rows.next().map_err(|error| self.fail(error))? {
            visit(&Row(row))?;
        }
        Ok(())
    }

    /// The first row of a result, if there is one.
    pub fn find<T>(
        &self,
        sql: &str,
        params: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement
            .query(rusqlite::params_from_iter(params))
            .map_err(|error| self.fail(error))?;
        match rows.next().map_err(|error| self.fail(error))? {
            Some(row) => read(&Row(row)).map(Some),
            None => Ok(None),
        }
    }

    /// The one row of a result; an error if there is none.
    pub fn get<T>(
        &self,
        sql: &str,
        params: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.find(sql, params, read)?
            .ok_or_else(|| StoreError::Corrupt(format!("no row where one must be: {sql}")))
    }

    /// Rows for a list of ids: `{}` in the statement stands for the list. Asked for in parts, so
    /// an ORDER BY holds within a part only. `params` come before the ids.
    pub fn query_ids<T>(
        &self,
        sql: &str,
        params: &[Value<'_>],
        ids: impl IntoIterator<Item = i64>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut ids: Vec<i64> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut found = Vec::with_capacity(ids.len());
        for part in ids.chunks(IDS_PER_STATEMENT) {
            let (sql, all) = listed(sql, params, part);
            self.each(&sql, &all, |row| {
                found.push(read(row)?);
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// Runs a statement for a list of ids, in their order and in parts: `{}` stands for the list.
    pub(super) fn execute_ids(&self, sql: &str, ids: &[i64]) -> Result<(), StoreError> {
        for part in ids.chunks(IDS_PER_STATEMENT) {
            let (sql, all) = listed(sql, &[], part);
            self.execute(&sql, &all)?;
        }
        Ok(())
    }

    /// Takes `count` fresh ids from a counter; the first of them.
    pub fn take_ids(&self, counter: &str, count: usize) -> Result<i64, StoreError> {
        let last: i64 = self.get(
            "UPDATE counter SET value = value + ? WHERE name = ? RETURNING value",
            &[Value::from(count), Value::from(counter)],
            |row| row.get(0),
        )?;
        Ok(last - count as i64 + 1)
    }

    fn prepare(&self, sql: &str) -> Result<rusqlite::CachedStatement<'_>, StoreError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        self.connection
            .prepare_cached(sql)
            .map_err(|error| self.fail(error))
    }

    fn fail(&self, error: rusqlite::Error) -> StoreError {
        self.health.noted(error)
    }
}

/// A statement with a list of ids in the place of `{}`, and its parameters before those ids. Lengths
/// are rounded up, the last id repeated, so that few statements serve all.
fn listed<'a>(sql: &str, params: &[Value<'a>], ids: &[i64]) -> (String, Vec<Value<'a>>) {
    let length = ids.len().next_power_of_two();
    let list = vec!["?"; length].join(",");
    let mut all = params.to_vec();
    let filled = ids.iter().chain(std::iter::repeat(&ids[ids.len() - 1]));
    all.extend(filled.take(length).map(|id| Value::Int(*id)));
    (sql.replace("{}", &list), all)
}

/// A pattern for `LIKE … ESCAPE '\'`: what contains a text, in lower case.
pub(super) fn like(text: &str) -> String {
    let text = text.to_lowercase();
    let text = text
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{text}%")
}
