//! The three stages one after the other.

use std::collections::BTreeSet;
use std::fs;

use crate::support::{Project, names};

#[test]
fn an_experiment_goes_through_all_three_stages() {
    let project = Project::with_results();
    let ended = project.stage("C").succeeds();
    assert_eq!(ended.stderr, "");
    let outputs = project.outputs();
    assert!(outputs.ends_with("_tables"), "{outputs}");
    insta::assert_snapshot!(names(&project.path(&outputs)).join("\n"), @r"
    fan_chart.svg
    index.json
    model_metadata.csv.gz
    output.yaml
    quantiles_compartments.csv.gz
    quantiles_transitions.csv.gz
    trajectories_compartments.csv.gz
    trajectories_transitions.csv.gz
    ");
    let index = project.json(&format!("{outputs}/index.json"));
    assert_eq!(index["n"], 3);
    assert_eq!(index["tasks"]["included"], serde_json::json!([0, 1, 2]));
    assert_eq!(index["tasks"]["missing"], serde_json::json!([]));
    for file in index["files"].as_array().unwrap() {
        let name = file["name"].as_str().unwrap();
        let bytes = project.read(&format!("{outputs}/{name}"));
        assert_eq!(file["bytes"], bytes.len(), "{name}");
        assert_eq!(
            file["sha256"],
            epycloud_stages::Sha256::of(&bytes).to_string(),
            "{name}"
        );
    }
}

#[test]
fn configuration_is_copied_byte_for_byte_where_it_belongs() {
    let project = Project::with_results();
    project.stage("C").succeeds();
    assert_eq!(
        names(&project.path("config")),
        ["basemodel.yaml", "modelset.yaml"]
    );
    for name in ["basemodel.yaml", "modelset.yaml"] {
        let original = fs::read(project.config(name)).unwrap();
        assert_eq!(project.read(&format!("config/{name}")), original);
    }
    let copy = format!("{}/output.yaml", project.outputs());
    assert_eq!(
        project.read(&copy),
        fs::read(project.config("output.yaml")).unwrap()
    );
}

#[test]
fn the_same_experiment_gives_the_same_artifacts_in_every_run() {
    let (one, two) = (Project::with_results(), Project::with_results());
    assert_eq!(one.artifacts(), two.artifacts());
}

#[test]
fn building_again_rewrites_nothing() {
    let project = Project::with_results();
    let times = || {
        let folders = ["builder-artifacts", "config"];
        folders.map(|folder| {
            let files = names(&project.path(folder));
            let modified = |name: String| {
                fs::metadata(project.path(folder).join(name))
                    .unwrap()
                    .modified()
                    .unwrap()
            };
            files.into_iter().map(modified).collect::<Vec<_>>()
        })
    };
    let before = times();
    project.stage("A").succeeds();
    assert_eq!(times(), before);
    project.stage("C").succeeds();
}

#[test]
fn building_again_repairs_what_was_damaged() {
    let project = Project::with_results();
    let whole = project.artifacts();
    let input = "builder-artifacts/input_00001.pkl.gz";
    project.write(input, &whole[input][..100]);
    project.task("1").ends_with(1);
    project.stage("A").succeeds();
    assert_eq!(project.artifacts(), whole);
}

#[test]
fn without_a_run_id_stage_a_makes_one_and_says_so() {
    let project = Project::new();
    let ended = project
        .run(&[("STAGE", "builder"), ("RUN_ID", "")])
        .succeeds();
    let runs = names(&project.root().join("bucket/pipeline/flu/tiny"));
    let [run] = runs.as_slice() else {
        panic!("{runs:?}")
    };
    assert_eq!(run.len(), "20260105-120000-0a1b2c3d".len());
    assert!(ended.stdout.contains(run.as_str()), "{}", ended.stdout);
    for stage in ["runner", "output"] {
        let variables = [("STAGE", stage), ("RUN_ID", ""), ("TASK_INDEX", "0")];
        project.run(&variables).ends_with(2).says("RUN_ID: not set");
    }
}

#[test]
fn output_can_be_written_again_into_a_folder_of_its_own() {
    let project = Project::with_results();
    for _ in 0..3 {
        project.stage("C").succeeds();
    }
    assert_eq!(names(&project.path("outputs")).len(), 3);
}

#[test]
fn every_stage_writes_a_summary_for_programs_and_one_for_people() {
    let project = Project::with_results();
    project.stage("C").succeeds();
    let stems = |folder: &str, ending: &str| {
        let stem = |name: String| name.strip_suffix(ending).unwrap().to_owned();
        names(&project.path(folder))
            .into_iter()
            .map(stem)
            .collect::<Vec<_>>()
    };
    let json = stems("summaries/json", ".json");
    assert_eq!(json, stems("summaries/txt", ".txt"));
    assert_eq!(
        json,
        [
            "builder_summary",
            "output_summary",
            "runner_00000_summary",
            "runner_00001_summary",
            "runner_00002_summary",
            "workflow_summary",
        ]
    );
    // The fields of the suite's summaries, under their names.
    for name in json {
        let summary = project.json(&format!("summaries/json/{name}.json"));
        let fields: BTreeSet<&str> = summary
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let expected = [
            "metadata",
            "configuration",
            "builder",
            "runner",
            "output",
            "resources",
            "status",
            "warnings",
            "total_duration_seconds",
        ];
        assert_eq!(fields, BTreeSet::from(expected), "{name}");
        assert_eq!(summary["status"], "completed", "{name}");
        assert!(
            summary["metadata"]
                .as_object()
                .unwrap()
                .contains_key("epymodelingsuite_version")
        );
    }
    let workflow = project.json("summaries/json/workflow_summary.json");
    assert_eq!(workflow["builder"]["n_models"], 3);
    assert_eq!(workflow["runner"]["models"].as_array().unwrap().len(), 3);
    assert_eq!(workflow["runner"]["models"][2]["population"], "Brookton");
    assert_eq!(workflow["runner"]["models"][2]["simulation"]["n_sims"], 6);
    assert_eq!(workflow["output"]["files"].as_array().unwrap().len(), 7);
}

#[test]
fn a_failed_stage_writes_a_summary_that_says_why() {
    let project = Project::with_results();
    project.remove("runner-artifacts/result_00001.pkl.gz");
    project.stage("C").ends_with(1);
    for name in ["output", "workflow"] {
        let summary = project.json(&format!("summaries/json/{name}_summary.json"));
        assert_eq!(summary["status"], "failed", "{name}");
        assert_eq!(summary["error"]["exit_code"], 1, "{name}");
    }
    project.write("builder-artifacts/input_00001.pkl.gz", b"torn");
    project.task("1").ends_with(1);
    let summary = project.json("summaries/json/runner_00001_summary.json");
    assert_eq!(summary["status"], "failed");
    assert_eq!(summary["runner"]["errors"][0]["population"], "Hilltop");
}

#[test]
fn python_reads_what_the_stages_write() {
    let Ok(python) = std::env::var("EPYCLOUD_ORACLE_PYTHON") else {
        eprintln!("skipped: EPYCLOUD_ORACLE_PYTHON is not set");
        return;
    };
    let project = Project::with_results();
    let program = r#"
import gzip, hashlib, json, numpy, pickle, sys
run = sys.argv[1]
def load(name):
    data = gzip.open(f"{run}/{name}").read()
    return hashlib.sha256(data).hexdigest(), pickle.loads(data)
def array(a):
    return numpy.frombuffer(a["data"], a["dtype"]).reshape(a["shape"])
manifest = json.load(open(f"{run}/builder-artifacts/manifest.json"))
for task in manifest["tasks"]:
    sha256, artifact = load(f"builder-artifacts/{task['file']}")
    assert sha256 == task["sha256"], task
    input = pickle.loads(artifact["payload"])
    _, artifact = load(f"runner-artifacts/result_{task['index']:05}.pkl.gz")
    assert artifact["input_sha256"] == task["sha256"]
    result = pickle.loads(artifact["payload"])
    counts = array(result["compartment_counts"])
    people = counts.sum(axis=2)
    assert (people == array(input["initial"]).sum(axis=0)).all(), people
    print(task["population"], counts.shape)
"#;
    let mut command = std::process::Command::new(python);
    let output = command
        .args(["-c", program])
        .arg(project.path(""))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "Lakeside (6, 9, 4, 4)\nHilltop (6, 9, 4, 4)\nBrookton (6, 9, 4, 4)\n"
    );
}
