//! Telling people what went wrong.

use std::io::{self, Write};

use epycloud_errors::{ExitCode, Report};

/// Prints an error to standard error and gives its exit code.
pub(crate) fn print(report: &Report) -> ExitCode {
    // A closed stream only means that nobody reads it; the exit code still tells.
    let _ = writeln!(io::stderr(), "{report}");
    report.exit_code()
}
