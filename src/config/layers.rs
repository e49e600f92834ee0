//! Reads a command line whose options may also stand in the environment and in a file.
//!
//! What the file says becomes the default of the flag of that name; so clap alone decides what wins.

use super::ServeOptions;
use super::environment::{self, UnknownVariable};
use super::file::{self, ConfigError, File};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, CommandFactory, FromArgMatches};
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// A command line as it was read.
pub struct Parsed<T> {
    /// What it says.
    pub value: T,
    /// The options of a server that the command takes, and where each comes from.
    pub settings: Vec<Setting>,
    /// What the environment has of the program's prefix and no option reads.
    pub unknown_variables: Vec<UnknownVariable>,
}

/// An option with its value in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The long name of its flag.
    pub name: String,
    /// Its values; none if it is not set.
    pub values: Vec<String>,
    /// Where they come from.
    pub source: Source,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The command line.
    Flag,
    /// An environment variable.
    Environment(String),
    /// The file that `--config` names.
    File(PathBuf),
    /// Nowhere: it is what the program falls back to.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => write!(to, "flag"),
            Self::Environment(name) => write!(to, "environment {name}"),
            Self::File(path) => write!(to, "file {}", path.display()),
            Self::Default => write!(to, "default"),
        }
    }
}

/// Reads a command line; ends the process with a message if it is wrong or asks for help.
pub fn parse<T: CommandFactory + FromArgMatches>(
    line: impl IntoIterator<Item = OsString>,
) -> Result<Parsed<T>, ConfigError> {
    match try_parse(line) {
        Ok(parsed) => Ok(parsed),
        Err(Wrong::Line(error)) => error.exit(),
        Err(Wrong::File(error)) => Err(error),
    }
}

#[derive(Debug)]
pub(super) enum Wrong {
    Line(clap::Error),
    File(ConfigError),
}

impl From<clap::Error> for Wrong {
    fn from(error: clap::Error) -> Self {
        Self::Line(error)
    }
}

pub(super) fn try_parse<T: CommandFactory + FromArgMatches>(
    line: impl IntoIterator<Item = OsString>,
) -> Result<Parsed<T>, Wrong> {
    let line: Vec<OsString> = line.into_iter().collect();
    let command = with_ranges(T::command());
    let mut matches = command.clone().try_get_matches_from(&line)?;
    let (path, deepest) = invoked(&matches);
    let file = match deepest.try_get_one::<PathBuf>("config") {
        Ok(Some(file)) => Some(File::read(file).map_err(Wrong::File)?),
        _ => None,
    };
    if let Some(file) = &file {
        matches = with_defaults(command.clone(), &path, file).try_get_matches_from(&line)?;
    }
    let settings = settings(invoked(&matches).1, file.as_ref());
    Ok(Parsed {
        value: T::from_arg_matches(&matches)?,
        settings,
        unknown_variables: environment::unknown(&command, variables()),
    })
}

fn variables() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

/// The command with the range of each number among a server's options in its help.
fn with_ranges(command: Command) -> Command {
    explained(command, &file::ranges())
}

fn explained(command: Command, ranges: &[(String, String)]) -> Command {
    let range_of = |arg: &clap::Arg| {
        let found = ranges.iter().find(|(name, _)| arg.get_long() == Some(name));
        found.map(|(_, range)| range.clone())
    };
    let explained_arg = |arg: clap::Arg| match (range_of(&arg), arg.get_help()) {
        (Some(range), Some(help)) => {
            let help = format!("{help} [{range}]");
            arg.help(help)
        }
        _ => arg,
    };
    command
        .mut_args(explained_arg)
        .mut_subcommands(|inner| explained(inner, ranges))
}

/// The names of the subcommands that were invoked, outermost first, and the matches of the last.
fn invoked(matches: &ArgMatches) -> (Vec<String>, &ArgMatches) {
    let mut path = Vec::new();
    let mut deepest = matches;
    while let Some((name, inner)) = deepest.subcommand() {
        path.push(name.to_owned());
        deepest = inner;
    }
    (path, deepest)
}

/// The command with what the file says as defaults, in itself and along the path.
fn with_defaults(mut command: Command, path: &[String], file: &File) -> Command {
    let args: Vec<_> = command
        .get_arguments()
        .filter_map(|arg| Some((arg.get_id().clone(), file.get(arg.get_long()?)?)))
        .map(|(id, texts)| (id, texts.to_vec()))
        .collect();
    for (id, texts) in args {
        command = command.mut_arg(id, |arg| arg.default_values(texts));
    }
    match path.split_first() {
        Some((name, rest)) => {
            command.mut_subcommand(name, |inner| with_defaults(inner, rest, file))
        }
        None => command,
    }
}

/// Every option of a server that is among the matches.
fn settings(matches: &ArgMatches, file: Option<&File>) -> Vec<Setting> {
    let known = ServeOptions::augment_args(Command::new("known"));
    let of = |arg: &clap::Arg| {
        let (id, name) = (arg.get_id().as_str(), arg.get_long()?);
        let raw = matches.try_get_raw(id).ok()?;
        let mut values: Vec<String> = raw
            .map(|raw| raw.map(|it| it.to_string_lossy().into_owned()).collect())
            .unwrap_or_default();
        if arg.is_hide_env_values_set() && !values.is_empty() {
            values = vec!["(hidden)".to_owned()];
        }
        let variable = arg.get_env().map(|it| it.to_string_lossy().into_owned());
        let source = match (matches.value_source(id), variable, file) {
            (Some(ValueSource::CommandLine), ..) => Source::Flag,
            (Some(ValueSource::EnvVariable), Some(variable), _) => Source::Environment(variable),
            (_, _, Some(file)) if file.get(name).is_some() => Source::File(file.path.clone()),
            _ => Source::Default,
        };
        Some(Setting {
            name: name.to_owned(),
            values,
            source,
        })
    };
    known.get_arguments().filter_map(of).collect()
}
