//! What a client asks for: one GraphQL request, decoded from JSON in one place for all transports.

use std::{fmt, sync::Arc};

use async_graphql::{Extensions, Variables};
use serde_json::Value;

use super::error::code;

/// One GraphQL request, not yet looked at.
#[derive(Clone)]
pub struct Operation {
    pub(super) query: String,
    pub(super) name: Option<String>,
    pub(super) variables: Variables,
    pub(super) extensions: Extensions,
    pub(super) request_id: Option<Arc<str>>,
}

/// What one HTTP request asks for.
pub struct Requested {
    /// The operations; never none.
    pub operations: Vec<Operation>,
    /// Whether they came as an array, and are to be answered by one.
    pub is_batch: bool,
}

/// Why a text or a JSON value is no GraphQL request; the message says what was expected.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Malformed {
    code: &'static str,
    message: String,
}

impl Malformed {
    fn new(message: impl Into<String>) -> Self {
        Self {
            code: code::BAD_REQUEST,
            message: message.into(),
        }
    }

    /// What to put into `extensions.code`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl Requested {
    /// Decodes the JSON text of a request, as in the body of a POST: one operation, or an array of
    /// up to `batch`.
    pub fn from_text(text: &[u8], batch: usize) -> Result<Self, Malformed> {
        if text.iter().all(u8::is_ascii_whitespace) {
            return Err(Malformed::new(
                "The body is empty; expected a JSON object with the member \"query\".",
            ));
        }
        let json = serde_json::from_slice(text)
            .map_err(|error| Malformed::new(format!("The body is not valid JSON: {error}.")))?;
        match json {
            Value::Array(items) => Self::from_array(items, batch),
            json => Operation::from_json(json).map(Self::from),
        }
    }

    fn from_array(items: Vec<Value>, batch: usize) -> Result<Self, Malformed> {
        if batch == 0 {
            return Err(Malformed::new(
                "Batches are switched off; expected one JSON object, found an array.",
            ));
        }
        if items.len() > batch {
            return Err(Malformed {
                code: code::TOO_MANY_OPERATIONS,
                message: format!(
                    "The batch has {} operations; at most {batch} are accepted.",
                    items.len()
                ),
            });
        }
        if items.is_empty() {
            return Err(Malformed::new("The batch is empty."));
        }
        let operations = items.into_iter().map(Operation::from_json);
        Ok(Self {
            operations: operations.collect::<Result<_, _>>()?,
            is_batch: true,
        })
    }

    /// Under which id the request is logged, for a user to quote when it fails.
    #[must_use]
    pub fn with_request_id(mut self, id: &Arc<str>) -> Self {
        for operation in &mut self.operations {
            operation.request_id = Some(Arc::clone(id));
        }
        self
    }

    /// The operation, where only one can be carried.
    pub fn single(mut self) -> Result<Operation, Malformed> {
        match self.operations.pop() {
            Some(operation) if !self.is_batch => Ok(operation),
            _ => Err(Malformed::new(
                "Batches are not accepted here; expected one JSON object, found an array.",
            )),
        }
    }
}

impl From<Operation> for Requested {
    fn from(operation: Operation) -> Self {
        Self {
            operations: vec![operation],
            is_batch: false,
        }
    }
}

impl Operation {
    /// Decodes a request from JSON: an object with `query` and optionally `operationName`,
    /// `variables` and `extensions`. Other members are ignored.
    pub fn from_json(json: Value) -> Result<Self, Malformed> {
        let mut members = match json {
            Value::Object(members) => members,
            other => return Err(wrong("The request", "a JSON object", &other)),
        };
        let query = match members.remove("query") {
            Some(Value::String(query)) => query,
            Some(other) => return Err(wrong("\"query\"", "a string", &other)),
            None => return Err(Malformed::new("The member \"query\" is missing.")),
        };
        let name = match members.remove("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name),
            Some(other) => return Err(wrong("\"operationName\"", "a string or null", &other)),
        };
        let variables = object(&mut members, "variables")?;
        let extensions = object(&mut members, "extensions")?;
        Ok(Self {
            query,
            name,
            variables,
            extensions,
            request_id: None,
        })
    }

    /// Under which id the request is logged, for a user to quote when it fails.
    #[must_use]
    pub fn with_request_id(self, id: impl Into<Arc<str>>) -> Self {
        Self {
            request_id: Some(id.into()),
            ..self
        }
    }
}

/// Takes an optional object out of the request.
fn object<T: serde::de::DeserializeOwned + Default>(
    members: &mut serde_json::Map<String, Value>,
    name: &str,
) -> Result<T, Malformed> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(T::default()),
        Some(object @ Value::Object(_)) => serde_json::from_value(object)
            .map_err(|error| Malformed::new(format!("\"{name}\" cannot be read: {error}."))),
        Some(other) => Err(wrong(&format!("\"{name}\""), "an object or null", &other)),
    }
}

fn wrong(what: &str, expected: &str, found: &Value) -> Malformed {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    Malformed::new(format!("{what} must be {expected}, found {found}."))
}

/// Without the variables, which may hold secrets, and without the document, which may be long.
impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The kind of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// Reads.
    Query,
    /// Writes, and then reads.
    Mutation,
    /// Answers again and again until completed.
    Subscription,
}

impl OperationKind {
    /// The keyword that begins an operation of this kind.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }
}
