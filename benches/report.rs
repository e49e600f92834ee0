//! What was measured as a table, and the same table in `BENCHMARKS.md`.

use crate::figures::thousands;
use crate::measure::{Outcome, Target, Unit, median};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// One line of the table.
pub(crate) struct Line {
    pub(crate) what: &'static str,
    pub(crate) yardstick: &'static str,
    pub(crate) size: usize,
    pub(crate) target: Option<Target>,
    pub(crate) outcome: Outcome,
}

const BEGIN: &str = "<!-- results: written by `cargo bench` -->";
const END: &str = "<!-- end of results -->";

/// The lines as a table.
pub(crate) fn table(lines: &[Line]) -> String {
    let mut table = String::from(
        "| what | rows | median | yardstick | its median | ratio | to reach | peak memory |\n\
         | --- | ---: | ---: | --- | ---: | ---: | --- | ---: |\n",
    );
    for line in lines {
        let outcome = &line.outcome;
        let ratio = outcome.ratio();
        let target = match line.target {
            None => String::new(),
            Some(target) => {
                let met = if target.is_met(ratio) {
                    "reached"
                } else {
                    "**missed**"
                };
                format!("{target}: {met}")
            }
        };
        let peak = outcome
            .peak
            .map_or(String::new(), |it| show(it as f64, Unit::Bytes));
        // Writing to a string does not fail.
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {ratio:.2} | {target} | {peak} |",
            line.what,
            thousands(line.size),
            show(median(&outcome.ours), outcome.unit),
            line.yardstick,
            show(median(&outcome.yardstick), outcome.unit),
        );
    }
    table
}

fn show(figure: f64, unit: Unit) -> String {
    match unit {
        Unit::Seconds if figure < 0.001 => format!("{:.0} µs", figure * 1e6),
        Unit::Seconds if figure < 1.0 => format!("{:.1} ms", figure * 1e3),
        Unit::Seconds => format!("{figure:.2} s"),
        Unit::PerSecond => format!("{}/s", thousands(figure.round() as usize)),
        Unit::Bytes => format!("{:.0} MB", figure / 1e6),
    }
}

/// Puts a table, with the machine and the commit, in the place of the one before.
pub(crate) fn write(table: &str) -> anyhow::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("BENCHMARKS.md");
    let text = std::fs::read_to_string(&path)?;
    let (Some(begin), Some(end)) = (text.find(BEGIN), text.find(END)) else {
        anyhow::bail!("BENCHMARKS.md lacks the marks between which results go");
    };
    let written = format!(
        "{}{BEGIN}\n\n{}\n\n{table}\n{}",
        &text[..begin],
        origin(),
        &text[end..]
    );
    Ok(std::fs::write(&path, written)?)
}

/// Where and of what the figures are.
fn origin() -> String {
    let commit = said("git", &["describe", "--always", "--dirty", "--abbrev=12"]);
    let date = said("date", &["-u", "+%F"]);
    let rust = said("rustc", &["--version"]);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model
        .unwrap_or("an unknown processor")
        .trim_matches([' ', '\t', ':']);
    let cores = std::thread::available_parallelism().map_or(1, |it| it.get());
    let kernel = said("uname", &["-sr"]);
    format!("{date}, commit `{commit}`, {rust}, {cores} cores of {model}, {kernel}.")
}

fn said(command: &str, arguments: &[&str]) -> String {
    let output = Command::new(command).args(arguments).output();
    let text = output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
    text.unwrap_or_default()
}
