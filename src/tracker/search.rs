//! Searching the embedded tracker by JQL: the query compiled, narrowed, run.

use crate::domain::{IssueId, Refusal};
use crate::jql::{self, Compiled, Context, Cursor, Param, Statement};
use crate::store::{Failure, StoreError, Tx, Value};

/// Issues asked about in one statement.
const AMONG: usize = 500;

/// A page of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The issues in the query's order, each with the place from which the next page goes on.
    pub issues: Vec<(IssueId, String)>,
    /// Whether more follow.
    pub has_next: bool,
}

/// Every issue that matches, in the query's order.
pub fn all(tx: &Tx<'_>, jql: &str, viewer: &str) -> Result<Vec<IssueId>, Failure> {
    let statement = compile(tx, jql, viewer)?.select("issue.id");
    Ok(ids(tx, &statement)?)
}

/// Those of the given issues that match; in the query's order among each 500 of them.
pub fn among(
    tx: &Tx<'_>,
    jql: &str,
    viewer: &str,
    issues: &[IssueId],
) -> Result<Vec<IssueId>, Failure> {
    let mut sorted = issues.to_vec();
    sorted.sort_unstable();
    let compiled = compile(tx, jql, viewer)?;
    let mut found = Vec::new();
    for part in sorted.chunks(AMONG) {
        let mut narrowed = compiled.clone();
        let places: Vec<String> = part
            .iter()
            .map(|issue| narrowed.bind(Param::Int(issue.0)))
            .collect();
        narrowed.restrict(&format!("issue.id IN ({})", places.join(", ")));
        found.extend(ids(tx, &narrowed.select("issue.id"))?);
    }
    Ok(found)
}

/// At most `limit` issues that match, after a place that an earlier page gave.
pub fn page(
    tx: &Tx<'_>,
    jql: &str,
    viewer: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Page, Failure> {
    let compiled = compile(tx, jql, viewer)?;
    let foreign = || {
        Refusal::invalid(
            "after",
            "the cursor is of another query: expected one of this query",
        )
    };
    let after: Option<Cursor> = after
        .map(serde_json::from_str)
        .transpose()
        .map_err(|_| foreign())?;
    let wanted = u32::try_from(limit).unwrap_or(u32::MAX).saturating_add(1);
    let statement = compiled
        .page("issue.id", after.as_ref(), wanted)
        .map_err(|_| foreign())?;
    let width = compiled.cursor_width();
    let mut issues = tx.query(&statement.sql, &values(&statement), |row| {
        let place: Vec<Option<Param>> = (1..=width)
            .map(|at| row.get(at).map(param))
            .collect::<Result<_, _>>()?;
        let place = serde_json::to_string(&Cursor(place))
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok((row.get(0)?, place))
    })?;
    let has_next = issues.len() > limit;
    issues.truncate(limit);
    Ok(Page { issues, has_next })
}

/// How many issues match.
pub fn count(tx: &Tx<'_>, jql: &str, viewer: &str) -> Result<i64, Failure> {
    let statement = compile(tx, jql, viewer)?.count();
    Ok(tx.get(&statement.sql, &values(&statement), |row| row.get(0))?)
}

fn compile(tx: &Tx<'_>, jql: &str, viewer: &str) -> Result<Compiled, Failure> {
    let query =
        jql::parse(jql).map_err(|error| Refusal::invalid("jql", format!("JQL: {error}")))?;
    Ok(query.compile(&Context {
        now_ms: tx.now().0,
        viewer,
    }))
}

fn ids(tx: &Tx<'_>, statement: &Statement) -> Result<Vec<IssueId>, StoreError> {
    tx.query(&statement.sql, &values(statement), |row| row.get(0))
}

fn values(statement: &Statement) -> Vec<Value<'_>> {
    let value = |param| match param {
        &Param::Int(number) => Value::Int(number),
        Param::Text(text) => Value::Text(text),
    };
    statement.params.iter().map(value).collect()
}

fn param(value: Value<'static>) -> Option<Param> {
    match value {
        Value::Null => None,
        Value::Int(number) => Some(Param::Int(number)),
        Value::Text(text) => Some(Param::Text(text.to_owned())),
        Value::Owned(text) => Some(Param::Text(text)),
    }
}
