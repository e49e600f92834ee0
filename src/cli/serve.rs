//! `understory serve`: serves until SIGINT or SIGTERM, then stops cleanly.

use super::{CliError, output};
use crate::app::Server;
use crate::config::{Config, LogFormat, ServeOptions, UnknownVariable};
use crate::telemetry::{Running, Telemetry};
use std::process::ExitCode;
use std::time::Duration;

#[derive(clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    options: ServeOptions,
}

impl Serve {
    pub(super) async fn run(self, unknown: &[UnknownVariable]) -> Result<ExitCode, CliError> {
        let config = Config::try_from(self.options)?;
        let telemetry = start_telemetry(&config, unknown)?;
        let signals = Signals::listen()?;
        let delay = drain_delay(&config);
        let server = start(config).await?;
        say(&format!("listening on http://{}/", server.address()));
        if let Some(address) = server.metrics_address() {
            tracing::info!("metrics are at http://{address}/metrics");
        }
        let code = stop_on_signal(server, signals, delay).await;
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
    // A reader that has gone away does not stop the server.
    let _ = output::line(line);
}

/// How long a server answers once it was told to stop.
pub(super) fn drain_delay(config: &Config) -> Duration {
    Duration::from_secs(config.operations.drain_delay)
}

pub(super) async fn stop_on_signal(
    server: Server,
    mut signals: Signals,
    delay: Duration,
) -> Result<ExitCode, CliError> {
    let failed = |error| CliError::Failed(format!("signals: {error}"));
    signals.next().await.map_err(failed)?;
    tracing::info!(?delay, "stopping");
    server.retire();
    tokio::select! {
        () = tokio::time::sleep(delay) => {}
        again = signals.next() => again.map_err(failed)?,
    }
    server.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// What asks a server to stop. Listened to before the server says that it is there: whoever reads
/// that may ask at once.
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn listen() -> Result<Self, CliError> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen =
            |kind| signal(kind).map_err(|error| CliError::Failed(format!("signals: {error}")));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> std::io::Result<()> {
        tokio::select! {
            _ = self.interrupt.recv() => Ok(()),
            _ = self.terminate.recv() => Ok(()),
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    pub(super) fn listen() -> Result<Self, CliError> {
        Ok(Self {})
    }

    async fn next(&mut self) -> std::io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}

/// Starts logs and traces as the configuration has them, and tells of variables that are no options.
pub(super) fn start_telemetry(
    config: &Config,
    unknown: &[UnknownVariable],
) -> Result<Running, CliError> {
    let telemetry = Telemetry {
        json: config.log_format == LogFormat::Json,
        otlp_endpoint: config.operations.otlp_endpoint.clone(),
    };
    let running = telemetry
        .start()
        .map_err(|error| CliError::Failed(error.to_string()))?;
    for variable in unknown {
        tracing::warn!("{variable}");
    }
    Ok(running)
}
