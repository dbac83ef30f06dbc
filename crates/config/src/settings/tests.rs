//! Settings as a user meets them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use epycloud_errors::{Diagnose, ExitCode};

use super::reader::Reader;
use super::*;
use crate::{ExecutionMode, LogLevel, Stage, TaskIndex};

const LOCAL_RUNNER: [(&str, &str); 5] = [
    ("STAGE", "runner"),
    ("EXECUTION_MODE", "local"),
    ("EXP_ID", "flu"),
    ("RUN_ID", "run-1"),
    ("TASK_INDEX", "0"),
];

fn read(pairs: &[(&str, &str)]) -> Result<RuntimeSettings, SettingsErrors> {
    RuntimeSettings::from_environment(&Environment::from_pairs(pairs.iter().copied()))
}

/// A runner's environment in local mode, with changes.
fn runner(changes: &[(&str, &str)]) -> Result<RuntimeSettings, SettingsErrors> {
    let pairs: Vec<_> = LOCAL_RUNNER.iter().chain(changes).copied().collect();
    read(&pairs)
}

fn table(settings: &RuntimeSettings) -> String {
    settings
        .describe()
        .into_iter()
        .fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{:<26}{:<28}{}", line.name, line.value, line.source);
            text
        })
}

#[test]
fn the_least_that_local_mode_needs_gives_the_documented_defaults() {
    let settings = read(&[("EXECUTION_MODE", "local")]).unwrap();
    insta::assert_snapshot!(table(&settings));
    assert!(settings.warnings().is_empty());
}

#[test]
fn a_full_environment_is_shown_with_its_sources_and_without_its_secrets() {
    let environment = Environment::from_pairs([
        ("STAGE", "B"),
        ("EXECUTION_MODE", "Cloud"),
        ("EXP_ID", "202547/smc_rmse"),
        ("RUN_ID", "20261123-143052-0a1b2c3d"),
        ("LOG_LEVEL", "WARN"),
        ("GCS_BUCKET", "lab-forecasts"),
        ("DIR_PREFIX", "pipeline/prod/flu/"),
        ("GITHUB_FORECAST_REPO", "mobs-lab/flu-forecasts"),
        ("FORECAST_REPO_REF", "202547"),
        ("GCLOUD_PROJECT_ID", "lab-project"),
        ("GITHUB_PAT_SECRET", "lab-pat"),
        ("GITHUB_PAT", "ghp_hunter2"),
        ("GITHUB_TOKEN", "ghp_hunter2"),
        ("BATCH_TASK_INDEX", "7"),
        ("NUM_TASKS", "52"),
        ("OUTPUT_CONFIG_FILE", "output_projection.yaml"),
        ("ALLOW_PARTIAL_RESULTS", "Yes"),
        ("STORAGE_VERBOSE", "on"),
        ("LOCAL_DATA_PATH", "/mnt/data"),
        ("EPYCLOUD_ENGINE", "python"),
        ("EPYCLOUD_POPULATION_DATA", "/mnt/https://me:hunter2@x/y"),
        ("EPYCLOUD_SUITE_BEHAVIOUR", "0.1.0"),
    ])
    .with_flag("EPYCLOUD_DATA_TABLES", "--data-tables", "/mnt/tables");
    let settings = RuntimeSettings::from_environment(&environment).unwrap();
    let text = table(&settings);
    assert!(!text.contains("hunter2") && !format!("{settings:?}").contains("ghp_hunter2"));
    insta::assert_snapshot!(text);
}

#[test]
fn the_table_of_variables_is_what_is_read_and_shown() {
    let environment = Environment::default();
    let mut reader = Reader::new(&environment);
    let settings = RuntimeSettings::read(&mut reader, &environment);
    let asked: BTreeSet<_> = reader.asked.iter().copied().collect();
    let documented: Vec<_> = variables()
        .iter()
        .filter(|variable| variable.group == Group::Stage)
        .map(|variable| variable.name)
        .collect();
    assert_eq!(asked, documented.iter().copied().collect());

    // The schedulers' indices are shown as TASK_INDEX.
    let schedulers = &runtime::TASK_INDEX_VARIABLES[1..];
    let shown: Vec<_> = settings.describe().iter().map(|line| line.name).collect();
    let expected: Vec<_> = documented
        .into_iter()
        .filter(|name| !schedulers.contains(name))
        .collect();
    assert_eq!(shown, expected);
}

#[test]
fn documented_defaults_are_the_ones_that_hold() {
    let settings = read(&[("EXECUTION_MODE", "local")]).unwrap();
    let default = |name| variables().iter().find(|v| v.name == name).unwrap().default;
    for line in settings.describe() {
        let documented = default(line.name);
        if line.value != "not set" && line.name != "EXECUTION_MODE" {
            let said = documented.split(' ').next().unwrap();
            let derived = documented.contains("LOCAL_DATA_PATH");
            assert!(
                derived || said == line.value,
                "{}: {said} is not {}",
                line.name,
                line.value
            );
        }
    }
}

#[test]
fn empty_values_are_unset() {
    let settings = runner(&[("LOG_LEVEL", ""), ("NUM_TASKS", ""), ("DIR_PREFIX", "")]).unwrap();
    assert_eq!(settings.log_level, Setting::default_value(LogLevel::Info));
    assert_eq!(settings.num_tasks, None);
    assert_eq!(settings.dir_prefix.value.as_str(), "pipeline/flu");
}

#[test]
fn the_first_task_index_that_is_set_counts() {
    let mut pairs = vec![("EXECUTION_MODE", "local")];
    for (position, name) in runtime::TASK_INDEX_VARIABLES.into_iter().enumerate().rev() {
        pairs.push((name, ["10", "11", "12", "13", "14"][position]));
        let index = read(&pairs).unwrap().task_index.unwrap();
        assert_eq!(
            index.value,
            TaskIndex::new(10 + u32::try_from(position).unwrap())
        );
        assert_eq!(index.source, Source::Environment(name.to_owned()));
    }
    let empty_first = read(&[
        ("EXECUTION_MODE", "local"),
        ("TASK_INDEX", ""),
        ("BATCH_TASK_INDEX", "4"),
    ]);
    assert_eq!(empty_first.unwrap().task_index.unwrap().value.get(), 4);
}

#[test]
fn booleans_are_read_in_any_case() {
    for (text, expected) in [
        ("true", true),
        ("TRUE", true),
        ("1", true),
        ("Yes", true),
        ("on", true),
        ("false", false),
        ("False", false),
        ("0", false),
        ("no", false),
        ("OFF", false),
    ] {
        let settings = runner(&[("ALLOW_PARTIAL_RESULTS", text)]).unwrap();
        assert_eq!(settings.allow_partial_results.value, expected, "{text}");
    }
}

#[test]
fn storage_is_verbose_in_local_mode_and_not_in_cloud_mode() {
    assert!(runner(&[]).unwrap().storage_verbose.value);
    let cloud = read(&[("GCS_BUCKET", "lab")]).unwrap();
    assert_eq!(cloud.mode.value, ExecutionMode::Cloud);
    assert!(!cloud.storage_verbose.value);
}

#[test]
fn the_forecast_repository_lies_in_the_data_path_unless_it_is_named() {
    let moved = runner(&[("LOCAL_DATA_PATH", "/mnt")])
        .unwrap()
        .forecast_repo_dir;
    assert_eq!(moved.value.to_str(), Some("/mnt/forecast"));
    assert_eq!(moved.source.to_string(), "from LOCAL_DATA_PATH");
    let named = runner(&[("LOCAL_DATA_PATH", "/mnt"), ("FORECAST_REPO_DIR", "/repo")]);
    assert_eq!(
        named.unwrap().forecast_repo_dir.value.to_str(),
        Some("/repo")
    );
}

#[test]
fn names_that_nothing_reads_are_warned_about_with_the_nearest() {
    let settings = runner(&[
        ("EPYCLOUD_ENGIN", "native"),
        ("EPYCLOUD_POPULATIONDATA", "/x"),
        ("EPYCLOUD_SUITE_BEHAVIOR", "latest"),
        ("EPYCLOUD_ZEBRA", "x"),
        ("EPYCLOUD_EMPTY", ""),
        ("EPYCLOUD_STORAGE__DIR_PREFIX", "x"),
        ("UNRELATED", "x"),
    ])
    .unwrap();
    insta::assert_snapshot!(settings.warnings().join("\n"), @r"
    environment variable `EPYCLOUD_ENGIN` is not read; did you mean `EPYCLOUD_ENGINE`?
    environment variable `EPYCLOUD_POPULATIONDATA` is not read; did you mean `EPYCLOUD_POPULATION_DATA`?
    environment variable `EPYCLOUD_SUITE_BEHAVIOR` is not read; did you mean `EPYCLOUD_SUITE_BEHAVIOUR`?
    environment variable `EPYCLOUD_ZEBRA` is not read
    ");
}

#[test]
fn a_stage_needs_what_it_needs() {
    let settings = read(&[("EXECUTION_MODE", "local"), ("EXP_ID", "flu")]).unwrap();
    assert_eq!(settings.check_for(Stage::Builder), Ok(()));
    let missing = |stage| -> Vec<String> {
        let errors = settings.check_for(stage).unwrap_err();
        errors
            .errors()
            .iter()
            .map(|error| error.name.clone())
            .collect()
    };
    assert_eq!(missing(Stage::Runner), ["RUN_ID", "TASK_INDEX"]);
    assert_eq!(missing(Stage::Output), ["RUN_ID"]);
}

/// Environments that can't be used, each with what is unusual about it.
const BAD: &[(&str, &[(&str, &str)])] = &[
    ("nothing is set at all", &[]),
    (
        "cloud mode without a bucket",
        &[("EXECUTION_MODE", "cloud"), ("STAGE", "A"), ("EXP_ID", "x")],
    ),
    (
        "a runner that knows only its mode",
        &[("STAGE", "B"), ("EXECUTION_MODE", "local")],
    ),
    (
        "a runner without a task index",
        &[
            ("STAGE", "runner"),
            ("EXECUTION_MODE", "local"),
            ("EXP_ID", "x"),
            ("RUN_ID", "y"),
        ],
    ),
    (
        "an output stage without a run",
        &[("STAGE", "C"), ("EXECUTION_MODE", "local"), ("EXP_ID", "x")],
    ),
    (
        "a misspelt stage",
        &[("STAGE", "bilder"), ("EXECUTION_MODE", "local")],
    ),
    (
        "a misspelt mode",
        &[("EXECUTION_MODE", "locale"), ("STORAGE_VERBOSE", "maybe")],
    ),
    (
        "an experiment outside of the folder",
        &[("EXP_ID", "../../etc"), ("EXECUTION_MODE", "local")],
    ),
    (
        "an absolute experiment",
        &[("EXP_ID", "/data/flu"), ("EXECUTION_MODE", "local")],
    ),
    (
        "a space in an experiment",
        &[("EXP_ID", "my flu"), ("EXECUTION_MODE", "local")],
    ),
    (
        "a line break in an experiment",
        &[("EXP_ID", "flu\nx"), ("EXECUTION_MODE", "local")],
    ),
    (
        "a slash in a run",
        &[("RUN_ID", "a/b"), ("EXECUTION_MODE", "local")],
    ),
    (
        "dots as a run",
        &[("RUN_ID", ".."), ("EXECUTION_MODE", "local")],
    ),
    (
        "an unknown log level",
        &[("LOG_LEVEL", "verbose"), ("EXECUTION_MODE", "local")],
    ),
    (
        "a bucket with its scheme",
        &[("GCS_BUCKET", "gs://lab-forecasts")],
    ),
    ("a bucket in capitals", &[("GCS_BUCKET", "Lab")]),
    (
        "a prefix nobody filled in",
        &[
            ("DIR_PREFIX", "pipeline/{profile}"),
            ("EXECUTION_MODE", "local"),
        ],
    ),
    (
        "a prefix from the root",
        &[("DIR_PREFIX", "/pipeline/"), ("EXECUTION_MODE", "local")],
    ),
    (
        "a prefix with its bucket",
        &[("DIR_PREFIX", "gs://lab/flu"), ("EXECUTION_MODE", "local")],
    ),
    (
        "a repository's address with a token",
        &[
            (
                "GITHUB_FORECAST_REPO",
                "https://oauth2:hunter2@github.com/lab/flu.git",
            ),
            ("EXECUTION_MODE", "local"),
        ],
    ),
    (
        "a repository without an owner",
        &[("GITHUB_FORECAST_REPO", "flu"), ("EXECUTION_MODE", "local")],
    ),
    (
        "an option as a ref",
        &[
            ("FORECAST_REPO_REF", "--upload-pack=x"),
            ("EXECUTION_MODE", "local"),
        ],
    ),
    (
        "a project's name for its ID",
        &[("GCLOUD_PROJECT_ID", "My Lab"), ("EXECUTION_MODE", "local")],
    ),
    (
        "a token for its name",
        &[
            ("GITHUB_PAT_SECRET", "ghp_hunter2hunter2"),
            ("EXECUTION_MODE", "local"),
        ],
    ),
    (
        "a token with a line break",
        &[("GITHUB_PAT", "hunter2\n"), ("EXECUTION_MODE", "local")],
    ),
    (
        "a negative task index",
        &[("TASK_INDEX", "-1"), ("EXECUTION_MODE", "local")],
    ),
    (
        "a bad index where another is good",
        &[
            ("TASK_INDEX", "x"),
            ("BATCH_TASK_INDEX", "1"),
            ("EXECUTION_MODE", "local"),
        ],
    ),
    (
        "a scheduler's bad index",
        &[("SLURM_ARRAY_TASK_ID", "1-5"), ("EXECUTION_MODE", "local")],
    ),
    (
        "an index beyond the tasks",
        &[
            ("BATCH_TASK_INDEX", "52"),
            ("NUM_TASKS", "52"),
            ("EXECUTION_MODE", "local"),
        ],
    ),
    (
        "no tasks",
        &[("NUM_TASKS", "0"), ("EXECUTION_MODE", "local")],
    ),
    (
        "half a task",
        &[("NUM_TASKS", "1.5"), ("EXECUTION_MODE", "local")],
    ),
    (
        "an output configuration elsewhere",
        &[
            ("OUTPUT_CONFIG_FILE", "../output.yaml"),
            ("EXECUTION_MODE", "local"),
        ],
    ),
    (
        "neither true nor false",
        &[("ALLOW_PARTIAL_RESULTS", "y"), ("EXECUTION_MODE", "local")],
    ),
    (
        "an unknown engine",
        &[("EPYCLOUD_ENGINE", "pyhton"), ("EXECUTION_MODE", "local")],
    ),
    (
        "an unknown suite",
        &[
            ("EPYCLOUD_SUITE_BEHAVIOUR", "0.2"),
            ("EXECUTION_MODE", "local"),
        ],
    ),
    (
        "everything at once",
        &[
            ("STAGE", "D"),
            ("EXECUTION_MODE", "clod"),
            ("EXP_ID", ""),
            ("RUN_ID", "a b"),
            ("LOG_LEVEL", "LOUD"),
            ("GCS_BUCKET", "x"),
            ("TASK_INDEX", "one"),
            ("NUM_TASKS", "many"),
            ("STORAGE_VERBOSE", "2"),
        ],
    ),
];

#[test]
fn what_is_wrong_is_said_so_that_it_can_be_put_right() {
    let mut text = String::new();
    for (what, pairs) in BAD {
        let errors = read(pairs).expect_err(what);
        assert_eq!(errors.exit_code(), ExitCode::Usage);
        let _ = writeln!(text, "# {what}\n{errors}\n");
    }
    assert!(!text.contains("hunter2"));
    insta::assert_snapshot!(text);
}

#[test]
fn a_flag_is_named_where_it_stands_for_a_variable() {
    let environment = Environment::from_pairs([("EXECUTION_MODE", "local"), ("EXP_ID", "good")])
        .with_flag("EXP_ID", "--exp-id", "b a d");
    let errors = RuntimeSettings::from_environment(&environment).unwrap_err();
    assert_eq!(errors.errors()[0].name, "--exp-id");
}

#[cfg(target_os = "linux")]
#[test]
fn a_value_that_is_not_utf8_is_an_error_where_it_is_read() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    let odd = || OsString::from_vec(vec![b'x', 0xff]);
    let environment = Environment::from_os_pairs([
        ("EXP_ID".into(), odd()),
        ("TASK_INDEX".into(), odd()),
        ("UNRELATED".into(), odd()),
        ("EXECUTION_MODE".into(), "local".into()),
    ]);
    let errors = RuntimeSettings::from_environment(&environment).unwrap_err();
    insta::assert_snapshot!(errors, @r"
    2 settings can't be used:
      - EXP_ID: the value is not UTF-8
      - TASK_INDEX: the value is not UTF-8
    ");
}
