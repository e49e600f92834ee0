//! Options for whoever operates a server: where metrics and traces go, and how it stops.

use super::{ConfigError, FileOption, listen, number};
use clap::Args;
use std::net::SocketAddr;

/// Where metrics and traces go, and how the server stops.
#[derive(Clone, Debug, Default, Args)]
pub struct Operations {
    /// Serve /metrics on an address of its own, without a token
    #[arg(long, value_name = "ADDR", env = "UNDERSTORY_METRICS_LISTEN", value_parser = listen,
          allow_hyphen_values = true)]
    pub metrics_listen: Option<SocketAddr>,
    /// Serve /metrics beside the API without a token, not only to administrators
    #[arg(long, env = "UNDERSTORY_METRICS_PUBLIC")]
    pub metrics_public: bool,
    /// Send traces to an OpenTelemetry collector, by OTLP over HTTP, such as http://localhost:4318
    #[arg(long, value_name = "URL", env = "UNDERSTORY_OTLP_ENDPOINT", value_parser = collector)]
    pub otlp_endpoint: Option<String>,
    /// How long to go on answering when told to stop, with /readyz false, so that a load balancer
    /// looks elsewhere first; a second signal ends it
    #[arg(long, value_name = "SECONDS", env = "UNDERSTORY_DRAIN_DELAY", default_value = "0",
          value_parser = number(0..=3600), allow_hyphen_values = true)]
    pub drain_delay: u64,
}

impl Operations {
    /// Refuses an address for metrics that the API takes.
    pub(super) fn check_beside(&self, listen: SocketAddr) -> Result<(), ConfigError> {
        let Some(metrics) = self.metrics_listen else {
            return Ok(());
        };
        let covers = |one: SocketAddr, other: SocketAddr| {
            one.ip().is_unspecified() && one.is_ipv4() == other.is_ipv4()
        };
        let overlap =
            metrics.ip() == listen.ip() || covers(metrics, listen) || covers(listen, metrics);
        if overlap && metrics.port() == listen.port() && listen.port() != 0 {
            return Err(ConfigError(format!(
                "metrics-listen is {metrics}, where the API listens ({listen}): expected another \
                 address; /metrics is beside the API in any case"
            )));
        }
        Ok(())
    }
}

/// Which server on this machine a command asks.
#[derive(Clone, Debug, Args)]
pub struct AddressOptions {
    #[command(flatten)]
    config: FileOption,
    /// Where the server listens
    #[arg(long, value_name = "ADDR", env = "UNDERSTORY_LISTEN", default_value = "127.0.0.1:8000",
          value_parser = listen, allow_hyphen_values = true)]
    pub listen: SocketAddr,
}

fn collector(text: &str) -> Result<String, String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(host) if !host.is_empty() && !host.contains([' ', '?', '#', '@']) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => {
            Err("expected an address without a password, such as http://localhost:4318".to_owned())
        }
    }
}
