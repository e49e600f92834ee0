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
        let server = start(config).await?;
        say(&format!("listening on http://{}/", server.address()));
        stop_on_signal(server).await
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
