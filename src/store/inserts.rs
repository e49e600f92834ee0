//! Rows on their way into a table, several with each statement: what a statement costs by itself,
//! from finding it to noting the last number that a table gave out, is then shared.
//!
//! Nobody sees rows before they are flushed, so whoever keeps some here knows who may ask for them.

use super::{StoreError, Tx, Value};

/// Rows in a statement. With one that may be refused, SQLite keeps each page that it touches, so that
/// scattered entries of an index are the cheaper, the more of them share that.
const ROWS: usize = 128;

/// Rows of one table, in order.
pub(super) struct Inserts {
    one: &'static str,
    many: String,
    columns: usize,
    values: Vec<Value<'static>>,
}

impl Inserts {
    /// Rows for a statement that inserts one, and ends with a parameter for each of its columns.
    pub(super) fn by(one: &'static str) -> Self {
        let row = one.rfind('(').map_or("", |from| &one[from..]);
        let more = format!(", {row}").repeat(ROWS - 1);
        Self {
            one,
            many: format!("{one}{more}"),
            columns: row.matches('?').count(),
            values: Vec::new(),
        }
    }

    /// Adds a row, and writes those that are here once they make a statement.
    pub(super) fn add(&mut self, tx: &Tx<'_>, row: &[Value<'_>]) -> Result<(), StoreError> {
        debug_assert_eq!(row.len(), self.columns, "{}", self.one);
        self.values
            .extend(row.iter().map(|it| it.clone().into_owned()));
        if self.values.len() == self.columns * ROWS {
            tx.execute(&self.many, &self.values)?;
            self.values.clear();
        }
        Ok(())
    }

    /// Writes what is left.
    pub(super) fn flush(&mut self, tx: &Tx<'_>) -> Result<(), StoreError> {
        for row in self.values.chunks(self.columns) {
            tx.execute(self.one, row)?;
        }
        self.values.clear();
        Ok(())
    }
}
