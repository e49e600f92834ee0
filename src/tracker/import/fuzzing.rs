//! The door through which the fuzz target imports bytes rather than files.

use super::{ImportError, Source, Summary, load_source};
use crate::store::Tx;
use std::io::Cursor;

/// Imports the bytes of a file within a transaction of the caller's.
pub fn import(tx: &Tx<'_>, bytes: Vec<u8>) -> Result<Summary, ImportError> {
    let length = bytes.len() as u64;
    let source = Source::over(Cursor::new(bytes), length).map_err(|error| ImportError::File {
        file: "input".to_owned(),
        reason: error.to_string(),
    })?;
    load_source(tx, source, |_| {}).map_err(|error| error.named("input"))
}
