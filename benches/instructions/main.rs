//! Counts the instructions of what has to stay fast, and fails when a count is more than 5 % from
//! its committed value, in either direction: what has become better is to be kept.
//!
//! ```sh
//! export CARGO_PROFILE_DEV_OPT_LEVEL=1 CARGO_PROFILE_DEV_DEBUG=0
//! cargo test --bench instructions
//! UPDATE_INSTRUCTIONS=1 cargo test --bench instructions
//! ```
//!
//! The last command writes `values.txt`. The build is one that continuous integration has time for:
//! optimised a little, with the checks of overflow and the assertions of any debug build. Counts say
//! nothing of memory, disks or waiting, but are the same on a busy machine; times are what
//! `cargo bench` measures. Valgrind counts, and each case has a process of its own.

mod callgrind;
mod cases;
#[path = "../figures.rs"]
mod figures;
#[path = "../generator.rs"]
mod generator;
mod page;
#[path = "../place.rs"]
#[allow(dead_code, reason = "what times servers needs more of it")]
mod place;
mod planners;
mod region;
mod stored;
#[path = "../support.rs"]
mod support;
mod values;
mod world;

use anyhow::{Context, bail, ensure};
use cases::{CASES, Case};
use clap::Parser;
use std::path::{Path, PathBuf};
use values::Values;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many issues there are, and rows.
const SIZE: usize = 10_000;
/// The folder of generated databases.
const FIXTURES: &str = "instructions";

#[derive(Parser)]
struct Arguments {
    /// Only cases whose names begin so
    case: Option<String>,
    /// Runs one case on a database in this process
    #[arg(long, hide = true)]
    alone: Option<PathBuf>,
    /// Cargo says so
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let name = arguments.case.unwrap_or_default();
    if let Some(database) = arguments.alone {
        let case = CASES.iter().find(|case| case.name == name);
        return (case.context("no such case")?.run)(&database);
    }
    if arguments.bench {
        eprintln!("Instructions are not counted by `cargo bench`; see BENCHMARKS.md.");
        return Ok(());
    }
    ensure!(
        option_env!("CARGO_PROFILE_DEV_OPT_LEVEL") == Some("1"),
        "the committed values are those of a build with CARGO_PROFILE_DEV_OPT_LEVEL=1, which this \
         is not; set it and run `cargo test --bench instructions`"
    );
    let cases: Vec<&Case> = CASES
        .iter()
        .filter(|it| it.name.starts_with(&name))
        .collect();
    ensure!(!cases.is_empty(), "no case begins with {name:?}");
    callgrind::require()?;
    forget_fixtures()?;
    let counted = callgrind::count_all(&cases)?;
    let mut committed = Values::read()?;
    let (table, wrong) = committed.compare(&counted);
    print!("{table}");
    if std::env::var_os("UPDATE_INSTRUCTIONS").is_some() {
        committed.counts.extend(counted);
        let known = |name: &String| CASES.iter().any(|case| case.name == name);
        committed.counts.retain(|name, _| known(name));
        return committed.write();
    }
    if !wrong.is_empty() {
        bail!(
            "{}\nIf that is meant, also if it is for the better, run it again with \
             UPDATE_INSTRUCTIONS=1 and commit benches/instructions/values.txt.",
            wrong.join("\n")
        );
    }
    println!("{} passed, 0 failed", counted.len());
    Ok(())
}

/// Databases that code of another day has made are not used.
fn forget_fixtures() -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(FIXTURES);
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(())
}
