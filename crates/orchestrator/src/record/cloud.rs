//! The machines in the cloud that stages were asked to run on.

use epycloud_google::batch::{Machine, Provisioning};
use serde::{Deserialize, Serialize};

use crate::batch::BatchOptions;

/// What a session asked of Google Cloud Batch, as far as its price depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudMachines {
    /// The region.
    pub region: String,
    /// Whether stage B's machines are spot machines; those of the others never are.
    pub is_spot: bool,
    /// The most tasks of stage B that share a machine.
    pub tasks_per_machine: u32,
    /// What stages A, B and C ask for.
    pub stages: [CloudMachine; 3],
}

/// What a task of a stage asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudMachine {
    /// The machine's type; Batch chooses if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine_type: Option<String>,
    /// Thousandths of a virtual processor.
    pub cpu_milli: u64,
    /// MiB.
    pub memory_mib: u64,
}

impl From<&BatchOptions> for CloudMachines {
    fn from(options: &BatchOptions) -> Self {
        let run = &options.run;
        Self {
            region: options.place.region.to_string(),
            is_spot: run.provisioning == Provisioning::Spot,
            tasks_per_machine: run.task_count_per_node,
            stages: run.machines.each_ref().map(|machine| CloudMachine {
                machine_type: machine.machine_type.clone(),
                cpu_milli: machine.cpu_milli,
                memory_mib: machine.memory_mib,
            }),
        }
    }
}

impl From<&CloudMachine> for Machine {
    fn from(machine: &CloudMachine) -> Self {
        Self {
            machine_type: machine.machine_type.clone(),
            cpu_milli: machine.cpu_milli,
            memory_mib: machine.memory_mib,
            // Not part of the price of an hour.
            max_run_secs: 0,
        }
    }
}
