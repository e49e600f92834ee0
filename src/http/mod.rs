//! The transports: GraphQL over HTTP, WebSocket and server-sent events, the health checks and
//! the metrics.
//!
//! It decides how requests and answers travel, who is let in, what browsers may do with answers, and
//! how connections end. What an
//! operation may cost and how it is executed is the service's part. Every refusal has a body in the
//! shape of a GraphQL response. The only place that knows axum.

mod auth;
mod config;
mod endpoint;
mod events;
mod front;
mod gate;
mod head;
mod headers;
mod health;
mod metrics;
mod negotiate;
mod origin;
pub mod playground;
mod refusal;
mod request_id;
mod reserve;
mod serve;
mod shutdown;
mod socket;

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    Router,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{any, get},
};
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
    cors::{AllowOrigin, CorsLayer},
};

use self::refusal::Refusal;
pub use self::{
    auth::{Authenticator, Verdict},
    config::HttpConfig,
    gate::Gate,
    health::Readiness,
    metrics::{Exposition, metrics_router},
    origin::Hosts,
    serve::serve,
    shutdown::Shutdown,
};
use crate::{
    graphql::service::{Service, code},
    telemetry::metrics::TransportMetrics,
};

/// For how long a browser remembers what pages of another origin may send; most cap it at two hours.
const PREFLIGHT: Duration = Duration::from_secs(3_600);

/// What the transports need.
pub struct HttpState {
    /// Executes operations.
    pub service: Service,
    /// Finds the user of a token.
    pub authenticator: Arc<dyn Authenticator>,
    /// Answers `/readyz`.
    pub readiness: Arc<dyn Readiness>,
    /// Answers `/metrics`.
    pub exposition: Arc<dyn Exposition>,
    /// What is counted of requests and connections.
    pub metrics: TransportMetrics,
    /// Limits and times.
    pub config: Arc<HttpConfig>,
    /// Counts who comes in and what runs.
    pub gate: Gate,
    /// Ends streams and sockets; the same one is given to [`serve()`].
    pub shutdown: Shutdown,
}

/// All routes. `pages` is merged in: the playground under `/` and its assets, which may not use the
/// paths of the API.
pub fn router(state: HttpState, pages: Router) -> Router {
    let config = Arc::clone(&state.config);
    let state = Arc::new(state);
    let graphql = get(endpoint::get)
        .post(endpoint::post)
        .fallback(endpoint::other_method);
    let stream = get(events::get)
        .post(events::post)
        .fallback(endpoint::other_method);
    let router = Router::new()
        .route("/graphql", graphql)
        .route("/graphql/ws", any(endpoint::socket))
        .route("/graphql/stream", stream)
        .route_layer(from_fn_with_state(
            Arc::clone(&config),
            origin::check_origin,
        ))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::metrics))
        .with_state(state.clone())
        .merge(pages)
        .fallback(not_found)
        .method_not_allowed_fallback(get_only);
    let compress = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(compressible());
    // Together they are one layer to axum, which allocates for each; the first is the outermost.
    let front = from_fn_with_state(state, front::receive);
    let inner = (CatchPanicLayer::custom(panicked), compress);
    if config.cors_origins.is_empty() {
        router.layer((front, inner))
    } else {
        router.layer((front, cors(&config.cors_origins), inner))
    }
}

/// Events must not wait in a compressor, and short answers are not worth one.
fn compressible() -> impl Predicate {
    SizeAbove::new(1024)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES)
}

/// Lets pages of the given origins call the API; tokens are sent by scripts, so no credentials are
/// allowed.
fn cors(origins: &[String]) -> CorsLayer {
    let origins = origins.iter().filter_map(|origin| {
        HeaderValue::from_str(origin)
            .inspect_err(|_| tracing::warn!(origin, "not an origin; it is ignored"))
            .ok()
    });
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::ACCEPT, header::AUTHORIZATION, header::CONTENT_TYPE])
        // For scripts that wait as they are told, and for users who quote the id of what failed.
        .expose_headers([header::RETRY_AFTER, request_id::HEADER])
        .max_age(PREFLIGHT)
}

async fn not_found() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        code::NOT_FOUND,
        "Nothing is served under this path; the API is at /graphql.",
    )
}

async fn get_only() -> Refusal {
    Refusal::method("Expected the method GET.", "GET, HEAD")
}

/// What panicked, and where, has been written by the panic hook.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    Refusal::internal().into_response()
}
