//! `epycloud build` with a Docker that writes down what it was called with, and Cloud Build's.

use std::process::Command;

use crate::home::{Home, TOKEN};
use crate::project::Ran;

/// A home whose project has a Dockerfile and is a checkout of a repository on GitHub.
struct Sources {
    home: Home,
}

impl Sources {
    fn new() -> Self {
        let home = Home::filled();
        home.write("../docker/Dockerfile", "FROM scratch\n");
        home.write(
            "environments/prod.yaml",
            "docker:\n  image_tag: v1.0.0\ngithub:\n  modeling_suite_ref: v1.0.0\n",
        );
        home.program(
            "docker",
            "echo \"$*\" >> \"$CALLED\"\n[ -n \"$GITHUB_PAT\" ] && echo \"token in the environment\" >> \"$CALLED\"\n[ \"$1\" = version ] && echo 20.10.0\nexit 0",
        );
        Self { home }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let folder = self.home.project.path();
        let path = format!("{}:/usr/bin:/bin", folder.join("bin").display());
        let mut command = self.home.command(arguments);
        command
            .env("PATH", path)
            .env("CALLED", folder.join("called"));
        Ran::from(command.output().unwrap())
    }

    /// The builds and pushes since the last time, with their arguments.
    fn called(&self) -> String {
        let file = self.home.project.path().join("called");
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let _ = std::fs::remove_file(file);
        text.lines()
            .filter(|line| {
                line.starts_with("build ") || line.starts_with("push ") || line.starts_with("token")
            })
            .map(|line| format!("{line}\n"))
            .collect()
    }

    fn checked_out(&self) {
        let git = |arguments: &[&str]| {
            let status = Command::new("git")
                .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
                .args(arguments)
                .current_dir(self.home.project.path())
                .output()
                .unwrap()
                .status;
            assert!(status.success(), "{arguments:?}");
        };
        git(&["init", "--quiet"]);
        git(&["add", "docker"]);
        git(&["commit", "--quiet", "--message", "x"]);
        let with_token = format!("https://x:{TOKEN}@github.com/lab/epycloud.git");
        git(&["remote", "add", "origin", &with_token]);
    }
}

#[test]
fn images_are_built_as_the_configuration_says_and_the_token_is_no_argument() {
    let sources = Sources::new();
    sources.run(&["build", "dev"]).ended(0);
    let dev = sources.called();
    sources.run(&["--env", "prod", "build", "local"]).ended(0);
    let local = sources.called();
    sources
        .run(&[
            "build",
            "local",
            "--no-push",
            "--tag",
            "try",
            "--no-cache",
            "-f",
            "docker/Dockerfile",
            "docker",
        ])
        .ended(0);
    let other = sources.called();
    let all = format!("{dev}\n{local}\n{other}");
    assert!(!all.contains("hunter2"), "{all}");
    assert_eq!(all.matches("token in the environment").count(), 3);
    insta::assert_snapshot!("build_here", all);
}

#[test]
fn options_of_builds_here_reach_docker() {
    let sources = Sources::new();
    sources.home.write("../docker/Other", "FROM scratch\n");
    for file in ["--file", "-f"] {
        let own = [file, "docker/Other"];
        sources
            .run(&[&["build", "dev", "--cache", "--push"], &own[..]].concat())
            .ended(0);
        let dev = sources.called();
        assert!(
            dev.contains("--file docker/Other") && !dev.contains("--no-cache"),
            "{dev}"
        );
        assert!(dev.contains("push epymodelingsuite:local"), "{dev}");
        let local = [&["build", "local", "--no-push"], &own[..]].concat();
        sources.run(&local).ended(0);
        assert!(sources.called().contains("--file docker/Other"));
    }
}

#[test]
fn a_dry_run_builds_nothing_and_shows_no_token() {
    let sources = Sources::new();
    for arguments in [
        ["--dry-run", "build", "dev"],
        ["build", "local", "--dry-run"],
    ] {
        let ran = sources.run(&arguments).ended(0);
        assert!(ran.stderr.contains("would run: "), "{}", ran.stderr);
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
        assert_eq!(sources.called(), "");
    }
}

#[test]
fn what_a_build_lacks_is_said() {
    let sources = Sources::new();
    let told = sources.run(&["build", "dev", "config"]).ended(2);
    assert!(
        told.stderr.contains("there is no Dockerfile"),
        "{}",
        told.stderr
    );
    let told = sources
        .run(&["build", "cloud", "--from-commit", "--yes"])
        .ended(2);
    assert!(
        told.stderr.contains("is no git checkout"),
        "{}",
        told.stderr
    );
    std::fs::remove_file(sources.home.project.path().join("bin/docker")).unwrap();
    let mut command = sources.home.command(&["build", "dev"]);
    let told = Ran::from(command.env("PATH", "/nowhere").output().unwrap()).ended(1);
    assert!(
        told.stderr.contains("no `docker` on PATH"),
        "{}",
        told.stderr
    );
    let told = sources.run(&["build", "dev", "--tag", "a b"]).ended(2);
    assert!(
        told.stderr.contains("is not an image tag"),
        "{}",
        told.stderr
    );
}

#[test]
fn cloud_builds_take_the_commit_and_need_somebody_to_agree() {
    let sources = Sources::new();
    sources.checked_out();
    let shown = sources
        .run(&[
            "--env",
            "prod",
            "build",
            "cloud",
            "--from-commit",
            "--dry-run",
        ])
        .ended(0);
    assert!(shown.stderr.contains("lab/epycloud @ "), "{}", shown.stderr);
    assert!(
        shown.stderr.contains(
            "us-central1-docker.pkg.dev/lab-project/epymodelingsuite-repo/epymodelingsuite:v1.0.0"
        ),
        "{}",
        shown.stderr
    );
    assert!(!shown.stderr.contains("hunter2"), "{}", shown.stderr);
    // Without a mode, the folder is sent to the cloud.
    let shown = sources.run(&["build", "--dry-run"]).ended(0);
    assert!(
        shown.stderr.contains("gs://lab-project_cloudbuild/source/"),
        "{}",
        shown.stderr
    );
    let told = sources.run(&["build", "cloud"]).ended(2);
    assert!(told.stderr.contains("--yes"), "{}", told.stderr);
}
