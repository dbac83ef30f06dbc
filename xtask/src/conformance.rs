//! `cargo xtask conformance`: experiments through all three stages with the real suite, compared
//! with the suite called directly, value by value.
//!
//! Needs `EPYCLOUD_SUITE_PYTHON`, the python of a virtual environment that has epymodelingsuite,
//! cloudpickle and dill, and the shared data (`../shared/data`, or `EPYCLOUD_SHARED_DATA`).
//! Where the suite itself fails, the engine has to fail with the suite's own traceback. With
//! `--original`, simulations are compared with what the original pipeline's scripts make too.

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

/// Five steps a day take the suite seconds a simulation, so there can only be few.
const THREE_PARTICLES: (&str, &str) = ("num_particles: 100", "num_particles: 3");
const ONE_GENERATION: (&str, &str) = ("num_generations: 5", "num_generations: 1");
const FEWER_GENERATIONS: (&str, &str) = ("num_generations: 5", "num_generations: 2");
/// Suite 0.1.0 reads it where there is none.
const RESAMPLING: (&str, &str) = (
    "  random_seed: 42\n",
    "  random_seed: 42\n  simulation:\n    resample_frequency: W-SAT\n",
);
const PROJECTION: (&str, &str) = (
    "    fitting_window:\n",
    "    projection:\n      n_trajectories: 2\n    fitting_window:\n",
);

const ONE_SAMPLE: (&str, &str) = ("n_samples: 100", "n_samples: 1");
const ONE_OF_THE_GRID: (&str, &str) = (
    "          - 0.2\n          - 0.3\n          - 0.4\n          - 0.5",
    "",
);

/// As they are but for their size, then with what suite 0.1.0 fails on left out.
const VARIANTS: [Variant; 8] = [
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
        edits: &[THREE_PARTICLES, ONE_GENERATION],
    },
    Variant {
        experiment: "basic-calibration",
        name: "basic-calibration+",
        mended: true,
        edits: &[
            THREE_PARTICLES,
            ONE_GENERATION,
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
        edits: &[ONE_SAMPLE, ONE_OF_THE_GRID],
    },
    // With two starts, what starts later has too few days of vaccinations at five steps a day.
    Variant {
        experiment: "basic-sampling",
        name: "basic-sampling+",
        mended: true,
        edits: &[("n_samples: 100", "n_samples: 2"), ONE_OF_THE_GRID],
    },
];

#[derive(Args)]
pub(crate) struct Options {
    /// Experiments to run (all of them without a name).
    experiments: Vec<String>,
    /// The folder of the original pipeline's `main_builder.py` and `main_runner.py`.
    #[arg(long)]
    original: Option<PathBuf>,
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
    original: Option<PathBuf>,
}

/// Runs the experiments and prints the table of what was compared.
pub(crate) fn run_all(options: &Options) -> Result<(), Failure> {
    let Some(setting) = Setting::from_environment(options) else {
        return Ok(());
    };
    run(Command::new(&setting.python).args(["-c", "import epymodelingsuite, cloudpickle, dill"]))?;
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
    let mut compared = Vec::new();
    for variant in options.variants()? {
        let lines = setting.conform(variant)?;
        table.extend(lines.iter().map(|line| line.row(variant.name)));
        compared.extend(lines);
    }
    for line in table {
        say(&line);
    }
    say(&summary(&compared));
    match compared.iter().map(|line| line.different.len()).sum() {
        0 => Ok(()),
        problems => Err(Failure::Untidy(problems)),
    }
}

fn summary(compared: &[Compared]) -> String {
    let values: u64 = compared.iter().map(|line| line.values).sum();
    let different = compared
        .iter()
        .filter(|line| !line.different.is_empty())
        .count();
    let failing = compared.iter().filter(|line| line.fails.is_some()).count();
    format!(
        "conformance: {values} values in {} comparisons, {different} of them different; in \
         {failing} the suite itself fails",
        compared.len()
    )
}

impl Options {
    fn variants(&self) -> Result<Vec<&'static Variant>, Failure> {
        let known = |name: &String| VARIANTS.iter().any(|variant| variant.name == name);
        if let Some(name) = self.experiments.iter().find(|name| !known(name)) {
            return Err(Failure::Unknown {
                name: name.clone(),
                known: VARIANTS.map(|variant| variant.name).join("`, `"),
            });
        }
        let is_asked = |variant: &&Variant| {
            self.experiments.is_empty() || self.experiments.iter().any(|name| name == variant.name)
        };
        Ok(VARIANTS.iter().filter(is_asked).collect())
    }
}

impl Variant {
    /// Whether the original gives the same twice: it seeds no calibration.
    fn is_repeatable(&self) -> bool {
        !self.experiment.contains("calibration")
    }
}

fn row(experiment: &str, stage: &str, what: &str, values: &str, outcome: &str) -> String {
    format!("| {experiment:18} | {stage:5} | {what:34} | {values:>9} | {outcome} |")
}

impl Compared {
    fn row(&self, experiment: &str) -> String {
        row(
            experiment,
            &self.stage,
            &self.what,
            &self.values.to_string(),
            &self.outcome(),
        )
    }

    fn outcome(&self) -> String {
        match (&self.fails, self.different.is_empty()) {
            (_, false) => format!("DIFFERENT: {}", self.different.join("; ")),
            (Some(error), true) => format!("both fail: {error}"),
            (None, true) => "equal".to_owned(),
        }
    }
}

impl Setting {
    fn from_environment(options: &Options) -> Option<Self> {
        let Some(python) = std::env::var_os("EPYCLOUD_SUITE_PYTHON") else {
            say("conformance: skipped, EPYCLOUD_SUITE_PYTHON is not set");
            return None;
        };
        let data = workspace::shared_data();
        if !data.is_dir() {
            say(&format!(
                "conformance: skipped, `{}` is not there",
                data.display()
            ));
            return None;
        }
        Some(Self {
            python: python.into(),
            data,
            work: workspace::root().join("target/conformance"),
            original: options.original.clone(),
        })
    }

    fn population_data(&self) -> PathBuf {
        self.data.join("epydemix-data")
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
        let n = tasks(&run.run_folder());
        for task in 0..n {
            run.stage("B", Some(task))?;
        }
        if n > 0 {
            run.stage("C", None)?;
        }
        let mut compared = run.compare_with_suite()?;
        if let (Some(original), true) = (&self.original, variant.is_repeatable()) {
            compared.extend(run.compare_with_scripts(original)?);
        }
        Ok(compared)
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
            .env("EPYCLOUD_POPULATION_DATA", self.setting.population_data())
            .env("LOCAL_DATA_PATH", &self.folder)
            .env("ALLOW_PARTIAL_RESULTS", "true")
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

    /// What one of the comparing scripts finds.
    fn compare(&self, script: &str, arguments: &[&Path]) -> Result<Vec<Compared>, Failure> {
        let mut command = self.command(&self.setting.python);
        command
            .arg(workspace::root().join("tests/python").join(script))
            .args(arguments);
        let output = crate::process::capture(&mut command)?;
        let unexpected = |reason: String| Failure::Output {
            command: script.to_owned(),
            reason,
        };
        // epydemix prints its progress between the lines.
        output
            .lines()
            .filter(|line| line.starts_with('{'))
            .map(|line| serde_json::from_str(line).map_err(|error| unexpected(error.to_string())))
            .collect()
    }

    fn compare_with_suite(&self) -> Result<Vec<Compared>, Failure> {
        let arguments = [
            &*self.folder.join("forecast"),
            self.variant.experiment.as_ref(),
            &self.run_folder(),
            &self.setting.population_data(),
            &self.folder,
        ];
        self.compare("conformance.py", &arguments)
    }

    fn compare_with_scripts(&self, original: &Path) -> Result<Vec<Compared>, Failure> {
        say(&format!(
            "conformance: {}, the original's scripts",
            self.variant.name
        ));
        let arguments = [
            original,
            &self.folder.join("forecast"),
            self.variant.experiment.as_ref(),
            &self.run_folder(),
            &self.setting.population_data(),
        ];
        self.compare("original_scripts.py", &arguments)
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
