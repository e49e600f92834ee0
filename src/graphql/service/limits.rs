//! What one operation may cost before it is looked at any closer.
//!
//! Most of the limits hold before validation, because validation itself expands fragments and can
//! be made to take minutes by a document of a kilobyte. The numbers leave room for what clients
//! write: the standard introspection query is 13 levels deep, a code-generated page some hundred
//! selections.

/// The limits of the [`Service`](super::Service); exceeding one refuses the operation.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of the document's text.
    pub document_bytes: usize,
    /// Lexical tokens of the document (names, numbers, strings, punctuators).
    pub tokens: usize,
    /// Brackets of any kind that are open at once, counted before parsing.
    pub brackets: usize,
    /// Selection sets within selection sets, fragments followed.
    pub nesting: usize,
    /// Fields within fields, fragments followed.
    pub depth: usize,
    /// Selections with all fragments expanded, summed over all definitions of the document.
    pub selections: u64,
    /// Aliases, counted like `selections`.
    pub aliases: u64,
    /// Directives, counted like `selections`.
    pub directives: u64,
    /// Uses of variables, counted like `selections`.
    pub variable_uses: u64,
    /// Uses of variables, counted so, times the size of the variables' values: each use is
    /// copied during validation. A value counts 1, and 1 more for each 32 bytes of its strings.
    pub variable_copies: u64,
    /// What one operation may cost: about the number of values that its answer can hold.
    pub complexity: u64,
    /// Items of a page, where a field has the argument `first`.
    pub page: u64,
    /// Items of a page for which neither `first` nor `last` is given.
    pub default_page: u64,
    /// Bytes of one string, in the document or in the variables.
    pub string_bytes: usize,
    /// Errors in one answer; the rest is cut off.
    pub errors: usize,
    /// Characters of one error's message; the rest is cut off.
    pub message_chars: usize,
    /// Bytes of document text that the cache of parsed documents may stand for.
    pub cache_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 100_000,
            tokens: 15_000,
            brackets: 64,
            nesting: 32,
            depth: 15,
            selections: 10_000,
            aliases: 500,
            directives: 500,
            variable_uses: 2_000,
            variable_copies: 5_000_000,
            complexity: 200_000,
            page: 500,
            default_page: 50,
            string_bytes: 65_536,
            errors: 20,
            message_chars: 500,
            cache_bytes: 1 << 20,
        }
    }
}
