//! `epycloud run workflow --executor docker`: the same run in containers, undisturbed and killed.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::outputs;
use super::project::{Experiment, Project, RUN_ID};
use super::users::written;
use crate::failure::Failure;
use crate::process::{capture, say};
use epycloud_images::Engine;

/// How long the orchestrator works before it is killed, each time it goes on.
const KILLED_AFTER: [Duration; 3] = [
    Duration::from_millis(800),
    Duration::from_millis(1700),
    Duration::from_millis(2600),
];
/// How long containers may outlive the orchestrator that was killed.
const GONE_AFTER: Duration = Duration::from_secs(10);

/// Runs the experiment with `program` (`epycloud`) and compares it with the run outside containers.
pub(super) fn run(
    engine: &Engine,
    program: &Path,
    image: &str,
    experiment: &Experiment,
    reference: &Project,
) -> Result<(), Failure> {
    let trial = Trial {
        engine,
        program,
        image,
        experiment,
    };
    let project = Project::new(experiment)?;
    trial.to_its_end(&project)?;
    trial.check(reference, &project, "--executor docker")?;
    trial.belongs_to_the_caller(&project)?;
    let project = Project::new(experiment)?;
    for time in KILLED_AFTER {
        trial.killed(&project, time)?;
    }
    trial.to_its_end(&project)?;
    trial.check(reference, &project, "--executor docker, killed three times")
}

struct Trial<'a> {
    engine: &'a Engine,
    program: &'a Path,
    image: &'a str,
    experiment: &'a Experiment,
}

impl Trial<'_> {
    fn command(&self, project: &Project) -> Command {
        let mut command = Command::new(self.program);
        command
            .args([
                "run",
                "workflow",
                "--executor",
                "docker",
                "--image",
                self.image,
            ])
            .args(["--exp-id", self.experiment.id, "--run-id", RUN_ID])
            .args(["--engine", self.experiment.engine, "--project-directory"])
            .arg(project.root())
            .stdin(Stdio::null());
        command
    }

    fn to_its_end(&self, project: &Project) -> Result<(), Failure> {
        super::commands::run_quietly(&mut self.command(project))
    }

    /// Begins or goes on, and is killed meanwhile; no container stays.
    fn killed(&self, project: &Project, after: Duration) -> Result<(), Failure> {
        let mut child: Child = self
            .command(project)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| Failure::Start {
                program: self.program.display().to_string(),
                source,
            })?;
        std::thread::sleep(after);
        let killed = child.kill().and_then(|()| child.wait());
        killed.map_err(|source| Failure::Start {
            program: "kill".into(),
            source,
        })?;
        let since = Instant::now();
        loop {
            let left = self.containers()?;
            if left == 0 {
                return Ok(());
            }
            if since.elapsed() > GONE_AFTER {
                return Err(Failure::unmet(format!(
                    "{left} containers are left of an orchestrator that was killed"
                )));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// How many containers of this machine's runs there are.
    fn containers(&self) -> Result<usize, Failure> {
        let name = format!("name=^epycloud-{RUN_ID}-");
        let listed = capture(
            self.engine
                .command()
                .args(["ps", "--all", "--quiet", "--filter", &name]),
        )?;
        Ok(listed.lines().count())
    }

    fn check(&self, reference: &Project, project: &Project, way: &str) -> Result<(), Failure> {
        let (expected, found) = (reference.run(self.experiment), project.run(self.experiment));
        let n = outputs::compare(&expected, &found)?;
        let left = self.containers()?;
        if left > 0 {
            return Err(Failure::unmet(format!("{way}: {left} containers are left")));
        }
        say(&format!(
            "{} engine, {way}: {n} output files equal those made outside containers; no container is \
             left",
            self.experiment.engine
        ));
        Ok(())
    }

    fn belongs_to_the_caller(&self, project: &Project) -> Result<(), Failure> {
        let failed = |path: &Path, source| Failure::File {
            path: path.to_owned(),
            source,
        };
        let own = project.root();
        let caller = own.metadata().map_err(|error| failed(own, error))?.uid();
        for path in written(&project.run(self.experiment))? {
            let owner = path.metadata().map_err(|error| failed(&path, error))?.uid();
            if owner != caller {
                return Err(Failure::unmet(format!(
                    "`{}` belongs to {owner}, not to the caller {caller}",
                    path.display()
                )));
            }
        }
        Ok(())
    }
}
