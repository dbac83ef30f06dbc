//! What a run's jobs have cost, by what Batch tells of their tasks.

use epycloud_config::{ExpId, RunId};
use epycloud_errors::Report;
use epycloud_google::Client;
use epycloud_google::batch::{Tasks, list_tasks};
use epycloud_google::costs::{JobCost, Prices};
use epycloud_google::machine_types::MachineTypes;
use jiff::Timestamp;

use super::Cloud;
use super::jobs::jobs_of;
use crate::error::CliError;

/// The costs of each job of a run so far, sorted by stage.
pub(crate) async fn costs_of(
    exp_id: Option<&ExpId>,
    run_id: &RunId,
    (types, prices): (&MachineTypes, &Prices),
    cloud: &Cloud,
    client: &Client,
) -> Result<Vec<JobCost>, Report> {
    let mut costs = Vec::new();
    for job in jobs_of(exp_id, Some(run_id), cloud, client).await? {
        let tasks = client.list::<Tasks>(&list_tasks(&job.name)).await?;
        costs.push(JobCost::of(&job, &tasks, Timestamp::now(), types, prices));
    }
    if costs.is_empty() {
        let run_id = run_id.to_string();
        return Err(CliError::NoJobs { run_id }.into());
    }
    // In the order in which stages run.
    costs.sort_by_cached_key(|cost| (rank(cost.stage.as_deref()), cost.job.clone()));
    Ok(costs)
}

fn rank(stage: Option<&str>) -> usize {
    let stages = ["builder", "runner", "output"];
    stages
        .iter()
        .position(|known| stage == Some(known))
        .unwrap_or(stages.len())
}
