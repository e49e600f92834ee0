//! Refusals of HTTP requests: a status, and a body in the shape of a GraphQL response, so that
//! clients need one way of reading errors.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::negotiate::MediaType;
use crate::graphql::service::{Answer, Malformed, code};

/// Why a request gets no answer of the executor.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    header: Option<(HeaderName, HeaderValue)>,
    media: MediaType,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            header: None,
            media: MediaType::Json,
        }
    }

    pub(super) fn with_header(self, name: HeaderName, value: &'static str) -> Self {
        Self {
            header: Some((name, HeaderValue::from_static(value))),
            ..self
        }
    }

    /// In the media type that the client asked for, as far as it is known.
    pub(super) fn in_media(self, media: MediaType) -> Self {
        Self { media, ..self }
    }

    pub(super) fn method(message: impl Into<String>, allow: &'static str) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            code::METHOD_NOT_ALLOWED,
            message,
        )
        .with_header(header::ALLOW, allow)
    }

    pub(super) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code::UNAVAILABLE, message)
    }

    pub(super) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            code::INTERNAL_SERVER_ERROR,
            "The server failed while answering this request.",
        )
    }
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            code::BAD_REQUEST,
            malformed.to_string(),
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let answer = Answer::refusal(self.code, &self.message);
        let mut response = json(self.status, self.media, &answer);
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// The response with an answer's body. Answers are for one viewer: no cache may keep them.
pub(super) fn json(status: StatusCode, media: MediaType, answer: &Answer) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media.content_type()),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, answer.body().clone()).into_response()
}
