//! What things cost in the cloud: what is expected of a run, and `epycloud costs`.

use clap::Args;
use epycloud_config::{ExpId, RunId};

use crate::values::Seconds;

pub(super) const EXAMPLES: &str = "\
Examples:
  epycloud costs --exp-id my-flu --run-id try-1
  epycloud costs --exp-id my-flu --run-id try-1 --json

The machine time that Batch tells of a run's tasks, by list prices: an estimate, not the bill. Batch
forgets jobs 60 days after their end.";

#[derive(Debug, Args)]
pub(crate) struct Costs {
    /// Experiment: its folder below `experiments/`.
    #[arg(long, value_name = "ID")]
    pub(crate) exp_id: ExpId,

    /// Run.
    #[arg(long, value_name = "ID")]
    pub(crate) run_id: RunId,
}

/// What is expected of a run, for the estimate that is shown before it begins.
#[derive(Debug, Args)]
#[command(next_help_heading = "In the cloud")]
pub(crate) struct ExpectedTasks {
    /// A run whose jobs Batch still knows: this one will have as many tasks, and they will take as
    /// long, for the estimate of the costs.
    #[arg(long, value_name = "RUN_ID", conflicts_with_all = ["local", "expected_tasks"])]
    pub(crate) expected_like: Option<RunId>,

    /// How many tasks stage B will have, for the estimate of the costs.
    #[arg(long, value_name = "N", conflicts_with = "local", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) expected_tasks: Option<u32>,

    /// How long one of them will take, for the estimate of the costs.
    #[arg(
        long,
        value_name = "TIME",
        conflicts_with = "local",
        requires = "expected_tasks"
    )]
    pub(crate) expected_task_time: Option<Seconds>,
}

impl ExpectedTasks {
    /// An option that was given and means something in the cloud alone.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let like = self.expected_like.as_ref().map(|_| "--expected-like");
        like.or_else(|| self.expected_tasks.map(|_| "--expected-tasks"))
    }
}
