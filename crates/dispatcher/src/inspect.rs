//! `inspect`: what is in an artifact.

use std::io::{self, Write};
use std::path::Path;

use epycloud_errors::{ExitCode, Report};
use epycloud_stages::StageError;
use epycloud_stages::artifact::inspect;

use crate::failure;

/// Prints what can be told of a file without loading what is in it.
pub(crate) fn run(file: &Path) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|source| StageError::Runtime { source });
    let inspected = runtime.map_err(Report::new).and_then(|runtime| {
        let inspected = runtime.block_on(inspect(file));
        inspected.map_err(Report::new)
    });
    match inspected {
        Ok(inspection) => {
            let text = format!("{}: {inspection}", file.display());
            match io::stdout().write_all(text.as_bytes()) {
                Ok(()) => ExitCode::Done,
                Err(_) => ExitCode::Failed,
            }
        }
        Err(report) => failure::print(&report),
    }
}
