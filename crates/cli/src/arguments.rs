//! The command line, as it is typed; what it means is resolved in `settings`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use epycloud_config::{EngineName, ExpId, FileName, RunId, Stage, SuiteBehaviour};

/// Runs epidemic-modelling experiments, on this machine or in the cloud.
#[derive(Debug, Parser)]
#[command(name = "epycloud", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// Shows the log of the stages.
    #[arg(short, long, global = true)]
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

    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 failed, 2 bad configuration or usage, 3 finished with partial results,
75 temporary failure (worth a retry), 130 interrupted.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs a whole workflow or a single stage.
    #[command(subcommand)]
    Run(Run),

    /// Serves tasks over standard input and output; for the orchestrator.
    #[command(hide = true)]
    Worker,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Run {
    /// Runs all stages: A builds the tasks, B runs them, C writes the outputs.
    #[command(after_help = WORKFLOW_EXAMPLES)]
    Workflow(Workflow),

    /// Runs a single stage, or a single task of stage B.
    #[command(after_help = JOB_EXAMPLES)]
    Job(Job),
}

const WORKFLOW_EXAMPLES: &str = "\
Examples:
  epycloud run workflow --local --exp-id quickstart --project-directory examples/quickstart
  epycloud run workflow --local --exp-id 202605/my-flu --max-parallelism 4
  epycloud run workflow --local --exp-id my-flu --allow-partial --json > events.jsonl";

const JOB_EXAMPLES: &str = "\
Examples:
  epycloud run job --local --stage A --exp-id my-flu
  epycloud run job --local --stage B --exp-id my-flu --run-id 20260105-120000-1a2b3c4d --task-index 0
  epycloud run job --local --stage C --exp-id my-flu --run-id 20260105-120000-1a2b3c4d";

/// Where a run's tasks are executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Executor {
    /// Worker processes on this machine.
    Local,
    /// Containers on this machine.
    Docker,
    /// A Slurm cluster.
    Slurm,
    /// Google Cloud Batch.
    Batch,
}

/// What both `run` commands share.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Experiment: its folder below `experiments/`.
    #[arg(long, value_name = "ID")]
    pub(crate) exp_id: ExpId,

    /// Run (generated if not given: UTC time and eight random digits).
    #[arg(long, value_name = "ID")]
    pub(crate) run_id: Option<RunId>,

    /// Runs on this machine; the same as `--executor local`.
    #[arg(long)]
    pub(crate) local: bool,

    /// Where the tasks run.
    #[arg(long, value_enum, conflicts_with = "local")]
    pub(crate) executor: Option<Executor>,

    /// Project: a forecast repository, or a folder with one in `local/forecast`.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) project_directory: PathBuf,

    /// Output configuration in the experiment's `config/` (found by itself if not given).
    #[arg(long, value_name = "FILE")]
    pub(crate) output_config: Option<FileName>,

    /// Engine that does the modelling.
    #[arg(long, value_name = "native|python")]
    pub(crate) engine: Option<EngineName>,

    /// Folder of population data in epydemix-data's layout.
    #[arg(long, value_name = "DIR")]
    pub(crate) population_data: Option<PathBuf>,

    /// Folder of the suite's tables (school calendars, population codebook).
    #[arg(long, value_name = "DIR")]
    pub(crate) data_tables: Option<PathBuf>,

    /// Version of epymodelingsuite to agree with where versions differ.
    #[arg(long, value_name = "latest|0.1.0")]
    pub(crate) suite_behaviour: Option<SuiteBehaviour>,

    /// Writes outputs even if some tasks have no result (exit code 3).
    #[arg(long)]
    pub(crate) allow_partial: bool,

    /// Doesn't ask before starting (local runs never ask).
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Workflow {
    #[command(flatten)]
    pub(crate) common: Common,

    /// Tasks that run at the same time (one for each core if not given).
    #[arg(long, visible_alias = "jobs", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_parallelism: Option<u32>,

    /// Ends after stage B.
    #[arg(long)]
    pub(crate) skip_output: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Job {
    #[command(flatten)]
    pub(crate) common: Common,

    /// Stage: A|builder, B|runner or C|output.
    #[arg(long)]
    pub(crate) stage: Stage,

    /// Task of stage B.
    #[arg(long, value_name = "N")]
    pub(crate) task_index: Option<u32>,

    /// Number of tasks; must agree with the run's manifest.
    #[arg(long, value_name = "N")]
    pub(crate) num_tasks: Option<u32>,
}
