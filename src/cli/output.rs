//! What commands write to stdout. A reader that has had enough, such as `head`, ends the command as
//! it ends others: quietly, with the code that a closed pipe stands for.

use super::CliError;
use std::io::{ErrorKind, Write};

/// Writes a text as it is, at once.
pub(super) fn write(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => CliError::NobodyReads,
            _ => CliError::Failed(format!("cannot write to stdout: {error}")),
        })
}

/// Writes a line.
pub(super) fn line(text: impl std::fmt::Display) -> Result<(), CliError> {
    write(&format!("{text}\n"))
}
