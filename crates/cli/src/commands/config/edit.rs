//! `epycloud config edit` and `epycloud config edit-secrets`.

use std::path::Path;

use epycloud_config::user::{Inspection, SECRETS_TEMPLATE};
use epycloud_errors::{ExitCode, Report};

use crate::context::Context;
use crate::editor;
use crate::user_file_error::UserFileError;
use crate::whole_file::{Access, restrict, write};

/// Opens the file that the command line means.
pub(super) fn run(context: &Context) -> Result<ExitCode, Report> {
    let file = super::file(context, &context.folder()?)?;
    edit(&file, context)
}

/// Opens a file that is there, and checks the configuration afterwards.
pub(crate) fn edit(file: &Path, context: &Context) -> Result<ExitCode, Report> {
    if !file.is_file() {
        return Err(UserFileError::NoConfigFile {
            file: file.to_owned(),
        }
        .into());
    }
    if context.printer.dry_run {
        context
            .printer
            .say(&format!("Would edit {}", file.display()));
        return Ok(ExitCode::Done);
    }
    editor::open(file, context.caller())?;
    check(context)
}

/// Opens `secrets.yaml`, which nobody else can read before or after.
pub(super) fn secrets(context: &Context) -> Result<ExitCode, Report> {
    let file = context.folder()?.secrets_file();
    let printer = &context.printer;
    if printer.dry_run {
        printer.say(&format!("Would edit {}", file.display()));
        return Ok(ExitCode::Done);
    }
    if !file.exists() {
        write(&file, SECRETS_TEMPLATE, Access::Owner)?;
    }
    restrict(&file)?;
    editor::open(&file, context.caller())?;
    // An editor may have put a new file in its place.
    if restrict(&file)? {
        printer.say(&format!(
            "{} is readable for you alone again",
            file.display()
        ));
    }
    check(context)
}

/// What an edit has made of the configuration.
fn check(context: &Context) -> Result<ExitCode, Report> {
    let found: Inspection = context.inspection()?;
    for warning in found.warnings() {
        context.printer.warning(warning);
    }
    if found.faults().is_empty() {
        return Ok(ExitCode::Done);
    }
    Err(UserFileError::Configuration {
        faults: found.faults().iter().map(ToString::to_string).collect(),
    }
    .into())
}
