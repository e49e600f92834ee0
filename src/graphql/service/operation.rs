//! What a client asks for: one GraphQL request, decoded from JSON in one place for all transports.

use std::{fmt, sync::Arc};

use async_graphql::{Extensions, Variables};
use serde_json::Value;

/// One GraphQL request, not yet looked at.
pub struct Operation {
    pub(super) query: String,
    pub(super) name: Option<String>,
    pub(super) variables: Variables,
    pub(super) extensions: Extensions,
    pub(super) request_id: Option<Arc<str>>,
}

/// Why a text or a JSON value is no GraphQL request; the message says what was expected.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

impl Operation {
    /// Decodes the JSON text of a request, as in the body of a POST.
    pub fn from_text(text: &[u8]) -> Result<Self, Malformed> {
        if text.iter().all(u8::is_ascii_whitespace) {
            return Err(Malformed(
                "The body is empty; expected a JSON object with the member \"query\".".to_owned(),
            ));
        }
        let json = serde_json::from_slice(text)
            .map_err(|error| Malformed(format!("The body is not valid JSON: {error}.")))?;
        Self::from_json(json)
    }

    /// Decodes a request from JSON: an object with `query` and optionally `operationName`,
    /// `variables` and `extensions`. Other members are ignored.
    pub fn from_json(json: Value) -> Result<Self, Malformed> {
        let mut members = match json {
            Value::Object(members) => members,
            Value::Array(_) => {
                return Err(Malformed(
                    "Batches are not supported; expected one JSON object, found an array."
                        .to_owned(),
                ));
            }
            other => return Err(wrong("The request", "a JSON object", &other)),
        };
        let query = match members.remove("query") {
            Some(Value::String(query)) => query,
            Some(other) => return Err(wrong("\"query\"", "a string", &other)),
            None => return Err(Malformed("The member \"query\" is missing.".to_owned())),
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
            .map_err(|error| Malformed(format!("\"{name}\" cannot be read: {error}."))),
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
    Malformed(format!("{what} must be {expected}, found {found}."))
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
