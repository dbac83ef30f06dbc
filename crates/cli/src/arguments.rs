//! The command line, as it is typed; what it means is resolved in `settings`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use epycloud_config::{EngineName, ExpId, FileName, RunId, Stage, SuiteBehaviour};

use crate::values::{Memory, Ratio, Seconds, TaskSet};

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

    /// Shows how runs stand: those of an experiment, or one of them.
    #[command(after_help = STATUS_EXAMPLES)]
    Status(Status),

    /// Writes a run's report: one HTML file that needs nothing else.
    #[command(after_help = REPORT_EXAMPLES)]
    Report(ReportOf),

    /// Repeats a run as its record says, and compares what comes of it, hash by hash.
    #[command(after_help = REPRODUCE_EXAMPLES)]
    Reproduce(Reproduce),

    /// Runs the task that the environment names; for a cluster's jobs.
    #[command(hide = true)]
    Task,

    /// Serves tasks over standard input and output; for the orchestrator.
    #[command(hide = true)]
    Worker,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Run {
    /// Runs all stages: A builds the tasks, B runs them, C writes the outputs.
    #[command(after_help = WORKFLOW_EXAMPLES)]
    Workflow(Box<Workflow>),

    /// Runs a single stage, or a single task of stage B.
    #[command(after_help = JOB_EXAMPLES)]
    Job(Box<Job>),
}

const WORKFLOW_EXAMPLES: &str = "\
Examples:
  epycloud run workflow --local --exp-id quickstart --project-directory examples/quickstart
  epycloud run workflow --local --exp-id 202605/my-flu --max-parallelism 4 --task-timeout 30m
  epycloud run workflow --local --exp-id my-flu --resume
  epycloud run workflow --local --exp-id my-flu --resume try-1 --explain --dry-run
  epycloud run workflow --local --exp-id my-flu --min-success-ratio 0.95 --json > events.jsonl
  epycloud run workflow --executor slurm --exp-id my-flu --slurm-partition short --task-memory 4G

A run goes on where it stopped when its ID is given again: only tasks that are missing, failed or
changed run. Ctrl-C once ends it after the tasks that run, twice at once.";

const JOB_EXAMPLES: &str = "\
Examples:
  epycloud run job --local --stage A --exp-id my-flu
  epycloud run job --local --stage B --exp-id my-flu --run-id 20260105-120000-1a2b3c4d --task-index 0
  epycloud run job --local --stage B --exp-id my-flu --run-id try-1 --tasks 3,7,10-20 --jobs 4
  epycloud run job --local --stage B --exp-id my-flu --run-id try-1 --failed
  epycloud run job --local --stage C --exp-id my-flu --run-id 20260105-120000-1a2b3c4d";

const STATUS_EXAMPLES: &str = "\
Examples:
  epycloud status
  epycloud status --exp-id my-flu
  epycloud status --exp-id my-flu try-1 --watch";

const REPORT_EXAMPLES: &str = "\
Examples:
  epycloud report --exp-id my-flu
  epycloud report --exp-id my-flu try-1

A run writes its report at its end, as `report.html` beside its results.";

/// A run that is there.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Run (the latest if not given).
    #[arg(value_name = "RUN_ID")]
    pub(crate) run_id: Option<RunId>,

    /// Experiment: its folder below `experiments/`.
    #[arg(long, value_name = "ID")]
    pub(crate) exp_id: Option<ExpId>,

    /// Project: a forecast repository, or a folder with one in `local/forecast`.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) project_directory: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) which: Which,

    /// Shows the run again and again until nobody is at work on it.
    #[arg(short, long)]
    pub(crate) watch: bool,

    /// How often.
    #[arg(long, value_name = "TIME", default_value = "1s")]
    pub(crate) interval: Seconds,
}

const REPRODUCE_EXAMPLES: &str = "\
Examples:
  epycloud reproduce --exp-id my-flu try-1
  epycloud reproduce --exp-id my-flu try-1 --into try-1-again --max-parallelism 4

Exit code 0: everything is the same; 1: something differs. Without `model.random_seed`, the inputs
of the original are used, since building them again would draw another seed.";

#[derive(Debug, Args)]
pub(crate) struct Reproduce {
    #[command(flatten)]
    pub(crate) which: Which,

    /// Run that the repetition becomes (generated if not given).
    #[arg(long, value_name = "RUN_ID")]
    pub(crate) into: Option<RunId>,

    #[command(flatten)]
    pub(crate) tasks: Tasks,
}

#[derive(Debug, Args)]
pub(crate) struct ReportOf {
    #[command(flatten)]
    pub(crate) which: Which,
}

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
#[derive(Debug, Clone, Args)]
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

/// How tasks of stage B are treated.
#[derive(Debug, Args)]
pub(crate) struct Tasks {
    /// Tasks that run at the same time (one for each core if not given, fewer where memory is
    /// short).
    #[arg(long, visible_alias = "jobs", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_parallelism: Option<u32>,

    /// Ends a task that takes longer: `90`, `90s`, `15m`, `2h` (Slurm: whole minutes).
    #[arg(long, value_name = "TIME")]
    pub(crate) task_timeout: Option<Seconds>,

    /// Ends a task that holds more memory: `800M`, `4G` (Slurm: what it asks for).
    #[arg(long, value_name = "SIZE")]
    pub(crate) task_memory: Option<Memory>,

    /// Further attempts at a task that the machine failed (killed, out of memory, storage away).
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(crate) retries: u32,

    /// Further attempts at a task that failed by itself.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) application_retries: u32,

    /// Wait before a second attempt; doubled before each further one, up to a minute.
    #[arg(long, value_name = "TIME", default_value = "1s")]
    pub(crate) retry_delay: Seconds,

    /// Partition, with `--executor slurm`.
    #[arg(long, value_name = "NAME")]
    pub(crate) slurm_partition: Option<String>,

    /// Account, with `--executor slurm`.
    #[arg(long, value_name = "NAME")]
    pub(crate) slurm_account: Option<String>,

    /// How often Slurm is asked how its jobs stand.
    #[arg(long, value_name = "TIME", default_value = "5s")]
    pub(crate) slurm_poll: Seconds,
}

#[derive(Debug, Args)]
pub(crate) struct Workflow {
    #[command(flatten)]
    pub(crate) common: Common,

    /// Goes on with a run (the experiment's latest if no ID is given).
    #[arg(long, value_name = "RUN_ID", num_args = 0..=1, conflicts_with = "run_id")]
    #[expect(clippy::option_option, reason = "not given, given, given with an ID")]
    pub(crate) resume: Option<Option<RunId>>,

    /// Says of each task why it runs or doesn't.
    #[arg(long)]
    pub(crate) explain: bool,

    /// Builds the tasks again even if the experiment hasn't changed.
    #[arg(long)]
    pub(crate) rebuild: bool,

    #[command(flatten)]
    pub(crate) tasks: Tasks,

    /// Share of the tasks (0 to 1) that must have a result; implies `--allow-partial`.
    #[arg(long, value_name = "RATIO")]
    pub(crate) min_success_ratio: Option<Ratio>,

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
    #[arg(long, value_name = "N", conflicts_with_all = ["tasks", "failed"])]
    pub(crate) task_index: Option<u32>,

    /// Tasks of stage B, whatever result they have: `3,7,10-20`.
    #[arg(long, value_name = "LIST", conflicts_with = "failed")]
    pub(crate) tasks: Option<TaskSet>,

    /// All tasks of stage B that were tried and have no result.
    #[arg(long)]
    pub(crate) failed: bool,

    #[command(flatten)]
    pub(crate) treatment: Tasks,

    /// Number of tasks; must agree with the run's manifest.
    #[arg(long, value_name = "N")]
    pub(crate) num_tasks: Option<u32>,
}
