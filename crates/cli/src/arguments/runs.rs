//! Commands about runs that are there: `status`, `report`, `reproduce`.

use std::path::PathBuf;

use clap::Args;
use epycloud_config::{ExpId, RunId};

use super::run::Tasks;
use crate::values::{Ago, Seconds};

pub(super) const STATUS_EXAMPLES: &str = "\
Examples:
  epycloud status
  epycloud status --exp-id my-flu
  epycloud status --exp-id my-flu try-1 --watch
  epycloud status --watch --interval 30 --recent 2h

Where the configuration names a Google Cloud project, active workflows and Batch jobs are shown;
otherwise, or with `--local`, the runs on this machine.";

pub(super) const REPORT_EXAMPLES: &str = "\
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
    #[arg(
        short = 'd',
        long,
        visible_alias = "project-dir",
        value_name = "DIR",
        default_value = "."
    )]
    pub(crate) project_directory: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) which: Which,

    /// Shows it again and again: a run on this machine until nobody is at work on it, the cloud
    /// until Ctrl-C.
    #[arg(short, long)]
    pub(crate) watch: bool,

    /// How often (1 s on this machine, 10 s in the cloud).
    #[arg(short = 'n', long, value_name = "TIME")]
    pub(crate) interval: Option<Seconds>,

    /// What ended in the last while too (an hour if no time is given; cloud).
    #[arg(short, long, value_name = "TIME", num_args = 0..=1, default_missing_value = "1h", conflicts_with = "local")]
    pub(crate) recent: Option<Ago>,

    /// Looks at runs on this machine, whatever the configuration says of Google Cloud.
    #[arg(long)]
    pub(crate) local: bool,
}

pub(super) const REPRODUCE_EXAMPLES: &str = "\
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
