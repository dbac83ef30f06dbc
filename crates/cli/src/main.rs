//! The `epycloud` command: parses the command line, runs the command, ends with its exit code.

mod arguments;
mod cloud;
mod commands;
mod error;
mod printer;
mod progress;
mod settings;
mod summary;
mod values;

use clap::Parser as _;
use epycloud_config::Environment;
use epycloud_errors::{ExitCode, Report};

use crate::arguments::{Arguments, Command, Run};
use crate::printer::Printer;

fn main() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    let printer = Printer::new(&arguments);
    let code = run(&arguments, &printer).unwrap_or_else(|report| {
        printer.error(&report);
        report.exit_code()
    });
    code.into()
}

fn run(arguments: &Arguments, printer: &Printer) -> Result<ExitCode, Report> {
    match &arguments.command {
        Command::Run(Run::Workflow(workflow)) => commands::workflow::run(workflow, printer),
        Command::Run(Run::Job(job)) => commands::job::run(job, printer),
        Command::Status(status) => commands::status::run(status, printer),
        Command::Logs(logs) => commands::logs::run(logs, printer),
        Command::Report(report) => commands::report::run(report, printer),
        Command::Reproduce(reproduce) => commands::reproduce::run(reproduce, printer),
        Command::Workflow(command) => commands::executions::run(command, printer),
        Command::Task => commands::task::run(),
        Command::Worker => Ok(epycloud_stages::worker_main(&Environment::from_process())),
    }
}
