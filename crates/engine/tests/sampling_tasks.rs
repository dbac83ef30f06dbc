//! Tasks of a sampling experiment are those of the experiment with its values written out.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests are tests too"
)]

mod simulation_support;

use epycloud_config::SuiteBehaviour;
use epycloud_engine::simulation::SimulationTask;
use epycloud_engine::{Build, build_tasks, run_task};
use serde_json::{Value, json};
use simulation_support::read_from;
use simulation_support::repository::Repository;

const PLACES: [&str; 2] = ["US-MA", "US"];

/// A vaccinated model in steps below a day, with everything that sampling can change left open.
fn model() -> Value {
    json!({
        "random_seed": 3,
        "timespan": {"start_date": "sampled", "end_date": "2025-02-01", "delta_t": 0.5},
        "simulation": {"n_sims": 2, "resample_frequency": "W-SAT"},
        "population": {"age_groups": ["0-17", "18-64", "65+"]},
        "compartments": [
            {"id": "S", "init": "default"},
            {"id": "I", "init": "sampled"},
            {"id": "R", "init": 0.1},
            {"id": "V"},
        ],
        "transitions": [
            {"type": "vaccination", "source": "S", "target": "V"},
            {"type": "mediated", "source": "S", "target": "I", "mediator": "I", "rate": "beta"},
            {"type": "spontaneous", "source": "I", "target": "R", "rate": "mu"},
        ],
        "parameters": {
            "R0": {"type": "sampled"},
            "mu": {"type": "sampled"},
            "beta": {"type": "calculated", "value": "R0*mu/eigenvalue"},
        },
        "vaccination": {
            "scenario_data_path": "data/coverage.csv",
            "origin_compartment": "S",
            "eligible_compartments": ["S", "R"],
        },
        "seasonality": {
            "target_parameter": "beta", "method": "balcan",
            "seasonality_max_date": "2025-01-10", "max_value": 1.0, "min_value": 0.6,
        },
        "interventions": [{"type": "school_closure", "scaling_factor": 0.5}],
    })
}

fn modelset() -> Value {
    json!({
        "population_names": PLACES,
        "sampling": {
            "samplers": [
                {"strategy": "grid", "parameters": ["mu"]},
                {
                    "strategy": "LHS", "n_samples": 4,
                    "compartments": ["I"], "parameters": ["R0", "start_date"],
                },
            ],
            "compartments": {"I": {"min": 0.001, "max": 0.01}},
            "start_date": {
                "reference_date": "2024-09-20",
                "distribution": {"type": "scipy", "name": "randint", "args": [0, 40]},
            },
            "parameters": {
                "R0": {"distribution": {"type": "scipy", "name": "uniform", "args": [1.2, 2.4]}},
                "mu": {"values": [0.2, 0.3]},
            },
        },
    })
}

fn build(repository: &Repository, model: &Value, modelset: &Value, name: &str) -> Build {
    let folder = format!("experiments/{name}/config");
    let write = |file: &str, value: &Value| {
        repository.write(&format!("{folder}/{file}.yaml"), &value.to_string());
    };
    write("basemodel", &json!({ "model": model }));
    write("modelset", &json!({ "modelset": modelset }));
    write(
        "output",
        &json!({"output": {"trajectories": {"compartments": true}}}),
    );
    let experiment = read_from(repository.path(), name);
    build_tasks(&experiment, &repository.sources(SuiteBehaviour::Latest)).unwrap()
}

fn sampled(repository: &Repository) -> Vec<SimulationTask> {
    let build = build(repository, &model(), &modelset(), "sampled");
    assert_eq!(build.n(), 2 * 2 * 4);
    build.tasks().collect::<Result<_, _>>().unwrap()
}

fn parameter(task: &SimulationTask, name: &str) -> f64 {
    let (_, value) = task
        .parameters
        .iter()
        .find(|(known, _)| known == name)
        .unwrap();
    serde_json::to_value(value).unwrap().as_f64().unwrap()
}

/// What sampling chose is read off the task; everything else must follow from it.
#[test]
fn a_task_has_the_numbers_of_its_values_written_out() {
    let repository = Repository::new();
    let tasks = sampled(&repository);
    let mut starts = Vec::new();
    for (index, task) in tasks.iter().enumerate() {
        assert_eq!(task.primary_id as usize, index);
        let place = PLACES[index / 8];
        let mut written = model();
        written["timespan"]["start_date"] = json!(task.start_date);
        for name in ["R0", "mu"] {
            written["parameters"][name] = json!({"type": "scalar", "value": parameter(task, name)});
        }
        // 0.001 to 0.01 of every group, of which only the whole people are in the task
        let sizes = task.group_sizes.to_f64().unwrap();
        let infected = &task.initial.to_i64().unwrap()[3..6];
        written["compartments"][1]["init"] = json!(infected);
        for (infected, size) in infected.iter().zip(sizes) {
            assert!(
                (0.0009..=0.01).contains(&(*infected as f64 / size)),
                "{infected} {size}"
            );
        }
        let modelset = json!({"population_names": [place]});
        let expected = build(
            &repository,
            &written,
            &modelset,
            &format!("written-{index}"),
        )
        .task(0)
        .unwrap();
        assert_eq!(task.rates, expected.rates, "{index}");
        assert_eq!(task.contact_matrices, expected.contact_matrices);
        assert_eq!(task.contact_of_step, expected.contact_of_step);
        assert_eq!(task.transitions, expected.transitions);
        assert_eq!(task.seed, expected.seed);
        // doses catch up with what was given before the start, so that they differ
        assert_eq!(
            task.doses.as_ref().unwrap().shape(),
            expected.doses.as_ref().unwrap().shape()
        );
        starts.push(task.start_date.clone());
        let result = run_task(task, &mut |_, _| {}).unwrap();
        assert_eq!(result.dates.last().unwrap(), "2025-02-01");
    }
    assert!(starts.iter().any(|start| *start != starts[0]), "{starts:?}");
}

/// The grid's points come first, each with all points of the hypercube, at every place.
#[test]
fn tasks_are_numbered_as_the_suite_numbers_them() {
    let repository = Repository::new();
    let tasks = sampled(&repository);
    let of = |index: usize| {
        let task = &tasks[index];
        (
            parameter(task, "mu"),
            parameter(task, "R0"),
            task.start_date.clone(),
        )
    };
    for index in 0..8 {
        assert_eq!(of(index).0, if index < 4 { 0.2 } else { 0.3 });
        assert_eq!(of(index), of(index + 8), "the same sets at every place");
        assert_eq!(
            (of(index % 4).1, of(index % 4).2),
            (of(index).1, of(index).2)
        );
    }
}

#[test]
fn too_many_people_are_named_when_the_task_is_made() {
    let repository = Repository::new();
    let mut model = model();
    model["compartments"][2]["init"] = json!(0.9995);
    let error = build(&repository, &model, &modelset(), "crowded")
        .task(5)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the compartments start with "),
        "{error}"
    );
}
