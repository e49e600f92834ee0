//! `understory backup`: a copy of the database, also while a server uses it.

use super::{CliError, output};
use crate::config::DatabaseOptions;
use crate::store::backup::{BackupRequest, back_up};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub(super) struct Backup {
    #[command(flatten)]
    database: DatabaseOptions,
    /// The file to make
    #[arg(value_name = "PATH")]
    to: PathBuf,
    /// Replace a file that is there already
    #[arg(long)]
    force: bool,
}

impl Backup {
    pub(super) async fn run(self) -> Result<ExitCode, CliError> {
        let request = BackupRequest {
            from: self.database.database,
            to: self.to,
            replace: self.force,
            only_if_whole: true,
        };
        let bar = bar();
        let made = back_up(&request, |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        });
        bar.finish_and_clear();
        let made = made.map_err(|error| CliError::Failed(error.to_string()))?;
        output::line(format_args!(
            "{}: {} bytes, database version {}",
            request.to.display(),
            made.bytes,
            made.version
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn bar() -> ProgressBar {
    let target = match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    if let Ok(style) = ProgressStyle::with_template("[{bar:40}] {percent} % of {len} pages") {
        bar.set_style(style);
    }
    bar
}
