//! The `epycloud` command: parses the command line, runs the command, ends with its exit code.

mod arguments;
mod bucket;
mod cloud;
mod commands;
mod context;
mod editor;
mod error;
mod patterns;
mod printer;
mod program;
mod progress;
mod settings;
mod summary;
mod tool_error;
mod user_file_error;
mod values;
mod whole_file;

use clap::Parser as _;
use epycloud_config::Environment;
use epycloud_errors::{ExitCode, Report};

use crate::arguments::{Arguments, Command, Run};
use crate::context::Context;

fn main() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    printer::choose_colours(arguments.global.colour());
    let context = Context::new(&arguments);
    let code = run(&arguments, &context).unwrap_or_else(|report| {
        context.printer.error(&report);
        report.exit_code()
    });
    code.into()
}

fn run(arguments: &Arguments, context: &Context) -> Result<ExitCode, Report> {
    match &arguments.command {
        Command::Build(command) => commands::build::run(command, context),
        Command::Terraform(command) => commands::terraform::run(command, context),
        Command::Config(command) => commands::config::run(command, context),
        Command::Profile(command) => commands::profile::run(command, context),
        Command::Run(Run::Workflow(workflow)) => commands::workflow::run(workflow, context),
        Command::Run(Run::Job(job)) => commands::job::run(job, context),
        Command::Status(status) => commands::status::run(status, context),
        Command::Logs(logs) => commands::logs::run(logs, context),
        Command::Costs(which) => commands::costs::run(which, context),
        Command::MachineTypes(which) => commands::machine_types::run(which, context),
        Command::Report(report) => commands::report::run(report, context),
        Command::Reproduce(reproduce) => commands::reproduce::run(reproduce, context),
        Command::Experiment(command) => commands::experiment::run(command, context),
        Command::Download(download) => commands::download::run(download, context),
        Command::Validate(validate) => commands::validate::run(validate, context),
        Command::Workflow(command) => commands::executions::run(command, context),
        Command::Completions(which) => Ok(commands::shell::completions(which, context)),
        Command::Man(man) => commands::shell::man(man, context),
        Command::Task => commands::task::run(),
        Command::Worker => Ok(epycloud_stages::worker_main(&Environment::from_process())),
    }
}
