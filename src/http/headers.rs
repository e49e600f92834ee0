//! The headers that tell browsers how little an answer may be used for.
//!
//! They stand on every answer, refusals included; a page that needs more sets its own policy, as the
//! playground does. `Strict-Transport-Security` is the part of whoever ends TLS.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

/// What answers of the API are: data, never a page.
const NO_PAGE: &str = "default-src 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, NO_PAGE),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // An address may carry variables of a query.
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    // Pages of the CORS list are not affected: they read with CORS.
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Adds the headers that the answer does not have yet.
pub(super) fn harden(response: &mut Response) {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
}
