//! An experiment to try, and projects that hold it.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::failure::Failure;
use crate::oracle;
use crate::process::run as run_shown;
use crate::workspace;

/// The run's ID, so that paths are the same wherever it runs.
pub(super) const RUN_ID: &str = "trial";

/// An experiment with the engine that runs it.
pub(super) struct Experiment {
    /// Its ID.
    pub(super) id: &'static str,
    /// `EPYCLOUD_ENGINE`.
    pub(super) engine: &'static str,
    /// Whose files it is made of.
    repository: Repository,
    /// What the engine needs outside containers.
    pub(super) outside: Vec<(&'static str, PathBuf)>,
}

enum Repository {
    /// The quickstart.
    Quickstart,
    /// A sampling of the tests' small suite.
    Small,
}

impl Experiment {
    /// The quickstart on the native engine.
    pub(super) fn native() -> Self {
        Self {
            id: "quickstart",
            engine: "native",
            repository: Repository::Quickstart,
            outside: Vec::new(),
        }
    }

    /// The tests' small suite on the python engine; `None` where there is no Python for it outside
    /// containers.
    pub(super) fn python() -> Result<Option<Self>, Failure> {
        let Some(python) = oracle::set_up()? else {
            return Ok(None);
        };
        let suite = workspace::root().join("tests/python/suite");
        Ok(Some(Self {
            id: "small",
            engine: "python",
            repository: Repository::Small,
            outside: vec![("EPYCLOUD_PYTHON", python), ("PYTHONPATH", suite)],
        }))
    }
}

/// A folder with `local/forecast` and `local/bucket`, as Compose has it.
pub(super) struct Project {
    folder: TempDir,
}

impl Project {
    /// A project of its own for a way to run the experiment.
    pub(super) fn new(experiment: &Experiment) -> Result<Self, Failure> {
        let folder = TempDir::new().map_err(|source| Failure::File {
            path: PathBuf::from("a temporary folder"),
            source,
        })?;
        let project = Self { folder };
        let forecast = project.data().join("forecast");
        match experiment.repository {
            Repository::Quickstart => copy("examples/quickstart", &forecast)?,
            Repository::Small => small(&forecast)?,
        }
        make_folder(&project.data().join("bucket"))?;
        Ok(project)
    }

    /// The project's folder.
    pub(super) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// What is `/data` in containers.
    pub(super) fn data(&self) -> PathBuf {
        self.root().join("local")
    }

    /// The run's folder.
    pub(super) fn run(&self, experiment: &Experiment) -> PathBuf {
        self.data()
            .join("bucket/pipeline/flu")
            .join(experiment.id)
            .join(RUN_ID)
    }

    /// How many tasks stage A made.
    pub(super) fn tasks(&self, experiment: &Experiment) -> Result<u64, Failure> {
        let path = self.run(experiment).join("builder-artifacts/tasks.json");
        let text = std::fs::read_to_string(&path).map_err(|source| Failure::File {
            path: path.clone(),
            source,
        })?;
        serde_json::from_str::<serde_json::Value>(&text)
            .ok()
            .and_then(|tasks| tasks["n"].as_u64())
            .ok_or_else(|| Failure::unmet(format!("`{}` has no `n`", path.display())))
    }
}

/// Three tasks of the tests' small suite.
fn small(forecast: &Path) -> Result<(), Failure> {
    const MODEL: &str = "\
model:
  random_seed: 42
  population: {name: Testland}
  timespan: {start_date: 2025-01-01, end_date: 2025-02-20}
  parameters: {beta: 0.3, gamma: 0.1}
";
    const MODELSET: &str =
        "modelset: {sampling: {n_samples: 3, parameter: beta, low: 0.2, high: 0.4}}\n";
    let config = forecast.join("experiments/small/config");
    make_folder(&config)?;
    for (name, text) in [
        ("basemodel.yaml", MODEL),
        ("modelset.yaml", MODELSET),
        ("output.yaml", "output: {}\n"),
    ] {
        write(&config.join(name), text)?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a trial's own input")]
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|source| Failure::File {
        path: path.to_owned(),
        source,
    })
}

pub(super) fn make_folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|source| Failure::File {
        path: path.to_owned(),
        source,
    })
}

fn copy(from: &str, to: &Path) -> Result<(), Failure> {
    if let Some(parent) = to.parent() {
        make_folder(parent)?;
    }
    run_shown(
        Command::new("cp")
            .arg("-r")
            .arg(workspace::root().join(from))
            .arg(to),
    )
}
