//! Outputs of calibrations: tables in the suite's own format.
#![allow(clippy::unwrap_used, reason = "tests")]

mod calibration_support;
mod outputs_support;

use calibration_support::{result, write, write_with};
use epycloud_config::SuiteBehaviour;
use epycloud_engine::calibration::FailedTrajectory;
use epycloud_engine::calibration::abc::{Rejection, Smc, Strategy};
use epycloud_engine::outputs::{BufferSink, CalibrationWriter};
use epycloud_engine::schema::output::{
    Generations, OutputConfig, QuantilesOutput, Selection, TabularFormat, TrajectoriesOutput,
};
use epycloud_engine::{Array, DataSources};
use epycloud_errors::Report;
use outputs_support::table;

fn everything() -> OutputConfig {
    OutputConfig {
        tabular_formats: vec![TabularFormat::CsvGz],
        quantiles: Some(QuantilesOutput {
            selections: vec![0.25, 0.5],
            compartments: Selection::All,
            transitions: Selection::Only(vec!["hospitalizations".into(), "I_to_D_5+".into()]),
            calibration: Some(Generations::Only(vec![1])),
        }),
        trajectories: Some(TrajectoriesOutput {
            compartments: Selection::Only(vec!["I_total".into()]),
            transitions: Selection::All,
        }),
        posteriors: Some(Generations::Newest),
        projection_parameters: true,
        ..OutputConfig::default()
    }
}

/// The first lines of a table.
fn head(sink: &BufferSink, name: &str, n: usize) -> String {
    let text = table(sink, name);
    text.lines().take(n).collect::<Vec<_>>().join("\n")
}

#[test]
fn tables_have_the_suites_names_and_columns() {
    let results = [
        result(0, "United_States_Massachusetts", 4),
        result(1, "United_States_New_York", 4),
    ];
    let (sink, summary) = write(&everything(), &results);
    let files: Vec<String> = summary
        .files
        .iter()
        .map(|file| format!("{} {:?} {:?}", file.name, file.rows, file.columns))
        .collect();
    insta::assert_snapshot!(files.join("\n"));
    let heads: Vec<String> = summary
        .files
        .iter()
        .filter_map(|file| file.name.strip_suffix(".csv.gz"))
        .map(|name| format!("{name}\n{}", head(&sink, name, 3)))
        .collect();
    insta::assert_snapshot!(heads.join("\n\n"));
    assert_eq!(summary.warnings, Vec::<String>::new());
}

#[test]
fn a_calibration_without_projection_keeps_its_row() {
    let mut one = result(0, "United_States_Massachusetts", 3);
    one.projection = None;
    let (sink, summary) = write(&everything(), &[one]);
    let names: Vec<&str> = summary.files.iter().map(|file| &*file.name).collect();
    assert!(
        !names.iter().any(|name| name.contains("projection")),
        "{names:?}"
    );
    insta::assert_snapshot!(
        table(&sink, "model_metadata"),
        @r"
    primary_id,seed,delta_t,population,n_projections_baseline,fitting_start,fitting_end,start_date,end_date,proj_baseline_R0,proj_baseline_start_date
    0,42,0.2,United_States_Massachusetts,0,2024-11-09,2024-12-14,,,[],[]
    "
    );
}

#[test]
fn failed_trajectories_and_missing_generations_are_warned_of() {
    let mut one = result(0, "United_States_Massachusetts", 3);
    one.projection.as_mut().unwrap().failures = vec![FailedTrajectory {
        trajectory: 3,
        particle: 1,
        message: "the population of `H` is negative".to_owned(),
    }];
    let mut config = everything();
    config.posteriors = Some(Generations::Only(vec![1, 7, -1]));
    config.quantiles.as_mut().unwrap().calibration = Some(Generations::Only(vec![0, 1]));
    let (sink, summary) = write(&config, &[one]);
    insta::assert_snapshot!(summary.warnings.join("\n"));
    assert_eq!(table(&sink, "posteriors").lines().count(), 6);
    assert_eq!(table(&sink, "quantiles_calibration").lines().count(), 13);
}

#[test]
fn the_old_release_has_names_of_its_own() {
    let sources = DataSources {
        suite_behaviour: SuiteBehaviour::V0_1_0,
        ..DataSources::of_repository("nowhere")
    };
    let writer = CalibrationWriter::new(&everything()).with_sources(sources);
    let (sink, _) = write_with(writer, &[result(0, "United_States_Ohio", 3)]);
    for name in ["quantiles_compartments", "trajectories_transitions"] {
        assert!(sink.files.contains_key(&format!("{name}.csv.gz")), "{name}");
    }
    assert!(table(&sink, "posteriors").starts_with("R0,start_date\n"));
}

/// The suite's posterior is a list for each parameter but after SMC, which has one array for all.
#[test]
fn discrete_parameters_are_whole_numbers_where_the_suites_are() {
    let posterior = |strategy: Strategy, only_discrete: bool, generation: i64| {
        let mut one = result(0, "United_States_Ohio", 3);
        one.strategy = strategy;
        if only_discrete {
            one.priors[0].prior = one.priors[1].prior.clone();
        }
        let mut config = everything();
        config.posteriors = Some(Generations::Only(vec![generation]));
        let (sink, _) = write(&config, &[one]);
        let text = table(&sink, "posteriors");
        let row = text.lines().nth(1).unwrap().to_owned();
        row.rsplit(',')
            .take(2)
            .map(|cell| !cell.contains('.'))
            .collect::<Vec<_>>()
    };
    let rejection = || Strategy::Rejection(Rejection::default());
    let smc = || Strategy::Smc(Smc::default());
    assert_eq!(posterior(rejection(), false, 0), [true, false]);
    assert_eq!(posterior(rejection(), true, 0), [true, true]);
    assert_eq!(posterior(smc(), false, 0), [false, false]);
    assert_eq!(posterior(smc(), true, 0), [true, true]);
    assert_eq!(posterior(smc(), true, 1), [false, false]);
}

#[test]
fn the_fit_is_tabulated_and_shown() {
    let (sink, summary) = write(
        &OutputConfig::default(),
        &[result(0, "United_States_Massachusetts", 20)],
    );
    let tables = [
        "fit_generations",
        "fit_parameters",
        "fit_coverage",
        "fit_dates",
    ];
    let shown = tables.map(|name| format!("{name}\n{}", table(&sink, name)));
    insta::assert_snapshot!(shown.join("\n"));
    insta::assert_debug_snapshot!(summary.headline);
    let chart = String::from_utf8(sink.files["fan_chart.svg"].clone()).unwrap();
    assert!(chart.contains("hospitalizations (all ages), Massachusetts"));
}

#[test]
fn bytes_do_not_depend_on_threads() {
    let results: Vec<_> = (0..5)
        .map(|task| result(task, "United_States_Ohio", 40))
        .collect();
    let config = OutputConfig {
        tabular_formats: vec![TabularFormat::CsvGz, TabularFormat::Parquet],
        ..everything()
    };
    let one = write_with(CalibrationWriter::new(&config).with_threads(1), &results);
    let four = write_with(CalibrationWriter::new(&config).with_threads(4), &results);
    assert!(one == four);
}

#[test]
fn faults_of_results_name_the_task() {
    let mut torn = result(3, "United_States_Ohio", 3);
    torn.observed.values = Array::from_f64(&[1], &[1.0]);
    let mut beyond = result(3, "United_States_Ohio", 3);
    beyond.projection.as_mut().unwrap().particles = Array::from_u32(&[3], &[0, 1, 99]);
    let mut unknown = result(3, "United_States_Ohio", 3);
    unknown.projection.as_mut().unwrap().comparisons[0].1[0] = "I_to_Q_total".to_owned();
    let mut shown = Vec::new();
    for fault in [torn, beyond, unknown] {
        let mut writer = CalibrationWriter::new(&everything());
        let error = writer.push(&fault, &mut BufferSink::default()).unwrap_err();
        shown.push(Report::new(error).to_string());
    }
    let mut config = everything();
    config.trajectories.as_mut().unwrap().transitions =
        Selection::Only(vec!["hospitalisations".into()]);
    let mut writer = CalibrationWriter::new(&config);
    let good = result(0, "United_States_Ohio", 3);
    let error = writer.push(&good, &mut BufferSink::default()).unwrap_err();
    shown.push(Report::new(error).to_string());

    let mut writer = CalibrationWriter::new(&everything());
    let mut sink = BufferSink::default();
    writer.push(&good, &mut sink).unwrap();
    let error = writer.push(&good, &mut sink).unwrap_err();
    shown.push(Report::new(error).to_string());
    insta::assert_snapshot!(shown.join("\n\n"));
}
