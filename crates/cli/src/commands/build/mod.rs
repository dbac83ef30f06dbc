//! `epycloud build`: images with Docker here, or with Cloud Build.

mod cloud;
mod files;
mod here;
mod status;

use std::path::PathBuf;

use epycloud_config::user::Configuration;
use epycloud_errors::{ExitCode, Report};

use crate::arguments::{Build, BuildCloud, BuildCommand, BuildWhat};
use crate::context::Context;
use crate::printer::Printer;

pub(crate) fn run(command: &BuildCommand, context: &Context) -> Result<ExitCode, Report> {
    match &command.mode {
        None => cloud::run(&BuildCloud::default(), context),
        Some(Build::Cloud(how)) => cloud::run(how, context),
        Some(Build::Local(how)) => here::local(how, context),
        Some(Build::Dev(how)) => here::dev(how, context),
        Some(Build::Status(which)) => status::run(which, context),
    }
}

/// The folder to build from.
fn folder(what: &BuildWhat, context: &Context) -> PathBuf {
    let folder = what.context.as_deref();
    folder.unwrap_or(context.project_directory()).to_owned()
}

/// The suite that goes into the image, in words.
fn suite(configuration: &Configuration) -> String {
    let github = &configuration.values().github;
    match &github.modeling_suite_repo {
        Some(repository) => format!("{repository} @ {}", github.modeling_suite_ref),
        None => "the Dockerfile's".to_owned(),
    }
}

/// What is about to be built.
fn plan(printer: &Printer, title: &str, rows: &[(&str, String)]) {
    let would = if printer.dry_run {
        "Would build"
    } else {
        "Building"
    };
    printer.heading(&format!("{would} {title}"));
    for (name, value) in rows {
        printer.say(&format!("  {name:12} {value}"));
    }
}
