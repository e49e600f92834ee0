//! Why a file could not be imported, in words for the person who has it.

use crate::store::StoreError;

/// Longest explanation that is passed on: a parser repeats what it found, however long that is.
const MESSAGE_LIMIT: usize = 300;

/// Why a file was left out, whole.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read to its end, or holds nothing.
    #[error("{file}: {reason}")]
    File {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// One of its lines is not what was expected.
    #[error("{file}, line {line}{}: {message}", in_field(.field))]
    Line {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The path to the field, such as `fields.status.name`; empty if no one field is at fault.
        field: String,
        /// What was found and what was expected.
        message: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn in_field(field: &str) -> String {
    match field {
        "" => String::new(),
        field => format!(", field {field}"),
    }
}

/// What is wrong with one issue, before anyone knows where it stands.
#[derive(Debug)]
pub(super) enum Fault {
    /// A value is not what was expected.
    Value {
        /// The path to the field within the issue.
        field: String,
        /// What was found and what was expected.
        message: String,
    },
    /// The store failed.
    Store(StoreError),
}

impl Fault {
    pub(super) fn value(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Value {
            field: field.into(),
            message: message.into(),
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What is wrong with a file, before anyone knows its name.
#[derive(Debug)]
pub(super) enum ReadError {
    /// It cannot be read.
    Source(String),
    /// One of its lines is not what was expected.
    Line {
        line: u64,
        field: String,
        message: String,
    },
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for ReadError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl ReadError {
    pub(super) fn line(line: u64, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Line {
            line,
            field: field.into(),
            message: shorten(message.into()),
        }
    }

    pub(super) fn fault(line: u64, within: &str, fault: Fault) -> Self {
        match fault {
            Fault::Value { field, message } => Self::line(line, join(within, &field), message),
            Fault::Store(error) => Self::Store(error),
        }
    }

    pub(super) fn named(self, file: &str) -> ImportError {
        let file = file.to_owned();
        match self {
            Self::Source(reason) => ImportError::File { file, reason },
            Self::Line {
                line,
                field,
                message,
            } => ImportError::Line {
                file,
                line,
                field,
                message,
            },
            Self::Store(error) => ImportError::Store(error),
        }
    }
}

/// A path below another; the parser writes `.` for a path without steps.
pub(super) fn join(within: &str, field: &str) -> String {
    match (within, field) {
        ("", "." | "") => String::new(),
        ("", field) => field.to_owned(),
        (within, "." | "") => within.to_owned(),
        (within, field) => format!("{within}.{field}"),
    }
}

/// What the parser says, without the place: that is counted from the start of the file here.
pub(super) fn explain(error: &serde_json::Error) -> String {
    let whole = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let what = whole.strip_suffix(&place).unwrap_or(&whole);
    match error.classify() {
        serde_json::error::Category::Data => what.to_owned(),
        _ => format!("no valid JSON: {what} at column {}", error.column()),
    }
}

fn shorten(message: String) -> String {
    if message.chars().count() <= MESSAGE_LIMIT {
        return message;
    }
    // What was found comes first and what was expected last: both ends are worth having.
    let characters: Vec<char> = message.chars().collect();
    let head: String = characters[..MESSAGE_LIMIT / 2].iter().collect();
    let tail: String = characters[characters.len() - MESSAGE_LIMIT / 2..]
        .iter()
        .collect();
    format!("{head} … {tail}")
}
