//! What comes out of the service: one response, serialised once, for every transport.

use std::sync::Arc;

use async_graphql::{Response, ServerError, Value};
use bytes::Bytes;

use super::{
    Limits, body,
    error::{code, coded},
    shared::Forms,
};
use crate::graphql::error::code as resolver;

/// How far an operation came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was executed; fields may have failed.
    Executed,
    /// It was refused before execution: a request error, whose body has no `data`.
    Refused,
    /// The server broke down while executing it.
    Failed,
}

/// One response of an operation: its JSON text and what a transport must know about it.
#[derive(Clone, Debug)]
pub struct Answer {
    body: Bytes,
    outcome: Outcome,
    errors: usize,
    code: Option<String>,
    /// Whether only the log says what went wrong.
    unexplained: bool,
    forms: Option<Arc<Forms>>,
}

impl Answer {
    /// A refusal with one error, for transports that refuse a request on their own account.
    #[must_use]
    pub fn refusal(code: &str, message: &str) -> Self {
        Self::request_errors(&[coded(code, message)])
    }

    /// The response object as JSON text in UTF-8.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The JSON text of an array of answers.
    #[must_use]
    pub fn array(answers: &[Self]) -> Bytes {
        let bodies: Vec<&[u8]> = answers.iter().map(|it| &it.body[..]).collect();
        [b"[", &bodies.join(&b","[..])[..], b"]"].concat().into()
    }

    /// The answer in the form that a transport sends, by whatever name the transport knows it. One
    /// that many receive is brought into each form once.
    pub fn in_form(&self, name: &str, make: impl FnOnce(&Bytes) -> Bytes) -> Bytes {
        match &self.forms {
            Some(forms) => forms.find_or_make(name, || make(&self.body)),
            None => make(&self.body),
        }
    }

    /// How far the operation came.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// How many errors the response reports.
    #[must_use]
    pub fn error_count(&self) -> usize {
        self.errors
    }

    /// The code of the first error.
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// If there is no `data`, the array of errors as JSON text, without the object around it.
    #[must_use]
    pub fn fatal_errors(&self) -> Option<Bytes> {
        (self.outcome != Outcome::Executed).then(|| {
            self.body
                .slice(body::ERRORS_PREFIX.len()..self.body.len() - 1)
        })
    }

    pub(super) fn request_errors(errors: &[ServerError]) -> Self {
        Self::new(body::without_data(errors), Outcome::Refused, errors)
    }

    /// The answer for a response of the executor.
    pub(super) fn from_response(mut response: Response, limits: &Limits) -> Self {
        cap(&mut response.errors, limits);
        // What fails during execution says where, in its path; what has no path never began.
        let refused = response.data == Value::Null
            && !response.errors.is_empty()
            && response.errors.iter().all(|error| error.path.is_empty());
        // Resolvers give their errors a code; what the library finds wrong by itself has none.
        let by_library = match refused {
            true => code::GRAPHQL_VALIDATION_FAILED,
            false => code::BAD_USER_INPUT,
        };
        for error in &mut response.errors {
            let extensions = error.extensions.get_or_insert_default();
            if extensions.get("code").is_none() {
                extensions.set("code", by_library);
            }
        }
        if refused {
            return Self::request_errors(&response.errors);
        }
        Self::new(
            body::with_data(&response),
            Outcome::Executed,
            &response.errors,
        )
    }

    /// The answer with the id of the request in errors of which only the log has the reason, for the
    /// user to quote it. They are rare, and one execution may answer many requests, so that it is
    /// put into the text.
    pub(super) fn attributed(self, request_id: Option<&str>) -> Self {
        let Some(request_id) = request_id.filter(|_| self.unexplained) else {
            return self;
        };
        let Ok(mut response) = serde_json::from_slice::<Response>(&self.body) else {
            return self;
        };
        for error in response.errors.iter_mut().filter(|it| is_unexplained(it)) {
            let extensions = error.extensions.get_or_insert_default();
            extensions.set("requestId", request_id);
        }
        let errors = &response.errors[..];
        match self.outcome {
            Outcome::Executed => Self::new(body::with_data(&response), self.outcome, errors),
            Outcome::Refused | Outcome::Failed => {
                Self::new(body::without_data(errors), self.outcome, errors)
            }
        }
    }

    /// The answer as one that many receive.
    pub(super) fn for_many(self) -> Self {
        Self {
            forms: Some(Arc::default()),
            ..self
        }
    }

    /// The answer when a resolver panicked; what happened is in the log.
    pub(super) fn panicked() -> Self {
        let errors = [coded(
            code::INTERNAL_SERVER_ERROR,
            "The server failed while executing this.",
        )];
        Self::new(body::without_data(&errors), Outcome::Failed, &errors)
    }

    fn new(body: serde_json::Result<Vec<u8>>, outcome: Outcome, errors: &[ServerError]) -> Self {
        match body {
            Ok(text) => Self {
                body: text.into(),
                outcome,
                errors: errors.len(),
                code: errors.first().and_then(code_of).map(str::to_owned),
                unexplained: errors.iter().any(is_unexplained),
                forms: None,
            },
            Err(error) => {
                tracing::error!(%error, "a response could not be serialised");
                Self {
                    body: Bytes::from_static(UNSERIALISABLE),
                    outcome: Outcome::Failed,
                    errors: 1,
                    code: Some(code::INTERNAL_SERVER_ERROR.to_owned()),
                    unexplained: true,
                    forms: None,
                }
            }
        }
    }
}

const UNSERIALISABLE: &[u8] = br#"{"errors":[{"message":"The response could not be serialised.","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#;

/// Whether only the log has the reason of an error.
fn is_unexplained(error: &ServerError) -> bool {
    matches!(
        code_of(error),
        Some(resolver::INTERNAL | code::INTERNAL_SERVER_ERROR)
    )
}

fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

/// Keeps the first errors and the beginning of each message: the parser echoes the document, and
/// validation may complain about each of its fields.
pub(super) fn cap(errors: &mut Vec<ServerError>, limits: &Limits) {
    errors.truncate(limits.errors);
    for error in errors {
        if let Some((end, _)) = error.message.char_indices().nth(limits.message_chars) {
            error.message.truncate(end);
            error.message.push('…');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_data_gives_the_array_of_their_errors() {
        let answer = Answer::refusal("X", "no");
        assert_eq!(answer.outcome(), Outcome::Refused);
        assert_eq!(
            answer.body(),
            r#"{"errors":[{"message":"no","extensions":{"code":"X"}}]}"#.as_bytes()
        );
        assert_eq!(
            answer.fatal_errors().unwrap(),
            r#"[{"message":"no","extensions":{"code":"X"}}]"#.as_bytes()
        );
    }

    #[test]
    fn errors_are_capped_on_character_boundaries() {
        let limits = Limits {
            errors: 2,
            message_chars: 3,
            ..Limits::default()
        };
        let mut errors = vec![coded("X", "äöüß"), coded("X", "abc"), coded("X", "c")];
        cap(&mut errors, &limits);
        let messages: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
        assert_eq!(messages, ["äöü…", "abc"]);
    }
}
