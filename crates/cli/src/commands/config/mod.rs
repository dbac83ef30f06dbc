//! `epycloud config`: the user's configuration.

mod edit;
mod init;
mod set;
mod show;
mod validate;

use std::path::PathBuf;

use epycloud_config::user::{ConfigFolder, Inspection, LayerName};
use epycloud_errors::{ExitCode, Report};
use serde::Serialize;

pub(super) use self::edit::edit as edit_file;
use crate::arguments::Config;
use crate::context::Context;
use crate::user_file_error::UserFileError;

pub(crate) fn run(command: &Config, context: &Context) -> Result<ExitCode, Report> {
    match command {
        Config::Init => init::run(context),
        Config::Show(how) => show::run(how, context),
        Config::Edit => edit::run(context),
        Config::EditSecrets => edit::secrets(context),
        Config::Validate => validate::run(context),
        Config::Path => path(context),
        Config::Get { key } => show::get(key, context),
        Config::Set { key, value } => set::run(key, value, context),
        Config::ListEnvs => list_environments(context),
    }
}

fn path(context: &Context) -> Result<ExitCode, Report> {
    let folder = context.folder()?;
    let printer = &context.printer;
    if printer.json {
        printer.event(&Folder {
            event: "folder",
            path: folder.path().display().to_string(),
            exists: folder.path().is_dir(),
        });
    } else {
        printer.data(&folder.path().display().to_string());
    }
    Ok(ExitCode::Done)
}

#[derive(Serialize)]
struct Folder {
    event: &'static str,
    path: String,
    exists: bool,
}

fn list_environments(context: &Context) -> Result<ExitCode, Report> {
    let folder = context.folder()?;
    let printer = &context.printer;
    let current = context.inspection().ok();
    let current = current.as_ref().map(Inspection::environment);
    let names = folder.environments();
    for name in &names {
        let is_current = Some(name) == current;
        if printer.json {
            printer.event(&Environment {
                event: "environment",
                name: name.as_str(),
                current: is_current,
                file: folder.environment_file(name).display().to_string(),
            });
        } else {
            printer.data(&format!(
                "{name}{}",
                if is_current { " (current)" } else { "" }
            ));
        }
    }
    if names.is_empty() {
        let place = folder.path().join("environments");
        printer.say(&format!("there are no environments in {}", place.display()));
    }
    Ok(ExitCode::Done)
}

#[derive(Serialize)]
struct Environment<'a> {
    event: &'static str,
    name: &'a str,
    current: bool,
    file: String,
}

/// The file that `edit` and `set` are about: `--config`'s, the environment's with `--env`, the
/// profile's with `--profile`, else `config.yaml`.
fn file(context: &Context, folder: &ConfigFolder) -> Result<PathBuf, Report> {
    let selection = context.selection();
    let name = |text: &String| text.parse::<LayerName>().map_err(Report::from);
    let given = [
        selection.config_file.is_some(),
        selection.environment.is_some(),
        selection.profile.is_some(),
    ];
    if given.into_iter().filter(|given| *given).count() > 1 {
        return Err(UserFileError::SeveralFiles.into());
    }
    if let Some(file) = &selection.config_file {
        return Ok(file.clone());
    }
    if let Some(environment) = &selection.environment {
        return Ok(folder.environment_file(&name(environment)?));
    }
    if let Some(profile) = &selection.profile {
        return Ok(folder.profile_file(&name(profile)?));
    }
    Ok(folder.config_file())
}
