//! `understory config`: the configuration in force, and where each value comes from.

use super::{CliError, output};
use crate::app;
use crate::config::layers::Setting;
use crate::config::{self, ServeOptions};
use serde_json::json;
use std::process::ExitCode;

#[derive(clap::Args)]
pub(super) struct Config {
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    options: ServeOptions,
}

impl Config {
    pub(super) async fn run(self, settings: &[Setting]) -> Result<ExitCode, CliError> {
        // What a server would refuse is refused here as well.
        let config = config::Config::try_from(self.options)?;
        app::refuse_early(&config)
            .await
            .map_err(|error| CliError::Failed(format!("{error:#}")))?;
        if self.json {
            let object: serde_json::Map<_, _> = settings
                .iter()
                .map(|it| {
                    let told = json!({ "values": it.values, "source": it.source.to_string() });
                    (it.name.clone(), told)
                })
                .collect();
            output::line(format_args!("{:#}", serde_json::Value::Object(object)))?;
        } else {
            output::write(&table(settings))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A line an option: name, value, source, in columns.
fn table(settings: &[Setting]) -> String {
    let cells: Vec<_> = settings
        .iter()
        .map(|it| {
            let value = match it.values.is_empty() {
                true => "-".to_owned(),
                false => it.values.join(","),
            };
            (&it.name, value, it.source.to_string())
        })
        .collect();
    let widest = |of: &dyn Fn(usize) -> usize| (0..cells.len()).map(of).max().unwrap_or(0);
    let name = widest(&|at| cells[at].0.chars().count());
    let value = widest(&|at| cells[at].1.chars().count());
    cells
        .iter()
        .map(|(option, values, source)| format!("{option:name$}  {values:value$}  {source}\n"))
        .collect()
}
