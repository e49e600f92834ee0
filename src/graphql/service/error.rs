//! Why an operation is refused before it runs, and the codes that say so.
//!
//! A problem becomes a GraphQL error with its code in the extensions. Errors of resolvers do not
//! pass here: they bring their own extensions.

use async_graphql::{ErrorExtensionValues, Pos, ServerError};

/// The `extensions.code` of errors that come from the service and its transports.
pub mod code {
    /// The request is not a well-formed GraphQL request: JSON, parameters, method.
    pub const BAD_REQUEST: &str = "BAD_REQUEST";
    /// A variable has no value, or one that its type does not accept.
    pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
    /// The server runs as many operations as accepted; trying again soon helps.
    pub const BUSY: &str = "BUSY";
    /// The document's text is longer than accepted.
    pub const DOCUMENT_TOO_LARGE: &str = "DOCUMENT_TOO_LARGE";
    /// It is about something that is switched off on this server.
    pub const FEATURE_DISABLED: &str = "FEATURE_DISABLED";
    /// The token is good, and its user may not do this.
    pub const FORBIDDEN: &str = "FORBIDDEN";
    /// The document is not GraphQL.
    pub const GRAPHQL_PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
    /// The document does not fit the schema.
    pub const GRAPHQL_VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";
    /// The server does not go by the name that the request calls it by.
    pub const HOST_NOT_ALLOWED: &str = "HOST_NOT_ALLOWED";
    /// The server failed in a way that the client cannot mend.
    pub const INTERNAL_SERVER_ERROR: &str = "INTERNAL_SERVER_ERROR";
    /// The method does not fit the path or the kind of operation.
    pub const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
    /// None of the media types that the client accepts can be served.
    pub const NOT_ACCEPTABLE: &str = "NOT_ACCEPTABLE";
    /// Nothing is served under this path.
    pub const NOT_FOUND: &str = "NOT_FOUND";
    /// The operation name does not choose one operation of the document.
    pub const OPERATION_RESOLUTION_FAILURE: &str = "OPERATION_RESOLUTION_FAILURE";
    /// The page that makes the request is neither the server's own nor one that may call it.
    pub const ORIGIN_NOT_ALLOWED: &str = "ORIGIN_NOT_ALLOWED";
    /// The request's body is longer than accepted.
    pub const PAYLOAD_TOO_LARGE: &str = "PAYLOAD_TOO_LARGE";
    /// The operation would cost more than accepted, or its document is too complex to be looked at.
    pub const QUERY_TOO_COMPLEX: &str = "QUERY_TOO_COMPLEX";
    /// The user asks, or the address tries tokens, more often than accepted; wait first.
    pub const RATE_LIMITED: &str = "RATE_LIMITED";
    /// A string in the document or in the variables is longer than accepted.
    pub const STRING_TOO_LONG: &str = "STRING_TOO_LONG";
    /// The request took longer than accepted.
    pub const TIMEOUT: &str = "TIMEOUT";
    /// As many connections are open as accepted, in all or from this address.
    pub const TOO_MANY_CONNECTIONS: &str = "TOO_MANY_CONNECTIONS";
    /// The connection already runs as many operations as accepted, or the batch has more.
    pub const TOO_MANY_OPERATIONS: &str = "TOO_MANY_OPERATIONS";
    /// The user already has as many subscriptions as accepted, over all connections.
    pub const TOO_MANY_SUBSCRIPTIONS: &str = "TOO_MANY_SUBSCRIPTIONS";
    /// There is no token, or no user with it.
    pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
    /// The server cannot answer just now; trying again later may help.
    pub const UNAVAILABLE: &str = "UNAVAILABLE";
    /// The body's content type or encoding is not understood.
    pub const UNSUPPORTED_MEDIA_TYPE: &str = "UNSUPPORTED_MEDIA_TYPE";
}

/// One reason to refuse an operation.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) locations: Vec<Pos>,
}

impl Problem {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            locations: Vec::new(),
        }
    }

    pub(super) fn at(mut self, pos: Pos) -> Self {
        self.locations.push(pos);
        self
    }
}

impl From<Problem> for Vec<Problem> {
    fn from(problem: Problem) -> Self {
        vec![problem]
    }
}

impl From<Problem> for ServerError {
    fn from(problem: Problem) -> Self {
        let mut error = coded(problem.code, problem.message);
        error.locations = problem.locations;
        error
    }
}

/// What the parser expected, without the drawing of where: that is in `locations`.
pub(super) fn in_one_line(drawn: &str) -> String {
    match drawn
        .lines()
        .find_map(|line| line.trim().strip_prefix("= "))
    {
        Some(expected) => format!("The document is not valid GraphQL: {expected}."),
        None => drawn.lines().map(str::trim).collect::<Vec<_>>().join(" "),
    }
}

/// An error with nothing but a message and a code.
pub(super) fn coded(code: &str, message: impl Into<String>) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    let mut error = ServerError::new(message, None);
    error.extensions = Some(extensions);
    error
}
