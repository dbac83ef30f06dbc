//! The ways in which stages are started in containers, and the same run outside.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::outputs;
use super::project::{Experiment, Project, RUN_ID, write};
use crate::docker::engine::Engine;
use crate::failure::Failure;
use crate::oracle;
use crate::process::{cargo, run as run_shown, say};
use crate::test::embed;
use crate::workspace;

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
    /// A Compose file with the original's entry points, which maps no user.
    OriginalCompose { program: ComposeProgram },
}

/// `docker compose`, or the older `docker-compose`.
#[derive(Clone)]
struct ComposeProgram(Vec<PathBuf>);

/// The original's entry points for the three services.
const ORIGINAL_ENTRY_POINTS: &str = r#"
services:
  builder: {entrypoint: ["/bin/bash", "/scripts/run_builder.sh"], command: []}
  runner: {entrypoint: ["python", "-u", "/scripts/main_runner.py"], command: []}
  output: {entrypoint: ["python", "/scripts/main_output.py"], command: []}
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
        Some(program) => ways.extend([
            (
                Way::Compose {
                    program: program.clone(),
                },
                "docker/docker-compose.yml",
            ),
            (
                Way::OriginalCompose { program },
                "the original's Compose entry points",
            ),
        ]),
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
            Way::Compose { program } => self.compose(program, project, stage, &[])?,
            Way::OriginalCompose { program } => {
                let file = project.root().join("entry-points.yml");
                write(&file, ORIGINAL_ENTRY_POINTS)?;
                self.compose(program, project, stage, &[&file])?
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
        files: &[&Path],
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
            .arg(workspace::root().join("docker/docker-compose.yml"));
        for file in files {
            command.arg("--file").arg(file);
        }
        command
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
