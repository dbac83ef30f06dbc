//! No secret appears where it doesn't belong, whatever the command and however it ends.

use epycloud_test_support::google::{Fault, Misbehaviour};

use crate::lab::{GITHUB_TOKEN, Lab, Ran};

const ID: &str = "0a1b2c3d-0000-4000-8000-000000000000";

/// A secret that a user gave in one way or another.
const OTHERS: [&str; 2] = ["ghp_fromTheEnvironment0123456789abcdefAB", "hunter2"];

fn commands() -> Vec<Vec<&'static str>> {
    let run = ["--exp-id", "my-flu", "--run-id", "try-1"];
    let with = |first: &[&'static str], more: &[&'static str]| [first, &run[..], more].concat();
    vec![
        vec!["workflow", "list"],
        vec!["workflow", "describe", ID],
        vec!["workflow", "logs", ID],
        vec!["workflow", "retry", "ended", "--yes"],
        vec!["workflow", "cancel", ID],
        vec!["status"],
        vec!["status", "--recent"],
        vec!["logs", "--exp-id", "my-flu"],
        with(&["run", "workflow"], &["--dry-run"]),
        with(&["run", "workflow"], &["--yes"]),
        with(&["run", "job", "--stage", "A"], &["--dry-run"]),
        with(&["run", "job", "--stage", "A"], &["--yes"]),
        with(
            &["run", "job", "--stage", "B", "--task-index", "1"],
            &["--yes"],
        ),
        with(
            &["run", "job", "--stage", "C", "--num-tasks", "2"],
            &["--yes"],
        ),
        vec!["machine-types", "--refresh"],
        vec!["build", "status"],
    ]
}

fn lab() -> Lab {
    let lab = Lab::new();
    lab.execution("ended", "FAILED", "my-flu", "try-0");
    lab.execution(ID, "ACTIVE", "my-flu", "try-1");
    lab.job("stage-b-1", "RUNNING", "runner", ("my-flu", "try-1"));
    lab.log("1", "12:00:01", "builder", "building");
    lab
}

fn run(lab: &Lab, arguments: &[&str], more: &[&str]) -> Ran {
    let mut command = lab.command(&[arguments, more].concat());
    command
        .env("GITHUB_PAT", OTHERS[0])
        .env("EPYCLOUD_GITHUB__PERSONAL_ACCESS_TOKEN", OTHERS[1]);
    Ran::from(command.output().unwrap())
}

#[track_caller]
fn assert_clean(text: &str, token: &str, what: &str) {
    for secret in [GITHUB_TOKEN, OTHERS[0], OTHERS[1], token, "ya29."] {
        assert!(!text.contains(secret), "{secret} in {what}:\n{text}");
    }
}

#[test]
fn no_secret_appears_in_any_output_or_request_it_does_not_belong_in() {
    for more in [&["--verbose"][..], &["--json"], &["--quiet"]] {
        let lab = lab();
        for arguments in commands() {
            let ran = run(&lab, &arguments, more);
            let what = format!("{arguments:?} {more:?}");
            assert_eq!(ran.code, Some(0), "{what}: {}", ran.stderr);
            assert_clean(&ran.stdout, &lab.google.token(), &what);
            assert_clean(&ran.stderr, &lab.google.token(), &what);
        }
        let requests = lab.google.requests();
        assert!(requests.len() > 20);
        for request in requests {
            assert_clean(
                &request.without_authorization(),
                &lab.google.token(),
                &request.path,
            );
        }
    }
}

#[test]
fn no_secret_appears_in_any_error() {
    let token = lab().google.token();
    let quoting = format!("the token {token} is refused");
    for (misbehaviour, times) in [
        (Misbehaviour::refusal(400, "X", &quoting), 99),
        (Misbehaviour::refusal(401, "X", &quoting), 99),
        (Misbehaviour::refusal(403, "X", &quoting), 99),
        (Misbehaviour::refusal(404, "X", &quoting), 99),
        (Misbehaviour::busy(429, 600), 99),
    ] {
        for arguments in commands() {
            let lab = lab();
            // The metadata server is left alone.
            for service in ["/v1/", "/v2/"] {
                let fault = Fault::once(format!("{service}projects"), misbehaviour.clone());
                lab.google.script(fault.times(times));
                lab.google
                    .script(Fault::once("/v2/entries", misbehaviour.clone()).times(times));
            }
            let ran = run(&lab, &arguments, &["--verbose"]);
            let what = format!("{arguments:?} {misbehaviour:?}");
            assert_clean(
                &format!("{}{}", ran.stdout, ran.stderr),
                &lab.google.token(),
                &what,
            );
            if !arguments.contains(&"--dry-run") {
                assert_ne!(ran.code, Some(0), "{what}");
            }
        }
    }
}
