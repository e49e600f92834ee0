//! Logs, as lines for people or for machines, and where they and traces go.
//!
//! What is asked for is one filter (`RUST_LOG`); traces have their own, since whoever collects them
//! wants all spans and nobody wants all of them as lines. Nothing here sees what users wrote.

use super::traces::{Traces, TracesError};
use std::io::IsTerminal;
use tracing::Level;
use tracing_subscriber::filter::{EnvFilter, FilterExt, LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// What is logged unless `RUST_LOG` says otherwise.
const DEFAULT_FILTER: &str = "info,rusqlite_migration=warn";

/// Libraries that, asked for all they can tell, write what travels through them: tokens as well.
const CARRIERS: [&str; 2] = ["tungstenite", "tokio_tungstenite"];

/// How logs are written, and where traces are sent.
#[derive(Clone, Debug, Default)]
pub struct Telemetry {
    /// One JSON object a line, instead of lines for people.
    pub json: bool,
    /// A collector of OpenTelemetry for the traces.
    pub otlp_endpoint: Option<String>,
}

impl Telemetry {
    /// Starts to log on stderr and to send traces.
    pub fn start(&self) -> Result<Running, TracesError> {
        let chosen =
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
        // Beside the filter and not in it, where a directive for one of their modules would win.
        let filter = chosen.and(filter_fn(|about| {
            *about.level() <= Level::INFO || !carries(about.target())
        }));
        let lines = tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal());
        let lines = match self.json {
            true => lines.json().boxed(),
            false => lines.boxed(),
        };
        let traces = self.otlp_endpoint.as_deref().map(Traces::start);
        let traces = traces.transpose()?;
        let spans = traces.as_ref().map(|traces| {
            // The exporter's own work must not make new spans.
            let own = Targets::new().with_target("understory", LevelFilter::DEBUG);
            traces.layer().with_filter(own)
        });
        let started = tracing_subscriber::registry()
            .with(lines.with_filter(filter))
            .with(spans)
            .try_init();
        // A second start, as in tests, keeps the first.
        if started.is_ok() {
            std::panic::set_hook(Box::new(log_panic));
        }
        Ok(Running(traces))
    }
}

/// Whether what is told is of a library that carries secrets.
fn carries(target: &str) -> bool {
    let library = target.split("::").next();
    library.is_some_and(|library| CARRIERS.contains(&library))
}

/// A panic is a line of the log like any other, with the spans in which it happened.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let said = panic.payload_as_str().unwrap_or("no message");
    let at = panic.location().map(ToString::to_string);
    tracing::error!(said, at, "a panic");
}

/// Logs and traces that were started.
pub struct Running(Option<Traces>);

impl Running {
    /// Sends the traces that wait, and no more after them. Takes a few seconds at the most.
    pub async fn stop(self) {
        if let Some(traces) = self.0 {
            traces.stop().await;
        }
    }
}
