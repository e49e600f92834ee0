//! What is wrong with a query and where, in words for the person who wrote it.

/// Why a text is not a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {message}")]
pub struct JqlError {
    /// Where: the first character of the text is column 1.
    pub column: usize,
    /// What was expected there and what was found, or which limit was passed.
    pub message: String,
}

impl JqlError {
    /// An error at a byte offset of `text`.
    pub(super) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let column = text
            .char_indices()
            .take_while(|(start, _)| *start < offset)
            .count()
            + 1;
        Self {
            column,
            message: message.into(),
        }
    }
}
