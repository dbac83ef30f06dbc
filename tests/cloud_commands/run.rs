//! `epycloud run` in the cloud.

use epycloud_test_support::google::{Fault, Misbehaviour};
use serde_json::Value;

use crate::lab::{Lab, RUN, Ran};

const JOB: [&str; 6] = [
    "run",
    "job",
    "--exp-id",
    "202547/My_Flu",
    "--run-id",
    "try-1",
];

fn run(lab: &Lab, command: &[&str], more: &[&str]) -> Ran {
    lab.run(&[command, more].concat())
}

/// What the workflow was given.
fn argument(lab: &Lab) -> Value {
    let created = lab.google.requests_to("/executions");
    let created = created
        .iter()
        .find(|request| request.method == "POST")
        .unwrap();
    serde_json::from_str(created.json()["argument"].as_str().unwrap()).unwrap()
}

fn shown(lab: &Lab, ran: &Ran) -> String {
    let text = format!("{}---\n{}", ran.stdout, ran.stderr);
    text.replace(&lab.google.url(), "[GOOGLE]")
}

/// Lesson 17: `epycloud --dry-run run …` executed for real.
#[test]
fn lesson_17_a_dry_run_shows_the_request_and_sends_none() {
    let lab = Lab::new();
    let before = lab.run(&[&["--dry-run"], &RUN[..]].concat()).ended(0);
    insta::assert_snapshot!("dry_workflow", shown(&lab, &before));
    let after = run(&lab, &RUN, &["--dry-run"]).ended(0);
    assert_eq!(before.stdout, after.stdout);
    let job = run(
        &lab,
        &JOB,
        &["--stage", "C", "--num-tasks", "20", "--dry-run", "--json"],
    )
    .ended(0);
    assert_eq!(job.events("request")[0]["method"], "POST");
    assert_eq!(lab.google.requests().len(), 0);
}

#[test]
fn nothing_is_spent_unless_somebody_agrees() {
    let lab = Lab::new();
    for ran in [
        run(&lab, &RUN, &["--no-validate"]),
        run(&lab, &JOB, &["--stage", "A", "--no-validate"]),
    ] {
        let ran = ran.ended(2);
        // What would happen is told before the question.
        assert!(
            ran.stderr
                .contains("gs://my-bucket/pipeline/flu/202547/My_Flu/try-1/")
        );
        assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    }
    assert_eq!(lab.google.requests().len(), 0);
}

#[test]
fn a_workflow_is_submitted_with_all_that_was_asked_for() {
    let lab = Lab::new();
    let ran = run(
        &lab,
        &RUN,
        &[
            "--yes",
            "--json",
            "--no-validate",
            "--skip-output",
            "--max-parallelism",
            "7",
            "--task-count-per-node",
            "2",
            "--stage-b-machine-type",
            "n2-highmem-8",
            "--forecast-repo-ref",
            "develop",
            "--billing-project",
            "Grant_7",
            "--output-config",
            "output_projection.yaml",
            "--min-success-ratio",
            "0.9",
            "--engine",
            "native",
        ],
    )
    .ended(0);
    let submitted = &ran.events("submitted")[0];
    assert_eq!(submitted["run_id"], "try-1");
    assert_eq!(
        submitted["execution"],
        "00000001-0000-4000-8000-000000000000"
    );
    insta::assert_snapshot!("argument", format!("{:#}", argument(&lab)));
}

/// Lesson 19: run IDs were local time here and UTC there.
#[test]
fn lesson_19_a_generated_run_id_is_utc_wherever_the_user_is() {
    let lab = Lab::new();
    let mut command = lab.command(&["run", "workflow", "--exp-id", "a", "--yes", "--no-validate"]);
    command.env("TZ", "Pacific/Kiritimati");
    let before = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S").to_string();
    Ran::from(command.output().unwrap()).ended(0);
    let after = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S").to_string();
    let argument = argument(&lab);
    let run_id = argument["runId"].as_str().unwrap();
    assert!(
        (before.as_str()..=after.as_str()).contains(&&run_id[..15]),
        "{run_id}"
    );
}

#[test]
fn a_job_is_created_for_each_stage() {
    let lab = Lab::new();
    run(
        &lab,
        &["run", "job", "--exp-id", "a"],
        &["--stage", "A", "--yes", "--no-validate"],
    )
    .ended(0);
    run(
        &lab,
        &JOB,
        &["--stage", "runner", "--task-index", "42", "--yes"],
    )
    .ended(0);
    let ran = run(&lab, &JOB, &["--stage", "C", "--allow-partial", "--yes"]).ended(0);
    assert!(ran.stdout.starts_with("stage-c-manual-"), "{}", ran.stdout);
    let created = lab.google.requests_to("/jobs");
    let variables = |at: usize| {
        let spec = created[at].json()["taskGroups"][0]["taskSpec"].clone();
        spec["environment"]["variables"].clone()
    };
    assert_eq!(variables(1)["TASK_INDEX"], "42");
    assert_eq!(variables(2)["ALLOW_PARTIAL_RESULTS"], "true");
    assert_eq!(created[1].json()["labels"]["exp_id"], "202547-my_flu");
    assert_eq!(
        created[1].query("jobId").unwrap().len(),
        "stage-b-manual-0a1b2c3d".len()
    );
}

#[test]
fn a_job_is_created_once_although_answers_are_lost() {
    let lab = Lab::new();
    lab.google
        .script(Fault::once("/jobs", Misbehaviour::Lost).times(2));
    run(&lab, &JOB, &["--stage", "B", "--task-index", "0", "--yes"]).ended(0);
    let ran = lab.run(&["status", "--json"]).ended(0);
    assert_eq!(ran.events("job").len(), 1);
}

#[test]
fn wrong_command_lines_are_told_what_is_wrong() {
    let lab = Lab::new();
    let mut told = String::new();
    for (what, ran) in [
        ("no task", run(&lab, &JOB, &["--stage", "B"])),
        (
            "no run",
            lab.run(&["run", "job", "--exp-id", "a", "--stage", "C"]),
        ),
        (
            "a machine that isn't there",
            run(&lab, &RUN, &["--stage-a-machine-type", "n2-standrad-4"]),
        ),
        ("what is local", run(&lab, &RUN, &["--rebuild"])),
        (
            "a folder of this machine",
            run(&lab, &RUN, &["--population-data", "x"]),
        ),
        (
            "several tasks",
            run(&lab, &JOB, &["--stage", "B", "--tasks", "1-3"]),
        ),
        (
            "what is for the cloud",
            run(
                &lab,
                &RUN,
                &["--executor", "slurm", "--billing-project", "x"],
            ),
        ),
        (
            "both",
            run(
                &lab,
                &RUN,
                &["--local", "--stage-a-machine-type", "n2-standard-4"],
            ),
        ),
    ] {
        let ran = ran.ended(2);
        told.push_str(&format!("# {what}\n{}\n", ran.stderr));
    }
    lab.configure("google_cloud:\n  project_id: my-project\n");
    let ran = run(&lab, &RUN, &["--yes"]).ended(2);
    told.push_str(&format!("# no bucket\n{}", ran.stderr));
    insta::assert_snapshot!(told);
    assert_eq!(lab.google.requests().len(), 0);
}

#[test]
fn a_quota_that_stays_used_up_is_temporary() {
    let lab = Lab::new();
    let asked = Misbehaviour::busy(429, 600);
    lab.google
        .script(Fault::once("/executions", asked).times(9));
    let ran = run(&lab, &RUN, &["--yes", "--no-validate"]).ended(75);
    assert!(ran.stderr.contains("quota"), "{}", ran.stderr);
}
