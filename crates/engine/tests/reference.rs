//! The suite's own results, count by count: `basic-standalone` as suite 0.1.0 simulates it.

mod simulation_support;

use std::io::Read;

use epycloud_config::SuiteBehaviour;
use epycloud_engine::{DataSources, build_tasks, run_task};

use simulation_support::{Counts, read_shared_experiment, shared_data};

#[test]
fn basic_standalone_equals_the_suites_results_in_every_count() {
    let Some(data) = shared_data() else { return };
    let experiment = read_shared_experiment(&data, "basic-standalone");
    let sources = DataSources {
        repository: data.join("forecast"),
        population_data: Some(data.join("epydemix-data")),
        data_tables: Some(data.join("suite-tables")),
        suite_behaviour: SuiteBehaviour::V0_1_0,
    };
    let build = build_tasks(&experiment, &sources).unwrap();
    assert_eq!(build.populations, ["United_States_Massachusetts"]);
    let result = run_task(&build.task(0).unwrap(), &mut |_, _| {}).unwrap();
    assert_eq!(result.seed, 42);
    let counts = Counts::of(&result);

    let file = data.join("reference/basic-standalone/trajectories_all.csv.gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(&file).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), result.n_sims() * result.dates.len());

    let mut n_compared = 0;
    for (at, row) in rows.iter().enumerate() {
        let (simulation, date) = (at / result.dates.len(), at % result.dates.len());
        assert_eq!(row[2].parse::<usize>().unwrap(), simulation);
        assert_eq!(row[3], result.dates[date]);
        for (column, expected) in header.iter().zip(row).skip(4) {
            let expected: i64 = expected.parse().unwrap();
            let found = counts.column(column, simulation, date);
            assert_eq!(
                found, expected,
                "simulation {simulation}, {}, {column}",
                result.dates[date]
            );
            n_compared += 1;
        }
    }
    let n_columns =
        (result.compartments.len() + result.transitions.len()) * (result.groups.len() + 1);
    assert_eq!(n_compared, rows.len() * n_columns);
}
