//! `understory serve`: serves until SIGINT or SIGTERM, then stops cleanly.

use super::CliError;
use crate::app::Server;
use crate::config::{Config, LogFormat, ServeOptions};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[derive(clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    options: ServeOptions,
}

impl Serve {
    pub(super) async fn run(self) -> Result<ExitCode, CliError> {
        let config = Config::try_from(self.options)?;
        start_logs(config.log_format);
        let signals = Signals::listen()?;
        let server = start(config).await?;
        say(&format!("listening on http://{}/", server.address()));
        stop_on_signal(server, signals).await
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

pub(super) async fn stop_on_signal(
    server: Server,
    mut signals: Signals,
) -> Result<ExitCode, CliError> {
    signals
        .next()
        .await
        .map_err(|error| CliError::Failed(format!("signals: {error}")))?;
    tracing::info!("stopping");
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

/// Libraries that, asked for all they can tell, write what travels through them: tokens as well.
const CARRIERS: [&str; 2] = ["tungstenite=info", "tokio_tungstenite=info"];

/// Logs to stderr; `RUST_LOG` chooses what.
pub(super) fn start_logs(format: LogFormat) {
    let chosen = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,rusqlite_migration=warn"));
    let quieter = CARRIERS
        .iter()
        .filter_map(|directive| directive.parse().ok());
    let filter = quieter.fold(chosen, EnvFilter::add_directive);
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second call, as in tests, keeps the first.
    let _ = match format {
        LogFormat::Text => logs.try_init(),
        LogFormat::Json => logs.json().try_init(),
    };
}
