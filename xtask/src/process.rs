//! Running programs and talking to the developer.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// Prints a line for the developer. A closed pipe is not a failure of the task.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Runs a program with its output shown, and fails if it does.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let line = describe(command);
    say(&format!("$ {line}"));
    let status = command.status().map_err(|source| Failure::Start {
        program: program(command),
        source,
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Command {
            command: line,
            status,
        })
    }
}

/// Runs a program and returns what it printed to stdout; stderr is shown.
pub(crate) fn capture(command: &mut Command) -> Result<String, Failure> {
    let line = describe(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| Failure::Start {
            program: program(command),
            source,
        })?;
    if !output.status.success() {
        return Err(Failure::Command {
            command: line,
            status: output.status,
        });
    }
    String::from_utf8(output.stdout).map_err(|error| Failure::Output {
        command: line,
        reason: error.to_string(),
    })
}

/// `cargo`, as the one that runs this task.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn program(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

pub(crate) fn describe(command: &Command) -> String {
    let mut words = vec![program(command)];
    words.extend(
        command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned()),
    );
    words.join(" ")
}
