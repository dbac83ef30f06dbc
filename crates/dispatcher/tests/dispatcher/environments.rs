//! Environments that a stage can't run in, with what it says to each.

use crate::support::Project;

/// Variables that are wrong, on top of an environment in which stage B would run.
const ENVIRONMENTS: [(&str, &[(&str, &str)]); 34] = [
    ("no stage", &[("STAGE", "")]),
    ("a mistyped stage", &[("STAGE", "bilder")]),
    ("a stage letter that isn't one", &[("STAGE", "D")]),
    ("no experiment", &[("EXP_ID", "")]),
    ("an experiment that leads out", &[("EXP_ID", "../tiny")]),
    ("an absolute experiment", &[("EXP_ID", "/tiny")]),
    (
        "an experiment with a slash at its end",
        &[("EXP_ID", "tiny/")],
    ),
    ("an experiment with a space", &[("EXP_ID", "my experiment")]),
    (
        "an experiment that isn't there",
        &[("STAGE", "A"), ("EXP_ID", "tyni")],
    ),
    ("no run", &[("RUN_ID", "")]),
    ("a run with a slash", &[("RUN_ID", "a/b")]),
    ("a run that is a dot", &[("RUN_ID", "..")]),
    ("no task index", &[("TASK_INDEX", "")]),
    ("a negative task index", &[("TASK_INDEX", "-1")]),
    ("a task index that is no number", &[("TASK_INDEX", "first")]),
    (
        "a scheduler's task index that is no number",
        &[("TASK_INDEX", ""), ("BATCH_TASK_INDEX", "1.0")],
    ),
    (
        "a task index beyond all bounds",
        &[("TASK_INDEX", "99999999999")],
    ),
    (
        "a task index beyond NUM_TASKS",
        &[("TASK_INDEX", "3"), ("NUM_TASKS", "3")],
    ),
    ("no tasks", &[("NUM_TASKS", "0")]),
    ("tasks that are no number", &[("NUM_TASKS", "many")]),
    ("a mode that isn't one", &[("EXECUTION_MODE", "lokal")]),
    (
        "cloud mode without a bucket",
        &[("EXECUTION_MODE", "cloud")],
    ),
    (
        "cloud mode with an endpoint that would see the token",
        &[
            ("EXECUTION_MODE", "cloud"),
            ("GCS_BUCKET", "a-bucket"),
            ("GOOGLE_BASE_URL", "http://storage.example.org"),
        ],
    ),
    ("a log level that isn't one", &[("LOG_LEVEL", "loud")]),
    ("an engine that isn't one", &[("EPYCLOUD_ENGINE", "julia")]),
    (
        "a suite that isn't one",
        &[("EPYCLOUD_SUITE_BEHAVIOUR", "0.2.0")],
    ),
    (
        "a prefix that nobody filled in",
        &[("DIR_PREFIX", "pipeline/{profile}")],
    ),
    (
        "a prefix with a bucket",
        &[("DIR_PREFIX", "gs://bucket/pipeline")],
    ),
    ("a prefix that leads out", &[("DIR_PREFIX", "../other")]),
    (
        "a truth value that is none",
        &[("ALLOW_PARTIAL_RESULTS", "perhaps")],
    ),
    (
        "another truth value that is none",
        &[("STORAGE_VERBOSE", "2")],
    ),
    (
        "an output configuration in a folder",
        &[("OUTPUT_CONFIG_FILE", "../output.yaml")],
    ),
    (
        "an output configuration that isn't there",
        &[("STAGE", "A"), ("OUTPUT_CONFIG_FILE", "other.yaml")],
    ),
    (
        "everything wrong at once",
        &[
            ("STAGE", "x"),
            ("EXP_ID", ".."),
            ("RUN_ID", "/"),
            ("TASK_INDEX", "x"),
            ("LOG_LEVEL", "x"),
        ],
    ),
];

#[test]
fn every_bad_environment_is_refused_with_a_message() {
    let project = Project::new();
    let mut transcript = String::new();
    for (title, variables) in ENVIRONMENTS {
        let good = [("STAGE", "B"), ("TASK_INDEX", "0")];
        let ended = project.run(&[&good[..], variables].concat()).ends_with(2);
        let is_cloud = variables.contains(&("EXECUTION_MODE", "cloud"));
        // The mode decides the form of the log, so one that can't be read counts as the default.
        let said = if ended.stderr.is_empty() || is_cloud {
            let line: serde_json::Value = serde_json::from_str(&ended.stdout)
                .unwrap_or_else(|error| panic!("{title}: {error}: {}", ended.stdout));
            assert_eq!(line["severity"], "CRITICAL", "{title}");
            format!("JSON: {}", line["message"].as_str().unwrap())
        } else {
            assert_eq!(
                ended.stdout.matches(" CRITICAL ").count(),
                1,
                "{title}: {}",
                ended.stdout
            );
            ended.stderr.trim_end().to_owned()
        };
        let settings: Vec<_> = variables
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        transcript.push_str(&format!("# {title}: {}\n{said}\n\n", settings.join(" ")));
    }
    assert!(
        !project.root().join("bucket").exists(),
        "nothing is written"
    );
    insta::assert_snapshot!(transcript);
}
