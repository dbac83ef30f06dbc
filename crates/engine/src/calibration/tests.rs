//! The simulations of a calibration against those that the suite makes of the same parameters.

use std::path::{Path, PathBuf};

use epycloud_config::SuiteBehaviour;
use epycloud_kernel::Scratch;
use epycloud_kernel::random::Pcg64;
use serde::Deserialize;

use super::abc::{Simulated, Simulator};
use super::simulator::EpidemicSimulator;
use super::{CalibrationTask, build_calibration};
use crate::calendar::day_number;
use crate::model::DataSources;
use crate::schema::basemodel::{Parameter, Rate};
use crate::schema::read_experiment;
use crate::simulation::{Records, pair_names};

/// What `tests/python/record_calibration.py` has recorded of suite 0.1.0 on epydemix 1.5.0.
#[derive(Deserialize)]
struct Recorded {
    task: usize,
    seed: u64,
    names: Vec<String>,
    parameters: Vec<f64>,
    data: Vec<f64>,
    distance: f64,
    projection_sums: std::collections::BTreeMap<String, f64>,
    projection_rows: usize,
}

fn shared() -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if shared.is_dir() {
        return Some(shared);
    }
    eprintln!("skipped: `{}` is not there", shared.display());
    None
}

fn tasks(shared: &Path, experiment: &str) -> Vec<CalibrationTask> {
    let files =
        epycloud_config::discover(&shared.join("forecast"), &experiment.parse().unwrap(), None)
            .unwrap();
    let sources = DataSources {
        population_data: Some(shared.join("epydemix-data")),
        data_tables: Some(shared.join("suite-tables")),
        suite_behaviour: SuiteBehaviour::V0_1_0,
        ..DataSources::of_repository(shared.join("forecast"))
    };
    let experiment = read_experiment(&files).unwrap();
    build_calibration(&experiment, &sources).unwrap().tasks
}

#[test]
fn simulations_of_a_calibration_are_the_suites() {
    let Some(shared) = shared() else {
        return;
    };
    let tasks = tasks(&shared, "flu-calibration");
    let recorded: Vec<Recorded> =
        serde_json::from_str(include_str!("../../tests/recorded/flu_calibration.json")).unwrap();
    assert_eq!(recorded.len(), 4 * tasks.len());
    for record in &recorded {
        let task = &tasks[record.task];
        let names: Vec<String> = task.calibrated().into_iter().map(|one| one.name).collect();
        assert_eq!(names, record.names);
        let simulator = EpidemicSimulator::new(task).unwrap();
        let mut memory = simulator.scratch();
        let mut rng = Pcg64::new(record.seed);
        let simulated =
            simulator.simulate(&record.parameters, &mut rng, f64::INFINITY, &mut memory);
        let expected = Simulated::Finished {
            distance: record.distance,
            data: record.data.clone(),
            failed: false,
        };
        assert_eq!(simulated, expected, "{:?}", record.parameters);
        assert_eq!(projected(task, &simulator, record), record.projection_sums);
    }
}

/// The sums of the projection's columns over time.
fn projected(
    task: &CalibrationTask,
    simulator: &EpidemicSimulator<'_>,
    record: &Recorded,
) -> std::collections::BTreeMap<String, f64> {
    let last_day = day_number(task.end_date);
    let full = simulator
        .setting(day_number(task.earliest_start()), last_day)
        .unwrap();
    assert_eq!(full.grid.n_rows(), record.projection_rows);
    let setting = simulator
        .setting(simulator.first_day(&record.parameters), last_day)
        .unwrap();
    let mut records = Records::new(simulator.plan(), &setting.grid, 1);
    let mut rng = Pcg64::new(record.seed);
    let mut scratch = Scratch::default();
    simulator
        .run(
            &record.parameters,
            &setting,
            &mut rng,
            &mut scratch,
            &mut records,
        )
        .unwrap();
    records.finish_simulation();
    let (people, moves) = records.into_counts();
    let compartments: Vec<String> = task
        .model
        .compartments
        .iter()
        .map(|c| c.id.clone())
        .collect();
    let transitions = pair_names(simulator.plan().transition_pairs(), &compartments);
    let n_groups = task.model.groups.len();
    let sum = |counts: &[i64], names: &[String], at: usize| {
        let width = names.len() * n_groups;
        let rows = counts.chunks_exact(width);
        let sum: i64 = rows
            .flat_map(|row| &row[at * n_groups..(at + 1) * n_groups])
            .sum();
        (format!("{}_total", names[at]), sum as f64)
    };
    let of_people = (0..compartments.len()).map(|at| sum(&people, &compartments, at));
    let of_moves = (0..transitions.len()).map(|at| sum(&moves, &transitions, at));
    of_people.chain(of_moves).collect()
}

#[test]
fn giving_up_decides_as_a_whole_simulation_does() {
    let Some(shared) = shared() else {
        return;
    };
    let tasks = tasks(&shared, "flu-calibration");
    let recorded: Vec<Recorded> =
        serde_json::from_str(include_str!("../../tests/recorded/flu_calibration.json")).unwrap();
    for record in &recorded {
        let simulator = EpidemicSimulator::new(&tasks[record.task]).unwrap();
        let mut memory = simulator.scratch();
        for factor in [0.1, 0.5, 0.9, 0.999_999, 1.0, 1.000_001, 1.5] {
            let epsilon = record.distance * factor;
            let mut rng = Pcg64::new(record.seed);
            let simulated = simulator.simulate(&record.parameters, &mut rng, epsilon, &mut memory);
            match simulated {
                Simulated::TooFar => assert!(factor < 1.0, "{factor}"),
                Simulated::Finished { distance, .. } => assert_eq!(distance, record.distance),
                Simulated::Invalid(reason) => panic!("{reason}"),
            }
        }
    }
}

/// The base model's value wins over a prior for a parameter that isn't `calibrated` there; the
/// trough of the seasonality is the prior's all the same.
#[test]
fn a_prior_for_a_parameter_with_a_value_has_no_effect() {
    let Some(shared) = shared() else {
        return;
    };
    let task = tasks(&shared, "flu-calibration").swap_remove(0);
    let simulate = |task: &CalibrationTask, rt: f64, seasonality_min: f64| {
        let parameters: Vec<f64> = task
            .calibrated()
            .iter()
            .map(|one| match one.name.as_str() {
                "Rt" => rt,
                "seasonality_min" => seasonality_min,
                "L" => 0.0005,
                "Initial_immune" => 0.1,
                _ => 10.0,
            })
            .collect();
        let simulator = EpidemicSimulator::new(task).unwrap();
        let mut memory = simulator.scratch();
        simulator.simulate(&parameters, &mut Pcg64::new(1), f64::INFINITY, &mut memory)
    };
    let mut fixed = task.clone();
    for (name, parameter) in &mut fixed.model.parameters {
        if name == "Rt" || name == "seasonality_min" {
            *parameter = Parameter::Scalar(Rate::Number(1.5));
        }
    }
    let expected = simulate(&task, 1.5, 0.7);
    assert_ne!(simulate(&task, 1.9, 0.7), expected);
    assert_eq!(simulate(&fixed, 1.9, 0.7), expected);
    assert_ne!(simulate(&fixed, 1.9, 0.8), expected);
}
