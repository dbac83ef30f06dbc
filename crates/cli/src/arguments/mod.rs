//! The command line, as it is typed; what it means is resolved in `settings`.
//!
//! A file a command: its options, and the examples of its help.

mod build;
mod cloud_run;
mod config;
mod costs;
mod download;
mod experiment;
mod global;
mod logs;
mod machine_types;
mod modelling;
mod orchestration;
mod profile;
mod run;
mod runs;
mod shell;
mod terraform;
mod validate;
mod workflow;

use clap::{ArgAction, Parser, Subcommand};

pub(crate) use self::build::{
    Build, BuildCloud, BuildCommand, BuildDev, BuildLocal, BuildStatus, BuildWhat,
};
pub(crate) use self::cloud_run::{InCloud, Machines};
pub(crate) use self::config::{Config, Show};
pub(crate) use self::costs::{Costs, ExpectedTasks};
pub(crate) use self::download::{Download, NameFormat};
pub(crate) use self::experiment::{Experiment, ListExperiments, ListFormat, Within};
pub(crate) use self::global::Global;
pub(crate) use self::logs::Logs;
pub(crate) use self::machine_types::MachineTypesOf;
pub(crate) use self::modelling::Modelling;
pub(crate) use self::orchestration::Orchestration;
pub(crate) use self::profile::{CreateProfile, Profile, Template};
pub(crate) use self::run::{Common, Executor, Job, Run, Tasks, Workflow};
pub(crate) use self::runs::{ReportOf, Reproduce, Status, Which};
pub(crate) use self::shell::{Completions, Man, Shell};
pub(crate) use self::terraform::{Targets, Terraform, TerraformCommand};
pub(crate) use self::validate::{ReportFormat, Validate};
pub(crate) use self::workflow::{
    CancelExecution, ExecutionLogs, ExecutionStatus, Executions, ListExecutions, OneExecution,
    RetryExecution,
};

/// Runs epidemic-modelling experiments, on this machine or in the cloud.
#[derive(Debug, Parser)]
#[command(name = "epycloud", version, max_term_width = 100, after_help = EXIT_CODES, disable_version_flag = true)]
pub(crate) struct Arguments {
    /// Shows the log of the stages.
    #[arg(long, global = true)]
    pub(crate) verbose: bool,

    /// Shows errors only.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Shows what would happen, and does nothing.
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,

    /// Reports to scripts: one JSON object a line on stdout.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) global: Global,

    /// Shows the version.
    #[arg(short = 'v', long, action = ArgAction::Version)]
    version: (),

    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 failed, 2 bad configuration or usage, 3 finished with partial results,
75 temporary failure (worth a retry), 130 interrupted.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The configuration: files, layers, values.
    #[command(subcommand, after_help = config::EXAMPLES)]
    Config(Config),

    /// Profiles of the configuration: what differs from project to project.
    #[command(subcommand, after_help = profile::EXAMPLES)]
    Profile(Profile),

    /// Runs a whole workflow or a single stage.
    #[command(subcommand, after_help = run::EXAMPLES)]
    Run(Run),

    /// Shows how runs stand: those of an experiment, or one of them.
    #[command(after_help = runs::STATUS_EXAMPLES)]
    Status(Status),

    /// Shows what the stages of runs have written to their log.
    #[command(after_help = logs::EXAMPLES)]
    Logs(Box<Logs>),

    /// Shows what a run in the cloud has cost so far, by list prices.
    #[command(after_help = costs::EXAMPLES)]
    Costs(Costs),

    /// Shows the machine types that stages can run on in the cloud.
    #[command(after_help = machine_types::EXAMPLES)]
    MachineTypes(MachineTypesOf),

    /// Writes a run's report: one HTML file that needs nothing else.
    #[command(after_help = runs::REPORT_EXAMPLES)]
    Report(ReportOf),

    /// Repeats a run as its record says, and compares what comes of it, hash by hash.
    #[command(after_help = runs::REPRODUCE_EXAMPLES)]
    Reproduce(Reproduce),

    /// Which experiments and runs there are, here or in a bucket.
    #[command(subcommand, after_help = experiment::LIST_EXAMPLES)]
    Experiment(Experiment),

    /// Downloads outputs of runs to a folder.
    #[command(after_help = download::EXAMPLES)]
    Download(Box<Download>),

    /// Checks experiments before anything is spent on them: every file, every fault.
    #[command(after_help = validate::EXAMPLES)]
    Validate(Box<Validate>),

    /// Executions of the workflow in the cloud: lists, shows, cancels and repeats them.
    #[command(subcommand, after_help = workflow::EXAMPLES)]
    Workflow(Executions),

    /// Writes what a shell needs to complete commands and options.
    #[command(after_help = shell::COMPLETIONS_EXAMPLES)]
    Completions(Completions),

    /// Writes the manual's pages.
    #[command(after_help = shell::MAN_EXAMPLES)]
    Man(Man),

    /// Builds the image that stages run in.
    #[command(after_help = build::EXAMPLES)]
    Build(BuildCommand),

    /// The infrastructure in Google Cloud, with Terraform.
    #[command(visible_alias = "tf", after_help = terraform::EXAMPLES)]
    Terraform(Terraform),

    /// Runs the task that the environment names; for a cluster's jobs.
    #[command(hide = true)]
    Task,

    /// Serves tasks over standard input and output; for the orchestrator.
    #[command(hide = true)]
    Worker,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// Tests ask the help which commands there are; these two, which people don't call, are all
    /// that it leaves out.
    #[test]
    fn two_commands_are_hidden() {
        let command = Arguments::command();
        let hidden = command
            .get_subcommands()
            .filter(|inner| inner.is_hide_set());
        let names: Vec<&str> = hidden.map(clap::Command::get_name).collect();
        assert_eq!(names, ["task", "worker"]);
        command.debug_assert();
    }
}
