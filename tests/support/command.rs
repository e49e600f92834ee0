//! Commands of the program, run as a stranger would, to their end.

use std::process::{Command, Output, Stdio};

/// The program, to which the environment of the tests, which has variables of its own, says nothing.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_understory"));
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|it| it.starts_with("UNDERSTORY_"))
        {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command to its end; it is asked nothing.
pub(crate) fn understory(arguments: &[&str]) -> Output {
    program()
        .args(arguments)
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
