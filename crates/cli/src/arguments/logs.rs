//! `epycloud logs`.

use std::path::PathBuf;

use clap::Args;
use epycloud_config::{ExpId, LogLevel, RunId, Stage};

use crate::values::{Ago, Seconds};

pub(super) const EXAMPLES: &str = "\
Examples:
  epycloud logs --exp-id my-flu
  epycloud logs --exp-id my-flu --run-id try-1 --stage B --task-index 42 --tail 0
  epycloud logs --exp-id my-flu --follow --level warning --since 30m
  epycloud logs --execution-id 0a1b2c3d-4e5f-6789-abcd-ef0123456789
  epycloud logs --exp-id my-flu --json > log.jsonl

Shows what the stages wrote; `epycloud workflow logs` shows what the workflow did with them.";

#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// Experiment: its folder below `experiments/`.
    #[arg(long, value_name = "ID", required_unless_present_any = ["job_name", "execution_id"])]
    pub(crate) exp_id: Option<ExpId>,

    /// Run (all runs of the experiment if not given; on this machine, the latest).
    #[arg(long, value_name = "ID")]
    pub(crate) run_id: Option<RunId>,

    /// Stage: A|builder, B|runner or C|output.
    #[arg(long)]
    pub(crate) stage: Option<Stage>,

    /// Task of stage B.
    #[arg(long, value_name = "N")]
    pub(crate) task_index: Option<u32>,

    /// Batch job, by its ID or how that begins (cloud).
    #[arg(long, value_name = "NAME", conflicts_with = "local")]
    pub(crate) job_name: Option<String>,

    /// Execution of the workflow: the jobs of all its stages (cloud).
    #[arg(long, value_name = "ID", conflicts_with = "local")]
    pub(crate) execution_id: Option<String>,

    /// Goes on showing what is written, until Ctrl-C.
    #[arg(short, long)]
    pub(crate) follow: bool,

    /// Lines to show: the last N, or all with 0.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) tail: usize,

    /// What was written in the last while: `30m`, `2h`, `7d`.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Ago>,

    /// Lines as grave as this, or more: debug, info, warning, error or critical.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<LogLevel>,

    /// How often to look for more, with `--follow`.
    #[arg(long, value_name = "TIME", default_value = "5s")]
    pub(crate) interval: Seconds,

    /// Looks at runs on this machine, whatever the configuration says of Google Cloud.
    #[arg(long)]
    pub(crate) local: bool,

    /// Project: a forecast repository, or a folder with one in `local/forecast`.
    #[arg(
        short = 'd',
        long,
        visible_alias = "project-dir",
        value_name = "DIR",
        default_value = "."
    )]
    pub(crate) project_directory: PathBuf,
}
