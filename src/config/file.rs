//! The file of options: TOML, its keys are the long names of the flags.

use super::{A_NUMBER, ServeOptions};
use clap::{Arg, ArgAction, Args, Command};
use std::path::{Path, PathBuf};

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(super) String);

/// The options of a file as texts, each checked as the flag of its name checks it.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    options: Vec<(String, Vec<String>)>,
}

impl File {
    /// Reads and checks a file.
    pub(super) fn read(path: &Path) -> Result<Self, ConfigError> {
        let refuse =
            |reason: String| ConfigError(format!("config file {}: {reason}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
        let table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| refuse(error.to_string()))?;
        let known = ServeOptions::augment_args(Command::new("file"));
        let options = table
            .iter()
            .map(|(key, value)| {
                let texts = texts(&known, key, value)
                    .map_err(|reason| refuse(format!("{key}: {reason}")))?;
                Ok((key.clone(), texts))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            path: path.to_owned(),
            options,
        })
    }

    /// What the file says of the flag of a long name; nothing said is not an empty list.
    pub(super) fn get(&self, long: &str) -> Option<&[String]> {
        let found = self.options.iter().find(|(key, _)| key == long);
        found
            .map(|(_, texts)| &texts[..])
            .filter(|texts| !texts.is_empty())
    }
}

/// The value of a key as the texts that its flag would be given.
fn texts(known: &Command, key: &str, value: &toml::Value) -> Result<Vec<String>, String> {
    let Some(arg) = known.get_arguments().find(|arg| may_hold(arg, key)) else {
        let names: Vec<_> = known
            .get_arguments()
            .filter_map(|arg| arg.get_long().filter(|name| may_hold(arg, name)))
            .collect();
        return Err(format!(
            "there is no such option: expected one of {}",
            names.join(", ")
        ));
    };
    let texts = match (arg.get_action(), value) {
        (ArgAction::SetTrue, toml::Value::Boolean(on)) => return Ok(vec![on.to_string()]),
        (ArgAction::SetTrue, other) => {
            return Err(format!("{other} is not it: expected true or false"));
        }
        (ArgAction::Append, toml::Value::Array(values)) => {
            values.iter().map(scalar).collect::<Result<Vec<_>, _>>()?
        }
        (_, value) => vec![scalar(value)?],
    };
    for text in &texts {
        check(arg, text).map_err(|reason| format!("{text:?} is not it: {reason}"))?;
    }
    Ok(texts)
}

fn may_hold(arg: &Arg, key: &str) -> bool {
    key != "config" && arg.get_long() == Some(key)
}

fn scalar(value: &toml::Value) -> Result<String, String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Boolean(_) => Err(format!("{value} is not it: expected a text or a number")),
        _ => Err("expected a text or a number".to_owned()),
    }
}

/// The numbers among the options, each with its range, such as `1 to 64`: what its parser expects
/// in place of a text.
pub(super) fn ranges() -> Vec<(String, String)> {
    let known = ServeOptions::augment_args(Command::new("ranges"));
    let range = |arg: &Arg| {
        let reason = check(arg, "no number").err()?;
        let range = reason.strip_prefix(A_NUMBER)?;
        Some((arg.get_long()?.to_owned(), range.to_owned()))
    };
    let numbers = known
        .get_arguments()
        .filter(|arg| arg.get_action().takes_values());
    numbers.filter_map(range).collect()
}

/// Has the flag's own parser look at a text.
fn check(arg: &Arg, text: &str) -> Result<(), String> {
    use clap::error::{ContextKind, ContextValue};
    use std::error::Error;
    let flag = arg.clone().env(None::<&str>).global(false);
    let given = format!("--{}={text}", arg.get_long().unwrap_or_default());
    let parsed = Command::new("file")
        .no_binary_name(true)
        .arg(flag)
        .try_get_matches_from([given]);
    let Err(error) = parsed else { return Ok(()) };
    Err(match (error.source(), error.get(ContextKind::ValidValue)) {
        (Some(reason), _) => reason.to_string(),
        (None, Some(ContextValue::Strings(names))) => format!("expected {}", names.join(" or ")),
        (None, _) => "expected what the flag expects".to_owned(),
    })
}
