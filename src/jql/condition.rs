//! Tree → condition, in SQL that SQLite and PostgreSQL share, with every value bound.
//!
//! NOT is pushed down to the clauses, where it turns `=` into `!=` and so on: as in Jira, neither
//! of the two matches an issue whose field is empty. Chains of AND and OR are nested as balanced
//! trees, so that no query reaches the depth that SQLite allows an expression. Both sides of a
//! comparison without regard to case go through the database's own LOWER: SQLite's folds only
//! ASCII, and a fold of our own would disagree with it on everything else.

use super::compiled::{Context, Param, bind};
use super::field::{Field, Kind, Operator};
use super::search_text::{self, ESCAPE};
use super::tree::{Clause, Expr};
use super::value::Value;

pub(super) const TRUE: &str = "1 = 1";
pub(super) const FALSE: &str = "1 = 0";

/// Where the values of a field are.
enum Place {
    Column {
        name: &'static str,
        nullable: bool,
    },
    /// A table of names, any number for each issue.
    Set(&'static str),
}

impl Place {
    fn of(field: Field) -> Self {
        let (name, nullable) = match field {
            Field::Key => ("issue.key", false),
            Field::Project => ("issue.project_id", false),
            Field::Type => ("issue.type_id", false),
            Field::Status | Field::StatusCategory => ("issue.status_id", false),
            Field::Resolution => ("issue.resolution", true),
            Field::Priority => ("issue.priority", true),
            Field::Assignee => ("issue.assignee", true),
            Field::Reporter => ("issue.reporter", true),
            // The summary is the only prose that an issue has here, so it is all of its text.
            Field::Summary | Field::Text => ("issue.summary", false),
            Field::Parent => ("issue.parent_id", true),
            Field::Epic => ("issue.epic_id", true),
            Field::Created => ("issue.created_at", false),
            Field::Updated => ("issue.updated_at", false),
            Field::Resolved => ("issue.resolved_at", true),
            Field::Rank => ("issue.rank", true),
            Field::Labels => return Self::Set("issue_label"),
            Field::Component => return Self::Set("issue_component"),
            Field::FixVersion => return Self::Set("issue_fix_version"),
        };
        Self::Column { name, nullable }
    }
}

/// Collects the values of a condition while it is built.
///
/// Each method returns a condition that can be joined as it is: one predicate, or parentheses.
pub(super) struct Builder<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) params: Vec<Param>,
}

impl Builder<'_> {
    pub(super) fn expr(&mut self, expr: &Expr, negated: bool) -> String {
        let (parts, operator) = match expr {
            Expr::And(parts) => (parts, if negated { "OR" } else { "AND" }),
            Expr::Or(parts) => (parts, if negated { "AND" } else { "OR" }),
            Expr::Not(inner) => return self.expr(inner, !negated),
            Expr::Clause(clause) => return self.clause(clause, negated),
        };
        let conditions: Vec<_> = parts.iter().map(|part| self.expr(part, negated)).collect();
        join(operator, &conditions)
    }

    fn clause(&mut self, clause: &Clause, negated: bool) -> String {
        let (field, values) = (clause.field, clause.values.as_slice());
        let operator = if negated {
            clause.operator.negated()
        } else {
            clause.operator
        };
        match operator {
            Operator::Equal | Operator::In | Operator::Contains | Operator::Is => {
                self.any_of(field, values)
            }
            Operator::NotEqual | Operator::NotIn | Operator::ContainsNot | Operator::IsNot => {
                self.none_of(field, values)
            }
            Operator::Less => self.compare(field, "<", values),
            Operator::LessOrEqual => self.compare(field, "<=", values),
            Operator::Greater => self.compare(field, ">", values),
            Operator::GreaterOrEqual => self.compare(field, ">=", values),
        }
    }

    fn any_of(&mut self, field: Field, values: &[Value]) -> String {
        let mut conditions = Vec::new();
        if values.iter().any(|value| *value != Value::Empty) {
            conditions.push(self.equals(field, values));
        }
        if values.contains(&Value::Empty) {
            conditions.push(is_empty(field));
        }
        join("OR", &conditions)
    }

    fn none_of(&mut self, field: Field, values: &[Value]) -> String {
        let mut conditions: Vec<_> = is_not_empty(field).into_iter().collect();
        if values.iter().any(|value| *value != Value::Empty) {
            conditions.push(format!("NOT ({})", self.equals(field, values)));
        }
        join("AND", &conditions)
    }

    /// Whether the field has one of the values; EMPTY is none.
    fn equals(&mut self, field: Field, values: &[Value]) -> String {
        let column = match Place::of(field) {
            Place::Column { name, .. } => name,
            Place::Set(table) => {
                return holds(
                    table,
                    &format!(" AND LOWER(held.name) IN ({})", self.names(values)),
                );
            }
        };
        match field.kind() {
            Kind::Name | Kind::User => match field {
                Field::Project => {
                    let names = self.names(values);
                    format!(
                        "{column} IN (SELECT id FROM project \
                         WHERE LOWER(key) IN ({names}) OR LOWER(name) IN ({names}))"
                    )
                }
                Field::Type => named(column, "issue_type", &self.names(values)),
                Field::Status => named(column, "status", &self.names(values)),
                _ => format!("LOWER({column}) IN ({})", self.names(values)),
            },
            Kind::Category => {
                let codes = self.texts(values).join(", ");
                format!("{column} IN (SELECT id FROM status WHERE category IN ({codes}))")
            }
            Kind::Reference => {
                let keys = self.texts(values).join(", ");
                format!(
                    "{column} IN (SELECT other.id FROM issue AS other WHERE other.key IN ({keys}))"
                )
            }
            Kind::Key | Kind::Order => format!("{column} IN ({})", self.texts(values).join(", ")),
            Kind::Date => self.within(column, values),
            Kind::Prose => self.contains(column, values),
        }
    }

    /// All that a date names counts as equal to it: the whole day, or the whole minute.
    fn within(&mut self, column: &str, values: &[Value]) -> String {
        let mut conditions = Vec::new();
        for value in values {
            if let Value::Moment(moment) = value {
                let instants = moment.instants(self.context.now_ms);
                let start = bind(&mut self.params, Param::Int(instants.start));
                let end = bind(&mut self.params, Param::Int(instants.end));
                conditions.push(format!("({column} >= {start} AND {column} < {end})"));
            }
        }
        join("OR", &conditions)
    }

    /// Every word and phrase has to occur.
    fn contains(&mut self, column: &str, values: &[Value]) -> String {
        let mut conditions = Vec::new();
        for value in values {
            if let Value::Text(text) = value {
                for pattern in search_text::patterns(text) {
                    let pattern = bind(&mut self.params, Param::Text(pattern));
                    conditions.push(format!(
                        "LOWER({column}) LIKE LOWER({pattern}) ESCAPE '{ESCAPE}'"
                    ));
                }
            }
        }
        join("AND", &conditions)
    }

    /// Keys have an order within their project, and dates compare by their first instant.
    fn compare(&mut self, field: Field, operator: &str, values: &[Value]) -> String {
        match (Place::of(field), values) {
            (_, [Value::Key(key)]) => {
                let project = bind(&mut self.params, Param::Text(key.project.clone()));
                let number = bind(&mut self.params, Param::Int(key.number));
                format!(
                    "(issue.project_id IN (SELECT id FROM project WHERE key = {project}) \
                     AND issue.number {operator} {number})"
                )
            }
            (Place::Column { name, .. }, [Value::Moment(moment)]) => {
                let start = moment.instants(self.context.now_ms).start;
                format!(
                    "{name} {operator} {}",
                    bind(&mut self.params, Param::Int(start))
                )
            }
            // No other kind of field takes these operators.
            _ => FALSE.to_owned(),
        }
    }

    /// Placeholders for names, to compare without regard to case.
    fn names(&mut self, values: &[Value]) -> String {
        let lower = |placeholder: String| format!("LOWER({placeholder})");
        self.texts(values)
            .into_iter()
            .map(lower)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Placeholders for the values as the database spells them.
    fn texts(&mut self, values: &[Value]) -> Vec<String> {
        let mut placeholders = Vec::new();
        for value in values {
            let text = match value {
                Value::Text(text) => text.clone(),
                Value::Key(key) => key.to_string(),
                Value::Category(category) => category.code().to_owned(),
                Value::CurrentUser => self.context.viewer.to_owned(),
                Value::Empty | Value::Moment(_) => continue,
            };
            placeholders.push(bind(&mut self.params, Param::Text(text)));
        }
        placeholders
    }
}

/// Joins conditions into a tree of logarithmic depth. None at all restrict nothing.
fn join(operator: &str, conditions: &[String]) -> String {
    match conditions {
        [] => TRUE.to_owned(),
        [only] => only.clone(),
        _ => {
            let (left, right) = conditions.split_at(conditions.len() / 2);
            format!(
                "({} {operator} {})",
                join(operator, left),
                join(operator, right)
            )
        }
    }
}

/// Whether the row that a column points at bears one of the names.
fn named(column: &str, table: &str, names: &str) -> String {
    format!("{column} IN (SELECT id FROM {table} WHERE LOWER(name) IN ({names}))")
}

/// Whether an issue holds anything in a set that meets the condition.
fn holds(table: &str, condition: &str) -> String {
    format!("EXISTS (SELECT 1 FROM {table} AS held WHERE held.issue_id = issue.id{condition})")
}

fn is_empty(field: Field) -> String {
    match Place::of(field) {
        Place::Set(table) => format!("NOT {}", holds(table, "")),
        Place::Column {
            name,
            nullable: true,
        } => format!("{name} IS NULL"),
        Place::Column { name, .. } if field.kind() == Kind::Prose => format!("{name} = ''"),
        Place::Column { .. } => FALSE.to_owned(),
    }
}

/// None if the field is never empty. A comparison with NULL does not do instead: NULL is in no
/// list, but it is not outside of an empty one either.
fn is_not_empty(field: Field) -> Option<String> {
    match Place::of(field) {
        Place::Set(table) => Some(holds(table, "")),
        Place::Column {
            name,
            nullable: true,
        } => Some(format!("{name} IS NOT NULL")),
        Place::Column { name, .. } if field.kind() == Kind::Prose => Some(format!("{name} <> ''")),
        Place::Column { .. } => None,
    }
}
