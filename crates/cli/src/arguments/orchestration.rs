//! Who submits the stages of a run in the cloud, and how.

use clap::{Args, ValueEnum};

use super::{Common, Executor};
use crate::values::Seconds;

/// Who submits a run's stages one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Orchestrator {
    /// The deployed workflow; this command may end meanwhile.
    Workflows,
    /// This command, which needs Batch and the bucket alone.
    Client,
}

/// Who submits the stages, and how this command does it.
#[derive(Debug, Args)]
#[command(next_help_heading = "In the cloud")]
pub(crate) struct Orchestration {
    /// Who submits the stages; `client` is the same as `--executor batch` (workflows).
    #[arg(long, value_enum, value_name = "WHO", conflicts_with = "local")]
    pub(crate) orchestrator: Option<Orchestrator>,

    /// Runs stage B on spot machines; tasks that lose theirs again and again get standard ones.
    #[arg(long, conflicts_with = "local")]
    pub(crate) spot: bool,

    /// How long jobs may wait for machines before they are given up (client).
    #[arg(long, value_name = "TIME", default_value = "6h")]
    pub(crate) queue_allowance: Seconds,
}

impl Orchestration {
    /// Whether this command submits the stages of a run in the cloud.
    pub(crate) fn is_client(&self, common: &Common) -> bool {
        let asked = self.orchestrator.unwrap_or(match common.executor {
            Some(Executor::Batch) => Orchestrator::Client,
            _ => Orchestrator::Workflows,
        });
        common.is_in_cloud() && asked == Orchestrator::Client
    }

    /// An option that was given and means something in the cloud alone.
    pub(crate) const fn given(&self) -> Option<&'static str> {
        match (self.orchestrator, self.spot) {
            (Some(_), _) => Some("--orchestrator"),
            (None, true) => Some("--spot"),
            (None, false) => None,
        }
    }
}
