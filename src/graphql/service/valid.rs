//! What is known of documents that the library has validated.
//!
//! async-graphql validates a document anew with each request, since its rules look at the values of
//! variables as well; that takes as long as a good part of the execution. All they find in values has
//! been looked at before, by `variables` and `positions`: of a document that was valid once, only what
//! is missing or null can still make a difference. So a document is taken for valid if it was with
//! the same variables given, null and left out.

use std::sync::OnceLock;

use async_graphql::{
    Value, Variables,
    parser::types::{ExecutableDocument, OperationDefinition},
};

/// What is given for a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Given {
    Nothing,
    Null,
    Value,
}

/// What is given for each variable that an operation declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AllGiven(Box<[Given]>);

impl AllGiven {
    /// `None` if the document has several operations: then the others are validated as well, without
    /// their variables.
    pub(super) fn of(
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> Option<Self> {
        if document.operations.iter().nth(1).is_some() {
            return None;
        }
        let declared = operation.variable_definitions.iter();
        let given = declared.map(|it| match variables.get(&it.node.name.node) {
            None => Given::Nothing,
            Some(Value::Null) => Given::Null,
            Some(_) => Given::Value,
        });
        Some(Self(given.collect()))
    }
}

/// With which variables a document was valid.
#[derive(Default)]
pub(super) struct Validity(OnceLock<AllGiven>);

impl Validity {
    pub(super) fn is_known(&self, given: &AllGiven) -> bool {
        self.0.get() == Some(given)
    }

    /// Remembers that it was; the first variables are kept, as clients change them rarely.
    pub(super) fn note(&self, given: AllGiven) {
        self.0.get_or_init(|| given);
    }
}
