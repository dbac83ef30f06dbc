//! The python engine under the pool of workers: what one task's code does to the others.
//!
//! Needs the feature `python` and, in `EPYCLOUD_ORACLE_PYTHON`, a Python with the packages of
//! `tests/oracle/requirements.txt`; says so and passes where there is none.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::project::{Project, Ran, checkout};

/// The name in `tests/python/forecast/functions/behaviour.py`, in an experiment of some tasks.
fn run(behaviour: &str, tasks: u32) -> Option<(Project, Ran)> {
    let Some(python) = std::env::var_os("EPYCLOUD_ORACLE_PYTHON") else {
        #[expect(clippy::print_stderr, reason = "says that it is skipped")]
        {
            eprintln!("skipped: EPYCLOUD_ORACLE_PYTHON is not set");
        }
        return None;
    };
    let project = Project::empty();
    let fixtures = checkout().join("tests/python");
    let write = |name: &str, text: &str| {
        let path = project.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test's own input")]
        fs::write(path, text).unwrap();
    };
    let code = fixtures.join("forecast/functions/behaviour.py");
    write("functions/behaviour.py", &fs::read_to_string(code).unwrap());
    write(
        "experiments/e/config/basemodel.yaml",
        &format!(
            "model:\n  random_seed: 42\n  population: {{name: Testland}}\n  timespan: {{start_date: \
             2025-01-01, end_date: 2025-01-20}}\n  parameters: {{beta: 0.3, gamma: 0.1}}\n  \
             behaviour: functions.behaviour.{behaviour}\n"
        ),
    );
    write(
        "experiments/e/config/modelset.yaml",
        &format!(
            "modelset: {{sampling: {{n_samples: {tasks}, parameter: beta, low: 0.2, high: 0.4}}}}\n"
        ),
    );
    write("experiments/e/config/output.yaml", "output: {}\n");
    let mut command: Command = project.command(&[
        "run", "workflow", "--local", "--exp-id", "e", "--run-id", "r", "--engine", "python",
        "--jobs", "2",
    ]);
    command
        .env("EPYCLOUD_PYTHON", python)
        .env("PYTHONPATH", fixtures.join("suite"))
        .env("MPLBACKEND", "Agg");
    let ran = Ran::from(command.output().unwrap());
    Some((project, ran))
}

fn has_result(folder: &Path, task: u32) -> bool {
    folder
        .join(format!("runner-artifacts/result_{task:05}.pkl.gz"))
        .exists()
}

#[test]
fn native_code_that_aborts_fails_its_own_task_and_no_other() {
    let Some((project, ran)) = run("abort", 6) else {
        return;
    };
    let ran = ran.ended(1);
    let run = project.run_folder_of("e", "r");
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
