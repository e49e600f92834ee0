//! How large the head of a request may be.
//!
//! The library bounds a buffer that it fills in steps, so that whole heads of up to twice the limit
//! get through it: here they are measured. Beyond that it refuses by itself, as it does URLs of more
//! than 65,534 bytes, with a status and no body.

use axum::{extract::Request, http::StatusCode};

use super::{HttpConfig, refusal::Refusal};
use crate::graphql::service::code;

/// Refuses requests whose head is too large.
pub(super) fn check_size(config: &HttpConfig, request: &Request) -> Result<(), Refusal> {
    let size = size(request);
    if size <= config.head_limit {
        return Ok(());
    }
    let message = format!(
        "Expected a head of at most {} bytes, found {size}: that is the URL and all headers.",
        config.head_limit
    );
    Err(Refusal::new(
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        code::PAYLOAD_TOO_LARGE,
        message,
    ))
}

/// Bytes of the head as clients write it: `GET / HTTP/1.1`, a line for each header, an empty one.
fn size(request: &Request) -> usize {
    let path = request.uri().path_and_query();
    let line = request.method().as_str().len() + path.map_or(1, |it| it.as_str().len());
    let headers = request.headers().iter();
    let headers: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len())
        .sum();
    line + "  HTTP/1.1\r\n".len() + headers + "\r\n".len()
}
