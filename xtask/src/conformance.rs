//! `cargo xtask conformance`: experiments through all three stages with the real suite, compared
//! with the suite called directly, value by value.
//!
//! Needs `EPYCLOUD_SUITE_PYTHON`, the python of a virtual environment that has epymodelingsuite,
//! cloudpickle and dill, and the shared data (`../shared/data`, or `EPYCLOUD_SHARED_DATA`).
//! Where the suite itself fails, the engine has to fail with the suite's own traceback.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use serde::Deserialize;

use crate::failure::Failure;
use crate::process::{cargo, run, say};
use crate::workspace;

/// An experiment and what is changed in its configuration.
struct Variant {
    /// The experiment's name in the forecast repository.
    experiment: &'static str,
    /// What the table calls it.
    name: &'static str,
    /// Whether the suite is mended, so that it can make outputs at all.
    mended: bool,
    /// Replaced text, in its files and its data.
    edits: &'static [(&'static str, &'static str)],
}

const FEWER_PARTICLES: (&str, &str) = ("num_particles: 100", "num_particles: 6");
const FEWER_GENERATIONS: (&str, &str) = ("num_generations: 5", "num_generations: 2");
/// Suite 0.1.0 reads it where there is none.
const RESAMPLING: (&str, &str) = (
    "  random_seed: 42\n",
    "  random_seed: 42\n  simulation:\n    resample_frequency: W-SAT\n",
);
const PROJECTION: (&str, &str) = (
    "    fitting_window:\n",
    "    projection:\n      n_trajectories: 4\n    fitting_window:\n",
);

/// As they are but for their size, then with what suite 0.1.0 fails on left out.
const VARIANTS: [Variant; 7] = [
    Variant {
        experiment: "basic-standalone",
        name: "basic-standalone",
        mended: false,
        edits: &[],
    },
    Variant {
        experiment: "basic-standalone",
        name: "basic-standalone+",
        mended: true,
        edits: &[],
    },
    Variant {
        experiment: "basic-calibration",
        name: "basic-calibration",
        mended: false,
        edits: &[FEWER_PARTICLES, FEWER_GENERATIONS],
    },
    Variant {
        experiment: "basic-calibration",
        name: "basic-calibration+",
        mended: true,
        edits: &[
            FEWER_PARTICLES,
            FEWER_GENERATIONS,
            ("name: SMC", "name: smc"),
            // Its own data name places as no version of the suite finds them: it never ends.
            ("influenza_hosp_24.csv", "flu_hosp_24.csv"),
            ("value_column: value", "value_column: hospitalizations"),
            RESAMPLING,
            PROJECTION,
            // Without it, it asks for a setting that isn't in its schema.
            (
                "  posteriors: true\n",
                "  posteriors: true\n  flusight_format: {reference_date: \"2025-04-05\"}\n",
            ),
        ],
    },
    Variant {
        experiment: "flu-calibration",
        name: "flu-calibration",
        mended: false,
        edits: &[
            ("num_particles: 20", "num_particles: 6"),
            FEWER_GENERATIONS,
            ("n_trajectories: 100", "n_trajectories: 8"),
        ],
    },
    Variant {
        experiment: "flu-calibration",
        name: "flu-calibration+",
        mended: true,
        edits: &[
            ("num_particles: 20", "num_particles: 4"),
            FEWER_GENERATIONS,
            ("n_trajectories: 100", "n_trajectories: 4"),
            ("    rate_trends:\n", "    ignored:\n"),
        ],
    },
    Variant {
        experiment: "basic-sampling",
        name: "basic-sampling",
        mended: false,
        edits: &[("n_samples: 100", "n_samples: 1")],
    },
];

#[derive(Args)]
pub(crate) struct Options {
    /// Experiments to run (all of them without a name).
    experiments: Vec<String>,
}

/// A line of the comparison's output.
#[derive(Deserialize)]
struct Compared {
    stage: String,
    what: String,
    values: u64,
    different: Vec<String>,
    /// The suite's own failure.
    fails: Option<String>,
}

/// Where everything is.
struct Setting {
    python: PathBuf,
    data: PathBuf,
    work: PathBuf,
}

/// Runs the experiments and prints the table of what was compared.
pub(crate) fn run_all(options: &Options) -> Result<(), Failure> {
    let Some(setting) = Setting::from_environment() else {
        return Ok(());
    };
    run(cargo()
        .args([
            "build",
            "--release",
            "-p",
            "epycloud-dispatcher",
            "--features",
            "python",
        ])
        .env("PYO3_PYTHON", &setting.python))?;
    let mut table = vec![row("experiment", "stage", "compared", "values", "outcome")];
    let mut problems = 0;
    for variant in &VARIANTS {
        let asked = &options.experiments;
        if !asked.is_empty() && !asked.iter().any(|name| name == variant.name) {
            continue;
        }
        for line in setting.conform(variant)? {
            problems += line.different.len();
            table.push(row(
                variant.name,
                &line.stage,
                &line.what,
                &line.values.to_string(),
                &line.outcome(),
            ));
        }
    }
    for line in table {
        say(&line);
    }
    if problems == 0 {
        Ok(())
    } else {
        Err(Failure::Untidy(problems))
    }
}

fn row(experiment: &str, stage: &str, what: &str, values: &str, outcome: &str) -> String {
    format!("| {experiment:18} | {stage:5} | {what:32} | {values:>9} | {outcome} |")
}

impl Compared {
    fn outcome(&self) -> String {
        match (&self.fails, self.different.is_empty()) {
            (_, false) => format!("DIFFERENT: {}", self.different.join("; ")),
            (Some(error), true) => format!("both fail: {error}"),
            (None, true) => "equal".to_owned(),
        }
    }
}

impl Setting {
    fn from_environment() -> Option<Self> {
        let Some(python) = std::env::var_os("EPYCLOUD_SUITE_PYTHON") else {
            say("conformance: skipped, EPYCLOUD_SUITE_PYTHON is not set");
            return None;
        };
        let data = std::env::var_os("EPYCLOUD_SHARED_DATA")
            .map_or_else(|| workspace::root().join("../shared/data"), PathBuf::from);
        if !data.is_dir() {
            say(&format!(
                "conformance: skipped, `{}` is not there",
                data.display()
            ));
            return None;
        }
        let work = workspace::root().join("target/conformance");
        Some(Self {
            python: python.into(),
            data,
            work,
        })
    }

    /// Runs one experiment and compares all it left.
    fn conform(&self, variant: &Variant) -> Result<Vec<Compared>, Failure> {
        let folder = self.work.join(variant.name);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(at(&folder))?;
        }
        let repository = folder.join("forecast");
        copy(&self.data.join("forecast"), &repository)?;
        let experiment = repository.join("experiments").join(variant.experiment);
        for changed in [experiment.join("config"), repository.join("data")] {
            edit(&changed, variant.edits)?;
        }
        let run = Run {
            setting: self,
            variant,
            folder,
        };
        run.stage("A", None)?;
        for task in 0..tasks(&run.run_folder()) {
            run.stage("B", Some(task))?;
        }
        run.stage("C", None)?;
        run.compare()
    }
}

/// An experiment that is being run.
struct Run<'a> {
    setting: &'a Setting,
    variant: &'a Variant,
    folder: PathBuf,
}

impl Run<'_> {
    fn run_folder(&self) -> PathBuf {
        let experiment = self
            .folder
            .join("bucket/pipeline/flu")
            .join(self.variant.experiment);
        experiment.join("conformance")
    }

    /// Runs a program with what is on Python's path, in both ways of calling the suite.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_remove("PYTHONPATH");
        if self.variant.mended {
            command.env("PYTHONPATH", workspace::root().join("tests/python/mended"));
        }
        command
    }

    /// Runs a stage, which may fail; what it says is kept.
    fn stage(&self, stage: &str, task: Option<u32>) -> Result<(), Failure> {
        let program = target_folder().join("release/epycloud-dispatcher");
        let mut command = self.command(&program);
        command
            .env("EXECUTION_MODE", "local")
            .env("EPYCLOUD_ENGINE", "python")
            .env("EPYCLOUD_PYTHON", &self.setting.python)
            .env(
                "EPYCLOUD_POPULATION_DATA",
                self.setting.data.join("epydemix-data"),
            )
            .env("LOCAL_DATA_PATH", &self.folder)
            .env("EXP_ID", self.variant.experiment)
            .env("RUN_ID", "conformance")
            .env("STAGE", stage);
        if let Some(task) = task {
            command.env("TASK_INDEX", task.to_string());
        }
        let index = task.map_or_else(String::new, |task| task.to_string());
        say(&format!(
            "conformance: {}, stage {stage}{index}",
            self.variant.name
        ));
        let output = command.output().map_err(|source| Failure::Start {
            program: program.display().to_string(),
            source,
        })?;
        let mut said = output.stdout;
        said.extend(output.stderr);
        write(&self.folder.join(format!("{stage}{index}")), &said)
    }

    fn compare(&self) -> Result<Vec<Compared>, Failure> {
        let mut command = self.command(&self.setting.python);
        command
            .arg(workspace::root().join("tests/python/conformance.py"))
            .arg(self.folder.join("forecast"))
            .arg(self.variant.experiment)
            .arg(self.run_folder())
            .arg(self.setting.data.join("epydemix-data"))
            .arg(&self.folder);
        let output = crate::process::capture(&mut command)?;
        let unexpected = |reason: String| Failure::Output {
            command: "conformance.py".to_owned(),
            reason,
        };
        // epydemix prints its progress between the lines.
        output
            .lines()
            .filter(|line| line.starts_with('{'))
            .map(|line| serde_json::from_str(line).map_err(|error| unexpected(error.to_string())))
            .collect()
    }
}

fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace::root().join("target"), PathBuf::from)
}

/// How many tasks stage A has built; none when it failed.
fn tasks(run_folder: &Path) -> u32 {
    #[derive(Deserialize)]
    struct Tasks {
        n: u32,
    }
    fs::read_to_string(run_folder.join("builder-artifacts/tasks.json"))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .map_or(0, |Tasks { n }| n)
}

fn edit(folder: &Path, edits: &[(&str, &str)]) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        let mut text = fs::read_to_string(&path).map_err(at(&path))?;
        for (from, to) in edits {
            text = text.replace(from, to);
        }
        write(&path, text.as_bytes())?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to).map_err(at(to))?;
    for entry in fs::read_dir(from).map_err(at(from))? {
        let path = entry.map_err(at(from))?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(at(&path))?;
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "scratch files of one run")]
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let path = path.to_owned();
    |source| Failure::File { path, source }
}
