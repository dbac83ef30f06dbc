//! `epycloud-dispatcher`: runs the stage that the environment names, as a container's entrypoint.

mod arguments;
mod check;
mod failure;
mod inspect;
mod log;
mod privileges;
mod signals;
mod stage;

use std::panic::catch_unwind;
use std::process::ExitCode as ProcessExitCode;

use clap::Parser;
use epycloud_config::Environment;
use epycloud_errors::ExitCode;

use arguments::{Arguments, Command};

fn main() -> ProcessExitCode {
    let arguments = Arguments::parse();
    log::report_panics();
    let code = catch_unwind(|| run(&arguments)).unwrap_or(ExitCode::Failed);
    code.into()
}

fn run(arguments: &Arguments) -> ExitCode {
    let environment = Environment::from_process();
    match &arguments.command {
        Some(Command::Inspect { file, json }) => inspect::run(file, *json),
        Some(Command::Worker) => epycloud_stages::worker_main(&environment),
        None if arguments.check => check::run(&environment, arguments.json),
        None => stage::run(&environment),
    }
}
