//! A query as SQL, and the statements that callers ask of it.
//!
//! Only text and values come out of here. Running them is the store's, which alone knows the
//! database and may narrow a query to the issues that a viewer sees or that have just changed.

use super::condition::{self, Builder};
use super::cursor::{self, Cursor, CursorError};
use super::sort::Term;
use super::tree::Query;

/// What a query means depends on when and for whom it runs.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The time that relative dates count from, in milliseconds since 1970.
    pub now_ms: i64,
    /// The name of the user whom `currentUser()` stands for.
    pub viewer: &'a str,
}

/// A bound value.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Param {
    /// A number, or an instant in milliseconds since 1970.
    Int(i64),
    /// A text.
    Text(String),
}

/// Finished SQL and the values of its placeholders: `?1` is the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The text.
    pub sql: String,
    /// The values.
    pub params: Vec<Param>,
}

/// A query as SQL: a condition and an order over `issue JOIN project`.
///
/// Callers narrow it with [`Compiled::bind`] and [`Compiled::restrict`], then ask for a statement.
#[derive(Debug, Clone)]
pub struct Compiled {
    filter: String,
    params: Vec<Param>,
    terms: Vec<Term>,
}

impl Query {
    /// Turns the query into SQL for one moment and one viewer.
    pub fn compile(&self, context: &Context<'_>) -> Compiled {
        let mut builder = Builder {
            context,
            params: Vec::new(),
        };
        let filter = match &self.filter {
            Some(filter) => builder.expr(filter, false),
            None => condition::TRUE.to_owned(),
        };
        Compiled {
            filter,
            params: builder.params,
            terms: Term::of_order(&self.order),
        }
    }
}

impl Compiled {
    /// The condition over the table `issue`. It is true of the issues that match; of others it may
    /// be NULL rather than false, so it belongs in a WHERE and never under a NOT.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// The values of the condition's placeholders.
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// What follows ORDER BY. No two issues are equal in it.
    pub fn order(&self) -> String {
        let terms: Vec<_> = self.terms.iter().map(|term| term.order()).collect();
        terms.join(", ")
    }

    /// Adds a value and returns the placeholder that stands for it.
    pub fn bind(&mut self, value: Param) -> String {
        bind(&mut self.params, value)
    }

    /// Lets only those issues match that meet a condition of the caller's as well. The condition
    /// may speak of `issue` and `project`; its values are placeholders from [`Compiled::bind`].
    pub fn restrict(&mut self, condition: &str) {
        self.filter = format!("({} AND ({condition}))", self.filter);
    }

    /// All that match, in order.
    pub fn select(&self, columns: &str) -> Statement {
        let sql = self.sorted(columns, &self.filter);
        Statement {
            sql,
            params: self.params.clone(),
        }
    }

    /// How many match.
    pub fn count(&self) -> Statement {
        let sql = format!("SELECT COUNT(*) {} WHERE {}", self.from(), self.filter);
        Statement {
            sql,
            params: self.params.clone(),
        }
    }

    /// At most `limit` of those that match, in order, from the start or after a cursor.
    ///
    /// Each row holds the columns, then the [`Compiled::cursor_width`] values that make up its own
    /// [`Cursor`]. Pages continue after a place in the order rather than after a number of rows,
    /// so what is added or removed before that place neither repeats nor hides a row.
    pub fn page(
        &self,
        columns: &str,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Statement, CursorError> {
        let mut params = self.params.clone();
        let mut filter = self.filter.clone();
        if let Some(cursor) = after {
            let beyond = cursor::beyond(&self.terms, cursor, |value| bind(&mut params, value))?;
            filter = format!("{filter} AND {beyond}");
        }
        let keys: Vec<_> = self.terms.iter().map(|term| term.key.sql).collect();
        let sorted = self.sorted(&format!("{columns}, {}", keys.join(", ")), &filter);
        let limit = bind(&mut params, Param::Int(limit.into()));
        Ok(Statement {
            sql: format!("{sorted} LIMIT {limit}"),
            params,
        })
    }

    /// How many values place a row in the order.
    pub fn cursor_width(&self) -> usize {
        self.terms.len()
    }

    fn sorted(&self, columns: &str, filter: &str) -> String {
        format!(
            "SELECT {columns} {} WHERE {filter} ORDER BY {}",
            self.from(),
            self.order()
        )
    }

    /// Each issue has a project, so both joins give the same rows. The outer one makes SQLite start
    /// from the issues, where there is an index for the order; left alone, it may start from the
    /// few projects and sort all that it finds.
    fn from(&self) -> &'static str {
        if self
            .terms
            .first()
            .is_some_and(|term| term.key.is_of_project())
        {
            "FROM issue JOIN project ON project.id = issue.project_id"
        } else {
            "FROM issue LEFT JOIN project ON project.id = issue.project_id"
        }
    }
}

/// Adds a value and returns its placeholder.
pub(super) fn bind(params: &mut Vec<Param>, value: Param) -> String {
    params.push(value);
    format!("?{}", params.len())
}
