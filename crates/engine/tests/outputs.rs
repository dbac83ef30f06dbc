//! What the output writer writes, and what it refuses.

mod outputs_support;

use std::error::Error;

use epycloud_engine::Array;
use epycloud_engine::outputs::{
    BufferSink, N_SHOWN, OutputError, OutputWriter, TableSink, main_transition,
};
use epycloud_engine::schema::output::{Generations, OutputConfig, Selection, TabularFormat};
use epycloud_engine::simulation::{ParameterValue, SimulationResult};
use epycloud_errors::{Diagnose, ExitCode, Report};
use outputs_support::{SMALL, Shape, everything, result, table, write, write_with};

const LEVELS: [f64; 3] = [0.025, 1.0 / 3.0, 0.5];

fn only(names: &[&str]) -> Selection {
    Selection::Only(names.iter().map(|&name| name.to_owned()).collect())
}

/// The error of writing these results.
fn refusal(config: &OutputConfig, results: &[SimulationResult]) -> OutputError {
    let (mut writer, mut sink) = (OutputWriter::new(config), BufferSink::default());
    results
        .iter()
        .find_map(|result| writer.push(result, &mut sink).err())
        .expect("an error")
}

/// The tables that pandas was found to write for this result (`outputs_oracle.rs`).
#[test]
fn tables_are_as_recorded() {
    let (sink, _) = write(&everything(&LEVELS), &[result(0, SMALL)]);
    for name in [
        "quantiles_compartments",
        "quantiles_transitions",
        "trajectories_compartments",
        "trajectories_transitions",
        "model_metadata",
    ] {
        insta::assert_snapshot!(name, table(&sink, name));
    }
}

#[test]
fn the_summary_names_every_file_with_its_size() {
    let (sink, summary) = write(&everything(&LEVELS), &[result(0, SMALL), result(3, SMALL)]);
    let files: Vec<_> = summary
        .files
        .iter()
        .map(|file| (file.name.as_str(), file.rows, file.columns))
        .collect();
    assert_eq!(
        files,
        [
            ("quantiles_compartments.csv.gz", Some(18), Some(14)),
            ("quantiles_transitions.csv.gz", Some(18), Some(11)),
            ("trajectories_compartments.csv.gz", Some(24), Some(14)),
            ("trajectories_transitions.csv.gz", Some(24), Some(11)),
            ("model_metadata.csv.gz", Some(2), Some(12)),
            ("fan_chart.svg", None, None),
        ]
    );
    assert!(
        sink.files.keys().eq({
            let mut names: Vec<_> = files.iter().map(|(name, ..)| *name).collect();
            names.sort_unstable();
            names
        }
        .iter())
    );
    for (name, rows, columns) in &files[..5] {
        let text = outputs_support::gunzip(&sink.files[*name]);
        assert_eq!(text.lines().count() as u64, rows.unwrap() + 1);
        assert_eq!(
            text.lines().next().unwrap().split(',').count() as u64,
            columns.unwrap()
        );
    }
    assert_eq!(summary.n_tasks, 2);
    assert!(summary.warnings.is_empty());
}

#[test]
fn selections_choose_tables_and_order_columns() {
    let mut config = everything(&LEVELS);
    let quantiles = config.quantiles.as_mut().unwrap();
    quantiles.compartments = only(&["C2_total", "C0_g1"]);
    quantiles.transitions = Selection::None;
    config.trajectories = None;
    let (sink, _) = write(&config, &[result(0, SMALL)]);
    let names: Vec<_> = sink.files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "fan_chart.svg",
            "model_metadata.csv.gz",
            "quantiles_compartments.csv.gz"
        ]
    );
    let header = "primary_id,seed,population,date,quantile,C2_total,C0_g1\n";
    assert!(table(&sink, "quantiles_compartments").starts_with(header));
}

#[test]
fn every_format_asked_for_is_written_once() {
    let mut config = everything(&LEVELS);
    config.tabular_formats = vec![
        TabularFormat::Parquet,
        TabularFormat::CsvGz,
        TabularFormat::Parquet,
    ];
    let (sink, summary) = write(&config, &[result(0, SMALL)]);
    assert_eq!(summary.files.len(), 11);
    let parquet = &sink.files["quantiles_compartments.parquet"];
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    assert!(sink.files.contains_key("quantiles_compartments.csv.gz"));
}

#[test]
fn times_of_day_are_left_out_of_dates() {
    let mut timed = result(0, SMALL);
    timed.dates[1] = "2024-08-10T04:48:00.000000000".into();
    let (sink, _) = write(&everything(&LEVELS), &[timed]);
    let text = table(&sink, "trajectories_compartments");
    assert!(
        text.lines()
            .nth(2)
            .unwrap()
            .starts_with("0,0,2024-08-10,42,")
    );
}

#[test]
fn awkward_names_are_quoted() {
    let mut awkward = result(0, SMALL);
    awkward.population = "Springfield, \"MA\"".into();
    awkward.groups = vec!["0,5".into(), "5+".into()];
    let (sink, _) = write(&everything(&LEVELS), &[awkward]);
    let text = table(&sink, "quantiles_transitions");
    assert!(text.contains(",\"C0_to_C1_0,5\","));
    assert!(text.contains("\n0,42,\"Springfield, \"\"MA\"\"\",2024-08-10,0.025,"));
}

#[test]
fn the_bytes_are_the_same_whatever_the_number_of_threads() {
    let wide = Shape {
        n_sims: 30,
        n_dates: 40,
        n_compartments: 7,
        n_transitions: 9,
        n_groups: 5,
    };
    let mut config = everything(&LEVELS);
    config.tabular_formats = vec![TabularFormat::CsvGz, TabularFormat::Parquet];
    // Tables of many chunks, of one chunk over many tasks, and of one row a task.
    let results: Vec<_> = (0..40)
        .map(|task| {
            result(
                task,
                if task < 3 {
                    wide
                } else {
                    Shape { n_dates: 2, ..wide }
                },
            )
        })
        .collect();
    let written = [1, 2, 7]
        .map(|n_threads| write_with(OutputWriter::new(&config).with_threads(n_threads), &results));
    assert!(written[0] == written[1] && written[0] == written[2]);
}

#[test]
fn chunks_of_a_large_task_join_without_seam() {
    let large = Shape {
        n_sims: 400,
        n_dates: 50,
        n_compartments: 2,
        n_transitions: 1,
        n_groups: 3,
    };
    let (sink, summary) = write(&everything(&LEVELS), &[result(0, large)]);
    let text = table(&sink, "trajectories_compartments");
    assert_eq!(summary.files[2].rows, Some(20_000));
    for (row, line) in text.lines().skip(1).enumerate() {
        let start = format!("0,{},", row / 50);
        assert!(
            line.starts_with(&start) && line.split(',').count() == 13,
            "{line}"
        );
    }
}

#[test]
fn sections_that_do_not_apply_are_warned_of() {
    let mut config = everything(&LEVELS);
    config.posteriors = Some(Generations::Newest);
    config.projection_parameters = true;
    let (_, summary) = write(&config, &[result(0, SMALL)]);
    insta::assert_snapshot!(summary.warnings.join("\n"), @r"
    output section `posteriors` doesn't apply to a simulation workflow; it was left out
    output section `model_meta.projection_parameters` doesn't apply to a simulation workflow; it was left out
    ");
}

#[test]
fn no_results_make_no_files_and_a_warning() {
    let (sink, summary) = write(&everything(&LEVELS), &[]);
    assert_eq!(sink, BufferSink::default());
    assert_eq!(summary.warnings, ["there were no results to write"]);
}

#[test]
fn the_headline_has_peak_and_total_of_the_main_transition() {
    let mut one = result(0, Shape { n_sims: 3, ..SMALL });
    one.transitions = vec!["S_to_I".into(), "I_to_R".into()];
    // [3 simulations, 3 dates, 2 transitions, 2 groups]; the second transition moves nobody.
    let counts = [
        [1, 0, 0, 0, 5, 1, 0, 0, 2, 0, 0, 0],
        [2, 1, 0, 0, 7, 3, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 4, 4, 0, 0, 8, 0, 0, 0],
    ];
    one.transition_counts = Array::from_i64(&[3, 3, 2, 2], &counts.concat());
    let config = everything(&LEVELS);
    let writer = OutputWriter::new(&config).with_main_transition(Some("S_to_I".into()));
    let (_, summary) = write_with(writer, &[one]);
    let [row] = &summary.headline[..] else {
        panic!("one task, one row")
    };
    assert_eq!(
        (row.transition.as_str(), row.peak_date.as_str()),
        ("S_to_I_total", "2024-08-17")
    );
    // 6, 8, 10 on the date; 9, 13, 16 in all.
    assert_eq!(
        (row.peak.lower, row.peak.median, row.peak.upper),
        (6.1, 8.0, 9.9)
    );
    assert_eq!(
        (row.total.lower, row.total.median, row.total.upper),
        (9.2, 13.0, 15.85)
    );
}

#[test]
fn the_main_transition_is_the_first_listed_or_the_one_named_or_the_first() {
    let transition = |config: &OutputConfig, named: Option<&str>| {
        let writer = OutputWriter::new(config).with_main_transition(named.map(str::to_owned));
        let (_, summary) = write_with(writer, &[result(0, SMALL)]);
        summary.headline[0].transition.clone()
    };
    let mut config = everything(&LEVELS);
    assert_eq!(transition(&config, None), "C0_to_C1_total");
    assert_eq!(transition(&config, Some("C1_to_C2")), "C1_to_C2_total");
    config.quantiles.as_mut().unwrap().transitions = only(&["C1_to_C2_g0", "C0_to_C1_total"]);
    assert_eq!(transition(&config, Some("C0_to_C1")), "C1_to_C2_g0");
}

#[test]
fn chart_and_headline_show_the_first_tasks_and_say_so() {
    let results: Vec<_> = (0..20).map(|task| result(task, SMALL)).collect();
    let (sink, summary) = write(&everything(&LEVELS), &results);
    assert_eq!(summary.headline.len(), N_SHOWN);
    let svg = String::from_utf8(sink.files["fan_chart.svg"].clone()).unwrap();
    assert!(svg.contains("The first 12 of 20 tasks are shown."));
    assert!(svg.contains("Massachusetts, task 11") && !svg.contains("task 12"));
}

#[test]
fn a_model_without_transitions_has_no_chart() {
    let still = result(
        0,
        Shape {
            n_transitions: 0,
            ..SMALL
        },
    );
    let mut config = everything(&LEVELS);
    config.quantiles.as_mut().unwrap().transitions = only(&[]);
    let (sink, summary) = write(&config, &[still]);
    let names: Vec<_> = sink.files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "model_metadata.csv.gz",
            "quantiles_compartments.csv.gz",
            "trajectories_compartments.csv.gz"
        ]
    );
    assert!(summary.headline.is_empty());
}

#[test]
fn results_that_contradict_themselves_are_refused_by_task() {
    let bad = |change: fn(&mut SimulationResult)| {
        let mut result = result(7, SMALL);
        change(&mut result);
        Report::new(refusal(&everything(&LEVELS), &[result])).to_string()
    };
    let reports = [
        bad(|result| result.compartment_counts = Array::from_i64(&[4, 3, 2, 2], &[0; 48])),
        bad(|result| result.transition_counts = Array::from_i64(&[3, 3, 2, 2], &[0; 36])),
        bad(|result| result.transition_counts = Array::from_f64(&[4, 3, 2, 2], &[f64::NAN; 48])),
        bad(|result| result.initial = Array::from_i64(&[6], &[0; 6])),
        bad(|result| result.compartment_counts = Array::from_i64(&[0, 3, 3, 2], &[])),
        bad(|result| {
            let mut counts = vec![0; 72];
            counts[71] = -1;
            result.compartment_counts = Array::from_i64(&[4, 3, 3, 2], &counts);
        }),
        bad(|result| {
            result.compartment_counts = Array::from_i64(&[4, 3, 3, 2], &[i64::MAX; 72]);
        }),
        bad(|result| result.dates.clear()),
        bad(|result| result.dates[2] = "2024-02-30".into()),
        bad(|result| {
            let ages = Array::from_i64(&[2], &[1, 2]);
            result.parameters[1].1 = ParameterValue::Array(ages);
        }),
    ];
    insta::assert_snapshot!(reports.join("\n"));
}

#[test]
fn results_that_do_not_fit_those_before_are_refused_by_task() {
    let after = |change: fn(&mut SimulationResult)| {
        let mut second = result(1, SMALL);
        change(&mut second);
        Report::new(refusal(&everything(&LEVELS), &[result(0, SMALL), second])).to_string()
    };
    let reports = [
        after(|result| result.groups[1] = "g2".into()),
        after(|result| result.compartments.swap(0, 1)),
        after(|result| result.transitions[0] = "C0_to_C2".into()),
        after(|result| result.parameters.truncate(1)),
        after(|result| result.primary_id = 0),
    ];
    insta::assert_snapshot!(reports.join("\n"));
}

#[test]
fn a_selection_that_the_results_cannot_meet_is_a_usage_error() {
    let refused = |change: fn(&mut OutputConfig)| {
        let mut config = everything(&LEVELS);
        change(&mut config);
        let error = refusal(&config, &[result(0, SMALL)]);
        assert_eq!(error.exit_code(), ExitCode::Usage);
        Report::new(error).to_string()
    };
    let reports = [
        refused(|config| config.quantiles.as_mut().unwrap().compartments = only(&["C0_totl"])),
        refused(|config| config.quantiles.as_mut().unwrap().transitions = only(&["nothing"])),
        refused(|config| {
            config.trajectories.as_mut().unwrap().transitions = only(&["C0_total"]);
        }),
        refused(|config| {
            config.trajectories.as_mut().unwrap().compartments = only(&["C0_g0", "C0_g0"]);
        }),
        refused(|config| config.quantiles.as_mut().unwrap().selections = vec![0.5, 1.5]),
    ];
    insta::assert_snapshot!(reports.join("\n"));
}

/// A sink that fails at its second chunk.
struct FullDisk(u32);

impl TableSink for FullDisk {
    fn write(&mut self, _: &str, _: Vec<u8>) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.0 += 1;
        if self.0 > 1 {
            Err("no space left".into())
        } else {
            Ok(())
        }
    }
}

#[test]
fn a_failing_sink_ends_the_writing_with_its_file_and_cause() {
    let mut writer = OutputWriter::new(&everything(&LEVELS));
    let mut sink = FullDisk(0);
    writer.push(&result(0, SMALL), &mut sink).unwrap();
    let error = writer.finish(&mut sink).unwrap_err();
    assert_eq!(
        Report::new(error).to_string(),
        "error: could not write `quantiles_transitions.csv.gz`\n  caused by: no space left"
    );
}

#[test]
fn infections_are_the_first_mediated_transition() {
    use epycloud_engine::schema::basemodel::{Rate, Transition, TransitionKind};
    let transition = |source: &str, target: &str, kind| Transition {
        source: source.into(),
        target: target.into(),
        kind,
    };
    let rate = || Rate::Expression("beta".into());
    let mut model = outputs_support::base_model();
    model.transitions = vec![
        transition("S", "V", TransitionKind::Vaccination),
        transition("I", "R", TransitionKind::Spontaneous { rate: rate() }),
        transition(
            "S",
            "I",
            TransitionKind::Mediated {
                rate: rate(),
                mediator: "I".into(),
            },
        ),
    ];
    assert_eq!(main_transition(&model).as_deref(), Some("S_to_I"));
    model.transitions.clear();
    assert_eq!(main_transition(&model), None);
}
