//! `epycloud config set`.

use std::io::Read as _;
use std::path::Path;

use epycloud_config::Source;
use epycloud_config::user::{Key, set_value};
use epycloud_errors::{ExitCode, Report};
use serde::Serialize;

use crate::context::Context;
use crate::user_file_error::UserFileError;
use crate::whole_file::{Access, write};

/// The most that is read of a value on standard input.
const LONGEST: u64 = 64 << 10;

/// Sets a value in the file that the command line means; a secret in `secrets.yaml`, from standard
/// input.
pub(super) fn run(name: &str, value: &str, context: &Context) -> Result<ExitCode, Report> {
    let key = Key::named(name)?;
    let folder = context.folder()?;
    if key.is_secret() && value != "-" {
        return Err(UserFileError::SecretArgument { key: key.name }.into());
    }
    let (file, access) = if key.is_secret() {
        (folder.secrets_file(), Access::Owner)
    } else {
        (super::file(context, &folder)?, Access::AsBefore)
    };
    let read = if value == "-" {
        Some(from_stdin()?)
    } else {
        None
    };
    let value = read.as_deref().unwrap_or(value);
    let before = text_of(&file)?;
    let after = set_value(&file, &before, key, value)?;
    let printer = &context.printer;
    if !printer.dry_run {
        write(&file, &after, access)?;
    }
    let shown = if key.is_secret() { "********" } else { value };
    let done = if printer.dry_run { "Would set" } else { "set" };
    printer.say(&format!(
        "{done} {} = {shown} in {}",
        key.name,
        file.display()
    ));
    if printer.json {
        printer.event(&Set {
            event: "set",
            key: key.name,
            file: file.display().to_string(),
            changed: before != after && !printer.dry_run,
        });
    }
    warn_of_higher(key, &file, context);
    Ok(ExitCode::Done)
}

/// The file's text; empty where there is none.
fn text_of(file: &Path) -> Result<String, UserFileError> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(source) => Err(UserFileError::ReadFile {
            file: file.to_owned(),
            source,
        }),
    }
}

fn from_stdin() -> Result<String, UserFileError> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(LONGEST)
        .read_to_string(&mut text)
        .map_err(|source| UserFileError::ReadFile {
            file: "standard input".into(),
            source,
        })?;
    Ok(text.trim().to_owned())
}

/// Says so where a higher layer has another value, which then still holds.
fn warn_of_higher(key: &Key, file: &Path, context: &Context) {
    if context.printer.dry_run {
        return;
    }
    let Ok(found) = context.inspection() else {
        return;
    };
    let holds = match found.source_of(key.name) {
        Some(Source::File { file: holds, .. }) if holds == file => return,
        Some(source) => source.to_string(),
        None => return,
    };
    context.printer.warning(&format!(
        "what holds for `{}` is still what is said elsewhere: {holds}",
        key.name
    ));
}

#[derive(Serialize)]
struct Set {
    event: &'static str,
    key: &'static str,
    file: String,
    changed: bool,
}
