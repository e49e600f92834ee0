//! `/healthz` and `/readyz`: what a supervisor or a load balancer asks, without a token.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use futures_util::future::BoxFuture;
use serde_json::json;
use tokio::time::timeout;

use super::{HttpState, refusal::Refusal};

/// Tells whether the server can do its work.
pub trait Readiness: Send + Sync {
    /// The error says to an operator what is missing.
    fn ready(&self) -> BoxFuture<'_, Result<(), String>>;
}

const PATIENCE: Duration = Duration::from_secs(5);

/// The process is up and answers.
pub(super) async fn healthz() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// The server can do its work.
pub(super) async fn readyz(State(state): State<Arc<HttpState>>) -> Result<Response, Refusal> {
    match timeout(PATIENCE, state.readiness.ready()).await {
        Ok(Ok(())) => Ok(Json(json!({ "status": "ready" })).into_response()),
        Ok(Err(reason)) => Err(Refusal::unavailable(reason)),
        Err(_) => Err(Refusal::unavailable(format!(
            "Readiness was not told within {PATIENCE:?}."
        ))),
    }
}
