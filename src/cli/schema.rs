//! `understory schema`: the SDL of the API.

use super::CliError;
use crate::graphql;
use std::process::ExitCode;

pub(super) fn run() -> Result<ExitCode, CliError> {
    print!("{}", graphql::sdl());
    Ok(ExitCode::SUCCESS)
}
