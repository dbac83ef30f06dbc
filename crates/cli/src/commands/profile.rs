//! `epycloud profile`: what differs from project to project.

use comfy_table::{ContentArrangement, Table, presets};
use epycloud_config::GithubRepository;
use epycloud_config::user::{ConfigFolder, LayerName, Profile, profile_template};
use epycloud_errors::{ExitCode, Report, nearest};
use serde::Serialize;
use serde_json::{Map, Value};

use super::config::edit_file;
use crate::arguments::{CreateProfile, Profile as Command, Template};
use crate::context::Context;
use crate::printer::Printer;
use crate::user_file_error::UserFileError;
use crate::whole_file::{Access, write};

pub(crate) fn run(command: &Command, context: &Context) -> Result<ExitCode, Report> {
    let folder = context.folder()?;
    match command {
        Command::List => list(&folder, &context.printer),
        Command::Use { name } => activate(name, &folder, &context.printer),
        Command::Current => current(&folder, &context.printer),
        Command::Create(new) => create(new, &folder, &context.printer),
        Command::Edit { name } => {
            read(name, &folder)?;
            edit_file(&folder.profile_file(name), context)
        }
        Command::Show { name } => show(name, &folder, &context.printer),
        Command::Delete { name, force } => delete(name, *force, &folder, &context.printer),
    }
}

/// The active profile's name, as its file has it.
fn active(folder: &ConfigFolder) -> Result<Option<String>, UserFileError> {
    folder
        .active_profile()
        .map_err(|source| UserFileError::ReadFile {
            file: folder.active_profile_file(),
            source,
        })
}

/// A profile that is there.
fn read(name: &LayerName, folder: &ConfigFolder) -> Result<Profile, Report> {
    if let Some(profile) = folder.profile(name)? {
        return Ok(profile);
    }
    let available: Vec<String> = folder.profiles().iter().map(ToString::to_string).collect();
    let near = nearest(name.as_str(), available.iter().map(String::as_str)).map(str::to_owned);
    Err(epycloud_config::user::UserConfigError::NoLayer {
        what: "profile",
        name: name.to_string(),
        origin: None,
        nearest: near,
        available,
    }
    .into())
}

#[derive(Serialize)]
struct Listed<'a> {
    event: &'static str,
    name: &'a str,
    active: bool,
    description: Option<&'a str>,
}

fn list(folder: &ConfigFolder, printer: &Printer) -> Result<ExitCode, Report> {
    let active = active(folder)?;
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["profile", "", "description"]);
    let names = folder.profiles();
    for name in &names {
        let is_active = active.as_deref() == Some(name.as_str());
        let metadata = match folder.profile(name) {
            Ok(profile) => profile.map(|profile| profile.metadata().clone()),
            Err(error) => {
                printer.warning(&error.to_string());
                None
            }
        };
        let description = metadata.and_then(|metadata| metadata.description);
        if printer.json {
            printer.event(&Listed {
                event: "profile",
                name: name.as_str(),
                active: is_active,
                description: description.as_deref(),
            });
        }
        let mark = if is_active { "active" } else { "" };
        table.add_row([name.as_str(), mark, description.as_deref().unwrap_or("")]);
    }
    if names.is_empty() {
        printer.say("there are no profiles; `epycloud profile create NAME` makes one");
    } else if !printer.json {
        printer.data(&table.to_string());
    }
    if let Some(active) = active.filter(|active| names.iter().all(|name| name.as_str() != active)) {
        printer.warning(&format!("the active profile, `{active}`, isn't there"));
    }
    Ok(ExitCode::Done)
}

fn activate(
    name: &LayerName,
    folder: &ConfigFolder,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    read(name, folder)?;
    if printer.dry_run {
        printer.say(&format!("Would make {name} the active profile"));
        return Ok(ExitCode::Done);
    }
    let file = folder.active_profile_file();
    write(&file, &format!("{name}\n"), Access::AsBefore)?;
    printer.say(&format!("{name} is the active profile"));
    Ok(ExitCode::Done)
}

fn current(folder: &ConfigFolder, printer: &Printer) -> Result<ExitCode, Report> {
    let Some(name) = active(folder)? else {
        return Err(UserFileError::NoActiveProfile.into());
    };
    if printer.json {
        printer.event(&Listed {
            event: "profile",
            name: &name,
            active: true,
            description: None,
        });
    } else {
        printer.data(&name);
    }
    Ok(ExitCode::Done)
}

fn create(
    new: &CreateProfile,
    folder: &ConfigFolder,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let file = folder.profile_file(&new.name);
    if file.exists() {
        return Err(UserFileError::ProfileThere {
            name: new.name.to_string(),
        }
        .into());
    }
    let text = match &new.from {
        Some(other) => {
            read(other, folder)?;
            let file = folder.profile_file(other);
            std::fs::read_to_string(&file)
                .map_err(|source| UserFileError::ReadFile { file, source })?
        }
        None => template(new)?,
    };
    if printer.dry_run {
        printer.say(&format!("Would write {}", file.display()));
        return Ok(ExitCode::Done);
    }
    write(&file, &text, Access::AsBefore)?;
    printer.say(&format!(
        "wrote {}; `epycloud profile use {}` makes it the active one",
        file.display(),
        new.name
    ));
    Ok(ExitCode::Done)
}

fn template(new: &CreateProfile) -> Result<String, Report> {
    let name = &new.name;
    let described = match new.template {
        Template::Basic | Template::Full => format!("{name} modeling"),
        Template::Flu => "Influenza forecasts".to_owned(),
        Template::Covid => "COVID-19 forecasts".to_owned(),
        Template::Rsv => "RSV forecasts".to_owned(),
    };
    let repository: GithubRepository = match &new.forecast_repo {
        Some(repository) => repository.clone(),
        None => format!("mobs-lab/{name}-forecast").parse()?,
    };
    let description = new.description.as_deref().unwrap_or(&described);
    let resources = new.template == Template::Full;
    Ok(profile_template(name, description, &repository, resources))
}

#[derive(Serialize)]
struct Shown<'a> {
    event: &'static str,
    name: &'a str,
    metadata: &'a epycloud_config::user::ProfileMetadata,
    values: Map<String, Value>,
}

fn show(name: &LayerName, folder: &ConfigFolder, printer: &Printer) -> Result<ExitCode, Report> {
    let profile = read(name, folder)?;
    let metadata = profile.metadata();
    if printer.json {
        printer.event(&Shown {
            event: "profile",
            name: name.as_str(),
            metadata,
            values: profile
                .values()
                .map(|(key, text)| (key.to_owned(), text.into()))
                .collect(),
        });
    } else {
        printer.data(&format!("Profile: {name}"));
        for (what, text) in [
            ("Name", &metadata.name),
            ("Description", &metadata.description),
            ("Version", &metadata.version),
        ] {
            if let Some(text) = text {
                printer.data(&format!("{what}: {text}"));
            }
        }
        printer.data(&format!("\n{}", profile.to_yaml().trim_end()));
    }
    profile
        .warnings()
        .iter()
        .for_each(|text| printer.warning(text));
    if profile.faults().is_empty() {
        return Ok(ExitCode::Done);
    }
    Err(UserFileError::Configuration {
        faults: profile.faults().iter().map(ToString::to_string).collect(),
    }
    .into())
}

fn delete(
    name: &LayerName,
    force: bool,
    folder: &ConfigFolder,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    // One that isn't valid YAML can be deleted too.
    let file = folder.profile_file(name);
    if !file.exists() {
        read(name, folder)?;
    }
    let is_active = active(folder)?.as_deref() == Some(name.as_str());
    if is_active && !force {
        return Err(UserFileError::ActiveProfile {
            name: name.to_string(),
        }
        .into());
    }
    if printer.dry_run {
        printer.say(&format!("Would delete {}", file.display()));
        return Ok(ExitCode::Done);
    }
    let mut files = vec![file];
    // First, so that there never is an active profile that isn't there.
    if is_active {
        files.insert(0, folder.active_profile_file());
    }
    for file in files {
        std::fs::remove_file(&file).map_err(|source| UserFileError::Write { file, source })?;
    }
    printer.say(&format!("deleted profile {name}"));
    Ok(ExitCode::Done)
}
