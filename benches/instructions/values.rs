//! The committed values, and how far from them is too far.

use crate::figures::thousands;
use anyhow::Context;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// By how many percent a count may differ from its committed value, in either direction.
const TOLERANCE: f64 = 5.0;

const HEAD: &str = "\
# Instructions of each case, as UPDATE_INSTRUCTIONS=1 wrote them; see BENCHMARKS.md.
";
const COMPILER: &str = "# By ";

/// Values by the names of their cases, and the compiler that made what they were counted of.
pub(crate) struct Values {
    pub(crate) counts: BTreeMap<String, u64>,
    compiler: String,
}

impl Values {
    /// Those that are committed.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path())?;
        let compiler = text.lines().find_map(|line| line.strip_prefix(COMPILER));
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let counts = lines.map(|line| {
            let (name, count) = line
                .split_once(' ')
                .context("expected a name and a count")?;
            Ok((name.to_owned(), count.trim().replace(',', "").parse()?))
        });
        Ok(Self {
            counts: counts
                .collect::<anyhow::Result<_>>()
                .with_context(|| path().display().to_string())?,
            compiler: compiler.unwrap_or_default().to_owned(),
        })
    }

    /// Writes them in place of those that are committed.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        let mut text = format!("{HEAD}{COMPILER}{}\n", compiler());
        for (name, count) in &self.counts {
            writeln!(text, "{name:<26} {:>14}", thousands(count))?;
        }
        Ok(std::fs::write(path(), text)?)
    }

    /// Counts beside these values, as a table; and where they differ too much, a line each.
    pub(crate) fn compare(&self, counted: &BTreeMap<String, u64>) -> (String, Vec<String>) {
        let (mut table, mut wrong) = (String::new(), Vec::new());
        for (name, &count) in counted {
            let Some(&value) = self.counts.get(name) else {
                wrong.push(format!("{name} has no committed value"));
                continue;
            };
            let percent = (count as f64 / value as f64 - 1.0) * 100.0;
            table += &format!(
                "{name:<26} {:>14} instructions, committed {:>14}: {percent:+.2} %\n",
                thousands(count),
                thousands(value),
            );
            if percent.abs() > TOLERANCE {
                let verb = if percent > 0.0 { "more" } else { "fewer" };
                let by = percent.abs();
                wrong.push(format!("{name} takes {by:.1} % {verb} instructions"));
            }
        }
        if !wrong.is_empty() && self.compiler != compiler() {
            wrong.push(format!(
                "the committed values are those of {}, this is {}",
                self.compiler,
                compiler()
            ));
        }
        (table, wrong)
    }
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions/values.txt")
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let text = output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
    text.unwrap_or_default()
}
