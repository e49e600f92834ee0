//! The command line: results on stdout, logs and progress on stderr.

#![deny(clippy::print_stdout)]

mod backup;
mod check;
mod client;
mod config;
mod demo;
mod healthcheck;
mod import;
mod output;
mod resync;
mod schema;
mod serve;
mod token;

use crate::config::{ConfigError, layers};
use crate::store::StoreError;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "understory", version, about, long_about = None)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and the playground
    Serve(serve::Serve),
    /// Serve a throw-away database with something in it
    Demo(demo::Demo),
    /// Load issues into the embedded tracker
    Import(import::Import),
    /// Copy the database into a file, also while a server uses it
    Backup(backup::Backup),
    /// Look whether a database is whole, and repair what follows from the rest
    Check(check::Check),
    /// Make, list and revoke tokens
    Token(token::Token),
    /// Run a resync on a server: dry run, question, job
    Resync(resync::Resync),
    /// Ask a server on this machine whether it is ready
    Healthcheck(healthcheck::Healthcheck),
    /// Print the configuration in force, and where each value comes from
    Config(config::Config),
    /// Print the schema of the API
    Schema(schema::Schema),
}

/// Why a command failed; the exit code says of which kind it is.
#[derive(Debug, thiserror::Error)]
enum CliError {
    /// The command line or the configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something else, said in full.
    #[error("{0}")]
    Failed(String),
    /// Whoever read stdout has closed it.
    #[error("nobody reads the output")]
    NobodyReads,
}

impl CliError {
    fn code(&self) -> u8 {
        match self {
            Self::Config(_) => 2,
            Self::Store(_) | Self::Failed(_) => 1,
            // 128 and the number of SIGPIPE, as shells tell of it.
            Self::NobodyReads => 141,
        }
    }
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let layers::Parsed {
        value: cli,
        settings,
        unknown_variables,
    } = match layers::parse::<Cli>(std::env::args_os()) {
        Ok(parsed) => parsed,
        Err(error) => return fail(&error.into()),
    };
    // A server tells in its log, which may be for programs.
    if !matches!(cli.command, Command::Serve(_) | Command::Demo(_)) {
        for variable in &unknown_variables {
            eprintln!("warning: {variable}");
        }
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        outlive_file_limits()?;
        match cli.command {
            Command::Serve(serve) => serve.run(&unknown_variables).await,
            Command::Demo(demo) => demo.run(&unknown_variables).await,
            Command::Import(import) => import.run().await,
            Command::Backup(backup) => backup.run().await,
            Command::Check(check) => check.run().await,
            Command::Token(token) => token.run().await,
            Command::Resync(resync) => resync.run().await,
            Command::Healthcheck(check) => check.run().await,
            Command::Config(config) => config.run(&settings).await,
            Command::Schema(schema) => schema.run(),
        }
    });
    match done {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

/// A file that may not grow any further (`ulimit -f`) ends a process that does not listen to the
/// signal of it; for one that does, the write fails, which is told and handled as a full disk is.
#[cfg(unix)]
fn outlive_file_limits() -> Result<(), CliError> {
    use tokio::signal::unix::{SignalKind, signal};
    /// SIGXFSZ, for which tokio has no name: its number on Linux, macOS and the BSDs.
    const FILE_TOO_LARGE: SignalKind = SignalKind::from_raw(25);
    // Whoever began to listen does so until the process ends.
    let listening = signal(FILE_TOO_LARGE);
    let failed = |error| CliError::Failed(format!("signals: {error}"));
    listening.map(drop).map_err(failed)
}

#[cfg(not(unix))]
fn outlive_file_limits() -> Result<(), CliError> {
    Ok(())
}

fn fail(error: &CliError) -> ExitCode {
    if !matches!(error, CliError::NobodyReads) {
        eprintln!("error: {error}");
    }
    ExitCode::from(error.code())
}
