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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use epycloud_config::TaskIndex;

    use super::*;
    use crate::batch::{JobLabels, Machine, RunnerTasks};

    fn run() -> PipelineRun {
        let machine = |memory_mib| Machine {
            machine_type: None,
            cpu_milli: 1_000,
            memory_mib,
            max_run_secs: 60,
        };
        PipelineRun {
            exp_id: "flu/a".parse().unwrap(),
            run_id: "try-1".parse().unwrap(),
            bucket: "my-bucket".parse().unwrap(),
            dir_prefix: "pipeline/flu".parse().unwrap(),
            forecast_repo: None,
            forecast_ref: None,
            token_secret: "github-pat".parse().unwrap(),
            service_account: "batch-runtime@my-project.iam.gserviceaccount.com".into(),
            image: "r/i:v1".into(),
            image_tag: "v1".into(),
            max_parallelism: 10,
            task_count_per_node: 1,
            provisioning: Provisioning::Standard,
            resubmissions: None,
            machines: [machine(1), machine(2), machine(3)],
            run_output_stage: true,
            output_config: Some("output.yaml".parse().unwrap()),
            allow_partial: true,
            min_success_ratio: None,
            labels: JobLabels::default(),
            variables: BTreeMap::from([("EPYCLOUD_ENGINE".into(), "native".into())]),
        }
    }

    #[test]
    fn each_stage_has_its_machine_and_is_told_what_concerns_it() {
        let place = Place::new(
            "my-project".parse().unwrap(),
            "us-central1".parse().unwrap(),
        );
        let run = run();
        let some = StageTask::Runners {
            tasks: RunnerTasks::Only(vec![TaskIndex::new(3)]),
            parallelism: 1,
        };
        for (task, memory_mib, is_output) in [
            (StageTask::Builder, 1, false),
            (some, 2, false),
            (run.output_task(), 3, true),
        ] {
            let job = run.job(&place, task);
            assert_eq!(job.machine.memory_mib, memory_mib);
            let spec = job.spec();
            assert_eq!(spec.labels["managed-by"], "client");
            let told = &spec.task_groups[0].task_spec.environment.variables;
            assert_eq!(told["EPYCLOUD_ENGINE"], "native");
            for name in ["ALLOW_PARTIAL_RESULTS", "OUTPUT_CONFIG_FILE"] {
                assert_eq!(told.contains_key(name), is_output, "{name}");
            }
        }
    }
}
