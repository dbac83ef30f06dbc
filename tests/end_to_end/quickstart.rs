//! The main job on a real experiment.

use serde_json::Value;

use crate::project::{Project, checkout, files};

#[test]
fn a_workflow_writes_its_outputs_and_says_where() {
    let project = Project::quickstart();
    let ran = project.workflow("first", &[]).ended(0);
    let outputs = project.outputs("first");
    assert!(
        ran.stderr.contains(&outputs.display().to_string()),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("Harbour_Island"),
        "the table names the places: {}",
        ran.stderr
    );
    let names: Vec<String> = files(&outputs).into_keys().collect();
    for table in [
        "quantiles_compartments",
        "quantiles_transitions",
        "trajectories_compartments",
        "trajectories_transitions",
        "model_metadata",
    ] {
        for extension in ["csv.gz", "parquet"] {
            assert!(
                names.contains(&format!("{table}.{extension}")),
                "{table}: {names:?}"
            );
        }
    }
    assert!(names.contains(&"fan_chart.svg".to_owned()), "{names:?}");
}

/// The README's first command, as it stands there.
#[test]
fn the_readmes_main_job_runs() {
    let readme = std::fs::read_to_string(checkout().join("README.md")).unwrap();
    let command = readme
        .lines()
        .find_map(|line| line.strip_prefix("    cargo run --release -p epycloud-cli -- "))
        .expect("the README says how the main job is run");
    let project = Project::with_examples();
    let arguments: Vec<&str> = command.split_whitespace().collect();
    let ran = project.run(&arguments).ended(0);
    let bucket = project.path().join("examples/quickstart/local/bucket");
    let charts = files(&bucket)
        .into_keys()
        .filter(|name| name.ends_with("fan_chart.svg"));
    assert_eq!(charts.count(), 1, "{}", ran.stderr);
}

#[test]
fn the_index_lists_every_file_and_every_task() {
    let project = Project::quickstart();
    project.workflow("indexed", &[]).ended(0);
    let mut outputs = files(&project.outputs("indexed"));
    let index: Value = serde_json::from_slice(&outputs.remove("index.json").unwrap()).unwrap();
    assert_eq!(index["tasks"]["included"], serde_json::json!([0, 1]));
    assert_eq!(index["tasks"]["missing"], serde_json::json!([]));
    let listed: Vec<(String, u64)> = index["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            (
                file["name"].as_str().unwrap().to_owned(),
                file["bytes"].as_u64().unwrap(),
            )
        })
        .collect();
    let found: Vec<(String, u64)> = outputs
        .into_iter()
        .map(|(name, bytes)| (name, bytes.len() as u64))
        .collect();
    let mut sorted = listed;
    sorted.sort();
    assert_eq!(sorted, found);
}

/// The same experiment and seed give the same bytes, whatever the number of workers.
#[test]
fn artifacts_and_tables_do_not_depend_on_the_number_of_workers() {
    let project = Project::quickstart();
    project
        .workflow("one", &["--max-parallelism", "1"])
        .ended(0);
    project.workflow("two", &["--jobs", "2"]).ended(0);
    for folder in ["builder-artifacts", "runner-artifacts", "config"] {
        let mut one = files(&project.run_folder("one").join(folder));
        let mut two = files(&project.run_folder("two").join(folder));
        // The manifest names its run.
        for name in ["manifest.json", "tasks.json"] {
            one.remove(name);
            two.remove(name);
        }
        assert!(!one.is_empty(), "{folder}");
        assert!(one == two, "{folder} differs");
    }
    let (mut one, mut two) = (
        files(&project.outputs("one")),
        files(&project.outputs("two")),
    );
    one.remove("index.json");
    two.remove("index.json");
    assert!(one == two, "outputs differ");
}

#[test]
fn single_stages_do_what_the_workflow_does() {
    let project = Project::quickstart();
    project.workflow("whole", &[]).ended(0);
    let job = |stage: &[&str]| {
        let mut arguments = vec![
            "run",
            "job",
            "--local",
            "--exp-id",
            "quickstart",
            "--run-id",
            "parts",
            "--stage",
        ];
        arguments.extend(stage);
        project.run(&arguments).ended(0)
    };
    job(&["A"]);
    job(&["B", "--task-index", "1"]);
    job(&["runner", "--task-index", "0"]);
    job(&["C", "--num-tasks", "2"]);
    let (mut whole, mut parts) = (
        files(&project.outputs("whole")),
        files(&project.outputs("parts")),
    );
    whole.remove("index.json");
    parts.remove("index.json");
    assert!(whole == parts, "outputs differ");
}

#[test]
fn events_are_json_lines_on_stdout() {
    let project = Project::quickstart();
    let ran = project.workflow("events", &["--json", "--quiet"]).ended(0);
    assert_eq!(ran.stderr, "");
    let events: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let named = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert_eq!(named("planned"), 1);
    assert_eq!(named("stage_started"), 3);
    assert_eq!(named("stage_finished"), 3);
    assert_eq!(named("task_finished"), 2);
    assert_eq!(named("written"), 1);
}

#[test]
fn a_dry_run_writes_nothing() {
    let project = Project::quickstart();
    let ran = project.workflow("dry", &["--dry-run"]).ended(0);
    assert!(ran.stderr.contains("Would run"), "{}", ran.stderr);
    assert!(!project.path().join("local").exists());
    // Global options may stand before the command; the original then ran for real.
    let before = [
        "--dry-run",
        "run",
        "workflow",
        "--local",
        "--exp-id",
        "quickstart",
    ];
    project.run(&before).ended(0);
    assert!(!project.path().join("local").exists());
}

#[test]
fn a_run_id_is_made_up_and_shown() {
    let project = Project::quickstart();
    let ran = project
        .run(&["run", "workflow", "--local", "--exp-id", "quickstart"])
        .ended(0);
    let runs: Vec<_> = std::fs::read_dir(project.run_folder("."))
        .unwrap()
        .collect();
    assert_eq!(runs.len(), 1);
    let run_id = runs[0].as_ref().unwrap().file_name().into_string().unwrap();
    assert!(ran.stderr.contains(&run_id), "{}", ran.stderr);
}
