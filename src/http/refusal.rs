//! Refusals of HTTP requests: a status, and a body in the shape of a GraphQL response, so that
//! clients need one way of reading errors.

use std::time::Duration;

use axum::{
    body::Bytes,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{gate, negotiate::MediaType};
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

    /// With the time after which the client may try again.
    pub(super) fn retry_after(self, wait: Duration) -> Self {
        let seconds = HeaderValue::from(gate::seconds(wait));
        Self {
            header: Some((header::RETRY_AFTER, seconds)),
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

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// The body of the refusal, as transports carry it that have no status and no headers.
    pub(super) fn answer(&self) -> Answer {
        Answer::refusal(self.code, &self.message)
    }
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            malformed.code(),
            malformed.to_string(),
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = json(self.status, self.media, self.answer().body().clone());
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// The response with the body of an answer, or of several. Answers are for one viewer: no cache may keep them.
pub(super) fn json(status: StatusCode, media: MediaType, body: Bytes) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media.content_type()),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}
