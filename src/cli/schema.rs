//! `understory schema`: the SDL of the API, as a server with the same features shows it.

use super::{CliError, output};
use crate::config::Feature;
use crate::graphql::{self, Synchronizers};
use std::process::ExitCode;

#[derive(clap::Args)]
pub(super) struct Schema {
    /// Show a hidden feature as well
    #[arg(
        long,
        value_name = "FEATURE",
        env = "UNDERSTORY_ENABLE",
        value_delimiter = ','
    )]
    enable: Vec<Feature>,
}

impl Schema {
    pub(super) fn run(self) -> Result<ExitCode, CliError> {
        let usable = self.enable.contains(&Feature::Synchronizers);
        output::write(&graphql::sdl(Synchronizers::shown_if(usable)))?;
        Ok(ExitCode::SUCCESS)
    }
}
