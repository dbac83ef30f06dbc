//! What a job has cost, by the times that Batch tells of its tasks.

use std::time::Duration;

use jiff::Timestamp;

use super::dollars::Dollars;
use super::machine_hour::{MachineHour, NoPrice};
use super::prices::Prices;
use crate::batch::{Job, Provisioning, Task, TaskState};
use crate::machine_types::MachineTypes;

/// What a job has cost so far.
#[derive(Debug, Clone, PartialEq)]
pub struct JobCost {
    /// The job's ID.
    pub job: String,
    /// Its stage: `builder`, `runner` or `output`.
    pub stage: Option<String>,
    /// The machine's type, if the job says one.
    pub machine_type: Option<String>,
    /// How it is paid for.
    pub provisioning: Provisioning,
    /// Its tasks that were begun.
    pub tasks: u32,
    /// For how long they had a machine, together; attempts that failed included.
    pub time: Duration,
    /// By list prices.
    pub cost: Result<Dollars, NoPrice>,
}

impl JobCost {
    /// Of a job with all its tasks. What runs has run until `now`.
    #[must_use]
    pub fn of(
        job: &Job,
        tasks: &[Task],
        now: Timestamp,
        types: &MachineTypes,
        prices: &Prices,
    ) -> Self {
        let times: Vec<Duration> = tasks
            .iter()
            .map(|task| machine_time(task, now))
            .filter(|time| !time.is_zero())
            .collect();
        let time: Duration = times.iter().sum();
        let used = job.used_machine();
        let hour = used.region.as_ref().map_or_else(
            || {
                Err(NoPrice::Unknown {
                    machine_type: used.machine.machine_type.clone().unwrap_or_default(),
                    region: String::new(),
                })
            },
            |region| {
                MachineHour::of(
                    &used.machine,
                    used.task_count_per_node,
                    used.provisioning,
                    region,
                    types,
                    prices,
                )
            },
        );
        Self {
            job: job.id().to_owned(),
            stage: job.stage().map(str::to_owned),
            machine_type: hour.as_ref().map_or_else(
                |_| used.machine.machine_type.clone(),
                |hour| Some(hour.machine_type.clone()),
            ),
            provisioning: used.provisioning,
            tasks: u32::try_from(times.len()).unwrap_or(u32::MAX),
            time,
            cost: hour.map(|hour| hour.task() * (time.as_secs_f64() / 3_600.0)),
        }
    }
}

impl JobCost {
    /// Whether its machines could be taken back.
    #[must_use]
    pub fn is_spot(&self) -> bool {
        self.provisioning == Provisioning::Spot
    }
}

/// For how long a task had a machine: from each time that it was given one, to the next time that it
/// hadn't any; until `now` if it has one still.
#[must_use]
pub fn machine_time(task: &Task, now: Timestamp) -> Duration {
    let mut events: Vec<(Timestamp, &TaskState)> = task
        .status
        .status_events
        .iter()
        .filter_map(|event| Some((event.event_time.as_ref()?.parse().ok()?, &event.task_state)))
        .collect();
    events.sort_by_key(|(time, _)| *time);
    let mut total = Duration::ZERO;
    let mut since = None;
    for (time, state) in events {
        match state {
            TaskState::Assigned | TaskState::Running => {
                since.get_or_insert(time);
            }
            TaskState::Pending
            | TaskState::Failed
            | TaskState::Succeeded
            | TaskState::Unexecuted => total += between(since.take(), time),
            TaskState::Unspecified | TaskState::Other(_) => {}
        }
    }
    total + between(since, now)
}

fn between(from: Option<Timestamp>, to: Timestamp) -> Duration {
    from.and_then(|from| Duration::try_from(to.duration_since(from)).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn task(events: &[(&str, &str)]) -> Task {
        let events: Vec<_> = events
            .iter()
            .map(|(time, state)| {
                json!({ "description": "x", "taskState": state,
                    "eventTime": format!("2026-11-24T{time}Z") })
            })
            .collect();
        serde_json::from_value(json!({ "name": "x/tasks/0", "status": { "statusEvents": events } }))
            .unwrap()
    }

    fn seconds(events: &[(&str, &str)]) -> u64 {
        let now = "2026-11-24T13:00:00Z".parse().unwrap();
        machine_time(&task(events), now).as_secs()
    }

    #[test]
    fn a_task_costs_while_it_has_a_machine() {
        assert_eq!(seconds(&[]), 0);
        assert_eq!(seconds(&[("12:00:00", "PENDING")]), 0);
        let whole = [
            ("12:00:00", "PENDING"),
            ("12:01:00", "ASSIGNED"),
            ("12:02:00", "RUNNING"),
            ("12:05:00", "SUCCEEDED"),
        ];
        assert_eq!(seconds(&whole), 240);
        // Events may come in any order, and may be of a kind nobody knows.
        let mut mixed = whole;
        mixed.reverse();
        assert_eq!(
            seconds(&[&mixed[..], &[("12:03:00", "RESTING")]].concat()),
            240
        );
        assert_eq!(seconds(&[("12:50:00", "RUNNING")]), 600, "it runs");
        let tried_again = [
            ("12:00:00", "RUNNING"),
            ("12:01:00", "PENDING"),
            ("12:30:00", "RUNNING"),
            ("12:31:00", "FAILED"),
        ];
        assert_eq!(seconds(&tried_again), 120);
    }

    #[test]
    fn a_job_costs_the_machine_time_of_its_tasks() {
        let job = |name: &str| -> Job {
            serde_json::from_value(json!({
                "name": name,
                "labels": { "stage": "runner" },
                "taskGroups": [{ "taskCount": "3", "taskCountPerNode": "2", "taskSpec": {
                    "computeResource": { "cpuMilli": "2000", "memoryMib": "8192" } } }],
                "allocationPolicy": { "instances": [{ "policy": {
                    "machineType": "n2-standard-4", "provisioningModel": "SPOT" } }] },
            }))
            .unwrap()
        };
        let tasks = [
            task(&[("12:00:00", "RUNNING"), ("12:30:00", "SUCCEEDED")]),
            task(&[("12:00:00", "RUNNING"), ("12:30:00", "FAILED")]),
            task(&[("12:00:00", "PENDING")]),
        ];
        let now = "2026-11-24T13:00:00Z".parse().unwrap();
        let (types, prices) = (
            MachineTypes::built_in().unwrap(),
            Prices::built_in().unwrap(),
        );
        let of = |job: &Job| JobCost::of(job, &tasks, now, &types, &prices);
        let cost = of(&job("projects/p/locations/us-central1/jobs/stage-b-1"));
        assert_eq!((cost.tasks, cost.time), (2, Duration::from_secs(3_600)));
        assert_eq!(cost.machine_type.as_deref(), Some("n2-standard-4"));
        // Half a machine of 4 vCPUs at 0.01499 and 16 GiB at 0.00201, and half a disk.
        let expected = (4.0 * 0.014_99 + 16.0 * 0.002_01 + 5.0 / 730.0) / 2.0;
        assert!((cost.cost.unwrap().0 - expected).abs() < 1e-9);
        let nowhere = of(&job("stage-b-1"));
        assert!(nowhere.cost.is_err());
        assert_eq!(nowhere.machine_type.as_deref(), Some("n2-standard-4"));
    }
}
