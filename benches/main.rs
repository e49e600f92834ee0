//! Measures what Understory promises at a million rows, each figure beside a yardstick that was
//! measured in the same run: `cargo bench`. With the beginning of a case's name only that, and with
//! `--sizes` only trackers of those sizes; all of it together is written into `BENCHMARKS.md`.
//!
//! Each case runs in a process of its own, ours and the yardstick in turn.

mod cases;
mod figures;
mod generator;
mod load;
mod measure;
mod place;
mod report;
mod sockets;
mod support;
mod yardstick;

use anyhow::{Context, ensure};
use cases::{CASES, Case};
use clap::Parser;
use measure::Outcome;
use report::Line;
use std::process::{Command, Stdio};

/// The folder of generated databases.
const FIXTURES: &str = "benches";

#[derive(Parser)]
struct Arguments {
    /// Only cases whose names begin so
    case: Option<String>,
    /// Only these numbers of issues
    #[arg(long, value_delimiter = ',')]
    sizes: Vec<usize>,
    /// Rounds of each case, in place of as many as it is worth
    #[arg(long)]
    rounds: Option<usize>,
    /// Runs one case at one size in this process and prints what came of it
    #[arg(long, hide = true)]
    alone: bool,
    /// Cargo says so
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    if let Some(served) = yardstick::serve_if_asked() {
        return served;
    }
    let arguments = Arguments::parse();
    let named = |case: &&Case| {
        let name = arguments.case.as_deref().unwrap_or_default();
        case.name.starts_with(name)
    };
    if arguments.alone {
        let name = arguments.case.as_deref();
        let case = CASES.iter().find(|it| Some(it.name) == name);
        let case = case.context("no such case")?;
        let [size] = arguments.sizes[..] else {
            anyhow::bail!("one size");
        };
        let outcome = (case.run)(size, arguments.rounds.unwrap_or(case.rounds))?;
        println!("{}", serde_json::to_string(&outcome)?);
        return Ok(());
    }
    let mut lines = Vec::new();
    for case in CASES.iter().filter(named) {
        for &size in case.sizes {
            if arguments.sizes.is_empty() || arguments.sizes.contains(&size) {
                eprintln!("{} with {size} …", case.name);
                lines.push(Line {
                    what: case.what,
                    yardstick: case.yardstick,
                    size,
                    target: case.target.filter(|_| Some(&size) == case.sizes.last()),
                    outcome: alone(case, size, arguments.rounds)?,
                });
                print!("{}", report::table(&lines[lines.len() - 1..]));
            }
        }
    }
    let table = report::table(&lines);
    println!("\n{table}");
    if arguments.case.is_none() && arguments.sizes.is_empty() && arguments.rounds.is_none() {
        report::write(&table)?;
    }
    Ok(())
}

/// Runs a case in a process of its own, so that no case finds the memory of another.
fn alone(case: &Case, size: usize, rounds: Option<usize>) -> anyhow::Result<Outcome> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([case.name, "--alone", "--sizes", &size.to_string()]);
    if let Some(rounds) = rounds {
        command.args(["--rounds", &rounds.to_string()]);
    }
    let output = command.stderr(Stdio::inherit()).output()?;
    ensure!(
        output.status.success(),
        "{} failed: {}",
        case.name,
        output.status
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}
