//! `/metrics`: for Prometheus. Beside the API only for administrators, unless it is public; on a
//! listener of its own for whoever can reach that.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::future::BoxFuture;

use super::{HttpState, auth, refusal::Refusal};
use crate::{graphql::service::code, telemetry::metrics::Format};

/// Writes the metrics down.
pub trait Exposition: Send + Sync {
    /// All metrics, measured now; the error, which is logged and not shown, if they cannot be.
    fn write(&self, format: Format) -> BoxFuture<'_, Result<String, String>>;
}

/// Answers beside the API.
pub(super) async fn metrics(
    State(state): State<Arc<HttpState>>,
    request: Request,
) -> Result<Response, Refusal> {
    let (parts, _) = request.into_parts();
    if !state.config.metrics_public {
        let session = auth::session(&state, &parts).await?;
        if !session.viewer.admin {
            return Err(Refusal::new(
                StatusCode::FORBIDDEN,
                code::FORBIDDEN,
                "Metrics are for administrators; expected the token of one.",
            ));
        }
    }
    answer(&*state.exposition, &parts.headers).await
}

/// The routes of a listener that serves nothing else.
pub fn metrics_router(exposition: Arc<dyn Exposition>) -> Router {
    let answer = |State(exposition): State<Arc<dyn Exposition>>, headers: HeaderMap| async move {
        answer(&*exposition, &headers).await
    };
    Router::new()
        .route("/metrics", get(answer))
        .with_state(exposition)
}

async fn answer(exposition: &dyn Exposition, headers: &HeaderMap) -> Result<Response, Refusal> {
    let accepted = headers.get_all(header::ACCEPT).iter();
    let open = accepted.filter_map(|value| value.to_str().ok());
    let format = match open
        .into_iter()
        .any(|it| it.contains("application/openmetrics-text"))
    {
        true => Format::OpenMetrics,
        false => Format::Text,
    };
    let written = exposition.write(format).await.map_err(|error| {
        tracing::error!(error, "metrics cannot be written");
        Refusal::unavailable("The metrics cannot be measured just now; the log has the reason.")
    })?;
    let headers = [
        (header::CONTENT_TYPE, format.content_type()),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, written).into_response())
}
