//! The values that clauses compare with, read according to the kind of their field.

use std::fmt;

use super::field::Kind;
use super::moment::Moment;
use super::search_text;

/// One operand of a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// `EMPTY`, `NULL`, and `Unresolved` for a resolution.
    Empty,
    /// A name, or a text to search for.
    Text(String),
    Key(IssueKey),
    Category(Category),
    Moment(Moment),
    /// `currentUser()`.
    CurrentUser,
}

/// An issue's key. Projects have upper-case keys, and a query may write them in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IssueKey {
    pub(super) project: String,
    pub(super) number: i64,
}

/// How far along a status is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Category {
    ToDo,
    InProgress,
    Done,
}

impl Value {
    /// The value that `text` means for a field of this kind, or None if it means nothing there.
    pub(super) fn read(kind: Kind, text: &str) -> Option<Self> {
        match kind {
            Kind::Key | Kind::Reference => IssueKey::read(text).map(Self::Key),
            Kind::Category => Category::read(text).map(Self::Category),
            Kind::Date => Moment::read(text).map(Self::Moment),
            Kind::Prose if search_text::patterns(text).is_empty() => None,
            Kind::Prose | Kind::Name | Kind::User => Some(Self::Text(text.to_owned())),
            Kind::Order => None,
        }
    }
}

impl IssueKey {
    fn read(text: &str) -> Option<Self> {
        let (project, number) = text.rsplit_once('-')?;
        let is_project = project.starts_with(|c: char| c.is_ascii_alphabetic())
            && project
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_');
        // The parser of numbers takes a sign, which a key has not.
        let is_number = number.chars().all(|c| c.is_ascii_digit());
        let number = number.parse().ok().filter(|_| is_project && is_number)?;
        Some(Self {
            project: project.to_ascii_uppercase(),
            number,
        })
    }
}

impl fmt::Display for IssueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.project, self.number)
    }
}

impl Category {
    pub(super) const ALL: [Self; 3] = [Self::ToDo, Self::InProgress, Self::Done];

    fn read(text: &str) -> Option<Self> {
        let bears_name = |category: &Self| {
            category
                .names()
                .iter()
                .any(|name| name.eq_ignore_ascii_case(text))
        };
        Self::ALL.into_iter().find(bears_name)
    }

    /// The name that users see.
    pub(super) fn name(self) -> &'static str {
        self.names()[0]
    }

    /// The name in the database.
    pub(super) fn code(self) -> &'static str {
        self.names()[1]
    }

    /// The name that users see, that in the database, and the key in the tracker's API where it
    /// differs from both.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::ToDo => &["To Do", "TO_DO", "new"],
            Self::InProgress => &["In Progress", "IN_PROGRESS", "indeterminate"],
            Self::Done => &["Done", "DONE"],
        }
    }
}
