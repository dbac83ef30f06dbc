//! On what a job's tasks ran, by what Batch answers.

use epycloud_config::Region;
use serde::Deserialize;

use super::answers::Job;
use super::stage::{Machine, Provisioning};
use crate::tolerant::whole;

/// On which machines a job asked to run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AnsweredAllocation {
    instances: Vec<AnsweredInstances>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct AnsweredInstances {
    policy: AnsweredInstance,
}

/// A kind of machine: asked for, or given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AnsweredInstance {
    machine_type: String,
    provisioning_model: String,
}

/// What a task asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AnsweredResource {
    #[serde(deserialize_with = "whole")]
    cpu_milli: u64,
    #[serde(deserialize_with = "whole")]
    memory_mib: u64,
}

/// On what a job's tasks ran, or are to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedMachine {
    /// The machine; `max_run_secs` is 0 where the job doesn't say.
    pub machine: Machine,
    /// How it is paid for.
    pub provisioning: Provisioning,
    /// The most tasks on one machine.
    pub task_count_per_node: u32,
    /// Where.
    pub region: Option<Region>,
}

impl Job {
    /// On what its tasks run: the machines that Batch gave it, or else those that it asked for.
    #[must_use]
    pub fn used_machine(&self) -> UsedMachine {
        let asked = self.allocation_policy.instances.first();
        let groups = self.status.task_groups.values();
        let given = groups.flat_map(|group| &group.instances).next();
        let pick = |of: fn(&AnsweredInstance) -> &String| {
            let both = [given, asked.map(|asked| &asked.policy)];
            let mut said = both.into_iter().flatten().map(of);
            said.find(|text| !text.is_empty()).cloned()
        };
        let group = self.task_groups.first().cloned().unwrap_or_default();
        let model = pick(|instance| &instance.provisioning_model);
        let per_node = u32::try_from(group.task_count_per_node).unwrap_or(u32::MAX);
        UsedMachine {
            machine: Machine {
                machine_type: pick(|instance| &instance.machine_type),
                cpu_milli: group.task_spec.compute_resource.cpu_milli,
                memory_mib: group.task_spec.compute_resource.memory_mib,
                max_run_secs: 0,
            },
            provisioning: match model.as_deref() {
                Some("SPOT" | "PREEMPTIBLE") => Provisioning::Spot,
                _ => Provisioning::Standard,
            },
            // Not said: as many as fit.
            task_count_per_node: if per_node == 0 { u32::MAX } else { per_node },
            region: region(&self.name),
        }
    }
}

/// The region in a resource name.
fn region(name: &str) -> Option<Region> {
    let (_, rest) = name.split_once("/locations/")?;
    rest.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_batch_gave_counts_before_what_was_asked_for() {
        let mut job = json!({
            "name": "projects/p/locations/us-east1/jobs/j",
            "taskGroups": [{ "taskSpec": { "computeResource": { "cpuMilli": "2000" } } }],
            "allocationPolicy": { "instances": [{ "policy": { "provisioningModel": "SPOT" } }] },
        });
        let read = |job: &serde_json::Value| {
            let job: Job = serde_json::from_value(job.clone()).unwrap();
            job.used_machine()
        };
        let asked = read(&job);
        assert_eq!(asked.machine.machine_type, None);
        assert_eq!(asked.provisioning, Provisioning::Spot);
        assert_eq!(
            (asked.machine.cpu_milli, asked.task_count_per_node),
            (2_000, u32::MAX)
        );
        assert_eq!(asked.region.unwrap().to_string(), "us-east1");
        // Spot machines ran out, say.
        job["status"] = json!({ "taskGroups": { "group0": { "instances": [
            { "machineType": "e2-standard-2", "provisioningModel": "STANDARD", "taskPack": "1" }] } } });
        job["name"] = json!("j");
        let given = read(&job);
        assert_eq!(given.machine.machine_type.as_deref(), Some("e2-standard-2"));
        assert_eq!(
            (given.provisioning, given.region),
            (Provisioning::Standard, None)
        );
    }
}
