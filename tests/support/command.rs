//! Commands of the program, run as a stranger would, to their end.

use std::process::{Command, Output, Stdio};

/// Runs a command to its end; it is asked nothing.
pub(crate) fn understory(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_understory"))
        .args(arguments)
        .env_remove("UNDERSTORY_CONFIG")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// What a command said, which has to go as it is expected to.
pub(crate) fn said(output: &Output, code: i32) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}
