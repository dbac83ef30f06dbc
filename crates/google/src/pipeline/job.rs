//! The jobs of a run whose stages somebody here submits one by one: the same as the workflow's.

use super::PipelineRun;
use crate::batch::{Manager, Provisioning, StageJob, StageTask};
use crate::place::Place;

impl PipelineRun {
    /// A stage of it, or tasks of stage B, as a job that this program submits.
    #[must_use]
    pub fn job(&self, place: &Place, task: StageTask) -> StageJob {
        let [builder, runner, output] = &self.machines;
        let machine = match &task {
            StageTask::Builder => builder,
            StageTask::Runner(_) | StageTask::Runners { .. } => runner,
            StageTask::Output { .. } => output,
        };
        let mut variables = self.variables.clone();
        if self.allow_partial && matches!(task, StageTask::Output { .. }) {
            variables.insert("ALLOW_PARTIAL_RESULTS".to_owned(), "true".to_owned());
        }
        StageJob {
            place: place.clone(),
            machine: machine.clone(),
            task,
            exp_id: self.exp_id.clone(),
            run_id: self.run_id.clone(),
            image: self.image.clone(),
            bucket: self.bucket.clone(),
            dir_prefix: self.dir_prefix.clone(),
            forecast_repo: self.forecast_repo.clone(),
            forecast_ref: self.forecast_ref.clone(),
            token_secret: self.token_secret.clone(),
            service_account: self.service_account.clone(),
            provisioning: Provisioning::Standard,
            network: None,
            manager: Manager::Client,
            task_count_per_node: self.task_count_per_node,
            labels: self.labels.clone(),
            variables,
        }
    }

    /// Stage C of it.
    #[must_use]
    pub fn output_task(&self) -> StageTask {
        StageTask::Output {
            num_tasks: None,
            output_config: self.output_config.clone(),
        }
    }
}
