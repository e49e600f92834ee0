//! Traces to a collector, by OTLP over HTTP.
//!
//! Spans wait in a bounded queue and leave in batches from a thread of their own: a collector that
//! is slow or away costs spans, never time. What the standard environment variables of
//! OpenTelemetry say of headers, sampling and resources is kept to.

use crate::outgoing::{Client, Request, Response, Uri};
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::sync::Arc;
use std::time::Duration;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

/// Time for the collector to take a batch.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of its answer, of which it says what it did not take.
const ANSWER: u64 = 256 * 1024;
/// Time for the last batches when the server stops.
const LAST_PATIENCE: Duration = Duration::from_secs(3);

/// Why traces cannot be sent.
#[derive(Debug, thiserror::Error)]
#[error("traces cannot be sent to {endpoint}: {reason}")]
pub struct TracesError {
    endpoint: String,
    reason: String,
}

/// Spans on their way to a collector.
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to collect for an endpoint: the address without `/v1/traces`.
    pub(super) fn start(endpoint: &str) -> Result<Self, TracesError> {
        let refuse = |reason: String| TracesError {
            endpoint: endpoint.to_owned(),
            reason,
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_shared_http_client(client(endpoint).map_err(refuse)?)
            .with_endpoint(format!("{endpoint}/v1/traces"))
            .with_timeout(PATIENCE)
            .build()
            .map_err(|error| refuse(error.to_string()))?;
        let resource = Resource::builder()
            .with_service_name("understory")
            .with_attribute(opentelemetry::KeyValue::new(
                "service.version",
                env!("CARGO_PKG_VERSION"),
            ))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// What turns spans of the program into spans of a trace.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("understory"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
    }

    pub(super) async fn stop(self) {
        // It blocks its thread until the last batch was taken.
        let stopped =
            tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(LAST_PATIENCE));
        if let Ok(Err(error)) = stopped.await {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

fn client(endpoint: &str) -> Result<Arc<dyn HttpClient>, String> {
    let address = Uri::try_from(endpoint).map_err(|error| error.to_string())?;
    Ok(Arc::new(Blocking(Client::new(&address, PATIENCE, ANSWER))))
}

/// Sends on the exporter's own thread, which has nothing else to do.
#[derive(Debug)]
struct Blocking(Client);

#[async_trait::async_trait]
impl HttpClient for Blocking {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = self.0.send(request.map(Vec::from))?;
        Ok(answer.map(Bytes::from))
    }
}
