//! Stages in containers, with stand-ins for `docker` and `apptainer` that start this command's own
//! worker where a container would: what is asked of the two programs, and what comes of it. With a
//! real daemon and a real image, `cargo xtask docker-test` tries the same.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::project::{Project, Ran, files, record, wait_until};

/// Answers as Docker does; a container is a process that sees the folders under their own names.
const DOCKER: &str = r#"#!/bin/sh
here=${0%/*}
echo "$*" >>"$here/asked"
case $1 in
version) echo 99.0 ;;
info) echo '["name=seccomp,profile=default"]' ;;
image)
    if [ "$5" = missing:image ]; then echo "Error: No such image: $5" >&2; exit 1; fi
    echo sha256:0123 ;;
ps) cat "$here/left" 2>/dev/null; rm -f "$here/left" ;;
run)
    for argument; do
        case $argument in
        --mount=*,target=/data) LOCAL_DATA_PATH=${argument#*source=}; LOCAL_DATA_PATH=${LOCAL_DATA_PATH%%,*} ;;
        --mount=*,target=/forecast,readonly) FORECAST_REPO_DIR=${argument#*source=}; FORECAST_REPO_DIR=${FORECAST_REPO_DIR%%,*} ;;
        esac
    done
    export LOCAL_DATA_PATH FORECAST_REPO_DIR
    exec "$EPYCLOUD" worker ;;
rm) ;;
*) exit 1 ;;
esac
"#;

/// Gives a container what `APPTAINERENV_` says and nothing else, and runs its program.
const APPTAINER: &str = r#"#!/bin/sh
here=${0%/*}
echo "$*" >>"$here/asked"
if [ "$1" = --version ]; then echo apptainer; exit; fi
# before
program=$EPYCLOUD
names=$(env | sed -n 's/^\([A-Z_0-9]*\)=.*/\1/p')
for name in $names; do
    case $name in APPTAINERENV_* | PATH) ;; *) unset "$name" ;; esac
done
for name in $names; do
    case $name in APPTAINERENV_*) eval "export ${name#APPTAINERENV_}=\"\$$name\"" ;; esac
done
for argument; do last=$argument; done
case $last in
*/epycloud-dispatcher) exec "$program" task ;;
*) exec "$program" "$last" ;;
esac
"#;

/// A project whose commands find the stand-ins first.
pub(crate) struct Place {
    pub(crate) project: Project,
    programs: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::of(Project::quickstart(), "")
    }

    /// With what `apptainer` does before it runs a container's program; it may write into `$here`.
    pub(crate) fn of(project: Project, before: &str) -> Self {
        let programs = tempfile::tempdir().unwrap();
        write_program(&programs.path().join("docker"), DOCKER);
        let apptainer = APPTAINER.replace("# before\n", before);
        write_program(&programs.path().join("apptainer"), &apptainer);
        Self { project, programs }
    }

    fn docker(&self, run_id: &str, more: &[&str]) -> Ran {
        let mut arguments = vec!["run", "workflow", "--executor", "docker"];
        arguments.extend(["--exp-id", "quickstart", "--run-id", run_id]);
        arguments.extend(more);
        self.run(&arguments)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let path = format!("{}:/usr/bin:/bin", self.programs.path().display());
        let mut command = self.project.command(arguments);
        command
            .env("PATH", path)
            .env("EPYCLOUD", env!("CARGO_BIN_EXE_epycloud"))
            .env("GITHUB_PAT", "a-secret-value");
        command
    }

    /// Waits until a stand-in has written a file of a name; what is in it.
    pub(crate) fn told(&self, name: &str) -> String {
        let mut text = String::new();
        wait_until(|| {
            text = std::fs::read_to_string(self.programs.path().join(name)).unwrap_or_default();
            text.ends_with('\n')
        });
        text
    }

    /// Writes a file that a stand-in looks for.
    pub(crate) fn tell(&self, name: &str) {
        write(&self.programs.path().join(name), "");
    }

    /// What the stand-ins were asked, a line each.
    pub(crate) fn asked(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.programs.path().join("asked")).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

pub(crate) fn write_program(path: &Path, text: &str) {
    write(path, text);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "a test's own input")]
pub(crate) fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

/// Inputs, results and outputs, without what names the run or the time.
pub(crate) fn artifacts(project: &Project, run_id: &str) -> BTreeMap<String, Vec<u8>> {
    let mut all: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let folder = project.run_folder(run_id);
    for part in ["builder-artifacts", "runner-artifacts"] {
        all.extend(files(&folder.join(part)));
    }
    all.extend(files(&project.outputs(run_id)));
    all.retain(|name, _| !name.ends_with(".json"));
    all
}

#[test]
fn a_run_in_containers_comes_to_the_same() {
    let place = Place::new();
    place.project.workflow("here", &[]).ended(0);
    place.docker("there", &[]).ended(0);
    let here = artifacts(&place.project, "here");
    assert!(here.len() > 5, "{:?}", here.keys());
    assert_eq!(here, artifacts(&place.project, "there"));
    let image = &record(&place.project, "there")["provenance"]["image"];
    assert_eq!(image, "epymodelingsuite:local (sha256:0123)");
    let repeated = place.run(&["reproduce", "there", "--into", "repeated"]);
    assert!(
        repeated.ended(0).stderr.contains("reproduced: all"),
        "it is repeated"
    );
    assert!(
        place
            .asked()
            .iter()
            .any(|line| line.ends_with("{{.Id}} sha256:0123"))
    );
    let again = place.docker("there", &[]).ended(0);
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
}

#[test]
fn containers_are_started_by_names_alone_and_named_after_their_run() {
    let place = Place::new();
    place.docker("named", &["--task-memory", "300M"]).ended(0);
    let asked = place.asked();
    let starts: Vec<&String> = asked
        .iter()
        .filter(|line| line.starts_with("run "))
        .collect();
    // The engine's question, A, two workers of B, and C.
    assert_eq!(starts.len(), 5, "{asked:#?}");
    for line in &starts {
        for part in [
            "--rm --interactive --name=epycloud-named-",
            "--label=org.epycloud.run=epycloud-named-",
            "--memory=300m",
            "--env=GITHUB_PAT ",
            "--env=LOCAL_DATA_PATH ",
            ",target=/data ",
            " sha256:0123 worker",
        ] {
            assert!(line.contains(part), "`{part}` in `{line}`");
        }
    }
    assert!(!asked.iter().any(|line| line.contains("a-secret-value")));
    assert!(asked.iter().any(|line| line.starts_with("ps --all")));
}

#[test]
fn containers_that_a_killed_session_left_are_removed() {
    let place = Place::new();
    write(&place.programs.path().join("left"), "abc\ndef\n");
    let ran = place.docker("left", &[]).ended(0);
    assert!(
        ran.stderr.contains("removed 2 containers of the run"),
        "{}",
        ran.stderr
    );
    assert!(place.asked().contains(&"rm --force abc def".to_owned()));
}

#[test]
fn single_stages_run_in_containers_too() {
    let place = Place::new();
    let job = |more: &[&str]| {
        let mut arguments = vec![
            "run",
            "job",
            "--executor",
            "docker",
            "--exp-id",
            "quickstart",
        ];
        arguments.extend(["--run-id", "steps"]);
        arguments.extend(more);
        place.run(&arguments)
    };
    job(&["--stage", "A"]).ended(0);
    job(&["--stage", "B", "--task-index", "0"]).ended(0);
    let missing = job(&["--stage", "C"]).ended(1);
    assert!(
        missing.stderr.contains("stage C failed"),
        "{}",
        missing.stderr
    );
    job(&["--stage", "B", "--tasks", "1"]).ended(0);
    job(&["--stage", "C"]).ended(0);
    place.project.workflow("here", &[]).ended(0);
    assert_eq!(
        artifacts(&place.project, "here"),
        artifacts(&place.project, "steps")
    );
}

#[test]
fn what_is_missing_is_said_with_what_to_do() {
    let place = Place::new();
    let image = place
        .docker("x", &["--quiet", "--image", "missing:image"])
        .ended(2);
    std::fs::remove_file(place.programs.path().join("docker")).unwrap();
    let empty = place.programs.path().display().to_string();
    let client = place
        .project
        .command(&[
            "run",
            "workflow",
            "--quiet",
            "--executor",
            "docker",
            "--exp-id",
            "quickstart",
        ])
        .env("PATH", empty)
        .output();
    let client = Ran::from(client.unwrap()).ended(2);
    insta::assert_snapshot!(
        "no_containers",
        format!("{}\n{}", image.stderr, client.stderr)
    );
}

#[test]
fn an_apptainer_image_has_the_engine_of_a_cluster_s_run() {
    let place = Place::new();
    let image = place.project.path().join("suite.sif");
    let image = image.display().to_string();
    let slurm = |image: &str| {
        place.run(&[
            "run",
            "workflow",
            "--executor",
            "slurm",
            "--exp-id",
            "quickstart",
            "--run-id",
            "cluster",
            "--slurm-image",
            image,
        ])
    };
    let missing = slurm(&image).ended(2);
    assert!(
        missing.stderr.contains("suite.sif` can't be read"),
        "{}",
        missing.stderr
    );
    write(Path::new(&image), "");
    // Where there is no Slurm, it comes as far as stage B; stage A has run in the image.
    slurm(&image);
    let asked = place.asked();
    let starts: Vec<&String> = asked
        .iter()
        .filter(|line| line.starts_with("exec "))
        .collect();
    assert!(starts.len() >= 2, "{asked:?}");
    assert!(starts[0].ends_with("suite.sif /usr/local/bin/epycloud-dispatcher worker"));
    assert!(!asked.iter().any(|line| line.contains("a-secret-value")));
    let tasks = place
        .project
        .run_folder("cluster")
        .join("builder-artifacts/tasks.json");
    assert!(tasks.is_file());
    let provenance = || record(&place.project, "cluster")["provenance"].clone();
    let known = provenance();
    let name = known["image"].as_str().unwrap();
    assert!(name.ends_with("suite.sif"), "{name}");
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(known["image_file"]["sha256"], empty);
    // Another image of the same name is seen to be another.
    write(Path::new(&image), "another");
    slurm(&image);
    assert_ne!(provenance()["image_file"]["sha256"], empty);
}

/// Python is the image's: this machine needs none. What is no experiment is refused all the same,
/// before Docker is asked anything.
#[test]
fn the_python_of_an_image_is_not_looked_for_on_this_machine() {
    let place = Place::new();
    let python = [
        "run",
        "workflow",
        "--executor",
        "docker",
        "--engine",
        "python",
    ];
    let run = |more: &[&str]| place.run(&[&python[..], &["--run-id", "p"], more].concat());
    let ran = run(&["--exp-id", "quickstat"]).ended(2);
    assert!(ran.stderr.contains("quickstart"), "{}", ran.stderr);
    let ran = run(&["--exp-id", "quickstart", "--image", "missing:image"]).ended(2);
    assert!(ran.stderr.contains("missing:image"), "{}", ran.stderr);
}
