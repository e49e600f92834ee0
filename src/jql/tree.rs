//! What a query says, once parsed, and how it is printed again.
//!
//! Trees stay private to the language: outside, a query is parsed, printed, compiled and asked
//! what it depends on. AND and OR are flat: neither directly holds one of its own kind.

use std::fmt;

use super::field::{Field, Operator};
use super::token::is_plain_word;
use super::value::Value;

/// A query that has been checked: each field takes its operator, and each value fits its field.
/// It prints as JQL that parses to the same query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// None matches every issue.
    pub(super) filter: Option<Expr>,
    pub(super) order: Vec<Sort>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expr {
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Clause(Clause),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) field: Field,
    pub(super) operator: Operator,
    /// One value, except for IN and NOT IN.
    pub(super) values: Vec<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sort {
    pub(super) field: Field,
    pub(super) descending: bool,
}

impl Query {
    /// Whether its result changes as time passes although no issue does, as with `updated >= -7d`.
    pub fn is_time_dependent(&self) -> bool {
        use super::moment::Moment::Relative;
        self.has_value(|value| matches!(value, Value::Moment(Relative(_))))
    }

    /// Whether its result depends on who runs it, as with `assignee = currentUser()`.
    pub fn is_viewer_dependent(&self) -> bool {
        self.has_value(|value| *value == Value::CurrentUser)
    }

    fn has_value(&self, test: fn(&Value) -> bool) -> bool {
        self.filter
            .as_ref()
            .is_some_and(|filter| filter.has_value(test))
    }
}

impl Expr {
    fn has_value(&self, test: fn(&Value) -> bool) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.has_value(test)),
            Self::Not(inner) => inner.has_value(test),
            Self::Clause(clause) => clause.values.iter().any(test),
        }
    }

    fn fmt_operand(&self, f: &mut fmt::Formatter<'_>, parenthesise: bool) -> fmt::Result {
        if parenthesise {
            write!(f, "({self})")
        } else {
            write!(f, "{self}")
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(filter) = &self.filter {
            write!(f, "{filter}")?;
        }
        for (index, sort) in self.order.iter().enumerate() {
            let lead = match (index, &self.filter) {
                (0, None) => "ORDER BY ",
                (0, Some(_)) => " ORDER BY ",
                _ => ", ",
            };
            write!(
                f,
                "{lead}{}{}",
                Word(sort.field.name()),
                if sort.descending { " DESC" } else { "" }
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, operator) = match self {
            Self::And(parts) => (parts, " AND "),
            Self::Or(parts) => (parts, " OR "),
            Self::Not(inner) => {
                f.write_str("NOT ")?;
                return inner.fmt_operand(f, matches!(**inner, Self::And(_) | Self::Or(_)));
            }
            Self::Clause(clause) => return write!(f, "{clause}"),
        };
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                f.write_str(operator)?;
            }
            // AND binds tighter than OR, so only an OR within an AND needs its parentheses.
            part.fmt_operand(f, matches!((self, part), (Self::And(_), Self::Or(_))))?;
        }
        Ok(())
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", Word(self.field.name()), self.operator.symbol())?;
        let is_list = matches!(self.operator, Operator::In | Operator::NotIn);
        f.write_str(if is_list { "(" } else { "" })?;
        for (index, value) in self.values.iter().enumerate() {
            write!(f, "{}{value}", if index > 0 { ", " } else { "" })?;
        }
        f.write_str(if is_list { ")" } else { "" })
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("EMPTY"),
            Self::Text(text) => write!(f, "{}", Word(text)),
            Self::Key(key) => write!(f, "{key}"),
            Self::Category(category) => write!(f, "{}", Word(category.name())),
            Self::Moment(moment) => write!(f, "{moment}"),
            Self::CurrentUser => f.write_str("currentUser()"),
        }
    }
}

/// A word that is printed in quotes if it needs them.
struct Word<'a>(&'a str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_plain_word(self.0) {
            return f.write_str(self.0);
        }
        let escaped = self
            .0
            .replace('\\', r"\\")
            .replace('"', r#"\""#)
            .replace('\n', r"\n");
        write!(f, "\"{escaped}\"")
    }
}
