//! Failures say what is wrong, whose it is and what helps.

#![expect(clippy::disallowed_methods, reason = "plain files of tests")]

use std::fs;
use std::path::Path;

use epycloud_stages::worker::Answer;

use crate::support::{Experiment, Project, python};

#[test]
fn an_exception_names_experiment_and_task_and_keeps_its_traceback() {
    let Some(project) = Project::new(&Experiment::sampling(2).behaving("fail")) else {
        return;
    };
    project.stage("A").succeeds();
    project.task(1).fails(
        1,
        &[
            "the python engine could not run task 1",
            "while running task 1 (`Testland`) of experiment `e`",
            "ValueError: task 1 is odd",
            "KeyError: 'missing'",
            "The above exception was the direct cause of the following exception",
            "behaviour.py\", line",
        ],
    );
    let summary = project.json("summaries/json/runner_00001_summary.json");
    let error = summary["runner"]["errors"][0]["error"].as_str().unwrap();
    assert!(error.contains("ValueError: task 1 is odd"), "{error}");
}

#[test]
fn an_experiment_that_the_suite_refuses_is_named() {
    let mut experiment = Experiment::sampling(1);
    experiment.modelset = experiment
        .modelset
        .map(|text| text.replace("parameter: beta", "parameter: delta"));
    let Some(project) = Project::new(&experiment) else {
        return;
    };
    project.stage("A").fails(
        1,
        &[
            "while building experiment `e`",
            "ValueError: Parameter 'delta' is not defined in the base model",
            "in validate_cross_config_consistency",
        ],
    );
    assert!(!project.path("builder-artifacts/tasks.json").exists());
}

#[test]
fn a_task_that_leaves_python_fails_alone() {
    let Some(project) = Project::new(&Experiment::sampling(2).behaving("leave")) else {
        return;
    };
    project.stage("A").succeeds();
    let worked = project.work(0..2);
    assert_eq!(worked.status.code(), Some(0), "{}", worked.log);
    for answer in &worked.answers {
        let Answer::Failed { chain, .. } = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(chain[2], "SystemExit: 7");
    }
    assert_eq!(worked.answers.len(), 2);
}

#[test]
fn a_module_that_the_repository_lacks_says_where_it_was_looked_for() {
    let mut experiment = Experiment::simulation();
    experiment
        .model
        .push_str("  behaviour: functions.nowhere.run\n");
    let Some(project) = Project::new(&experiment) else {
        return;
    };
    project.stage("A").succeeds();
    project.task(0).fails(
        1,
        &[
            "ModuleNotFoundError: No module named 'functions.nowhere'",
            "hint: modules of an experiment are looked for in the forecast repository's root",
        ],
    );
}

#[test]
fn a_python_that_is_not_there_is_named() {
    let project = Project::with_python(&Experiment::simulation(), Path::new("/nowhere/python"));
    project.unwrap().stage("A").fails(
        2,
        &[
            "`/nowhere/python` (EPYCLOUD_PYTHON) is not there",
            "hint: make the virtual environment",
        ],
    );
}

#[test]
fn a_python_of_another_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("bin")).unwrap();
    fs::write(folder.path().join("bin/python"), "").unwrap();
    fs::write(
        folder.path().join("pyvenv.cfg"),
        "home = /usr\nversion = 3.4.1\n",
    )
    .unwrap();
    let mut project = Project::with_python(&Experiment::simulation(), Path::new("unused")).unwrap();
    project.unset("EPYCLOUD_PYTHON");
    project.set("VIRTUAL_ENV", folder.path().to_str().unwrap());
    project.stage("A").fails(
        2,
        &[
            "is Python 3.4.1, and this program embeds Python 3.",
            "hint: make a virtual environment",
        ],
    );
}

#[test]
fn a_package_that_is_missing_is_named_with_what_installs_it() {
    let Some(mut project) = Project::new(&Experiment::simulation()) else {
        return;
    };
    project.unset("PYTHONPATH");
    project.stage("A").fails(
        2,
        &[
            "the Python package `epymodelingsuite` is not installed in",
            "-m pip install git+https://github.com/mobs-lab/epymodelingsuite",
        ],
    );
    // The base installation has none of the packages.
    let settings = python().unwrap().parent().unwrap().join("../pyvenv.cfg");
    let settings = fs::read_to_string(settings).unwrap();
    let home = settings
        .lines()
        .find_map(|line| line.strip_prefix("home = "))
        .unwrap();
    project.set("EPYCLOUD_PYTHON", &format!("{home}/python3"));
    project.stage("A").fails(
        2,
        &[
            "the Python package `numpy` is not installed in",
            "-m pip install numpy",
        ],
    );
}

#[test]
fn what_the_suite_does_not_bring_is_missed_before_anything_is_built() {
    let Some(mut project) = Project::new(&Experiment::simulation()) else {
        return;
    };
    let site = project.root().join("site");
    fs::create_dir(&site).unwrap();
    let hide = "import sys\nsys.modules['cloudpickle'] = None\n";
    fs::write(site.join("sitecustomize.py"), hide).unwrap();
    let suite = crate::support::tests_folder().join("suite");
    let path = format!("{}:{}", site.display(), suite.display());
    project.set("PYTHONPATH", &path);
    let ended = project.stage("A");
    ended.fails(
        2,
        &[
            "the Python package `cloudpickle` is not installed in",
            "-m pip install cloudpickle",
        ],
    );
    assert!(!ended.said.contains("BUILDER"), "{}", ended.said);
}

#[test]
fn an_artifact_of_the_other_engine_is_refused() {
    let Some(mut project) = Project::new(&Experiment::simulation()) else {
        return;
    };
    project.stage("A").succeeds();
    project.set("EPYCLOUD_ENGINE", "native");
    project.task(0).fails(
        2,
        &[
            "was written by the `python` engine",
            "EPYCLOUD_ENGINE=python",
        ],
    );
}

#[test]
fn a_changed_artifact_is_not_loaded() {
    let Some(project) = Project::new(&Experiment::simulation()) else {
        return;
    };
    project.stage("A").succeeds();
    let input = project.path("builder-artifacts/input_00000.pkl.gz");
    let mut bytes = fs::read(&input).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&input, bytes).unwrap();
    let ended = project.task(0);
    ended.fails(1, &["could not load the input of task 0", "is corrupt"]);
    assert!(!ended.said.contains("RUNNER"), "{}", ended.said);
}

#[test]
fn results_that_are_missing_are_left_out_only_when_allowed() {
    let Some(mut project) = Project::new(&Experiment::sampling(3).behaving("fail")) else {
        return;
    };
    project.stage("A").succeeds();
    let worked = project.work(0..3);
    assert!(
        matches!(worked.answers[1], Answer::Failed { .. }),
        "{:?}",
        worked.answers
    );
    project.stage("C").fails(
        1,
        &["1 of 3 results can't be used", "task 1 (Testland): missing"],
    );
    project.set("ALLOW_PARTIAL_RESULTS", "true");
    assert_eq!(project.stage("C").code, Some(3));
    let files = project.outputs();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["table.csv.gz"]);
}
