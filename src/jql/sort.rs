//! ORDER BY: what each field sorts by, in SQL.
//!
//! Every order is total, so that a place in it can be returned to. Equal issues come by key, or by
//! id if the order starts with a field that has an index: SQLite then need not sort the table.
//! Issues whose field is empty come last in both directions: nobody sorts to see them first.

use super::field::Field;
use super::tree::Sort;

/// One key of an order and its direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    pub(super) key: Key,
    pub(super) descending: bool,
}

/// An expression over `issue JOIN project` that rows are sorted by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    pub(super) sql: &'static str,
    pub(super) nullable: bool,
    pub(super) kind: KeyKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Number,
    Text,
}

impl Term {
    /// The keys of an order; those of a field that comes again would decide nothing.
    pub(super) fn of_order(order: &[Sort]) -> Vec<Self> {
        let mut fields: Vec<Field> = Vec::new();
        let mut terms = Vec::new();
        for Sort { field, descending } in order.iter().copied() {
            if !fields.contains(&field) {
                fields.push(field);
                terms.extend(keys(field).into_iter().map(|key| Self { key, descending }));
            }
        }
        let is_indexed = |field: &Field| matches!(field, Field::Updated | Field::Rank);
        let last = if fields.contains(&Field::Key) {
            Vec::new()
        } else if fields.first().is_some_and(is_indexed) {
            vec![number("issue.id")]
        } else {
            keys(Field::Key)
        };
        terms.extend(last.into_iter().map(|key| Self {
            key,
            descending: false,
        }));
        terms
    }

    /// The term as it stands in ORDER BY.
    pub(super) fn order(self) -> String {
        let direction = if self.descending { "DESC" } else { "ASC" };
        let nulls = if self.key.nullable { " NULLS LAST" } else { "" };
        format!("{} {direction}{nulls}", self.key.sql)
    }
}

impl Key {
    /// Whether it is a column of the project that the issue is joined with.
    pub(super) fn is_of_project(self) -> bool {
        self.sql.contains("project.")
    }
}

fn text(sql: &'static str) -> Key {
    Key {
        sql,
        nullable: false,
        kind: KeyKind::Text,
    }
}

fn number(sql: &'static str) -> Key {
    Key {
        sql,
        nullable: false,
        kind: KeyKind::Number,
    }
}

fn nullable(key: Key) -> Key {
    Key {
        nullable: true,
        ..key
    }
}

fn keys(field: Field) -> Vec<Key> {
    match field {
        Field::Key => vec![text("project.key"), number("issue.number")],
        Field::Project => vec![text("LOWER(project.name)")],
        Field::Type => {
            vec![text(
                "(SELECT LOWER(name) FROM issue_type WHERE id = issue.type_id)",
            )]
        }
        Field::Status => vec![text(
            "(SELECT LOWER(name) FROM status WHERE id = issue.status_id)",
        )],
        Field::StatusCategory => vec![number(PROGRESS)],
        Field::Resolution => vec![nullable(text("LOWER(issue.resolution)"))],
        Field::Priority => {
            vec![
                nullable(number(URGENCY)),
                nullable(text("LOWER(issue.priority)")),
            ]
        }
        // The first of its names in the alphabet places an issue.
        Field::Labels => vec![nullable(text(
            "(SELECT MIN(LOWER(name)) FROM issue_label WHERE issue_id = issue.id)",
        ))],
        Field::Component => vec![nullable(text(
            "(SELECT MIN(LOWER(name)) FROM issue_component WHERE issue_id = issue.id)",
        ))],
        Field::FixVersion => vec![nullable(text(
            "(SELECT MIN(LOWER(name)) FROM issue_fix_version WHERE issue_id = issue.id)",
        ))],
        Field::Assignee => vec![nullable(text("LOWER(issue.assignee)"))],
        Field::Reporter => vec![nullable(text("LOWER(issue.reporter)"))],
        // The parser lets nothing be sorted by text, which is the summary here.
        Field::Summary | Field::Text => vec![text("LOWER(issue.summary)")],
        Field::Parent => vec![
            nullable(text(
                "(SELECT home.key FROM issue AS other JOIN project AS home \
                 ON home.id = other.project_id WHERE other.id = issue.parent_id)",
            )),
            nullable(number(
                "(SELECT other.number FROM issue AS other WHERE other.id = issue.parent_id)",
            )),
        ],
        Field::Epic => vec![
            nullable(text(
                "(SELECT home.key FROM issue AS other JOIN project AS home \
                 ON home.id = other.project_id WHERE other.id = issue.epic_id)",
            )),
            nullable(number(
                "(SELECT other.number FROM issue AS other WHERE other.id = issue.epic_id)",
            )),
        ],
        Field::Created => vec![number("issue.created_at")],
        Field::Updated => vec![number("issue.updated_at")],
        Field::Resolved => vec![nullable(number("issue.resolved_at"))],
        Field::Rank => vec![nullable(text("issue.rank"))],
    }
}

const PROGRESS: &str = "(SELECT CASE category WHEN 'TO_DO' THEN 1 WHEN 'IN_PROGRESS' THEN 2 ELSE 3 \
    END FROM status WHERE id = issue.status_id)";

/// Priorities are only names here, so those that trackers ship with bring their order along: the
/// more urgent, the greater. Names that a team made up count as less urgent than these.
const URGENCY: &str = "CASE WHEN issue.priority IS NULL THEN NULL ELSE CASE LOWER(issue.priority) \
    WHEN 'blocker' THEN 9 WHEN 'highest' THEN 8 WHEN 'critical' THEN 7 WHEN 'high' THEN 6 \
    WHEN 'major' THEN 5 WHEN 'medium' THEN 4 WHEN 'minor' THEN 3 WHEN 'low' THEN 2 \
    WHEN 'lowest' THEN 1 WHEN 'trivial' THEN 1 ELSE 0 END END";
