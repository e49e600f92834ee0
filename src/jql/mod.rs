//! JQL, the tracker's query language: text → tree → parameterised SQL.
//!
//! [`parse`] checks everything that can be checked without a database (field names, the operators
//! that each field takes, the shape of keys and dates), so that a [`Query`] always compiles.
//! [`Query::compile`] turns it into a condition over the table `issue` with every value bound.
//!
//! Absent on purpose: running the SQL, and whether a named project or status exists. A name that
//! nothing bears matches nothing, so a saved filter outlives a renamed status.

mod compiled;
mod condition;
mod cursor;
mod error;
mod field;
mod moment;
mod parse;
mod search_text;
mod sort;
mod token;
mod tree;
mod value;

pub use compiled::{Compiled, Context, Param, Statement};
pub use cursor::{Cursor, CursorError};
pub use error::JqlError;
pub use parse::parse;
pub use tree::Query;

#[cfg(test)]
mod tests;
