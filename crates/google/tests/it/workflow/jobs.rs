//! The workflow's jobs are the ones that the CLI would submit.

use std::collections::BTreeMap;

use epycloud_config::TaskIndex;
use epycloud_google::batch::{
    JobLabels, Machine, Manager, Network, Provisioning, RunnerTasks, StageJob, StageTask,
};
use epycloud_google::pipeline::PipelineRun;
use serde_json::{Value, json};

use super::lab::{Lab, RUN, failed, lab};
use crate::support::place;

const PATH: &str = "202547/SMC_rmse";

fn machine(machine_type: Option<&str>, cpu_milli: u64) -> Machine {
    Machine {
        machine_type: machine_type.map(str::to_owned),
        cpu_milli,
        memory_mib: cpu_milli * 4,
        max_run_secs: cpu_milli + 600,
    }
}

fn pipeline() -> PipelineRun {
    PipelineRun {
        exp_id: PATH.parse().unwrap(),
        run_id: RUN.parse().unwrap(),
        bucket: "my-bucket".parse().unwrap(),
        dir_prefix: "pipeline/flu".parse().unwrap(),
        forecast_repo: Some("my-lab/forecasts".parse().unwrap()),
        forecast_ref: Some("main".parse().unwrap()),
        token_secret: "a-token".parse().unwrap(),
        service_account: "batch-runtime@my-project.iam.gserviceaccount.com".into(),
        image: "us-central1-docker.pkg.dev/my-project/repo/image:v1".into(),
        image_tag: "v1".into(),
        max_parallelism: 7,
        task_count_per_node: 2,
        machines: [
            machine(Some("c4d-standard-2"), 2_000),
            machine(None, 1_000),
            machine(Some("n2-standard-4"), 4_000),
        ],
        provisioning: Provisioning::Spot,
        resubmissions: Some(2),
        run_output_stage: true,
        output_config: Some("outputs.yaml".parse().unwrap()),
        allow_partial: true,
        min_success_ratio: Some(0.5),
        labels: JobLabels {
            profile: Some("Flu/2026".into()),
            billing_project: None,
        },
        variables: BTreeMap::from([("EPYCLOUD_ENGINE".into(), "native".into())]),
    }
}

/// The job of a stage of a run, as the CLI makes it.
fn stage_job(run: &PipelineRun, task: StageTask, provisioning: Provisioning) -> StageJob {
    let [builder, runner, output] = run.machines.clone();
    let mut variables = run.variables.clone();
    let machine = match &task {
        StageTask::Builder => builder,
        StageTask::Runner(_) | StageTask::Runners { .. } => runner,
        StageTask::Output { .. } => {
            variables.insert("ALLOW_PARTIAL_RESULTS".into(), "true".into());
            output
        }
    };
    StageJob {
        place: place(),
        task,
        exp_id: run.exp_id.clone(),
        run_id: run.run_id.clone(),
        image: run.image.clone(),
        bucket: run.bucket.clone(),
        dir_prefix: run.dir_prefix.clone(),
        forecast_repo: run.forecast_repo.clone(),
        forecast_ref: run.forecast_ref.clone(),
        token_secret: run.token_secret.clone(),
        service_account: run.service_account.clone(),
        machine,
        provisioning,
        network: Some(Network {
            network: "projects/my-project/global/networks/lab".into(),
            subnetwork: "projects/my-project/regions/us-central1/subnetworks/lab".into(),
        }),
        manager: Manager::Workflows,
        task_count_per_node: run.task_count_per_node,
        labels: run.labels.clone(),
        variables,
    }
}

fn posted(lab: &Lab) -> Vec<Value> {
    let posts = lab.google.requests_to("/jobs").into_iter();
    posts
        .filter(|request| request.method == "POST")
        .map(|request| request.json())
        .collect()
}

/// One description of a job: what the CLI submits and what the workflow submits can't drift apart.
#[test]
fn the_jobs_are_those_of_the_cli() {
    let Some(lab) = lab(20) else { return };
    let run = pipeline();
    lab.play_runners(vec![failed(&[(3, &[1]), (11, &[50001])])]);
    lab.run(&run.argument()).result();
    let runners = |tasks, parallelism| StageTask::Runners { tasks, parallelism };
    let again = vec![TaskIndex::new(3), TaskIndex::new(11)];
    let output = StageTask::Output {
        num_tasks: None,
        output_config: run.output_config.clone(),
    };
    let expected = [
        (StageTask::Builder, Provisioning::Standard),
        (runners(RunnerTasks::All(20), 7), Provisioning::Spot),
        (runners(RunnerTasks::Only(again), 2), Provisioning::Standard),
        (output, Provisioning::Standard),
    ]
    .map(|(task, provisioning)| json!(stage_job(&run, task, provisioning).spec()));
    let posted = posted(&lab);
    assert_eq!(posted.len(), expected.len());
    for (posted, expected) in posted.iter().zip(&expected) {
        assert_eq!(posted, expected);
    }
}

/// Without a network of the deployment's the project's default is used, as by the CLI.
#[test]
fn without_a_network_the_jobs_are_in_the_default_one() {
    let Some(mut lab) = lab(2) else { return };
    lab.environment["EPYCLOUD_NETWORK"] = json!("");
    let mut run = pipeline();
    run.labels = JobLabels::default();
    run.machines[0] = machine(None, 500);
    lab.run(&run.argument()).result();
    let mut expected = stage_job(&run, StageTask::Builder, Provisioning::Standard);
    expected.network = None;
    assert_eq!(posted(&lab)[0], json!(expected.spec()));
}
