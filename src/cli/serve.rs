//! `understory serve`: serves until SIGINT or SIGTERM, then stops cleanly.

use super::CliError;
use crate::app::Server;
use crate::config::{Config, LogFormat, ServeOptions};
use crate::telemetry::{Running, Telemetry};
use std::io::Write;
use std::process::ExitCode;

#[derive(clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    options: ServeOptions,
}

impl Serve {
    pub(super) async fn run(self) -> Result<ExitCode, CliError> {
        let config = Config::from(self.options);
        let telemetry = start_telemetry(&config)?;
        let server = start(config).await?;
        say(&format!("listening on http://{}/", server.address()));
        if let Some(address) = server.metrics_address() {
            tracing::info!("metrics are at http://{address}/metrics");
        }
        let code = stop_on_signal(server).await;
        telemetry.stop().await;
        code
    }
}

pub(super) async fn start(config: Config) -> Result<Server, CliError> {
    Server::start(config)
        .await
        .map_err(|error| CliError::Failed(format!("{error:#}")))
}

/// Prints a line at once: whoever started the server waits for it.
pub(super) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that has gone away does not stop the server.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

pub(super) async fn stop_on_signal(server: Server) -> Result<ExitCode, CliError> {
    signal()
        .await
        .map_err(|error| CliError::Failed(format!("signals: {error}")))?;
    tracing::info!("stopping");
    server.stop().await;
    Ok(ExitCode::SUCCESS)
}

#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// Starts logs and traces as the configuration has them.
pub(super) fn start_telemetry(config: &Config) -> Result<Running, CliError> {
    let telemetry = Telemetry {
        json: config.log_format == LogFormat::Json,
        otlp_endpoint: config.operations.otlp_endpoint.clone(),
    };
    telemetry
        .start()
        .map_err(|error| CliError::Failed(error.to_string()))
}
