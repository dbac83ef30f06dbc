//! What a run took: time, memory, storage and money, stage by stage.

use epycloud_google::batch::{Machine, Provisioning};
use epycloud_google::costs::{Dollars, MachineHour, Prices};
use epycloud_google::machine_types::MachineTypes;
use epycloud_orchestrator::record::{CloudMachines, StoredSession};
use epycloud_stages::telemetry::{Summary, Times};
use epycloud_storage::{RunLayout, Storage, StorageError, StoragePath, Summary as SummaryPath};
use futures::TryStreamExt as _;

use crate::gather::TaskRow;

/// Where a run that wasn't in the cloud is imagined to have been: the pipeline's default.
const REGION: &str = "us-central1";
/// What a task is imagined to ask for: a processor, and memory for a bit more than it held.
const PROCESSOR_MILLI: u64 = 1_000;
const MEMORY_MARGIN: f64 = 1.25;

/// What a stage took.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StageUse {
    /// From its begin to its end, in seconds; of stage B in all sessions together.
    pub took_secs: f64,
    /// Its tasks together, in seconds; attempts that came to nothing included.
    pub tasks_secs: f64,
    /// The most memory that a process of it held, in MiB.
    pub peak_memory_mib: Option<f64>,
    /// By list prices, where it ran in the cloud.
    pub cost: Option<Dollars>,
}

/// What the run's time would cost elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Elsewhere {
    /// The tasks of stage B.
    pub cost: Dollars,
    /// The machine's type.
    pub machine_type: String,
    /// Tasks that share it.
    pub tasks_at_once: u32,
    /// Its region.
    pub region: &'static str,
}

/// What a run took.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resources {
    /// Stages A, B and C, as far as they ran.
    pub stages: [Option<StageUse>; 3],
    /// The size of stage A's artifacts, in bytes.
    pub inputs_bytes: u64,
    /// The size of stage B's artifacts, in bytes.
    pub results_bytes: u64,
    /// Of which day the prices are.
    pub prices_of: String,
    /// What the same would cost in the cloud, where it wasn't there.
    pub elsewhere: Option<Elsewhere>,
}

/// What machines cost.
struct Tables {
    types: MachineTypes,
    prices: Prices,
}

impl Resources {
    /// Reads what there is. `sessions` are with the time of their attempts in seconds.
    pub(crate) async fn of(
        storage: &Storage,
        layout: &RunLayout,
        sessions: (&[StoredSession], &[f64]),
        tasks: &[TaskRow],
    ) -> Result<Self, StorageError> {
        let summary = async |path| -> Option<Summary> {
            storage.load_json(&layout.summary_json(&path)).await.ok()
        };
        let builder = summary(SummaryPath::Builder).await;
        let output = summary(SummaryPath::Output).await;
        let tables = Tables::built_in();
        let runner = runner(sessions, tasks, tables.as_ref());
        let single = |times: Option<Times>, stage| {
            let machines = sessions
                .0
                .iter()
                .rev()
                .find_map(|one| one.session.cloud.as_ref());
            single(&times?, machines, stage, tables.as_ref())
        };
        let is_elsewhere = sessions.0.iter().all(|one| one.session.cloud.is_none());
        let elsewhere = runner
            .as_ref()
            .filter(|_| is_elsewhere)
            .zip(tables.as_ref())
            .and_then(|(runner, tables)| elsewhere(runner, tables));
        Ok(Self {
            stages: [
                single(builder.map(|summary| summary.builder.times), 0),
                runner,
                single(output.map(|summary| summary.output.times), 2),
            ],
            inputs_bytes: size(storage, &layout.inputs()).await?,
            results_bytes: size(storage, &layout.results()).await?,
            prices_of: tables.map_or_else(String::new, |tables| tables.prices.date().to_string()),
            elsewhere,
        })
    }

    /// All stages together, where each that ran has a price.
    #[must_use]
    pub fn cost(&self) -> Option<Dollars> {
        let ran: Vec<&StageUse> = self.stages.iter().flatten().collect();
        let costs: Option<Vec<Dollars>> = ran.iter().map(|stage| stage.cost).collect();
        costs
            .filter(|costs| !costs.is_empty())
            .map(|costs| costs.into_iter().sum())
    }
}

impl Tables {
    fn built_in() -> Option<Self> {
        Some(Self {
            types: MachineTypes::built_in().ok()?,
            prices: Prices::built_in().ok()?,
        })
    }

    /// What an hour of a task of a stage costs, where that is known.
    fn task_hour(&self, machines: &CloudMachines, stage: usize) -> Option<Dollars> {
        let (per_node, provisioning) = match (stage, machines.is_spot) {
            (1, true) => (machines.tasks_per_machine, Provisioning::Spot),
            (1, false) => (machines.tasks_per_machine, Provisioning::Standard),
            _ => (1, Provisioning::Standard),
        };
        let machine = Machine::from(&machines.stages[stage]);
        let region = machines.region.parse().ok()?;
        let (types, prices) = (&self.types, &self.prices);
        let hour = MachineHour::of(&machine, per_node, provisioning, &region, types, prices);
        Some(hour.ok()?.task())
    }
}

/// Stage A or C, as it told when it ran last.
fn single(
    times: &Times,
    machines: Option<&CloudMachines>,
    stage: usize,
    tables: Option<&Tables>,
) -> Option<StageUse> {
    let took_secs = times.duration_seconds?;
    let hour = machines
        .zip(tables)
        .and_then(|(on, tables)| tables.task_hour(on, stage));
    Some(StageUse {
        took_secs,
        tasks_secs: took_secs,
        peak_memory_mib: times.peak_memory_mb,
        cost: hour.map(|hour| hour * (took_secs / 3600.0)),
    })
}

fn runner(
    (sessions, tasks_secs): (&[StoredSession], &[f64]),
    tasks: &[TaskRow],
    tables: Option<&Tables>,
) -> Option<StageUse> {
    let in_all: f64 = tasks_secs.iter().sum();
    if in_all <= 0.0 {
        return None;
    }
    let took = |one: &StoredSession| one.progress.as_ref().map(|progress| progress.stage_secs);
    let costs: Option<Vec<Dollars>> = sessions
        .iter()
        .zip(tasks_secs)
        .filter(|(_, secs)| **secs > 0.0)
        .map(|(one, secs)| {
            let hour = tables?.task_hour(one.session.cloud.as_ref()?, 1)?;
            Some(hour * (secs / 3600.0))
        })
        .collect();
    let peaks = tasks.iter().filter_map(|task| task.peak_memory_mib);
    Some(StageUse {
        took_secs: sessions.iter().filter_map(took).sum(),
        tasks_secs: in_all,
        peak_memory_mib: peaks.reduce(f64::max),
        cost: costs.map(|costs| costs.into_iter().sum()),
    })
}

fn elsewhere(runner: &StageUse, tables: &Tables) -> Option<Elsewhere> {
    let memory = (runner.peak_memory_mib? * MEMORY_MARGIN).ceil();
    let machine = Machine {
        machine_type: None,
        cpu_milli: PROCESSOR_MILLI,
        memory_mib: memory as u64,
        max_run_secs: 0,
    };
    let region = REGION.parse().ok()?;
    let (standard, types, prices) = (Provisioning::Standard, &tables.types, &tables.prices);
    let hour = MachineHour::of(&machine, u32::MAX, standard, &region, types, prices).ok()?;
    Some(Elsewhere {
        cost: hour.task() * (runner.tasks_secs / 3600.0),
        machine_type: hour.machine_type,
        tasks_at_once: hour.tasks_at_once,
        region: REGION,
    })
}

async fn size(storage: &Storage, folder: &StoragePath) -> Result<u64, StorageError> {
    storage
        .list_stream(folder)
        .try_fold(0, |sum, object| std::future::ready(Ok(sum + object.size)))
        .await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn machines(is_spot: bool) -> CloudMachines {
        let machine =
            json!({"machine_type": "n2-standard-4", "cpu_milli": 2000, "memory_mib": 8192});
        serde_json::from_value(json!({
            "region": "us-central1", "is_spot": is_spot, "tasks_per_machine": 2,
            "stages": [machine, machine, machine],
        }))
        .unwrap()
    }

    #[test]
    fn tasks_that_share_a_machine_share_its_price() {
        let tables = Tables::built_in().unwrap();
        let hour = |spot, stage| tables.task_hour(&machines(spot), stage).unwrap().0;
        assert!((hour(false, 0) / hour(false, 1) - 2.0).abs() < 1e-9);
        assert!(hour(true, 1) < hour(false, 1) * 0.7);
        assert_eq!(
            hour(true, 2),
            hour(false, 2),
            "stage C is on no spot machine"
        );
    }

    #[test]
    fn a_stage_costs_its_share_of_an_hour() {
        let tables = Tables::built_in().unwrap();
        let times = Times {
            duration_seconds: Some(1_800.0),
            ..Times::default()
        };
        let on = machines(false);
        let stage = single(&times, Some(&on), 2, Some(&tables)).unwrap();
        let half = tables.task_hour(&on, 2).unwrap() / 2.0;
        assert_eq!(stage.cost, Some(half));
        let here = single(&times, None, 2, Some(&tables)).unwrap();
        assert_eq!((here.took_secs, here.cost), (1_800.0, None));
    }

    #[test]
    fn what_a_run_would_cost_in_the_cloud_grows_with_its_time() {
        let tables = Tables::built_in().unwrap();
        let of = |tasks_secs| {
            let runner = StageUse {
                tasks_secs,
                peak_memory_mib: Some(150.0),
                ..StageUse::default()
            };
            elsewhere(&runner, &tables).unwrap()
        };
        let hour = of(3_600.0);
        assert!(
            hour.machine_type.starts_with("e2-"),
            "{}",
            hour.machine_type
        );
        assert!((0.005..0.1).contains(&hour.cost.0), "{}", hour.cost);
        assert!((of(7_200.0).cost.0 / hour.cost.0 - 2.0).abs() < 1e-9);
    }
}
