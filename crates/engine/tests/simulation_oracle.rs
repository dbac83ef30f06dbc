//! Experiments of our own, built and simulated natively and by PyPI's epydemix from Python code
//! written apart (`tests/oracle/epydemix_experiment.py`): every array to the last bit, every count.
//! Sums of every column are recorded, and compared without Python too.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests, which may"
)]

mod simulation_support;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use epycloud_config::SuiteBehaviour;
use epycloud_engine::simulation::{ParameterValue, SimulationResult, SimulationTask};
use epycloud_engine::{Array, build_tasks, run_task};
use serde_json::{Value, json};

use simulation_support::repository::{Repository, denominators, place};
use simulation_support::{Counts, oracle_python};

#[test]
fn a_season_with_everything_in_daily_steps() {
    compare(
        "daily",
        &season("W-SAT", 1.0),
        &["United_States_Massachusetts", "Harbour_Island"],
        |_| {},
    );
}

#[test]
fn a_season_with_everything_in_steps_of_a_fifth_of_a_day() {
    let mut model = season("ME", 0.2);
    model["simulation"]["n_sims"] = json!(2);
    compare(
        "fifths",
        &model,
        &["United_States_Massachusetts", "United_States"],
        |_| {},
    );
}

#[test]
fn steps_that_miss_midnight_and_groups_that_split_those_of_coverage() {
    let mut model = season("3D", 0.3);
    model["population"]["age_groups"] = json!(["0-2", "3-17", "18-34", "35-64", "65-74", "75+"]);
    model["parameters"]["p_hosp"]["values"] = json!([0.01, 0.004, 0.003, "1/90", 0.03, 0.07]);
    model["compartments"][3]["init"] = json!([0.1, 12, 0, 0.25, 300, 0.05]);
    model["interventions"] = json!([]);
    let places = ["United_States_Massachusetts", "Harbour_Island"];
    compare("split", &model, &places, Repository::write_codebook);
}

#[test]
fn contact_matrices_in_bins_of_five_years_and_no_initial_conditions() {
    let model = json!({
        "name": "SIRS",
        "random_seed": 5,
        "timespan": {"start_date": "2024-02-10", "end_date": "2024-12-31", "delta_t": 0.5},
        "simulation": {"n_sims": 3},
        "population": {"age_groups": ["0-4", "5-9", "10-19", "20-24", "25-39", "40-49", "50-59", "60-69", "70-74", "75+"]},
        "compartments": [{"id": "S"}, {"id": "I"}, {"id": "R"}],
        "transitions": [
            {"type": "mediated", "source": "S", "target": "I", "mediator": "I", "rate": "beta"},
            {"type": "spontaneous", "source": "I", "target": "R", "rate": 0.25},
            {"type": "spontaneous", "source": "R", "target": "S", "rate": "waning**2"},
        ],
        "parameters": {
            "beta": {"type": "scalar", "value": "0.9/20"},
            "waning": {"type": "scalar", "value": 0.15},
        },
        "seasonality": {
            "target_parameter": "beta", "method": "balcan",
            "seasonality_max_date": "2024-01-15", "max_value": 1.3, "min_value": 0.4,
        },
        "interventions": [
            {"type": "contact_matrix", "contact_matrix_layer": "work", "scaling_factor": 0.5,
             "start_date": "2024-03-01", "end_date": "2024-04-15"},
            {"type": "contact_matrix", "contact_matrix_layer": "work", "scaling_factor": 0.7,
             "start_date": "2024-04-01", "end_date": "2024-05-01"},
        ],
    });
    compare(
        "bins",
        &model,
        &["United_States_New_York", "United_States_Wyoming"],
        |_| {},
    );
}

#[test]
fn doses_from_a_table_of_daily_schedules() {
    let mut model = season("12h", 0.25);
    model["timespan"] =
        json!({"start_date": "2024-09-01", "end_date": "2025-01-05", "delta_t": 0.25});
    model["population"]["age_groups"] = json!(["0-17", "18-64", "65+"]);
    model["parameters"]["p_hosp"]["values"] = json!([0.01, 0.02, 0.1]);
    model["compartments"][3]["init"] = json!(0.2);
    model["vaccination"] = json!({
        "preprocessed_vaccination_data_path": "data/doses.csv", "scenario": "high",
        "origin_compartment": "S", "eligible_compartments": ["S", "R"],
    });
    compare("table", &model, &["United_States_Massachusetts"], |_| {});
}

#[test]
fn coverage_that_begins_late_and_steps_of_a_week() {
    let mut model = season("MS", 7.0);
    model["population"]["age_groups"] = json!(["0-4", "5-64", "65+"]);
    model["parameters"]["p_hosp"]["values"] = json!([0.01, 0.02, 0.1]);
    model["parameters"]["sigma"]["value"] = json!(0.05);
    model["parameters"]["R0"]["value"] = json!(1.4);
    model["compartments"][3]["init"] = json!([5, 0.1, 0]);
    compare("weeks", &model, &["United_States_New_York"], |_| {});
}

/// An influenza-like season: vaccination, seasonality, closures and every other intervention,
/// parameters of every kind.
fn season(frequency: &str, delta_t: f64) -> Value {
    json!({
        "name": "season",
        "random_seed": 20_241_105,
        "timespan": {"start_date": "2024-08-05", "end_date": "2025-05-17", "delta_t": delta_t},
        "simulation": {"n_sims": 3, "resample_frequency": frequency},
        "population": {"age_groups": ["0-4", "5-17", "18-49", "50-64", "65+"]},
        "compartments": [
            {"id": "S", "init": "default"}, {"id": "E", "init": 60}, {"id": "I", "init": 0.001},
            {"id": "R", "init": [0.05, 0.12, 0.22, 250, 0]}, {"id": "H"}, {"id": "S_vax", "init": 0},
            {"id": "E_vax"},
        ],
        "transitions": [
            {"type": "vaccination", "source": "S", "target": "S_vax"},
            {"type": "mediated", "source": "S", "target": "E", "mediator": "I", "rate": "beta"},
            {"type": "mediated", "source": "S", "target": "E", "mediator": "H", "rate": "beta*0.1"},
            {"type": "mediated", "source": "S_vax", "target": "E_vax", "mediator": "I", "rate": "beta*(1-VE)"},
            {"type": "spontaneous", "source": "E", "target": "I", "rate": "sigma"},
            {"type": "spontaneous", "source": "E_vax", "target": "I", "rate": "sigma"},
            {"type": "spontaneous", "source": "I", "target": "H", "rate": "gamma*p_hosp"},
            {"type": "spontaneous", "source": "I", "target": "R", "rate": "gamma*(1-p_hosp)"},
            {"type": "spontaneous", "source": "H", "target": "R", "rate": 0.125},
        ],
        "parameters": {
            "beta": {"type": "calculated", "value": "R0*gamma/eigenvalue/(1 - R)"},
            "R0": {"type": "scalar", "value": 1.7},
            "gamma": {"type": "scalar", "value": "1/3.2"},
            "sigma": {"type": "scalar", "value": 0.625},
            "VE": {"type": "scalar", "value": 0.35},
            "p_hosp": {"type": "age_varying", "values": [0.011, 0.004, "1/180", 0.015, 0.062]},
            "scaled": {"type": "calculated", "value": "np.exp(-gamma) + 3*VE"},
        },
        "vaccination": {
            "scenario_data_path": "data/coverage.csv",
            "origin_compartment": "S", "eligible_compartments": ["S", "E", "R"],
        },
        "seasonality": {
            "target_parameter": "beta", "method": "balcan", "seasonality_max_date": "2025-01-10",
            "seasonality_min_date": "2025-07-10", "max_value": 1.0, "min_value": 0.6,
        },
        "interventions": [
            {"type": "contact_matrix", "contact_matrix_layer": "home", "scaling_factor": 1.3,
             "start_date": "2024-12-20", "end_date": "2025-01-05"},
            {"type": "parameter", "target_parameter": "beta", "scaling_factor": 0.9,
             "start_date": "2024-11-01", "end_date": "2024-11-30"},
            {"type": "parameter", "target_parameter": "p_hosp", "scaling_factor": 1.1,
             "start_date": "2024-11-15", "end_date": "2025-01-15"},
            {"type": "parameter", "target_parameter": "gamma", "override_value": 0.4,
             "start_date": "2025-02-01", "end_date": "2025-02-03"},
            {"type": "parameter", "target_parameter": "p_hosp", "override_value": 0.05,
             "start_date": "2025-02-03", "end_date": "2025-02-10"},
            {"type": "school_closure", "scaling_factor": 0.344},
            {"type": "contact_matrix", "contact_matrix_layer": "school", "scaling_factor": 0.8,
             "start_date": "2025-01-01", "end_date": "2025-03-01"},
        ],
    })
}

/// Builds and runs an experiment here and with epydemix, and compares what can be compared.
fn compare(name: &str, model: &Value, places: &[&str], prepare: impl Fn(&Repository)) {
    let repository = Repository::new();
    prepare(&repository);
    let experiment = repository.experiment(name, model, places);
    let build = build_tasks(&experiment, &repository.sources(SuiteBehaviour::Latest)).unwrap();
    let tasks = build.tasks().collect::<Result<Vec<_>, _>>().unwrap();
    let results: Vec<SimulationResult> = tasks
        .iter()
        .map(|task| run_task(task, &mut |_, _| {}).unwrap())
        .collect();
    let sums: BTreeMap<&str, BTreeMap<String, i64>> = results
        .iter()
        .map(|result| (result.population.as_str(), column_sums(result)))
        .collect();
    insta::assert_json_snapshot!(name, sums);

    let Some(python) = oracle_python() else {
        return;
    };
    let answers = ask(python, &repository, model, places);
    assert_eq!(answers.len(), tasks.len());
    for ((task, result), answer) in tasks.iter().zip(&results).zip(&answers) {
        compare_arrays(task, answer);
        compare_counts(result, answer);
    }
}

/// The sum of every column over dates and simulations.
fn column_sums(result: &SimulationResult) -> BTreeMap<String, i64> {
    let counts = Counts::of(result);
    let sum = |column: &str| {
        (0..result.n_sims())
            .flat_map(|simulation| (0..result.dates.len()).map(move |date| (simulation, date)))
            .map(|(simulation, date)| counts.column(column, simulation, date))
            .sum()
    };
    let series = result.compartments.iter().chain(&result.transitions);
    let columns = series.flat_map(|name| {
        result
            .groups
            .iter()
            .map(move |group| format!("{name}_{group}"))
    });
    columns
        .map(|column| (column.clone(), sum(&column)))
        .collect()
}

fn ask(python: PathBuf, repository: &Repository, model: &Value, places: &[&str]) -> Vec<Value> {
    let request = json!({
        "model": model,
        "places": places.iter().map(|listed| place(listed)).collect::<Vec<_>>(),
        "repository": repository.path(),
        "population_data": repository.path().join("epydemix-data"),
        "tables": repository.path().join("data-tables"),
        "denominators": denominators(),
    });
    let mut child = Command::new(python)
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/oracle/epydemix_experiment.py"
        ))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(request.to_string().as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the oracle failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn compare_arrays(task: &SimulationTask, answer: &Value) {
    let name = |what: &str| format!("{what} of {}", task.population);
    assert_equal(&task.group_sizes, &answer["sizes"], &name("sizes"));
    let initial: Vec<i64> = serde_json::from_value(answer["initial"].clone()).unwrap();
    assert_eq!(
        task.initial.to_i64().unwrap(),
        initial,
        "{}",
        name("initial counts")
    );
    let matrices = task.contact_matrices.to_f64().unwrap();
    let size = task.groups.len() * task.groups.len();
    let of_step = task.contact_of_step.to_u32().unwrap();
    let contacts: Vec<f64> = of_step
        .iter()
        .flat_map(|&at| &matrices[at as usize * size..][..size])
        .copied()
        .collect();
    assert_same(
        &contacts,
        &doubles(&answer["contacts"]),
        0.0,
        &name("contacts"),
    );
    if let Some(doses) = &task.doses {
        assert_equal(doses, &answer["doses"], &name("doses"));
    }
    // An eigenvalue is a few units in the last place away from LAPACK's.
    let uses_eigenvalue = task.parameters.iter().any(|(name, _)| name == "R0");
    let tolerance = if uses_eigenvalue { 1e-14 } else { 0.0 };
    for (parameter, value) in &task.parameters {
        let found = match value {
            ParameterValue::Number(number) => vec![*number],
            ParameterValue::Array(array) => array.to_f64().unwrap(),
        };
        let expected = doubles(&answer["parameters"][parameter]);
        assert_same(&found, &expected, tolerance, &name(parameter));
    }
    let rates = task
        .transitions
        .iter()
        .filter_map(|transition| transition.rate);
    for (rate, expected) in rates.zip(answer["rates"].as_array().unwrap()) {
        let rate = &task.rates[rate as usize];
        let values = rate.to_f64().unwrap();
        let n_repeats = if rate.shape()[0] == 1 {
            of_step.len()
        } else {
            1
        };
        let found = values.repeat(n_repeats);
        assert_same(&found, &doubles(expected), tolerance, &name("rate"));
    }
}

fn compare_counts(result: &SimulationResult, answer: &Value) {
    let dates: Vec<String> = result
        .dates
        .iter()
        .map(|date| match date.len() {
            10 => format!("{date}T00:00:00.000000000"),
            _ => date.clone(),
        })
        .collect();
    assert_eq!(json!(dates), answer["dates"], "{}", result.population);
    let counts = Counts::of(result);
    let expected = answer["counts"].as_object().unwrap();
    let n_series = result.compartments.len() + result.transitions.len();
    assert_eq!(expected.len(), n_series * (result.groups.len() + 1));
    for (column, simulations) in expected {
        for (simulation, values) in simulations.as_array().unwrap().iter().enumerate() {
            for (date, value) in values.as_array().unwrap().iter().enumerate() {
                assert_eq!(
                    counts.column(column, simulation, date),
                    value.as_i64().unwrap(),
                    "{column} of {} on {}, simulation {simulation}",
                    result.population,
                    result.dates[date]
                );
            }
        }
    }
}

fn assert_equal(array: &Array, expected: &Value, what: &str) {
    assert_same(&array.to_f64().unwrap(), &doubles(expected), 0.0, what);
}

fn assert_same(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        let is_same = found == expected || (found - expected).abs() <= tolerance * expected.abs();
        assert!(is_same, "{what}, element {at}: {found} is not {expected}");
    }
}

fn doubles(hex: &Value) -> Vec<f64> {
    let digit = |byte: u8| (byte as char).to_digit(16).unwrap() as u8;
    let bytes: Vec<u8> = hex
        .as_str()
        .unwrap()
        .as_bytes()
        .chunks_exact(2)
        .map(|pair| digit(pair[0]) * 16 + digit(pair[1]))
        .collect();
    bytes
        .as_chunks::<8>()
        .0
        .iter()
        .map(|&bytes| f64::from_le_bytes(bytes))
        .collect()
}
