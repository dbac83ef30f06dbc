//! `epycloud completions` and `epycloud man`: made from the command line itself, so that they can't
//! say anything else.

use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_complete::generate;
use clap_complete::shells::{Bash, Fish, Zsh};
use clap_mangen::Man as Page;
use epycloud_errors::{ExitCode, Report};
use epycloud_storage::{SaveOptions, Storage};

use super::runtime::{Ended, block_on};
use crate::arguments::{Arguments, Completions, Man, Shell};
use crate::context::Context;
use crate::error::CliError;

/// The program's name, as it is typed.
const PROGRAM: &str = "epycloud";

pub(crate) fn completions(arguments: &Completions, context: &Context) -> ExitCode {
    let mut command = Arguments::command();
    let mut script = Vec::new();
    match arguments.shell {
        Shell::Bash => generate(Bash, &mut command, PROGRAM, &mut script),
        Shell::Zsh => generate(Zsh, &mut command, PROGRAM, &mut script),
        Shell::Fish => generate(Fish, &mut command, PROGRAM, &mut script),
    }
    let script = String::from_utf8_lossy(&script);
    context.printer.data(script.trim_end());
    ExitCode::Done
}

pub(crate) fn man(arguments: &Man, context: &Context) -> Result<ExitCode, Report> {
    let mut command = Arguments::command();
    command.build();
    let Some(folder) = &arguments.folder else {
        context.printer.data(page(&command)?.trim_end());
        return Ok(ExitCode::Done);
    };
    let mut pages = Vec::new();
    collect(&command, PROGRAM, &mut pages)?;
    if context.printer.dry_run {
        for (name, _) in &pages {
            context
                .printer
                .say(&format!("Would write {}", folder.join(name).display()));
        }
        return Ok(ExitCode::Done);
    }
    match block_on(write(folder, &pages))? {
        Ended::Itself(written) => written?,
        Ended::Stopped(code) => return Ok(code),
    }
    context
        .printer
        .say(&format!("{} pages in {}", pages.len(), folder.display()));
    Ok(ExitCode::Done)
}

/// The pages of a command and of those below it, by their files' names.
fn collect(
    command: &Command,
    name: &str,
    pages: &mut Vec<(String, String)>,
) -> Result<(), CliError> {
    pages.push((format!("{name}.1"), page(command)?));
    for below in command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
    {
        if below.get_name() != "help" {
            collect(below, &format!("{name}-{}", below.get_name()), pages)?;
        }
    }
    Ok(())
}

fn page(command: &Command) -> Result<String, CliError> {
    let mut text = Vec::new();
    Page::new(command.clone())
        .render(&mut text)
        .map_err(|error| CliError::Write {
            reason: error.to_string(),
        })?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

async fn write(folder: &Path, pages: &[(String, String)]) -> Result<(), Report> {
    let storage = Storage::local(folder)?;
    for (name, text) in pages {
        let path = name
            .parse()
            .map_err(|_| CliError::LongName { name: name.clone() })?;
        let options = SaveOptions::as_is();
        storage.save_bytes(&path, text.clone(), &options).await?;
    }
    Ok(())
}
