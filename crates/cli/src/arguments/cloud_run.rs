//! What `epycloud run` takes for runs in the cloud alone.

use clap::Args;
use epycloud_config::{BillingLabel, GitRef, MachineType};

use crate::values::Seconds;

/// What both `run` commands take.
#[derive(Debug, Args)]
#[command(next_help_heading = "In the cloud")]
pub(crate) struct InCloud {
    /// The most tasks on one machine; 1 gives each a machine of its own (the configuration's).
    #[arg(long, value_name = "N", conflicts_with = "local", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) task_count_per_node: Option<u32>,

    /// Branch, tag or commit of the forecast repository (the configuration's).
    #[arg(long, value_name = "REF", conflicts_with = "local")]
    pub(crate) forecast_repo_ref: Option<GitRef>,

    /// Label that the bill is grouped by (the configuration's).
    #[arg(long, value_name = "NAME", conflicts_with = "local")]
    pub(crate) billing_project: Option<BillingLabel>,

    /// Removes the run's archive of the forecast repository when all results are in its outputs.
    #[arg(long, conflicts_with = "local")]
    pub(crate) cleanup: bool,

    /// Waits until it has ended, and ends with its exit code.
    #[arg(long)]
    pub(crate) wait: bool,

    /// How often to look, with `--wait`.
    #[arg(long, value_name = "TIME", default_value = "15s")]
    pub(crate) poll: Seconds,
}

/// The machines of a workflow's stages.
#[derive(Debug, Args)]
#[command(next_help_heading = "In the cloud")]
pub(crate) struct Machines {
    /// Machine type of stage A, used whole.
    #[arg(long, value_name = "TYPE", conflicts_with = "local")]
    pub(crate) stage_a_machine_type: Option<MachineType>,

    /// Machine type of stage B, used whole by each task.
    #[arg(long, value_name = "TYPE", conflicts_with = "local")]
    pub(crate) stage_b_machine_type: Option<MachineType>,

    /// Machine type of stage C, used whole.
    #[arg(long, value_name = "TYPE", conflicts_with = "local")]
    pub(crate) stage_c_machine_type: Option<MachineType>,
}

impl InCloud {
    /// An option that was given and means something in the cloud alone.
    pub(crate) fn given(&self) -> Option<&'static str> {
        first(&[
            ("--task-count-per-node", self.task_count_per_node.is_some()),
            ("--forecast-repo-ref", self.forecast_repo_ref.is_some()),
            ("--billing-project", self.billing_project.is_some()),
            ("--cleanup", self.cleanup),
        ])
    }
}

impl Machines {
    /// An option that was given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        first(&[
            (
                "--stage-a-machine-type",
                self.stage_a_machine_type.is_some(),
            ),
            (
                "--stage-b-machine-type",
                self.stage_b_machine_type.is_some(),
            ),
            (
                "--stage-c-machine-type",
                self.stage_c_machine_type.is_some(),
            ),
        ])
    }
}

fn first(options: &[(&'static str, bool)]) -> Option<&'static str> {
    options
        .iter()
        .find_map(|(option, is_given)| is_given.then_some(*option))
}
