//! The configuration: the one reader of flags, environment and file.
//!
//! Every option is declared once, as a flag with its environment variable, its default and a parser
//! that says what was expected. A flag wins over the environment, which wins over the file named by
//! `--config` ([`layers`]), which wins over the default.

mod environment;
mod file;
mod jwt;
pub mod layers;
mod limits;
mod operations;
mod web;

use crate::jobs::Limits;
use crate::oidc;
use clap::{Args, Command, FromArgMatches, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use environment::UnknownVariable;
pub use file::ConfigError;
pub use limits::LimitOptions;
pub use operations::{AddressOptions, Operations};
pub use web::WebOptions;

const WORKER_LIMIT: u64 = 64;
const DAY: u64 = 24 * 3600;

/// How logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Features that are off unless they are enabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Feature {
    /// Synchronizers, their jobs and settings.
    Synchronizers,
}

/// The options of a server, which may also stand in a file.
#[derive(Clone, Debug, Args)]
pub struct ServeOptions {
    #[command(flatten)]
    config: FileOption,
    /// The database file; made if there is none
    #[arg(
        long,
        value_name = "PATH",
        env = "UNDERSTORY_DATABASE",
        default_value = "understory.db"
    )]
    pub database: PathBuf,
    /// Switch a hidden feature on
    #[arg(
        long,
        value_name = "FEATURE",
        env = "UNDERSTORY_ENABLE",
        value_delimiter = ','
    )]
    pub enable: Vec<Feature>,
    #[command(flatten)]
    common: CommonOptions,
}

/// What a server with a database of its own choice, such as the demo, can be told as well.
#[derive(Clone, Debug, Args)]
pub struct CommonOptions {
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDR", env = "UNDERSTORY_LISTEN", default_value = "127.0.0.1:8000",
          value_parser = listen, allow_hyphen_values = true)]
    listen: SocketAddr,
    /// How logs are written, on stderr
    #[arg(
        long,
        value_name = "FORMAT",
        env = "UNDERSTORY_LOG_FORMAT",
        default_value = "text"
    )]
    log_format: LogFormat,
    #[command(flatten)]
    web: WebOptions,
    #[command(flatten)]
    jwt: jwt::JwtOptions,
    /// Jobs that run at a time, on different structures
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_WORKERS", default_value = "4",
          value_parser = number(1..=WORKER_LIMIT), allow_hyphen_values = true)]
    workers: u64,
    /// How many days ended jobs and changes are kept
    #[arg(long, value_name = "DAYS", env = "UNDERSTORY_KEEP_JOBS_DAYS", default_value = "90",
          value_parser = number(1..=36_500), allow_hyphen_values = true)]
    keep_jobs_days: u64,
    #[command(flatten)]
    limits: LimitOptions,
    #[command(flatten)]
    operations: Operations,
}

/// Names the file in which options may stand.
#[derive(Clone, Debug, Args)]
struct FileOption {
    /// A TOML file with the options of a server as keys
    #[arg(long, global = true, value_name = "FILE", env = "UNDERSTORY_CONFIG")]
    config: Option<PathBuf>,
}

/// Which database a command works on.
#[derive(Clone, Debug, Args)]
pub struct DatabaseOptions {
    #[command(flatten)]
    config: FileOption,
    /// The database file
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        env = "UNDERSTORY_DATABASE",
        default_value = "understory.db"
    )]
    pub database: PathBuf,
}

/// What a server runs with.
#[derive(Clone, Debug)]
pub struct Config {
    /// The database file.
    pub database: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Whether synchronizers are switched on.
    pub synchronizers: bool,
    /// How logs are written.
    pub log_format: LogFormat,
    /// What browsers may do.
    pub web: WebOptions,
    /// Whose JSON Web Tokens are accepted, if any.
    pub jwt: Option<oidc::Settings>,
    /// What the job runner may do.
    pub jobs: Limits,
    /// What clients may do.
    pub limits: LimitOptions,
    /// Where metrics and traces go, and how the server stops.
    pub operations: Operations,
}

impl Config {
    /// The configuration of a server that is started with the given flags.
    pub fn from_flags(flags: &[&str]) -> Result<Self, ConfigError> {
        let command = ServeOptions::augment_args(Command::new("serve").no_binary_name(true));
        let read = command
            .try_get_matches_from(flags)
            .and_then(|matches| ServeOptions::from_arg_matches(&matches));
        match read {
            Ok(options) => options.try_into(),
            Err(error) => Err(ConfigError(error.to_string())),
        }
    }
}

impl TryFrom<ServeOptions> for Config {
    type Error = ConfigError;

    fn try_from(options: ServeOptions) -> Result<Self, ConfigError> {
        options.common.serving(options.database, &options.enable)
    }
}

impl CommonOptions {
    /// These options on a database, with the given hidden features switched on.
    pub fn serving(self, database: PathBuf, enable: &[Feature]) -> Result<Config, ConfigError> {
        self.operations.check_beside(self.listen)?;
        Ok(Config {
            database,
            listen: self.listen,
            synchronizers: enable.contains(&Feature::Synchronizers),
            log_format: self.log_format,
            web: self.web,
            jwt: self.jwt.settings()?,
            jobs: Limits {
                workers: self.workers as usize,
                keep: Duration::from_secs(self.keep_jobs_days * DAY),
            },
            limits: self.limits,
            operations: self.operations,
        })
    }
}

fn listen(text: &str) -> Result<SocketAddr, String> {
    let expected = "expected an IP address and a port, such as 127.0.0.1:8000 or [::1]:8000";
    text.parse().map_err(|_| expected.to_owned())
}

/// How the complaint about a number begins; its bounds follow.
const A_NUMBER: &str = "expected a number from ";

/// Parses a whole number within bounds.
fn number(
    bounds: std::ops::RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<u64, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.parse().ok().filter(|number| bounds.contains(number));
        number.ok_or_else(|| {
            let (least, most) = (bounds.start(), bounds.end());
            format!("{A_NUMBER}{least} to {most}")
        })
    }
}

#[cfg(test)]
mod tests;
