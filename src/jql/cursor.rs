//! A place in the order of a result, from which the next page goes on.
//!
//! Places come back from clients, so one may be of another query's order: that is refused.

use super::compiled::Param;
use super::sort::{KeyKind, Term};

/// The values by which a row is sorted; None is NULL. As JSON it is an array of numbers, texts and
/// nulls.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub Vec<Option<Param>>);

/// A cursor that marks no place in the order of the query it was handed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor belongs to another query")]
pub struct CursorError;

/// The condition that a row comes after the cursor.
pub(super) fn beyond(
    terms: &[Term],
    cursor: &Cursor,
    mut bind: impl FnMut(Param) -> String,
) -> Result<String, CursorError> {
    if cursor.0.len() != terms.len() {
        return Err(CursorError);
    }
    // From the last term to the first: beyond in this one, or equal in it and beyond in the rest.
    let mut condition: Option<String> = None;
    for (term, value) in terms.iter().zip(&cursor.0).rev() {
        let sql = term.key.sql;
        condition = match value {
            // NULL comes last, so nothing is beyond it.
            None if term.key.nullable => {
                condition.map(|rest| format!("({sql} IS NULL AND {rest})"))
            }
            Some(value) if fits(value, term.key.kind) => {
                let value = bind(value.clone());
                let operator = if term.descending { '<' } else { '>' };
                let or_null = if term.key.nullable {
                    format!(" OR {sql} IS NULL")
                } else {
                    String::new()
                };
                Some(match condition {
                    // The bound that stands outside of the OR lets an index find the place.
                    Some(rest) if or_null.is_empty() => format!(
                        "({sql} {operator}= {value} AND ({sql} {operator} {value} OR {rest}))"
                    ),
                    Some(rest) => format!(
                        "({sql} {operator} {value}{or_null} OR ({sql} = {value} AND {rest}))"
                    ),
                    None => format!("({sql} {operator} {value}{or_null})"),
                })
            }
            _ => return Err(CursorError),
        };
    }
    condition.ok_or(CursorError)
}

fn fits(value: &Param, kind: KeyKind) -> bool {
    matches!(
        (value, kind),
        (Param::Int(_), KeyKind::Number) | (Param::Text(_), KeyKind::Text)
    )
}
