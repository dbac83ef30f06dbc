//! The example's forecast: fit, project, write; killed and gone on with.

use crate::project::{Project, wait_until};

const EXPERIMENT: &str = "forecast";

fn workflow(project: &Project, run_id: &str, more: &[&str]) {
    let mut arguments = vec![
        "run", "workflow", "--local", "--yes", "--exp-id", EXPERIMENT, "--run-id", run_id,
    ];
    arguments.extend(more);
    let ran = project.run(&arguments);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

fn results(project: &Project, run_id: &str) -> Vec<Vec<u8>> {
    let folder = project
        .run_folder_of(EXPERIMENT, run_id)
        .join("runner-artifacts");
    (0..2)
        .map(|task| std::fs::read(folder.join(format!("result_0000{task}.pkl.gz"))).unwrap())
        .collect()
}

#[test]
fn a_forecast_is_fitted_projected_and_written() {
    let project = Project::quickstart();
    workflow(&project, "one", &[]);
    let outputs = project.outputs_of(EXPERIMENT, "one");
    for table in [
        "quantiles_projection_transitions",
        "trajectories_projection_compartments",
        "posteriors",
        "model_metadata",
        "projection_parameters_long",
        "fit_generations",
        "fit_dates",
    ] {
        assert!(outputs.join(format!("{table}.csv.gz")).is_file(), "{table}");
    }
    let folder = project.run_folder_of(EXPERIMENT, "one");
    let report = std::fs::read_to_string(folder.join("report.html")).unwrap();
    // thirteen weeks of two places, beside the projection and beside the fit
    assert_eq!(report.matches("class=\"observed\"").count(), 2 * 2 * 13);
    assert!(report.contains("<h2>Posteriors</h2>") && report.contains("posteriors, Meadow County"));
    let checkpoints = folder.join("runner-artifacts/checkpoints");
    let left: Vec<_> = std::fs::read_dir(checkpoints)
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    assert!(left.is_empty(), "{left:?}");
    // another run of the same experiment, with other parallelism
    workflow(&project, "two", &["--max-parallelism", "1"]);
    assert!(results(&project, "one") == results(&project, "two"));
}

/// Long enough to be killed between two generations.
fn make_it_long(project: &Project) {
    let file = project
        .path()
        .join("experiments/forecast/config/modelset.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("num_particles: 100", "num_particles: 1500");
    #[expect(clippy::disallowed_methods, reason = "a test's own input")]
    std::fs::write(file, text.replace("    - Meadow_County\n", "")).unwrap();
}

#[test]
fn a_killed_calibration_goes_on_from_its_last_generation() {
    let project = Project::quickstart();
    make_it_long(&project);
    workflow(&project, "whole", &[]);
    let stage = |stage| {
        [
            "run",
            "job",
            "--local",
            "--yes",
            "--exp-id",
            EXPERIMENT,
            "--run-id",
            "killed",
            "--stage",
            stage,
            "--task-index",
            "0",
        ]
    };
    let built = project.run(&stage("A")[..10]);
    assert_eq!(built.code, Some(0), "{}{}", built.stdout, built.stderr);
    let folder = project
        .run_folder_of(EXPERIMENT, "killed")
        .join("runner-artifacts");
    let checkpoint = folder.join("checkpoints/checkpoint_00000.pkl.gz");
    let mut child = project.command(&stage("B")).spawn().unwrap();
    wait_until(|| checkpoint.exists());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        !folder.join("result_00000.pkl.gz").exists(),
        "killed too late to tell"
    );

    let resumed = project.run(&stage("B"));
    assert_eq!(
        resumed.code,
        Some(0),
        "{}{}",
        resumed.stdout,
        resumed.stderr
    );
    assert!(!checkpoint.exists());
    let result = |run_id: &str| {
        let folder = project.run_folder_of(EXPERIMENT, run_id);
        std::fs::read(folder.join("runner-artifacts/result_00000.pkl.gz")).unwrap()
    };
    assert!(result("whole") == result("killed"));
}
