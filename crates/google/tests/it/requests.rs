//! Every request, as a snapshot: method, address and body.

use std::collections::BTreeMap;

use epycloud_config::{ProjectId, Stage, TaskIndex};
use epycloud_google::batch::{JobLabels, Machine, StageJob, StageTask};
use epycloud_google::cloud_build::{ImageBuild, Source};
use epycloud_google::logging::Order;
use epycloud_google::pipeline::PipelineRun;
use epycloud_google::{
    ApiRequest, Endpoints, batch, cloud_build, compute, executions, logging, secret_manager,
    workflows,
};
use serde_json::Value;

use crate::support::place;

const REQUEST_ID: &str = "0a1b2c3d-4e5f-4678-9abc-def012345678";

fn shown(request: &ApiRequest) -> String {
    let url = request.url(&Endpoints::google()).unwrap();
    let mut text = format!(
        "{} {url}\nrepeat: {:?}\n",
        request.method.as_str(),
        request.repeat
    );
    if let Some(body) = &request.body {
        text.push_str(&serde_json::to_string_pretty(body).unwrap());
        text.push('\n');
    }
    text
}

fn all_shown(requests: &[ApiRequest]) -> String {
    requests.iter().map(shown).collect()
}

fn machine(machine_type: Option<&str>) -> Machine {
    Machine {
        machine_type: machine_type.map(str::to_owned),
        cpu_milli: 2_000,
        memory_mib: 8_192,
        max_run_secs: 3_600,
    }
}

fn labels() -> JobLabels {
    JobLabels {
        profile: Some("Flu/2026".into()),
        billing_project: None,
    }
}

fn job(task: StageTask, machine_type: Option<&str>) -> StageJob {
    StageJob {
        place: place(),
        task,
        exp_id: "202547/SMC_rmse".parse().unwrap(),
        run_id: "20261124-120000-0a1b2c3d".parse().unwrap(),
        image: "us-central1-docker.pkg.dev/my-project/repo/image:v1".into(),
        bucket: "my-bucket".parse().unwrap(),
        dir_prefix: "pipeline/flu".parse().unwrap(),
        forecast_repo: Some("my-lab/forecasts".parse().unwrap()),
        forecast_ref: Some("main".parse().unwrap()),
        token_secret: "github-pat".parse().unwrap(),
        service_account: "batch-runtime@my-project.iam.gserviceaccount.com".into(),
        machine: machine(machine_type),
        provisioning: batch::Provisioning::Standard,
        network: None,
        manager: batch::Manager::Person,
        task_count_per_node: 1,
        labels: labels(),
        variables: BTreeMap::from([("EPYCLOUD_ENGINE".into(), "native".into())]),
    }
}

fn create(job: &StageJob) -> ApiRequest {
    let id = batch::job_id(job.task.stage(), "0a1b2c3d");
    batch::create_job(&place(), &id, REQUEST_ID, &job.spec())
}

/// Requests of all kinds.
pub(crate) fn all() -> Vec<ApiRequest> {
    [
        stage_jobs().to_vec(),
        jobs_of_tasks(),
        of_jobs(),
        of_executions(),
        of_builds(),
        of_others(),
    ]
    .concat()
}

pub(crate) fn stage_jobs() -> [ApiRequest; 3] {
    let runner = job(
        StageTask::Runner(TaskIndex::new(42)),
        Some("c4d-standard-2"),
    );
    let output = StageTask::Output {
        num_tasks: Some(100),
        output_config: Some("output_projection.yaml".parse().unwrap()),
    };
    let output = job(output, Some("n2-standard-4"));
    [job(StageTask::Builder, None), runner, output].map(|job| create(&job))
}

#[test]
fn jobs_of_each_stage() {
    let [builder, runner, output] = stage_jobs();
    insta::assert_snapshot!("create_builder", shown(&builder));
    insta::assert_snapshot!("create_runner", shown(&runner));
    insta::assert_snapshot!("create_output", shown(&output));
    assert_eq!(batch::job_id(Stage::Runner, "00"), "stage-b-manual-00");
}

/// All of stage B, and the same tasks of it again on machines that may be taken back.
fn jobs_of_tasks() -> Vec<ApiRequest> {
    let mut runners = job(
        StageTask::Runners {
            tasks: batch::RunnerTasks::All(5_000),
            parallelism: 100,
        },
        None,
    );
    runners.manager = batch::Manager::Client;
    runners.network = Some(batch::Network {
        network: "projects/my-project/global/networks/epymodelingsuite".into(),
        subnetwork: "projects/my-project/regions/us-central1/subnetworks/batch".into(),
    });
    let all = create(&runners);
    runners.task = StageTask::Runners {
        tasks: batch::RunnerTasks::Only([3, 4_711].map(TaskIndex::new).to_vec()),
        parallelism: 2,
    };
    runners.provisioning = batch::Provisioning::Spot;
    vec![all, create(&runners)]
}

#[test]
fn jobs_of_many_tasks() {
    insta::assert_snapshot!(all_shown(&jobs_of_tasks()));
}

/// Lesson 20: stage A as a single job lacked the project, so its clone always failed.
#[test]
fn lesson_20_every_single_job_knows_the_project_and_the_secret() {
    for task in [
        StageTask::Builder,
        StageTask::Runner(TaskIndex::new(0)),
        StageTask::Output {
            num_tasks: None,
            output_config: None,
        },
    ] {
        let request = create(&job(task, None));
        let spec = &request.body.unwrap()["taskGroups"][0]["taskSpec"];
        let variables = &spec["environment"]["variables"];
        assert_eq!(variables["GCLOUD_PROJECT_ID"], "my-project");
        assert_eq!(variables["GITHUB_PAT_SECRET"], "github-pat");
        assert_eq!(variables["FORECAST_REPO_REF"], "main");
    }
}

fn of_jobs() -> Vec<ApiRequest> {
    let name = place().job("stage-b-0a1b2c3d");
    let filter = batch::with_labels(&[("run_id", "try-1"), ("stage", "runner")]);
    vec![
        batch::get_job(&name),
        batch::list_jobs(&place(), Some(&filter)),
        batch::list_jobs(&place(), None).page("abc"),
        batch::delete_job(&name, REQUEST_ID, "epycloud workflow cancel"),
        batch::list_tasks(&name),
    ]
}

#[test]
fn reading_and_ending_jobs() {
    insta::assert_snapshot!(all_shown(&of_jobs()));
}

fn pipeline() -> PipelineRun {
    let job = job(StageTask::Builder, None);
    PipelineRun {
        exp_id: job.exp_id,
        run_id: job.run_id,
        bucket: job.bucket,
        dir_prefix: job.dir_prefix,
        forecast_repo: job.forecast_repo,
        forecast_ref: job.forecast_ref,
        token_secret: job.token_secret,
        service_account: job.service_account,
        image: job.image,
        image_tag: "v1".into(),
        max_parallelism: 100,
        task_count_per_node: 1,
        machines: [machine(None), machine(Some("n2-standard-2")), machine(None)],
        provisioning: batch::Provisioning::Standard,
        resubmissions: None,
        run_output_stage: false,
        output_config: Some("output.yaml".parse().unwrap()),
        allow_partial: true,
        min_success_ratio: Some(0.95),
        labels: labels(),
        variables: job.variables,
    }
}

fn of_executions() -> Vec<ApiRequest> {
    let run = pipeline();
    let workflow = place().workflow("epymodelingsuite-pipeline");
    let name = place().execution("epymodelingsuite-pipeline", "0a1b2c3d-4e5f");
    vec![
        executions::create(&workflow, &run.argument(), &run.execution_labels()),
        executions::get(&name),
        executions::list(&workflow, Some("state=\"ACTIVE\"")),
        executions::cancel(&name),
        workflows::get(&workflow),
    ]
}

#[test]
fn executions_of_the_workflow() {
    insta::assert_snapshot!(all_shown(&of_executions()));
    insta::assert_snapshot!(
        "argument",
        serde_json::to_string_pretty(&pipeline().argument()).unwrap()
    );
}

/// Lesson 14: run ID and skipped output were never read, labels weren't legal, and machine
/// overrides were dropped where the default machine type is empty.
#[test]
fn lesson_14_the_argument_holds_all_that_the_workflow_needs() {
    let argument = pipeline().argument();
    assert_eq!(argument["runId"], "20261124-120000-0a1b2c3d");
    assert_eq!(argument["runOutputStage"], Value::Bool(false));
    assert_eq!(argument["expIdLabel"], "202547-smc_rmse");
    assert_eq!(argument["profile"], "flu-2026");
    // Stage A has no machine type, and still says what it needs.
    assert_eq!(argument.get("stageAMachineType"), None);
    assert_eq!(argument["stageACpuMilli"], 2_000);
    assert_eq!(argument["stageBMachineType"], "n2-standard-2");
}

fn of_builds() -> Vec<ApiRequest> {
    let mut build = ImageBuild {
        place: place(),
        source: Source::Git {
            url: "https://github.com/my-lab/epycloud".into(),
            revision: "main".into(),
        },
        image: "us-central1-docker.pkg.dev/my-project/repo/image".into(),
        tag: "v1".into(),
        dockerfile: "docker/Dockerfile".into(),
        suite_repo: Some("my-lab/epymodelingsuite".parse().unwrap()),
        suite_ref: Some("main".parse().unwrap()),
        token_secret: Some(("my-project".parse().unwrap(), "github-pat".parse().unwrap())),
        cache: true,
        timeout_secs: 3_600,
        machine_type: Some("E2_HIGHCPU_8".into()),
    };
    let private = cloud_build::create(&build);
    build.source = Source::Archive {
        bucket: "my-bucket".into(),
        object: "source/1.tar.gz".into(),
    };
    build.token_secret = None;
    build.dockerfile = "other/Dockerfile".into();
    build.cache = false;
    build.machine_type = None;
    vec![
        private,
        cloud_build::create(&build),
        cloud_build::get(&place(), "0a1b"),
        cloud_build::list(&place(), Some("tags=\"epycloud\"")),
    ]
}

#[test]
fn builds_of_the_image() {
    insta::assert_snapshot!(all_shown(&of_builds()));
}

fn of_others() -> Vec<ApiRequest> {
    let project: ProjectId = "my-project".parse().unwrap();
    let log = logging::JobLog {
        exp_id: Some("a/B".parse().unwrap()),
        run_id: Some("try-1".parse().unwrap()),
        stage: Some(Stage::Runner),
        task_index: Some(TaskIndex::new(42)),
        level: Some(logging::Severity::Warning),
        since: Some("2026-11-24T12:00:00Z".parse().unwrap()),
        ..logging::JobLog::default()
    };
    let of_workflow = logging::workflow_filter(
        &place(),
        "epymodelingsuite-pipeline",
        "projects/p/x/executions/0a1b",
        None,
    );
    vec![
        logging::list_entries(&project, &log.filter(), Order::Newest),
        logging::list_entries(&project, &of_workflow, Order::Oldest).page("abc"),
        secret_manager::access(&project, &"github-pat".parse().unwrap()),
        compute::list_machine_types(&project),
    ]
}

#[test]
fn logs_secrets_and_machine_types() {
    insta::assert_snapshot!(all_shown(&of_others()));
}

#[test]
fn no_part_of_a_path_can_leave_its_place() {
    let request = batch::get_job("projects/p/locations/r/jobs/a?b=c#d e");
    let url = request.url(&Endpoints::google()).unwrap();
    assert_eq!(
        url.as_str(),
        "https://batch.googleapis.com/v1/projects/p/locations/r/jobs/a%3Fb=c%23d%20e"
    );
}
