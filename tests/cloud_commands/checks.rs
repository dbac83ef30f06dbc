//! `epycloud run` in the cloud checks the experiment before anything is submitted.

use crate::lab::{GITHUB_TOKEN, Lab, Ran};

const WORKFLOW: [&str; 7] = [
    "run", "workflow", "--exp-id", "my-flu", "--run-id", "try-1", "--yes",
];
const STAGE_A: [&str; 7] = ["run", "job", "--stage", "A", "--exp-id", "my-flu", "--yes"];

fn run(lab: &Lab, command: &[&str], more: &[&str]) -> Ran {
    lab.run(&[command, more].concat())
}

/// Whether nothing was asked of Google that could cost.
#[track_caller]
fn assert_nothing_submitted(lab: &Lab) {
    let requests = lab.google.requests();
    let posts = requests.iter().filter(|request| request.method == "POST");
    assert_eq!(posts.count(), 0);
}

#[test]
fn an_experiment_that_cannot_work_is_not_submitted() {
    let lab = Lab::with_forecasts(None);
    let forecasts = lab.forecasts.as_ref().unwrap();
    forecasts.edit("my-flu", "basemodel.yaml", "n_sims: 200", "n_sims: many");
    for command in [WORKFLOW, STAGE_A] {
        let ran = run(&lab, &command, &["--engine", "native"]).ended(2);
        for expected in [
            "experiments/my-flu/config/basemodel.yaml",
            "n_sims",
            "`many`",
            "epycloud validate --repo my-lab/forecasts --ref ",
            "--no-validate",
        ] {
            assert!(ran.stderr.contains(expected), "{expected}: {}", ran.stderr);
        }
        // Nobody knows the folder it was fetched to.
        assert!(!ran.stderr.contains("epycloud-"), "{}", ran.stderr);
    }
    assert_nothing_submitted(&lab);
    let asked = ["--engine", "native", "--no-validate"];
    run(&lab, &WORKFLOW, &asked).ended(0);
    run(&lab, &STAGE_A, &asked).ended(0);
}

#[test]
fn the_commit_that_was_checked_is_the_one_that_runs() {
    let lab = Lab::with_forecasts(None);
    let forecasts = lab.forecasts.as_ref().unwrap();
    forecasts.branch("good", &forecasts.commit);
    forecasts.edit("my-flu", "basemodel.yaml", "n_sims: 200", "n_sims: many");
    let more = ["--engine", "native", "--forecast-repo-ref", "good"];
    let ran = run(&lab, &WORKFLOW, &more).ended(0);
    let plan = format!("my-lab/forecasts at {}", forecasts.commit);
    assert!(ran.stderr.contains(&plan), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("at that commit of good"),
        "{}",
        ran.stderr
    );
    run(&lab, &STAGE_A, &more).ended(0);
    let sent = lab.google.requests();
    let sent = sent.iter().filter(|request| request.method == "POST");
    for request in sent {
        assert!(request.body.contains(&forecasts.commit), "{}", request.body);
    }
    let commit = [
        "--engine",
        "native",
        "--forecast-repo-ref",
        &forecasts.commit,
    ];
    let ran = run(&lab, &WORKFLOW, &commit).ended(0);
    assert!(
        ran.stderr.contains("its files at that commit\n"),
        "{}",
        ran.stderr
    );
    // Without a check, stages are given what was asked for.
    let ran = run(
        &lab,
        &WORKFLOW,
        &[&more[..], &["--no-validate", "--json"]].concat(),
    );
    let ran = ran.ended(0);
    assert!(
        ran.stderr.contains("my-lab/forecasts at good"),
        "{}",
        ran.stderr
    );
    assert!(ran.events("planned")[0]["commit"].is_null());
}

#[test]
fn where_the_engine_is_the_image_s_the_files_alone_are_read() {
    let lab = Lab::with_forecasts(None);
    let forecasts = lab.forecasts.as_ref().unwrap();
    forecasts.edit("my-flu", "basemodel.yaml", "n_sims: 200", "n_sims: many");
    // Only Python knows what it takes.
    let ran = run(&lab, &WORKFLOW, &[]).ended(0);
    assert!(ran.stderr.contains("without Python"), "{}", ran.stderr);
    let other = ["--output-config", "outptu.yaml"];
    let ran = run(&lab, &WORKFLOW, &other).ended(2);
    assert!(
        ran.stderr.contains("did you mean `output.yaml`?"),
        "{}",
        ran.stderr
    );
    forecasts.edit("my-flu", "modelset.yaml", "modelset:", "modelset: [");
    let ran = run(&lab, &WORKFLOW, &[]).ended(2);
    assert!(ran.stderr.contains("modelset.yaml"), "{}", ran.stderr);
    let ran = lab.run(&["run", "workflow", "--exp-id", "my-flue", "--yes"]);
    let ran = ran.ended(2);
    assert!(
        ran.stderr.contains("did you mean `my-flu`?"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("epycloud-"), "{}", ran.stderr);
}

#[test]
fn stages_b_and_c_do_not_look_the_experiment_up() {
    let lab = Lab::with_forecasts(None);
    for stage in [&["B", "--task-index", "0"][..], &["C"]] {
        let head = [
            "run", "job", "--exp-id", "gone", "--run-id", "r", "--yes", "--stage",
        ];
        let ran = run(&lab, &head, stage).ended(0);
        assert!(!ran.stderr.contains("checked"), "{}", ran.stderr);
    }
    assert_eq!(lab.forecasts.unwrap().git.recorded().len(), 0);
}

#[test]
fn lesson_17_a_dry_run_fetches_nothing_and_says_so() {
    let lab = Lab::with_forecasts(None);
    for command in [WORKFLOW, STAGE_A] {
        let ran = run(&lab, &command, &["--dry-run"]).ended(0);
        assert!(
            ran.stderr.contains("a dry run fetches nothing"),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(lab.forecasts.as_ref().unwrap().git.recorded().len(), 0);
    assert_eq!(lab.google.requests().len(), 0);
}

/// What can't be checked isn't submitted either, unless somebody says so.
#[test]
fn what_keeps_the_check_from_being_made_is_told() {
    let lab = Lab::with_forecasts(None);
    let told = |ran: Ran, code: i32, expected: &[&str]| {
        let ran = ran.ended(code);
        for text in expected {
            assert!(ran.stderr.contains(text), "{text}: {}", ran.stderr);
        }
    };
    let ran = run(&lab, &WORKFLOW, &["--forecast-repo-ref", "v9"]);
    told(
        ran,
        2,
        &["no branch, tag or commit `v9`", "--forecast-repo-ref"],
    );
    let mut without_git = lab.command(&WORKFLOW);
    let ran = Ran::from(without_git.env("PATH", "/nowhere").output().unwrap());
    told(
        ran,
        1,
        &["could not run `git`", "install git", "--no-validate"],
    );
    let mut away = lab.command(&WORKFLOW);
    let ran = Ran::from(
        away.env("GITHUB_SERVER_URL", "http://127.0.0.1:1")
            .output()
            .unwrap(),
    );
    told(ran, 75, &["for the moment", "try again", "--no-validate"]);
    lab.configure("google_cloud:\n  project_id: my-project\n  bucket_name: my-bucket\n");
    let ran = run(&lab, &WORKFLOW, &[]);
    told(
        ran,
        2,
        &["`github.forecast_repo` is not configured", "config set"],
    );
    assert_nothing_submitted(&lab);
}

#[test]
fn a_private_repository_is_read_with_the_user_s_token_or_stage_a_s() {
    let token = "ghp_ofSecretManager0123456789abcdefABCD";
    // The user's own.
    let lab = Lab::with_forecasts(Some(GITHUB_TOKEN));
    run(&lab, &WORKFLOW, &[]).ended(0);
    assert_eq!(lab.google.requests_to("/secrets/").len(), 0);
    // The user's may not; stage A's may, and this user may read it.
    let lab = Lab::with_forecasts(Some(token));
    let ran = run(&lab, &WORKFLOW, &[]).ended(2);
    for expected in [
        "access is denied",
        "your token may read it",
        "--no-validate",
    ] {
        assert!(ran.stderr.contains(expected), "{expected}: {}", ran.stderr);
    }
    assert_nothing_submitted(&lab);
    lab.google.put_secret("github-pat", token);
    let ran = run(&lab, &WORKFLOW, &["--verbose"]).ended(0);
    for secret in [token, GITHUB_TOKEN] {
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(secret));
    }
}
