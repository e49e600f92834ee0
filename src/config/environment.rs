//! Variables of the environment that look like options and are none: a mistyped name would otherwise
//! be a setting that nobody notices to be missing.

use clap::Command;
use std::fmt;

const PREFIX: &str = "UNDERSTORY_";
/// What Kubernetes gives every container about a service that is called as the program is.
const OF_A_SERVICE: &[&str] = &["UNDERSTORY_PORT", "UNDERSTORY_SERVICE_"];
/// How alike a name has to be to one that there is, from 0 to 1, to be taken for that one mistyped.
const ALIKE: f64 = 0.7;

/// A variable that no option reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVariable {
    name: String,
    /// The variable that was meant, if one is alike.
    meant: Option<String>,
}

impl fmt::Display for UnknownVariable {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} in the environment is no option", self.name)?;
        match &self.meant {
            Some(meant) => write!(to, ": did you mean {meant}?"),
            None => write!(to, ", and nothing reads it"),
        }
    }
}

/// Those of the given names that begin as the variables of the command's options, and are none.
pub(super) fn unknown(
    command: &Command,
    names: impl Iterator<Item = String>,
) -> Vec<UnknownVariable> {
    let mut known = Vec::new();
    collect(command, &mut known);
    let mut unknown: Vec<_> = names
        .filter(|name| name.starts_with(PREFIX) && !known.contains(name))
        .filter(|name| !OF_A_SERVICE.iter().any(|it| name.starts_with(it)))
        .map(|name| UnknownVariable {
            meant: nearest(&name, &known),
            name,
        })
        .collect();
    unknown.sort_by(|a, b| a.name.cmp(&b.name));
    unknown
}

/// The variables of a command and of all commands in it.
fn collect(command: &Command, known: &mut Vec<String>) {
    let variables = command.get_arguments().filter_map(|arg| arg.get_env());
    known.extend(variables.map(|it| it.to_string_lossy().into_owned()));
    for inner in command.get_subcommands() {
        collect(inner, known);
    }
}

fn nearest(name: &str, known: &[String]) -> Option<String> {
    let alike = |it: &String| strsim::jaro(&name[PREFIX.len()..], &it[PREFIX.len()..]);
    let nearest = known.iter().max_by(|a, b| alike(a).total_cmp(&alike(b)))?;
    (alike(nearest) > ALIKE).then(|| nearest.clone())
}
