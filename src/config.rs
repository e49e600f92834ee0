//! The configuration: the one reader of flags, environment and file.
//!
//! A flag wins over the environment, which wins over the file named by `--config`; what none of
//! them gives has a default. A wrong value names the option, the value and what was expected.

use crate::jobs::Limits;
use clap::{Args, ValueEnum};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The default of `--database`.
pub const DEFAULT_DATABASE: &str = "understory.db";
const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8000);
const WORKER_LIMIT: usize = 64;

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

/// The options of a server, as flags, environment variables or keys of the file.
#[derive(Clone, Debug, Default, Args)]
pub struct ServeOptions {
    /// The database file; made if there is none [default: understory.db]
    #[arg(long, value_name = "PATH", env = "UNDERSTORY_DATABASE")]
    pub database: Option<PathBuf>,
    /// Where to listen; port 0 picks a free one [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDR", env = "UNDERSTORY_LISTEN", value_parser = listen, allow_hyphen_values = true)]
    pub listen: Option<SocketAddr>,
    /// Switch a hidden feature on
    #[arg(
        long,
        value_name = "FEATURE",
        env = "UNDERSTORY_ENABLE",
        value_delimiter = ','
    )]
    pub enable: Vec<Feature>,
    /// How logs are written, on stderr [default: text]
    #[arg(long, value_name = "FORMAT", env = "UNDERSTORY_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Web origins whose pages may call the API, such as `https://example.com` [default: none]
    #[arg(
        long,
        value_name = "ORIGIN",
        env = "UNDERSTORY_CORS_ORIGIN",
        value_delimiter = ','
    )]
    pub cors_origin: Vec<String>,
    /// Jobs that run at a time, on different structures [default: 4]
    #[arg(long, value_name = "NUMBER", env = "UNDERSTORY_WORKERS", value_parser = workers, allow_hyphen_values = true)]
    pub workers: Option<usize>,
    /// How many days ended jobs and changes are kept [default: 90]
    #[arg(long, value_name = "DAYS", env = "UNDERSTORY_KEEP_JOBS_DAYS", value_parser = days, allow_hyphen_values = true)]
    pub keep_jobs_days: Option<u32>,
}

/// Which database a command works on.
#[derive(Clone, Debug, Args)]
pub struct DatabaseOptions {
    /// The database file [default: understory.db]
    #[arg(long, global = true, value_name = "PATH", env = "UNDERSTORY_DATABASE")]
    database: Option<PathBuf>,
    /// A TOML file with the options of a server as keys
    #[arg(long, global = true, value_name = "FILE", env = "UNDERSTORY_CONFIG")]
    config: Option<PathBuf>,
}

impl DatabaseOptions {
    /// The database file.
    pub fn path(self) -> Result<PathBuf, ConfigError> {
        let options = ServeOptions {
            database: self.database,
            ..ServeOptions::default()
        };
        options
            .complete(self.config.as_deref())
            .map(|config| config.database)
    }
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
    /// Web origins whose pages may call the API.
    pub cors_origins: Vec<String>,
    /// What the job runner may do.
    pub jobs: Limits,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ServeOptions {
    /// Completes flags and environment with a file and the defaults.
    pub fn complete(self, file: Option<&Path>) -> Result<Config, ConfigError> {
        let file = match file {
            Some(path) => read_file(path)?,
            None => Self::default(),
        };
        let enable = if self.enable.is_empty() {
            file.enable
        } else {
            self.enable
        };
        let cors_origins = if self.cors_origin.is_empty() {
            file.cors_origin
        } else {
            self.cors_origin
        };
        if let Some(odd) = cors_origins.iter().find(|origin| !is_origin(origin)) {
            return Err(ConfigError(format!(
                "cors-origin {odd:?} is no origin: expected a scheme and a host, such as https://example.com"
            )));
        }
        let defaults = Limits::default();
        let keep_days = self.keep_jobs_days.or(file.keep_jobs_days);
        Ok(Config {
            database: self
                .database
                .or(file.database)
                .unwrap_or_else(|| PathBuf::from(DEFAULT_DATABASE)),
            listen: self.listen.or(file.listen).unwrap_or(DEFAULT_LISTEN),
            synchronizers: enable.contains(&Feature::Synchronizers),
            log_format: self.log_format.or(file.log_format).unwrap_or_default(),
            cors_origins,
            jobs: Limits {
                workers: self.workers.or(file.workers).unwrap_or(defaults.workers),
                keep: keep_days.map_or(defaults.keep, |days| {
                    Duration::from_secs(u64::from(days) * 24 * 3600)
                }),
            },
        })
    }
}

/// Reads a file whose values are taken as the flags take theirs, with the same errors.
fn read_file(path: &Path) -> Result<ServeOptions, ConfigError> {
    let in_file = |reason: String| ConfigError(format!("config file {}: {reason}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| in_file(error.to_string()))?;
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| in_file(error.to_string()))?;
    let mut options = ServeOptions::default();
    for (key, value) in &table {
        set(&mut options, key, value).map_err(|reason| in_file(format!("{key}: {reason}")))?;
    }
    Ok(options)
}

/// Sets an option from a key of the file.
fn set(options: &mut ServeOptions, key: &str, value: &toml::Value) -> Result<(), String> {
    let text = scalar(value);
    let refuse = |reason: String| format!("{value} is not it: {reason}");
    match key {
        "database" => options.database = Some(text?.into()),
        "listen" => options.listen = Some(listen(&text?).map_err(refuse)?),
        "log-format" => options.log_format = Some(choice(&text?).map_err(refuse)?),
        "workers" => options.workers = Some(workers(&text?).map_err(refuse)?),
        "keep-jobs-days" => options.keep_jobs_days = Some(days(&text?).map_err(refuse)?),
        "cors-origin" => options.cors_origin = list(value)?,
        "enable" => {
            options.enable = list(value)?
                .iter()
                .map(|name| choice(name))
                .collect::<Result<_, _>>()
                .map_err(refuse)?;
        }
        _ => {
            return Err(
                "there is no such option: expected database, listen, log-format, workers, \
                 keep-jobs-days, cors-origin or enable"
                    .to_owned(),
            );
        }
    }
    Ok(())
}

fn scalar(value: &toml::Value) -> Result<String, String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        other => Err(format!("{other} is not it: expected a text or a number")),
    }
}

fn list(value: &toml::Value) -> Result<Vec<String>, String> {
    match value {
        toml::Value::Array(values) => values.iter().map(scalar).collect(),
        value => scalar(value).map(|one| vec![one]),
    }
}

/// One of the names of an enumeration.
fn choice<T: ValueEnum>(name: &str) -> Result<T, String> {
    T::from_str(name, false).map_err(|_| {
        let names: Vec<String> = T::value_variants()
            .iter()
            .filter_map(|it| it.to_possible_value())
            .map(|it| it.get_name().to_owned())
            .collect();
        format!("expected {}", names.join(" or "))
    })
}

fn listen(text: &str) -> Result<SocketAddr, String> {
    let expected = "expected an IP address and a port, such as 127.0.0.1:8000 or [::1]:8000";
    text.parse().map_err(|_| expected.to_owned())
}

fn is_origin(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|host| !host.is_empty() && !host.contains(['/', ' ', '*', '?', '#', '@']))
}

fn workers(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| (1..=WORKER_LIMIT).contains(number))
        .ok_or_else(|| format!("expected a number from 1 to {WORKER_LIMIT}"))
}

fn days(text: &str) -> Result<u32, String> {
    text.parse()
        .ok()
        .filter(|days| (1..=36_500).contains(days))
        .ok_or_else(|| "expected a number of days from 1 to 36500".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("understory.toml");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let (_folder, path) =
            file("listen = \"127.0.0.1:9000\"\nworkers = 2\nenable = [\"synchronizers\"]");
        let flags = ServeOptions {
            workers: Some(3),
            ..ServeOptions::default()
        };
        let config = flags.complete(Some(&path)).unwrap();
        assert_eq!(config.jobs.workers, 3);
        assert_eq!(config.listen.port(), 9000);
        assert!(config.synchronizers);
        assert_eq!(config.database, PathBuf::from(DEFAULT_DATABASE));
    }

    #[test]
    fn a_wrong_file_says_what_is_wrong() {
        for (text, says) in [
            ("colour = 1", "colour"),
            ("listen = \"nowhere\"", "an IP address and a port"),
            ("listen = true", "expected a text"),
            ("enable = [\"magic\"]", "expected synchronizers"),
            ("log-format = \"xml\"", "text or json"),
            ("workers = 0", "1 to 64"),
            ("workers = \"many\"", "1 to 64"),
            ("cors-origin = [\"example.com\"]", "scheme"),
            ("listen", "config file"),
        ] {
            let (_folder, path) = file(text);
            let error = ServeOptions::default()
                .complete(Some(&path))
                .unwrap_err()
                .to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
        let missing = ServeOptions::default().complete(Some(Path::new("/no/such/file")));
        assert!(missing.unwrap_err().to_string().contains("/no/such/file"));
    }
}
