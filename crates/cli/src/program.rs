//! Programs that are run for the user, their output passed through.

use std::process::{Command, ExitStatus};

use crate::tool_error::ToolError;

/// A command as it is shown; what is secret is in its environment, which isn't.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs a program to its end, whichever that is.
pub(crate) fn status_of(command: &mut Command) -> Result<ExitStatus, ToolError> {
    command.status().map_err(|source| ToolError::Start {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    })
}

/// Runs a program, and fails if it does.
pub(crate) fn run(command: &mut Command) -> Result<(), ToolError> {
    let status = status_of(command)?;
    if status.success() {
        return Ok(());
    }
    Err(ToolError::Failed {
        command: shown(command),
        status,
    })
}
