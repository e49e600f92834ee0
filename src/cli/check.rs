//! `understory check`: whether a database is whole, and `--repair` for what follows from the rest.

use super::{CliError, output};
use crate::app::Lock;
use crate::config::DatabaseOptions;
use crate::store::check::{CheckError, Finding, Repaired, Report, Unfinished, inspect, repair};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

#[derive(clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    database: DatabaseOptions,
    /// Make good what follows from the rest, after a backup; no server may run
    #[arg(long)]
    repair: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) async fn run(self) -> Result<ExitCode, CliError> {
        let path = self.database.database;
        let bar = bar();
        let mut watch = |rule: &'static str| {
            bar.set_message(rule);
            bar.tick();
        };
        let outcome = match self.repair {
            true => {
                let _lock = Lock::take(&path).map_err(|error| {
                    CliError::Failed(format!("nothing was repaired: {error:#}"))
                })?;
                repair(&path, &keep_at(&path), &mut watch)
            }
            false => inspect(&path, &mut watch).map(|report| Repaired {
                after: report.clone(),
                before: report,
                kept: None,
            }),
        };
        bar.finish_and_clear();
        let outcome = outcome.map_err(|error: CheckError| CliError::Failed(error.to_string()))?;
        match self.json {
            true => output::line(format_args!("{:#}", as_json(&path, &outcome)))?,
            false => output::write(&told(&path, &outcome, self.repair))?,
        }
        Ok(match outcome.after.is_clean() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }
}

/// Where a repair keeps what was there before.
fn keep_at(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    name.push(format!(".before-repair-{now}"));
    PathBuf::from(name)
}

fn bar() -> ProgressBar {
    let target = match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(None, target);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn as_json(path: &Path, outcome: &Repaired) -> serde_json::Value {
    let kept = outcome.kept.as_ref().map(|path| path.display().to_string());
    json!({
        "database": path.display().to_string(),
        "clean": outcome.after.is_clean(),
        "rules": outcome.after.rules,
        "findings": outcome.after.findings,
        "damaged": outcome.after.damaged,
        "repaired": repaired(outcome),
        "unfinished": outcome.after.unfinished,
        "taken_back": taken_back(outcome),
        "before": kept,
    })
}

/// The rules that a repair made hold again.
fn repaired(outcome: &Repaired) -> Vec<&'static str> {
    let rules = |report: &Report| -> Vec<&'static str> {
        report.findings.iter().map(|it| it.rule).collect()
    };
    let left = rules(&outcome.after);
    let mut repaired = rules(&outcome.before);
    repaired.retain(|rule| !left.contains(rule));
    repaired
}

/// What a repair took back of jobs that had not come to their end.
fn taken_back(outcome: &Repaired) -> &[Unfinished] {
    match outcome.after.unfinished.is_empty() {
        true => &outcome.before.unfinished,
        false => &[],
    }
}

/// The report for people.
fn told(path: &Path, outcome: &Repaired, tried: bool) -> String {
    let shown = path.display();
    let mut lines: Vec<String> = Vec::new();
    for finding in &outcome.after.findings {
        describe(finding, tried, &mut lines);
    }
    for it in &outcome.after.unfinished {
        let mends = match outcome.after.damaged {
            true => "",
            false => ", or --repair",
        };
        lines.push(format!(
            "note: job {} has not come to its end, and nobody sees what it has written to structure \
             {} ({}); unless it is under way, the next start of a server takes that back{mends}",
            it.job,
            it.structure,
            amount(it)
        ));
    }
    for it in taken_back(outcome) {
        let amount = amount(it);
        lines.push(format!(
            "taken back: what job {} had written ({amount})",
            it.job
        ));
    }
    if let Some(kept) = &outcome.kept {
        let repaired = repaired(outcome);
        let repaired = match repaired.is_empty() {
            true => "nothing".to_owned(),
            false => repaired.join(", "),
        };
        lines.push(format!(
            "repaired: {repaired}; what was there before is in {}",
            kept.display()
        ));
    }
    if outcome.after.damaged {
        lines.push(format!(
            "{shown}: the file is damaged, so nothing in it is repaired: restore a backup"
        ));
    }
    let rules = outcome.after.rules;
    lines.push(match outcome.after.findings.len() {
        0 => format!("{shown}: {rules} rules hold"),
        count => format!("{shown}: {count} of {rules} rules do not hold"),
    });
    lines.join("\n") + "\n"
}

fn amount(it: &Unfinished) -> String {
    format!(
        "rows: {}, versions: {}, lines of its audit: {}",
        it.rows, it.versions, it.lines
    )
}

fn describe(finding: &Finding, tried: bool, lines: &mut Vec<String>) {
    let advice = match (tried, finding.mendable) {
        (false, 0) => String::new(),
        (false, _) if finding.repairable => " (--repair mends it)".to_owned(),
        (false, some) => format!(" (--repair mends {some} of them)"),
        (true, 0) => " (not repaired: it does not follow from the rest)".to_owned(),
        (true, _) => " (it could not be repaired: restore a backup)".to_owned(),
    };
    lines.push(format!(
        "{}: {} does not hold {} times{advice}",
        finding.rule, finding.holds, finding.count
    ));
    lines.extend(finding.examples.iter().map(|it| format!("  {it}")));
    let more = finding.count - finding.examples.len() as u64;
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
}
