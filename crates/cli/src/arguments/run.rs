//! `epycloud run`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use epycloud_config::{ExpId, FileName, MachineType, RunId, Stage};

use super::modelling::Modelling;
use super::{ExpectedTasks, InCloud, Machines, Orchestration};
use crate::values::{Memory, Ratio, Seconds, TaskSet};

#[derive(Debug, Subcommand)]
pub(crate) enum Run {
    /// Runs all stages: A builds the tasks, B runs them, C writes the outputs.
    #[command(after_help = WORKFLOW_EXAMPLES)]
    Workflow(Box<Workflow>),

    /// Runs a single stage, or a single task of stage B.
    #[command(after_help = JOB_EXAMPLES)]
    Job(Box<Job>),
}

pub(super) const EXAMPLES: &str = "\
Examples:
  epycloud run workflow --local --exp-id quickstart --project-directory examples/quickstart
  epycloud run job --local --stage B --exp-id my-flu --run-id try-1 --task-index 0";

const WORKFLOW_EXAMPLES: &str = "\
Examples:
  epycloud run workflow --local --exp-id quickstart --project-directory examples/quickstart
  epycloud run workflow --local --exp-id 202605/my-flu --max-parallelism 4 --task-timeout 30m
  epycloud run workflow --local --exp-id my-flu --resume
  epycloud run workflow --local --exp-id my-flu --resume try-1 --explain --dry-run
  epycloud run workflow --local --exp-id my-flu --min-success-ratio 0.95 --json > events.jsonl
  epycloud run workflow --exp-id my-flu --stage-b-machine-type n2-highmem-8 --dry-run
  epycloud run workflow --exp-id my-flu --skip-output --wait --yes
  epycloud run workflow --exp-id my-flu --orchestrator client --spot --application-retries 2
  epycloud run workflow --exp-id my-flu --orchestrator client --resume
  epycloud run workflow --executor docker --exp-id my-flu --engine python
  epycloud run workflow --executor slurm --exp-id my-flu --slurm-partition short --task-memory 4G

A run goes on where it stopped when its ID is given again: only tasks that are missing, failed or
changed run. Ctrl-C once ends it after the tasks that run, twice at once.";

const JOB_EXAMPLES: &str = "\
Examples:
  epycloud run job --local --stage A --exp-id my-flu
  epycloud run job --local --stage B --exp-id my-flu --run-id 20260105-120000-1a2b3c4d --task-index 0
  epycloud run job --local --stage B --exp-id my-flu --run-id try-1 --tasks 3,7,10-20 --jobs 4
  epycloud run job --local --stage B --exp-id my-flu --run-id try-1 --failed
  epycloud run job --local --stage C --exp-id my-flu --run-id 20260105-120000-1a2b3c4d
  epycloud run job --stage B --exp-id my-flu --run-id try-1 --task-index 0 --wait";

/// Where a run's tasks are executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Executor {
    /// Worker processes on this machine.
    Local,
    /// Containers of an image, on this machine.
    Docker,
    /// A Slurm cluster.
    Slurm,
    /// Google Cloud Batch, a whole workflow as with `--orchestrator client`.
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
    #[arg(
        short = 'd',
        long,
        visible_alias = "project-dir",
        value_name = "DIR",
        default_value = "."
    )]
    pub(crate) project_directory: PathBuf,

    /// Output configuration in the experiment's `config/` (found by itself if not given).
    #[arg(long, value_name = "FILE")]
    pub(crate) output_config: Option<FileName>,

    #[command(flatten)]
    pub(crate) modelling: Modelling,

    /// Writes outputs even if some tasks have no result (exit code 3).
    #[arg(long)]
    pub(crate) allow_partial: bool,

    /// Runs the experiment without checking its files first.
    #[arg(long)]
    pub(crate) no_validate: bool,

    /// Doesn't ask before starting (local runs never ask).
    #[arg(long)]
    pub(crate) yes: bool,
}

/// How tasks of stage B are treated.
#[derive(Debug, Clone, Args)]
pub(crate) struct Tasks {
    /// Tasks that run at the same time (one for each core if not given, fewer where memory is
    /// short).
    #[arg(long, visible_alias = "jobs", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_parallelism: Option<u32>,

    /// Ends a task that takes longer: `90`, `90s`, `15m`, `2h`.
    #[arg(long, value_name = "TIME")]
    pub(crate) task_timeout: Option<Seconds>,

    /// Ends a task that holds more memory: `800M`, `4G` (Slurm: what it asks for).
    #[arg(long, value_name = "SIZE")]
    pub(crate) task_memory: Option<Memory>,

    /// Further attempts at a task that the machine failed (killed, out of memory, storage away).
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(crate) retries: u32,

    /// Further attempts at a task that failed by itself (0; 1 in the cloud).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=5))]
    pub(crate) application_retries: Option<u32>,

    /// Wait before a second attempt; doubled before each further one, up to a minute.
    #[arg(long, value_name = "TIME", default_value = "1s")]
    pub(crate) retry_delay: Seconds,

    /// Image of the stages, with `--executor docker`.
    #[arg(
        long,
        value_name = "NAME:TAG",
        default_value = "epymodelingsuite:local"
    )]
    pub(crate) image: String,

    /// Apptainer image that all stages run in, with `--executor slurm` (else this program runs them).
    #[arg(long, value_name = "FILE.sif")]
    pub(crate) slurm_image: Option<PathBuf>,

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

    #[command(flatten)]
    pub(crate) orchestration: Orchestration,

    #[command(flatten)]
    pub(crate) in_cloud: InCloud,

    #[command(flatten)]
    pub(crate) machines: Machines,

    #[command(flatten)]
    pub(crate) expected: ExpectedTasks,
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

    #[command(flatten)]
    pub(crate) in_cloud: InCloud,

    /// Machine type, used whole.
    #[arg(
        long,
        value_name = "TYPE",
        conflicts_with = "local",
        help_heading = "In the cloud"
    )]
    pub(crate) machine_type: Option<MachineType>,
}

impl Common {
    /// Whether it is to run in the cloud: where nothing else is said.
    pub(crate) const fn is_in_cloud(&self) -> bool {
        !self.local && matches!(self.executor, None | Some(Executor::Batch))
    }
}
