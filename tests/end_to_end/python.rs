//! The python engine under the pool of workers: what one task's code does to the others.
//!
//! Needs the feature `python` and, in `EPYCLOUD_ORACLE_PYTHON`, a Python with the packages of
//! `tests/oracle/requirements.txt`; says so and passes where there is none.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::project::{Project, Ran, checkout};

/// A project of one experiment for the small suite, and a Python that runs it.
struct Small {
    project: Project,
    python: OsString,
}

impl Small {
    /// With a function of `tests/python/forecast/functions/behaviour.py`, in some tasks.
    fn new(behaviour: &str, tasks: u32) -> Option<Self> {
        let Some(python) = std::env::var_os("EPYCLOUD_ORACLE_PYTHON") else {
            #[expect(clippy::print_stderr, reason = "says that it is skipped")]
            {
                eprintln!("skipped: EPYCLOUD_ORACLE_PYTHON is not set");
            }
            return None;
        };
        let small = Self {
            project: Project::empty(),
            python,
        };
        let code = suite().with_file_name("forecast/functions/behaviour.py");
        small.write("functions/behaviour.py", &fs::read_to_string(code).unwrap());
        small.base_model(&format!(
            "parameters: {{beta: 0.3, gamma: 0.1}}\n  behaviour: functions.behaviour.{behaviour}"
        ));
        small.modelset(&format!(
            "n_samples: {tasks}, parameter: beta, low: 0.2, high: 0.4"
        ));
        small.write("experiments/e/config/output.yaml", "output: {}\n");
        Some(small)
    }

    fn base_model(&self, more: &str) {
        let text = format!(
            "model:\n  random_seed: 42\n  population: {{name: Testland}}\n  timespan: {{start_date: \
             2025-01-01, end_date: 2025-01-20}}\n  {more}\n"
        );
        self.write("experiments/e/config/basemodel.yaml", &text);
    }

    fn modelset(&self, sampling: &str) {
        let text = format!("modelset: {{sampling: {{{sampling}}}}}\n");
        self.write("experiments/e/config/modelset.yaml", &text);
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.project.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test's own input")]
        fs::write(path, text).unwrap();
    }

    fn epycloud(&self, arguments: &[&str]) -> Ran {
        let mut command = self.project.command(arguments);
        command
            .env("EPYCLOUD_ENGINE", "python")
            .env("EPYCLOUD_PYTHON", &self.python)
            .env("PYTHONPATH", suite())
            .env("MPLBACKEND", "Agg");
        Ran::from(command.output().unwrap())
    }

    fn workflow(&self) -> Ran {
        self.epycloud(&[
            "run", "workflow", "--local", "--exp-id", "e", "--run-id", "r", "--jobs", "2",
        ])
    }

    /// What the suite says against it: place, line and message of each.
    fn refusals(&self) -> Vec<(String, u64, String)> {
        let words = ["validate", "--exp-id", "e", "--format", "json"];
        let outcome: Value = serde_json::from_str(&self.epycloud(&words).ended(1).stdout).unwrap();
        assert_eq!(outcome["engine"], "python");
        let faults = outcome["faults"].as_array().unwrap().iter();
        faults
            .map(|fault| {
                let file = fault["file"].as_str().unwrap();
                let file = file.rsplit('/').next().unwrap();
                let key = fault["key"].as_str().unwrap();
                (
                    format!("{file} {key}"),
                    fault["line"].as_u64().unwrap(),
                    fault["message"].as_str().unwrap().to_owned(),
                )
            })
            .collect()
    }
}

/// The folder of the small suite.
fn suite() -> PathBuf {
    checkout().join("tests/python/suite")
}

fn has_result(folder: &Path, task: u32) -> bool {
    folder
        .join(format!("runner-artifacts/result_{task:05}.pkl.gz"))
        .exists()
}

#[test]
fn native_code_that_aborts_fails_its_own_task_and_no_other() {
    let Some(small) = Small::new("abort", 6) else {
        return;
    };
    let ran = small.workflow().ended(1);
    let run = small.project.run_folder_of("e", "r");
    for task in 0..6 {
        assert_eq!(has_result(&run, task), task != 1, "{task}: {}", ran.stderr);
    }
    for text in ["1 of 6 tasks failed", "task 1", "signal 6"] {
        assert!(
            ran.stderr.contains(text),
            "`{text}` is not in:\n{}",
            ran.stderr
        );
    }
    assert!(!ran.stderr.contains("Extension modules"), "{}", ran.stderr);
}

/// `validate --engine python` has the suite's own loaders read the files.
#[test]
fn what_the_suite_refuses_is_told_at_its_place() {
    let Some(small) = Small::new("abort", 2) else {
        return;
    };
    let validate = ["validate", "--exp-id", "e", "--engine", "python"];
    let ran = small.epycloud(&validate).ended(0);
    assert!(ran.stdout.contains("e  passed"), "{}", ran.stdout);

    // Every file's faults are told, each at its line.
    small.base_model("parameters: {beta: 0.3, gamma: much}\n  n_sims: many");
    small.modelset("n_samples: 2, parameter: beta, low: 0.2");
    let told = small.refusals();
    let places: Vec<(&str, u64)> = told
        .iter()
        .map(|(place, line, _)| (&**place, *line))
        .collect();
    assert_eq!(
        places,
        [
            ("basemodel.yaml model.parameters.gamma", 5),
            ("basemodel.yaml model.n_sims", 6),
            ("modelset.yaml modelset.sampling", 1),
        ],
        "{told:?}"
    );
    assert!(told[0].2.contains("valid number"), "{told:?}");
    assert!(
        told.iter()
            .all(|(_, _, text)| text.starts_with("epymodelingsuite: "))
    );

    // Files that are right alone, and don't agree.
    small.base_model("parameters: {gamma: 0.1}");
    small.modelset("n_samples: 2, parameter: beta, low: 0.2, high: 0.4");
    let told = small.refusals();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].2.contains("'beta' is not defined"), "{told:?}");

    // A run is refused for the same, before anything is begun.
    let ran = small.workflow().ended(2);
    assert!(
        ran.stderr.contains("'beta' is not defined"),
        "{}",
        ran.stderr
    );
    assert!(!small.project.run_folder_of("e", "r").exists());
}
