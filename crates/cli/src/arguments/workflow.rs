//! `epycloud workflow`.

use clap::{Args, Subcommand, ValueEnum};
use epycloud_config::{ExpId, LogLevel, RunId};

use crate::values::{Ago, Seconds};

pub(super) const EXAMPLES: &str = "\
Examples:
  epycloud workflow list --status failed --since 7d
  epycloud workflow list --exp-id my-flu --limit 5 --json
  epycloud workflow describe 0a1b2c3d-4e5f-6789-abcd-ef0123456789
  epycloud workflow logs 0a1b2c3d-4e5f-6789-abcd-ef0123456789 --follow
  epycloud workflow cancel 0a1b2c3d-4e5f-6789-abcd-ef0123456789
  epycloud workflow cancel --exp-id my-flu --run-id 20260105-120000-1a2b3c4d
  epycloud workflow retry 0a1b2c3d-4e5f-6789-abcd-ef0123456789 --dry-run";

#[derive(Debug, Subcommand)]
pub(crate) enum Executions {
    /// Lists executions, the newest first.
    List(ListExecutions),

    /// Shows one execution with its arguments, its result or why it failed.
    Describe(OneExecution),

    /// Shows what the workflow logged; `epycloud logs` shows what its stages did.
    Logs(ExecutionLogs),

    /// Cancels an execution, and deletes its Batch jobs, which would run and cost on.
    Cancel(CancelExecution),

    /// Starts an execution again with the same arguments, run ID included.
    Retry(RetryExecution),
}

/// How an execution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExecutionStatus {
    Active,
    Succeeded,
    Failed,
    Cancelled,
    Queued,
}

#[derive(Debug, Args)]
pub(crate) struct ListExecutions {
    /// The most executions to show.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,

    /// Those that stand so.
    #[arg(long, value_enum, ignore_case = true)]
    pub(crate) status: Option<ExecutionStatus>,

    /// Those of this experiment.
    #[arg(long, value_name = "ID")]
    pub(crate) exp_id: Option<ExpId>,

    /// Those that began in the last while: `30m`, `24h`, `7d`.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Ago>,
}

#[derive(Debug, Args)]
pub(crate) struct OneExecution {
    /// Execution: its ID, the first eight digits of it, or its full name.
    #[arg(value_name = "EXECUTION")]
    pub(crate) execution: String,
}

#[derive(Debug, Args)]
pub(crate) struct ExecutionLogs {
    #[command(flatten)]
    pub(crate) which: OneExecution,

    /// Goes on showing what is written, until Ctrl-C.
    #[arg(short, long)]
    pub(crate) follow: bool,

    /// Entries to show: the last N, or all with 0.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) tail: usize,

    /// Entries as grave as this, or more: debug, info, warning, error or critical.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<LogLevel>,

    /// How often to look for more, with `--follow`.
    #[arg(long, value_name = "TIME", default_value = "5s")]
    pub(crate) interval: Seconds,
}

#[derive(Debug, Args)]
pub(crate) struct CancelExecution {
    /// Execution: its ID or full name.
    #[arg(value_name = "EXECUTION", required_unless_present = "run_id")]
    pub(crate) execution: Option<String>,

    /// Run whose Batch jobs are deleted, whoever has submitted them (`--orchestrator client`).
    #[arg(long, value_name = "ID", conflicts_with = "execution")]
    pub(crate) run_id: Option<RunId>,

    /// Experiment of that run; runs of others may be called the same.
    #[arg(long, value_name = "ID", requires = "run_id")]
    pub(crate) exp_id: Option<ExpId>,

    /// Leaves its Batch jobs alone; they run and cost on.
    #[arg(long, conflicts_with = "run_id")]
    pub(crate) only_workflow: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RetryExecution {
    #[command(flatten)]
    pub(crate) which: OneExecution,

    /// Doesn't ask before starting.
    #[arg(long)]
    pub(crate) yes: bool,
}
