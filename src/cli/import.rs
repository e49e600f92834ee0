//! `understory import`: loads issues into the embedded tracker, with a progress bar on a terminal.

use super::{CliError, output};
use crate::clock::Clock;
use crate::config::DatabaseOptions;
use crate::store::Store;
use crate::tracker::import::{Progress, Report, import_files};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub(super) struct Import {
    #[command(flatten)]
    database: DatabaseOptions,
    /// JSON Lines of issues, or search results, gzipped or not
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Import {
    pub(super) async fn run(self) -> Result<ExitCode, CliError> {
        let store = Store::open(&self.database.database, Clock::system()).await?;
        let bar = bar();
        let shown = bar.clone();
        let report = import_files(&store, &self.files, move |progress: Progress| {
            shown.set_length(progress.bytes_total);
            shown.set_position(progress.bytes_read);
            shown.set_message(format!("{} issues", progress.issues));
        })
        .await?;
        bar.finish_and_clear();
        store.close().await;
        tell(&report)
    }
}

fn bar() -> ProgressBar {
    let target = match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    if let Ok(style) = ProgressStyle::with_template("[{bar:40}] {bytes}/{total_bytes} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// A line a file and a line for all; fails if a file was left out.
fn tell(report: &Report) -> Result<ExitCode, CliError> {
    let (mut issues, mut links, mut failed) = (0, 0, false);
    for (path, outcome) in &report.files {
        match outcome {
            Ok(file) => {
                issues += file.issues_read;
                links += file.links_created;
                output::line(format_args!(
                    "{}: {} issues ({} new, {} updated, {} unchanged), {} links new, {} removed",
                    path.display(),
                    file.issues_read,
                    file.created,
                    file.updated,
                    file.unchanged,
                    file.links_created,
                    file.links_removed
                ))?;
            }
            Err(error) => {
                failed = true;
                eprintln!("error: {error}; nothing of this file was loaded");
            }
        }
    }
    let dangling = &report.dangling;
    output::line(format_args!(
        "{issues} issues read, {links} links made; {} references lead to issues that are not here \
         ({} parents, {} epics, {} links)",
        dangling.total(),
        dangling.parents,
        dangling.epics,
        dangling.links
    ))?;
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
