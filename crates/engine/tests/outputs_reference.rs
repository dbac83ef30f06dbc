//! Tables against those that the suite made of the basic standalone experiment. Skipped where the
//! shared data isn't present.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

mod outputs_support;

use std::io::Read;
use std::path::Path;

use epycloud_config::SuiteBehaviour;
use epycloud_engine::Array;
use epycloud_engine::schema::output::{
    OutputConfig, QuantilesOutput, Selection, TrajectoriesOutput, default_levels,
};
use epycloud_engine::simulation::SimulationResult;
use outputs_support::{shared_data, table, write};

const GROUPS: [&str; 5] = ["0-4", "5-17", "18-49", "50-64", "65+"];
const N_SIMS: usize = 10;

fn only(names: &[&str]) -> Selection {
    Selection::Only(names.iter().map(|&name| name.to_owned()).collect())
}

/// The experiment's output configuration.
fn config() -> OutputConfig {
    OutputConfig {
        meta: None,
        tabular_formats: Vec::new(),
        quantiles: Some(QuantilesOutput {
            selections: default_levels(SuiteBehaviour::V0_1_0),
            compartments: Selection::All,
            transitions: only(&["I_to_R_total", "I_vax_to_R_vax_total"]),
            calibration: None,
        }),
        trajectories: Some(TrajectoriesOutput {
            compartments: only(&["I_total", "I_vax_total"]),
            transitions: Selection::All,
        }),
        ..OutputConfig::default()
    }
}

fn read(folder: &Path, name: &str) -> String {
    let bytes = std::fs::read(folder.join(format!("{name}.csv.gz"))).unwrap();
    let mut text = String::new();
    flate2::bufread::MultiGzDecoder::new(&bytes[..])
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// The result that the suite's tables were made of.
fn reference_result(folder: &Path) -> SimulationResult {
    let text = read(folder, "trajectories_all");
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let rows: Vec<Vec<&str>> = lines.collect();
    let names: Vec<&str> = header
        .iter()
        .filter_map(|column| column.strip_suffix("_total"))
        .collect();
    let (transitions, compartments): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| name.contains("_to_"));
    let n_dates = rows.len() / N_SIMS;
    let counts = |series: &[&str]| {
        let columns: Vec<usize> = series
            .iter()
            .flat_map(|name| GROUPS.iter().map(move |group| format!("{name}_{group}")))
            .map(|column| header.iter().position(|name| **name == column).unwrap())
            .collect();
        let counts: Vec<i64> = rows
            .iter()
            .flat_map(|row| columns.iter().map(|&column| row[column].parse().unwrap()))
            .collect();
        Array::from_i64(&[N_SIMS, n_dates, series.len(), GROUPS.len()], &counts)
    };
    SimulationResult {
        primary_id: 0,
        population: rows[0][1].to_owned(),
        model_name: Some("example_SLIR_standalone".into()),
        seed: 42,
        delta_t: 0.2,
        dates: rows[..n_dates]
            .iter()
            .map(|row| row[3].to_owned())
            .collect(),
        groups: GROUPS.map(str::to_owned).to_vec(),
        compartment_counts: counts(&compartments),
        transition_counts: counts(&transitions),
        initial: Array::from_i64(&[compartments.len(), 5], &vec![0; compartments.len() * 5]),
        compartments: compartments.into_iter().map(str::to_owned).collect(),
        transitions: transitions.into_iter().map(str::to_owned).collect(),
        parameters: Vec::new(),
    }
}

fn assert_same_lines(found: &str, expected: &str) {
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}

#[test]
fn quantiles_equal_the_suites_character_for_character() {
    let Some(folder) = shared_data().map(|data| data.join("reference/basic-standalone")) else {
        return;
    };
    let (sink, _) = write(&config(), &[reference_result(&folder)]);
    for name in ["quantiles_compartments", "quantiles_transitions"] {
        assert_same_lines(&table(&sink, name), &read(&folder, name));
    }
}

#[test]
fn trajectories_equal_the_suites_but_for_their_dates() {
    let Some(folder) = shared_data().map(|data| data.join("reference/basic-standalone")) else {
        return;
    };
    let (sink, _) = write(&config(), &[reference_result(&folder)]);
    for name in ["trajectories_compartments", "trajectories_transitions"] {
        let text = table(&sink, name);
        assert!(text.starts_with("primary_id,sim_id,date,seed,population,"));
        let without_date: String = text
            .lines()
            .map(|line| {
                let mut fields: Vec<&str> = line.split(',').collect();
                fields.remove(2);
                fields.join(",") + "\n"
            })
            .collect();
        assert_same_lines(&without_date, &read(&folder, name));
    }
}
