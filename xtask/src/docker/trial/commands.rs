//! The ways in which stages are started in containers, and the same run outside.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::outputs;
use super::project::{Experiment, Project, RUN_ID, write};
use crate::failure::Failure;
use crate::oracle;
use crate::process::{cargo, run as run_shown, say};
use crate::test::embed;
use crate::workspace;
use epycloud_images::Engine;

/// How a stage is started.
enum Way {
    /// The program on this machine.
    Outside { program: PathBuf },
    /// `docker run`, told by STAGE.
    Containers,
    /// `docker run` as Batch jobs and workflows do it: another entry point, no STAGE.
    BatchJobs,
    /// The project's Compose file.
    Compose { program: ComposeProgram },
    /// The original's Compose file, which maps no user and names no engine (the image's is python).
    OriginalCompose { program: ComposeProgram },
}

/// `docker compose`, or the older `docker-compose`.
#[derive(Clone)]
struct ComposeProgram(Vec<PathBuf>);

/// A Compose file as the original's users have it: its services, entry points and variables, which
/// leave out the stage, the engine and the folders of the bucket. Only the image's tag is open.
const ORIGINAL_COMPOSE: &str = r#"
services:
  builder:
    image: ${EPYCLOUD_IMAGE}
    volumes: [./local:/data]
    environment:
      - EXECUTION_MODE=local
      - EXP_ID=${EXP_ID}
      - RUN_ID=${RUN_ID}
      - LOG_LEVEL=${LOG_LEVEL:-INFO}
      - STORAGE_VERBOSE=${STORAGE_VERBOSE:-true}
    entrypoint: ["/bin/bash", "/scripts/run_builder.sh"]
    command: []
  runner:
    image: ${EPYCLOUD_IMAGE}
    volumes: [./local:/data]
    environment:
      - EXECUTION_MODE=local
      - TASK_INDEX=${TASK_INDEX:-0}
      - EXP_ID=${EXP_ID}
      - RUN_ID=${RUN_ID}
      - LOG_LEVEL=${LOG_LEVEL:-INFO}
      - STORAGE_VERBOSE=${STORAGE_VERBOSE:-true}
      - PYTHONUNBUFFERED=1
    entrypoint: ["python", "-u", "/scripts/main_runner.py"]
    command: []
  output:
    image: ${EPYCLOUD_IMAGE}
    volumes: [./local:/data]
    environment:
      - EXECUTION_MODE=local
      - EXP_ID=${EXP_ID}
      - RUN_ID=${RUN_ID}
      - NUM_TASKS=${NUM_TASKS:-1}
      - OUTPUT_CONFIG_FILE=${OUTPUT_CONFIG_FILE:-}
      - LOG_LEVEL=${LOG_LEVEL:-INFO}
      - STORAGE_VERBOSE=${STORAGE_VERBOSE:-true}
    entrypoint: ["python", "/scripts/main_output.py"]
    command: []
"#;

/// Runs the experiment in every way and compares what comes out with the run outside containers.
pub(super) fn run(engine: &Engine, image: &str, experiment: &Experiment) -> Result<(), Failure> {
    let trial = Trial {
        engine,
        image,
        experiment,
    };
    let program = host_program()?;
    let reference = trial.run(&Way::Outside { program }, "outside containers")?;
    let mut ways = vec![
        (Way::Containers, "docker run"),
        (Way::BatchJobs, "the original's Batch command lines"),
    ];
    match compose(engine) {
        Some(program) => {
            ways.push((
                Way::Compose {
                    program: program.clone(),
                },
                "docker/docker-compose.yml",
            ));
            if experiment.engine == "python" {
                ways.push((
                    Way::OriginalCompose { program },
                    "the original's Compose file",
                ));
            }
        }
        None => say("skipped: neither `docker compose` nor `docker-compose` is here"),
    }
    for (way, name) in &ways {
        let project = trial.run(way, name)?;
        let n = outputs::compare(&reference.run(experiment), &project.run(experiment))?;
        say(&format!(
            "{} engine, {name}: {n} output files equal those made outside containers",
            experiment.engine
        ));
    }
    Ok(())
}

struct Trial<'a> {
    engine: &'a Engine,
    image: &'a str,
    experiment: &'a Experiment,
}

impl Trial<'_> {
    /// A, all of B, and C.
    fn run(&self, way: &Way, name: &str) -> Result<Project, Failure> {
        say(&format!("trial: {} engine, {name}", self.experiment.engine));
        let project = Project::new(self.experiment)?;
        self.stage(way, &project, "builder", None)?;
        for task in 0..project.tasks(self.experiment)? {
            self.stage(way, &project, "runner", Some(task))?;
        }
        self.stage(way, &project, "output", None)?;
        Ok(project)
    }

    fn stage(
        &self,
        way: &Way,
        project: &Project,
        stage: &str,
        task: Option<u64>,
    ) -> Result<(), Failure> {
        let mut variables = vec![
            ("EXECUTION_MODE", "local".to_owned()),
            ("EXP_ID", self.experiment.id.to_owned()),
            ("RUN_ID", RUN_ID.to_owned()),
            ("LOG_LEVEL", "WARNING".to_owned()),
            ("STORAGE_VERBOSE", "false".to_owned()),
            ("EPYCLOUD_ENGINE", self.experiment.engine.to_owned()),
        ];
        let index = match way {
            Way::BatchJobs => "BATCH_TASK_INDEX",
            _ => "TASK_INDEX",
        };
        variables.extend(task.map(|task| (index, task.to_string())));
        let mut command = match way {
            Way::Outside { program } => self.outside(program, project, stage),
            Way::Containers => {
                variables.push(("STAGE", stage.to_owned()));
                self.container(project, &variables, None, &[])
            }
            Way::BatchJobs => {
                let script = format!("/scripts/run_{stage}.sh");
                self.container(project, &variables, Some("/bin/bash"), &[&script])
            }
            Way::Compose { program } => {
                let file = workspace::root().join("docker/docker-compose.yml");
                self.compose(program, project, stage, &file)?
            }
            Way::OriginalCompose { program } => {
                let file = project.root().join("docker-compose.yml");
                write(&file, ORIGINAL_COMPOSE)?;
                if stage == "output" {
                    // As the original's command line passes it.
                    variables.push(("NUM_TASKS", project.tasks(self.experiment)?.to_string()));
                }
                self.compose(program, project, stage, &file)?
            }
        };
        for (name, value) in variables {
            command.env(name, value);
        }
        run_quietly(command.stdin(Stdio::null()))
    }

    fn outside(&self, program: &Path, project: &Project, stage: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("STAGE", stage)
            .env("LOCAL_DATA_PATH", project.data())
            .env("MPLBACKEND", "Agg")
            .env_remove("VIRTUAL_ENV");
        for (name, value) in &self.experiment.outside {
            command.env(name, value);
        }
        command
    }

    fn container(
        &self,
        project: &Project,
        variables: &[(&str, String)],
        entry_point: Option<&str>,
        arguments: &[&str],
    ) -> Command {
        let mut command = self.engine.command();
        command
            .args(["run", "--rm", "--volume"])
            .arg(format!("{}:/data", project.data().display()));
        for (name, _) in variables {
            command.args(["--env", name]);
        }
        if let Some(entry_point) = entry_point {
            command.args(["--entrypoint", entry_point]);
        }
        command.arg(self.image).args(arguments);
        command
    }

    fn compose(
        &self,
        program: &ComposeProgram,
        project: &Project,
        service: &str,
        file: &Path,
    ) -> Result<Command, Failure> {
        let (first, rest) = program
            .0
            .split_first()
            .ok_or_else(|| Failure::missing("no Compose"))?;
        let mut command = Command::new(first);
        command
            .args(rest)
            .arg("--project-directory")
            .arg(project.root())
            .arg("--file")
            .arg(file)
            .args(["--project-name", "epycloud-trial", "run", "--rm", service])
            .env("EPYCLOUD_IMAGE", self.image);
        Ok(command)
    }
}

/// Runs a stage; what it says is shown only if it fails.
fn run_quietly(command: &mut Command) -> Result<(), Failure> {
    let line = crate::process::describe(command);
    let output = command.output().map_err(|source| Failure::Start {
        program: line.clone(),
        source,
    })?;
    if output.status.success() {
        return Ok(());
    }
    say(&String::from_utf8_lossy(&output.stdout));
    say(&String::from_utf8_lossy(&output.stderr));
    Err(Failure::Command {
        command: line,
        status: output.status,
    })
}

/// The dispatcher of this machine, with the python engine where it can be embedded, built as
/// `cargo xtask test` builds it.
fn host_program() -> Result<PathBuf, Failure> {
    let mut build = cargo();
    build
        .current_dir(workspace::root())
        .args(["build", "--quiet", "--workspace", "--bins"]);
    if let Some(python) = oracle::set_up()? {
        embed(&mut build, &python);
    }
    run_shown(&mut build)?;
    Ok(workspace::root().join("target/debug/epycloud-dispatcher"))
}

fn compose(engine: &Engine) -> Option<ComposeProgram> {
    let plugin = engine.command().get_program().to_owned();
    let candidates = [
        vec![PathBuf::from(plugin), "compose".into()],
        vec!["docker-compose".into()],
    ];
    candidates.into_iter().map(ComposeProgram).find(|program| {
        Command::new(&program.0[0])
            .args(&program.0[1..])
            .arg("version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    })
}
