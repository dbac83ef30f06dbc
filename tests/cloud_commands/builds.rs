//! `epycloud build cloud` and `epycloud build status`.

use std::process::Command;

use crate::lab::{GITHUB_TOKEN, Lab};

/// Makes the lab's folder a checkout of a repository on GitHub, whose address holds a token.
fn check_out(lab: &Lab) {
    lab.write("docker/Dockerfile", "FROM scratch\n");
    let origin = format!("https://x:{GITHUB_TOKEN}@github.com/my-lab/epycloud.git");
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "docker"],
        &["commit", "--quiet", "--message", "x"],
        &["remote", "add", "origin", &origin],
    ] {
        let done = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
            .args(arguments)
            .current_dir(lab.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{arguments:?}");
    }
}

fn run(lab: &Lab, arguments: &[&str]) -> crate::lab::Ran {
    let mut command = lab.command(arguments);
    command.env("PATH", std::env::var_os("PATH").unwrap());
    crate::lab::Ran::from(command.output().unwrap())
}

#[test]
fn a_build_is_submitted_from_the_commit_and_shown() {
    let lab = Lab::new();
    check_out(&lab);
    let shown = run(&lab, &["build", "cloud", "--dry-run"]).ended(0);
    assert!(!shown.stderr.contains(GITHUB_TOKEN));
    run(&lab, &["build", "cloud"]).ended(2);
    assert_eq!(lab.google.requests_to("/builds").len(), 0);

    let ran = run(&lab, &["build", "--json", "cloud", "--yes", "--tag", "v2"]).ended(0);
    assert_eq!(ran.events("build")[0]["id"], "build-1");
    let sent = format!("{:?}", lab.google.requests_to("/builds"));
    assert!(
        sent.contains("https://github.com/my-lab/epycloud.git"),
        "{sent}"
    );
    assert!(
        sent.contains("my-project/epymodelingsuite-repo/epymodelingsuite:v2"),
        "{sent}"
    );
    assert!(
        sent.contains("projects/my-project/secrets/github-pat/versions/latest"),
        "{sent}"
    );
    assert!(!sent.contains(GITHUB_TOKEN));

    let listed = run(&lab, &["build", "status", "--json"]).ended(0);
    assert_eq!(listed.events("build")[0]["id"], "build-1");
    let table = run(&lab, &["build", "status"]).ended(0);
    assert!(table.stdout.contains("build-1"), "{}", table.stdout);
}
