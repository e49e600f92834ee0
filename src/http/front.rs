//! What every request passes, whatever it asks for: it gets its id and its span, is refused if its
//! head or the name that it calls the server by is wrong, and is counted by its answer.
//!
//! One layer, because each allocates for every request.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tracing::Instrument;

use super::{
    HttpState, head, headers, negotiate, origin,
    request_id::{self, RequestId},
};

/// Passes on what may come in.
pub(super) async fn receive(
    State(state): State<Arc<HttpState>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = RequestId::of(request.headers());
    let route = route(request.uri().path());
    // Neither path nor query of the URL: the latter carries documents and variables.
    let span = tracing::info_span!("http", request = &*id.0, method = %request.method(), route);
    if negotiate::refuses_all_encodings(request.headers()) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    let (config, value) = (&state.config, HeaderValue::from_str(&id.0));
    request.extensions_mut().insert(id);
    let fits =
        head::check_size(config, &request).and_then(|()| origin::check_host(config, &request));
    let mut response = match fits {
        Ok(()) => next.run(request).instrument(span.clone()).await,
        Err(refusal) => refusal.into_response(),
    };
    headers::harden(&mut response);
    let status = response.status().as_u16();
    state.metrics.answered(route, status);
    span.in_scope(|| tracing::debug!(status, "answered"));
    if let Ok(id) = value {
        response.headers_mut().insert(request_id::HEADER, id);
    }
    response
}

/// What is asked for, as one of a few names.
fn route(path: &str) -> &'static str {
    const ROUTES: [&str; 6] = [
        "/graphql",
        "/graphql/ws",
        "/graphql/stream",
        "/healthz",
        "/readyz",
        "/metrics",
    ];
    ROUTES
        .into_iter()
        .find(|route| *route == path)
        .unwrap_or("page")
}
