//! A project whose engine is Python, and the binary run on it.

#![expect(clippy::disallowed_methods, reason = "plain files of tests")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use epycloud_stages::worker::{Answer, Request};
use serde_json::Value;

/// What the tests need of their Python.
const IMPORTS: &str = "import epydemix, cloudpickle, dill, pydantic, yaml";

/// `tests/python` in the workspace.
pub(crate) fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/python")
        .canonicalize()
        .unwrap()
}

/// The Python to test with, or why there is none.
pub(crate) fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let found = PYTHON.get_or_init(|| {
        let python = std::env::var_os("EPYCLOUD_ORACLE_PYTHON")
            .map(PathBuf::from)
            .ok_or("EPYCLOUD_ORACLE_PYTHON is not set")?;
        let imported = Command::new(&python).args(["-c", IMPORTS]).output();
        match imported {
            Ok(output) if output.status.success() => Ok(python),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(error) => Err(error.to_string()),
        }
    });
    match found {
        Ok(python) => Some(python),
        Err(reason) => {
            eprintln!("skipped: {}: {reason}", tests_folder().display());
            None
        }
    }
}

/// A forecast repository with one experiment, and a bucket beside it.
pub(crate) struct Project {
    folder: tempfile::TempDir,
    variables: BTreeMap<String, String>,
}

/// The experiment `e`: a simulation of Testland, unless more is said.
pub(crate) struct Experiment {
    /// Lines of the base model besides what every one has.
    pub(crate) model: String,
    /// The model set.
    pub(crate) modelset: Option<String>,
    /// The output configuration.
    pub(crate) output: String,
}

impl Experiment {
    pub(crate) fn simulation() -> Self {
        Self {
            model: String::new(),
            modelset: None,
            output: "output: {}\n".to_owned(),
        }
    }

    /// `n` tasks that differ in a parameter.
    pub(crate) fn sampling(n: u32) -> Self {
        let modelset = format!(
            "modelset: {{sampling: {{n_samples: {n}, parameter: beta, low: 0.2, high: 0.4}}}}\n"
        );
        Self {
            modelset: Some(modelset),
            ..Self::simulation()
        }
    }

    /// Two populations, each with a sampler and a closure.
    pub(crate) fn calibration() -> Self {
        let modelset = "modelset:\n  population_names: [Here, There]\n  calibration: {parameter: \
                        beta, low: 0.2, high: 0.4, observed_data_path: data/observed.csv, \
                        num_particles: 4}\n";
        Self {
            modelset: Some(modelset.to_owned()),
            ..Self::simulation()
        }
    }

    /// The same with a function of `functions/behaviour.py` called for each task.
    pub(crate) fn behaving(mut self, function: &str) -> Self {
        self.model
            .push_str(&format!("  behaviour: functions.behaviour.{function}\n"));
        self
    }

    pub(crate) fn with_output(mut self, output: &str) -> Self {
        output.clone_into(&mut self.output);
        self
    }
}

impl Project {
    /// A project with this experiment; `None` where there is no Python to test with.
    pub(crate) fn new(experiment: &Experiment) -> Option<Self> {
        Self::with_python(experiment, python()?)
    }

    pub(crate) fn with_python(experiment: &Experiment, python: &Path) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let repository = folder.path().join("forecast");
        let config = repository.join("experiments/e/config");
        fs::create_dir_all(&config).unwrap();
        for name in ["functions", "data"] {
            fs::create_dir_all(repository.join(name)).unwrap();
        }
        fs::copy(
            tests_folder().join("forecast/functions/behaviour.py"),
            repository.join("functions/behaviour.py"),
        )
        .unwrap();
        let observed: String = (1..=20).map(|day| format!("{}\n", 10 * day)).collect();
        fs::write(
            repository.join("data/observed.csv"),
            format!("value\n{observed}"),
        )
        .unwrap();
        let model = format!(
            "model:\n  random_seed: 42\n  population: {{name: Testland}}\n  timespan: {{start_date: \
             2025-01-01, end_date: 2025-01-20}}\n  parameters: {{beta: 0.3, gamma: 0.1}}\n{}",
            experiment.model
        );
        fs::write(config.join("basemodel.yaml"), model).unwrap();
        fs::write(config.join("output.yaml"), &experiment.output).unwrap();
        if let Some(modelset) = &experiment.modelset {
            fs::write(config.join("modelset.yaml"), modelset).unwrap();
        }
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        let variables = [
            ("EXECUTION_MODE", "local".to_owned()),
            ("EPYCLOUD_ENGINE", "python".to_owned()),
            ("EPYCLOUD_PYTHON", text(python.to_owned())),
            ("PYTHONPATH", text(tests_folder().join("suite"))),
            ("EXP_ID", "e".to_owned()),
            ("RUN_ID", "r".to_owned()),
            ("LOCAL_DATA_PATH", text(folder.path().to_owned())),
            ("STORAGE_VERBOSE", "false".to_owned()),
            ("MPLBACKEND", "Agg".to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value));
        Some(Self {
            variables: variables.into(),
            folder,
        })
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.variables.remove(name);
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// A file or folder of the run.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root().join("bucket/pipeline/flu/e/r").join(name)
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path(name)).unwrap()).unwrap()
    }

    /// The binary in this project's environment and no other.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_epycloud-dispatcher"));
        command.env_clear().envs(&self.variables);
        command
    }

    pub(crate) fn stage(&self, stage: &str) -> Ended {
        self.run(&[("STAGE", stage)])
    }

    pub(crate) fn task(&self, index: u32) -> Ended {
        self.run(&[("STAGE", "B"), ("TASK_INDEX", &index.to_string())])
    }

    pub(crate) fn run(&self, variables: &[(&str, &str)]) -> Ended {
        let mut command = self.command();
        Ended::new(&command.envs(variables.iter().copied()).output().unwrap())
    }

    /// Starts a task and waits until its code says that it is waiting.
    pub(crate) fn start_waiting(&self) -> Child {
        let log = self.root().join("log");
        let mut child = self
            .command()
            .envs([("STAGE", "B"), ("TASK_INDEX", "0")])
            .stdout(fs::File::create(&log).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..600 {
            if fs::read_to_string(&log).unwrap().contains("waiting") {
                return child;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let _ = child.kill();
        let _ = child.wait();
        panic!("{}", fs::read_to_string(&log).unwrap());
    }

    /// Has one worker run tasks: its exit code, its last answers by task, and its log.
    pub(crate) fn work(&self, tasks: impl IntoIterator<Item = u32>) -> Worked {
        let mut child = self
            .command()
            .arg("worker")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let requests: String = tasks
            .into_iter()
            .map(|task| Request::Run { task }.to_line())
            .collect();
        let writing = std::thread::spawn(move || {
            // A worker that dies doesn't read.
            let _ = input.write_all(requests.as_bytes());
        });
        let output = child.wait_with_output().unwrap();
        writing.join().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let mut answers: Vec<Answer> = said
            .lines()
            .map(|line| Answer::from_line(line).unwrap_or_else(|error| panic!("{line}: {error}")))
            .filter(|answer| task_of(answer).is_some())
            .collect();
        // Results are stored side by side.
        answers.sort_by_key(task_of);
        Worked {
            status: output.status,
            answers,
            log: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Builds the experiment and runs all its tasks in one worker.
    pub(crate) fn results(&self, n: u32) {
        self.stage("A").succeeds();
        let worked = self.work(0..n);
        for answer in &worked.answers {
            assert!(matches!(answer, Answer::Done { .. }), "{answer:?}");
        }
    }

    /// The files of the only folder of outputs, by name, without the output configuration and
    /// the index.
    pub(crate) fn outputs(&self) -> BTreeMap<String, Vec<u8>> {
        let folder = self.output_folder();
        fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, fs::read(path).unwrap())
            })
            .filter(|(name, _)| name != "index.json" && name != "output.yaml")
            .collect()
    }

    pub(crate) fn output_folder(&self) -> PathBuf {
        let mut folders = fs::read_dir(self.path("outputs")).unwrap();
        let folder = folders.next().unwrap().unwrap().path();
        assert!(folders.next().is_none());
        folder
    }

    /// Runs one of the scripts of `tests/python` and gives what it prints.
    pub(crate) fn script(&self, name: &str, arguments: &[&Path]) -> String {
        let output = Command::new(&self.variables["EPYCLOUD_PYTHON"])
            .arg(tests_folder().join(name))
            .args(arguments)
            .env_clear()
            .envs(&self.variables)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{name}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// What came of a worker.
pub(crate) struct Worked {
    pub(crate) status: std::process::ExitStatus,
    pub(crate) answers: Vec<Answer>,
    pub(crate) log: String,
}

/// What came of a stage.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    /// Standard output, which is the log, and standard error.
    pub(crate) said: String,
}

impl Ended {
    fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code(),
            said: text(&output.stdout) + &text(&output.stderr),
        }
    }

    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.said);
        self
    }

    /// Ended with this code, having said all of this.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, expected: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.said);
        self.says(expected);
    }

    #[track_caller]
    pub(crate) fn says(&self, expected: &[&str]) {
        for text in expected {
            assert!(
                self.said.contains(text),
                "`{text}` is not in:\n{}",
                self.said
            );
        }
    }
}

/// The task whose last answer it is.
fn task_of(answer: &Answer) -> Option<u32> {
    match answer {
        Answer::Done { task, .. } | Answer::Failed { task, .. } => Some(*task),
        _ => None,
    }
}
