//! Submissions to hubs: what is written, and that it keeps to the hubs' rules.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod calibration_support;
mod outputs_support;

use std::fs;

use calibration_support::{LAST_OBSERVED, REFERENCE, result, result_by_age, write_with};
use epycloud_engine::DataSources;
use epycloud_engine::calibration::CalibrationResult;
use epycloud_engine::outputs::hub::{HubRow, OutputType, rules, validate};
use epycloud_engine::outputs::{BufferSink, CalibrationWriter, OutputSummary};
use epycloud_engine::schema::output::{
    FLUSIGHT_QUANTILES, ForecastHub, ForecastOutput, HubOutput, LocationForm, METROCAST_QUANTILES,
    OutputConfig, PropEd, PropEdStrategy, SamplesOutput, ScenarioOutput, SurveillanceSource,
};
use jiff::civil::date;
use outputs_support::{has_module, oracle, python, table};
use serde_json::json;

const STATES: [&str; 2] = ["United_States_Massachusetts", "United_States_New_York"];

/// A forecast repository with observed admissions and shares of two states.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut admissions = "target_end_date,hospitalizations,location_iso,other\n".to_owned();
    let mut shares = "date,share,place\n".to_owned();
    for week in 0..6_i64 {
        let day = LAST_OBSERVED
            .checked_sub(jiff::Span::new().days(7 * (5 - week)))
            .unwrap();
        for (iso, name, base) in [("US-MA", "Massachusetts", 40), ("US-NY", "New York", 90)] {
            let count = base + 25 * week;
            admissions.push_str(&format!("{day},{count},{iso},x\n"));
            let share = 0.0002 * (count + week) as f64;
            shares.push_str(&format!("{day},{share},{name}\n"));
        }
    }
    shares.push_str("2024-12-21,,Massachusetts\n");
    fs::write(folder.path().join("hosp.csv"), admissions).unwrap();
    fs::write(folder.path().join("ed.csv"), shares).unwrap();
    folder
}

fn hospital() -> SurveillanceSource {
    SurveillanceSource {
        name: "hosp".into(),
        data_path: "hosp.csv".into(),
        value_column: "hospitalizations".into(),
        date_column: "target_end_date".into(),
        location_column: "location_iso".into(),
        location_form: LocationForm::Iso,
    }
}

fn emergency() -> SurveillanceSource {
    SurveillanceSource {
        name: "ed".into(),
        data_path: "ed.csv".into(),
        value_column: "share".into(),
        date_column: "date".into(),
        location_column: "place".into(),
        location_form: LocationForm::Name,
    }
}

fn flusight() -> ForecastOutput {
    ForecastOutput {
        hub: ForecastHub::FluSight,
        reference_date: Some(REFERENCE),
        hospitalizations: Some("wk inc flu hosp".into()),
        rate_trends: Some(hospital()),
        prop_ed: Some(PropEd {
            target: "wk inc flu prop ed visits".into(),
            strategy: PropEdStrategy::CalibrationWindow {
                emergency: emergency(),
                n_weeks: 3,
            },
        }),
        quantiles: FLUSIGHT_QUANTILES.to_vec(),
        samples: Some(SamplesOutput {
            n_samples: 100,
            seed: None,
        }),
    }
}

fn submit(output: ForecastOutput, results: &[CalibrationResult]) -> (BufferSink, OutputSummary) {
    let folder = repository();
    let config = OutputConfig {
        hub: Some(HubOutput::Forecast(Box::new(output))),
        ..OutputConfig::default()
    };
    let writer =
        CalibrationWriter::new(&config).with_sources(DataSources::of_repository(folder.path()));
    let (sink, summary) = write_with(writer, results);
    let path = folder.path().display().to_string();
    let warnings = summary.warnings.iter();
    let warnings = warnings.map(|warning| warning.replace(&path, "{repository}"));
    let warnings = warnings.collect();
    (
        sink,
        OutputSummary {
            warnings,
            ..summary
        },
    )
}

/// The rows of a submission as they are in its file.
fn rows(sink: &BufferSink) -> Vec<HubRow> {
    let text = table(sink, "output_hub_formatted");
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some(
            "location,reference_date,horizon,target_end_date,target,output_type,output_type_id,value"
        )
    );
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            HubRow {
                location: cells[0].into(),
                reference_date: cells[1].parse().unwrap(),
                horizon: cells[2].parse().unwrap(),
                target_end_date: cells[3].parse().unwrap(),
                target: cells[4].into(),
                output_type: match cells[5] {
                    "quantile" => OutputType::Quantile,
                    "pmf" => OutputType::Pmf,
                    _ => OutputType::Sample,
                },
                output_type_id: cells[6].into(),
                value: cells[7].parse().unwrap(),
            }
        })
        .collect()
}

fn two_states(n: usize) -> Vec<CalibrationResult> {
    (0..)
        .zip(STATES)
        .map(|(task, state)| result(task, state, n))
        .collect()
}

#[test]
fn a_flusight_submission_has_every_target_and_keeps_to_the_rules() {
    let (sink, summary) = submit(flusight(), &two_states(120));
    assert_eq!(summary.warnings, Vec::<String>::new());
    let rows = rows(&sink);
    // 23 levels × 5 horizons × 2 targets, 5 categories × 4 horizons, 100 trajectories × 5 × 2.
    assert_eq!(rows.len(), 2 * (230 + 20 + 1000));
    assert_eq!(validate(&rows, rules(ForecastHub::FluSight)), Ok(()));
    let text = table(&sink, "output_hub_formatted");
    let some: Vec<&str> = text.lines().step_by(173).collect();
    insta::assert_snapshot!(some.join("\n"));
    let metadata = table(&sink, "model_metadata");
    assert!(
        metadata
            .lines()
            .next()
            .unwrap()
            .ends_with("end_date,rescaling_factor")
    );
}

#[test]
fn shares_are_least_squares_multiples_of_whole_admissions() {
    let mut output = flusight();
    output.samples = None;
    output.rate_trends = None;
    output.prop_ed = Some(PropEd {
        target: "wk inc flu prop ed visits".into(),
        strategy: PropEdStrategy::SurveillanceWindow {
            emergency: emergency(),
            hospital: hospital(),
            fit_start: date(2024, 11, 16),
            fit_end: date(2024, 12, 7),
        },
    });
    let (sink, summary) = submit(output, &two_states(30));
    assert_eq!(summary.warnings, Vec::<String>::new());
    // Weeks 1 to 3 of Massachusetts: 65, 90, 115 people; shares of 66, 92, 118 people.
    let factor = 0.0002 * (65.0 * 66.0 + 90.0 * 92.0 + 115.0 * 118.0)
        / (65.0 * 65.0 + 90.0 * 90.0 + 115.0 * 115.0);
    let rows = rows(&sink);
    let of = |target: &str| -> Vec<f64> {
        let of_state = rows.iter().filter(|row| row.location == "25");
        of_state
            .filter(|row| row.target == target)
            .map(|row| row.value)
            .collect()
    };
    let (people, shares) = (of("wk inc flu hosp"), of("wk inc flu prop ed visits"));
    assert_eq!((people.len(), shares.len()), (115, 115));
    for (people, share) in people.iter().zip(shares) {
        assert!((share - people * factor).abs() < 1e-12, "{share} {people}");
    }
}

#[test]
fn what_is_missing_is_said_and_the_rest_written() {
    let mut output = flusight();
    output.samples = Some(SamplesOutput {
        n_samples: 100,
        seed: Some(1),
    });
    output.rate_trends = Some(SurveillanceSource {
        data_path: "missing.csv".into(),
        ..hospital()
    });
    let results = [
        result(0, "United_States_Ohio", 30),
        result(1, "Atlantis", 30),
        result(2, "United_States_Ohio", 30),
    ];
    let (sink, summary) = submit(output, &results);
    insta::assert_snapshot!(summary.warnings.join("\n"));
    assert!(!rows(&sink).is_empty());

    let mut output = flusight();
    output.reference_date = Some(date(2024, 12, 20));
    let (_, summary) = submit(output, &two_states(30)[..1]);
    insta::assert_snapshot!(
        summary.warnings.join("\n"),
        @"the submission has no forecasts of task `0`: no week of the projection ends on 2024-12-13"
    );
}

#[test]
fn other_hubs_have_their_own_targets_and_counts() {
    for (hub, disease) in [(ForecastHub::Covid19, "covid"), (ForecastHub::Rsv, "rsv")] {
        let output = ForecastOutput {
            hub,
            // Found from the observations.
            reference_date: None,
            hospitalizations: Some(hub.admissions().into()),
            rate_trends: None,
            prop_ed: Some(PropEd {
                target: hub.emergency().into(),
                strategy: PropEdStrategy::CalibrationWindow {
                    emergency: emergency(),
                    n_weeks: 3,
                },
            }),
            quantiles: FLUSIGHT_QUANTILES.to_vec(),
            samples: Some(SamplesOutput {
                n_samples: 200,
                seed: None,
            }),
        };
        let (sink, summary) = submit(output, &two_states(250));
        assert_eq!(summary.warnings, Vec::<String>::new());
        let rows = rows(&sink);
        assert_eq!(rows[0].reference_date, REFERENCE);
        assert!(rows.iter().all(|row| row.target.contains(disease)));
        assert_eq!(validate(&rows, rules(hub)), Ok(()));
    }
}

#[test]
fn metrocast_has_places_levels_and_horizons_of_its_own() {
    let output = ForecastOutput {
        hub: ForecastHub::Metrocast,
        hospitalizations: None,
        rate_trends: None,
        prop_ed: Some(PropEd {
            target: "Flu ED visits pct".into(),
            strategy: PropEdStrategy::Transition {
                name: "I_to_D_0-4".into(),
            },
        }),
        quantiles: METROCAST_QUANTILES.to_vec(),
        samples: None,
        ..flusight()
    };
    let (sink, summary) = submit(output, &[result(0, "metrocast_location_denver", 30)]);
    assert_eq!(summary.warnings, Vec::<String>::new());
    let rows = rows(&sink);
    assert_eq!(rows.len(), 9 * 4);
    assert!(
        rows.iter()
            .all(|row| row.location == "denver" && row.value <= 100.0)
    );
    assert_eq!(validate(&rows, rules(ForecastHub::Metrocast)), Ok(()));
}

#[test]
fn the_scenario_hub_has_trajectories_by_age() {
    let ages = ["0-4", "5-17", "18-49", "50-64", "65+"];
    let output = ScenarioOutput {
        origin_date: None,
        scenario_id: "A-2024-12-01".into(),
        targets: vec![("inc hosp".into(), "I_to_H".into())],
        n_horizons: Some(4),
        n_samples: 300,
        seed: None,
    };
    let write = |output: &ScenarioOutput, result: &CalibrationResult| {
        let config = OutputConfig {
            hub: Some(HubOutput::Scenario(output.clone())),
            ..OutputConfig::default()
        };
        write_with(
            CalibrationWriter::new(&config),
            std::slice::from_ref(result),
        )
    };
    let (sink, summary) = write(&output, &result_by_age(0, STATES[0], 320, &ages));
    assert_eq!(summary.warnings, Vec::<String>::new());
    let text = table(&sink, "output_hub_formatted");
    assert_eq!(text.lines().count(), 1 + 300 * 6 * 4);
    let some: Vec<&str> = text.lines().step_by(1103).collect();
    insta::assert_snapshot!(some.join("\n"));

    let careless = ScenarioOutput {
        origin_date: Some(date(2024, 12, 15).yesterday().unwrap()),
        scenario_id: "baseline".into(),
        n_samples: 20,
        ..output
    };
    let mut result = result(0, STATES[0], 320);
    let dates = &mut result.projection.as_mut().unwrap().dates;
    for date in dates {
        let day: jiff::civil::Date = date.parse().unwrap();
        *date = day.yesterday().unwrap().to_string();
    }
    let (_, summary) = write(&careless, &result);
    insta::assert_snapshot!(summary.warnings.join("\n"));
}

/// A way to break a rule.
type Breaking = (&'static str, fn(&mut Vec<HubRow>));

#[test]
fn every_broken_rule_is_found() {
    let (sink, _) = submit(flusight(), &two_states(120)[..1]);
    let good = rows(&sink);
    let is_trend = |row: &HubRow| row.output_type == OutputType::Pmf;
    let breakings: [Breaking; 14] = [
        ("twice", |rows| rows.push(rows[0].clone())),
        ("missing level", |rows| drop(rows.remove(0))),
        ("unknown level", |rows| {
            rows[0].output_type_id = "0.02".into();
        }),
        ("decreasing", |rows| rows[5].value = 1e6),
        ("negative", |rows| rows[0].value = -1.0),
        ("not a number", |rows| rows[0].value = f64::NAN),
        ("horizon", |rows| {
            rows.retain(|row| row.horizon != 3);
            for row in rows.iter_mut().filter(|row| row.horizon == 2) {
                row.horizon = 4;
                row.target_end_date = date(2025, 1, 18);
            }
        }),
        ("week", |rows| rows[0].target_end_date = date(2024, 12, 15)),
        ("place", |rows| {
            rows.retain(|row| row.horizon == 0 && row.output_type == OutputType::Pmf);
            rows.iter_mut().for_each(|row| row.location = "MA".into());
        }),
        ("target", |rows| {
            rows.retain(|row| row.horizon == 0 && row.output_type == OutputType::Pmf);
            rows.iter_mut()
                .for_each(|row| row.target = "wk inc flu death".into());
        }),
        ("sum", |rows| {
            rows.retain(|row| row.output_type == OutputType::Pmf);
            rows[2].value = 0.999;
        }),
        ("above", |rows| {
            let shares = rows.iter_mut().filter(|row| row.target.ends_with("visits"));
            shares.for_each(|row| row.value += 1.0);
            rows.retain(|row| row.horizon == 0 && row.output_type_id == "0.5");
        }),
        ("few trajectories", |rows| {
            rows.retain(|row| {
                row.output_type_id != "MA00" && row.output_type == OutputType::Sample
            });
        }),
        ("reference", |rows| {
            rows.retain(|row| row.output_type == OutputType::Pmf);
            rows[0].reference_date = date(2024, 12, 22);
        }),
    ];
    assert!(good.iter().any(is_trend));
    let mut shown = Vec::new();
    for (name, breaking) in breakings {
        let mut rows = good.clone();
        breaking(&mut rows);
        let violations = validate(&rows, rules(ForecastHub::FluSight)).unwrap_err();
        let first: Vec<String> = violations.iter().take(2).map(ToString::to_string).collect();
        shown.push(format!("{name}: {}", first.join("; ")));
    }
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn numbers_equal_epydemixs_and_numpys() {
    let Some(interpreter) = oracle() else { return };
    if !has_module(&interpreter, "epydemix") {
        return;
    }
    let one = result(7, STATES[0], 150);
    let projection = one.projection.as_ref().unwrap();
    let counts = projection.transition_counts.to_i64().unwrap();
    let (n_dates, n_groups) = (projection.dates.len(), projection.groups.len());
    let trajectories = |of: &dyn Fn(&[i64]) -> i64| -> Vec<Vec<i64>> {
        let row = |row: usize| of(&counts[row * 2 * n_groups..(row + 1) * 2 * n_groups]);
        (0..150)
            .map(|sim| (0..n_dates).map(|date| row(sim * n_dates + date)).collect())
            .collect()
    };
    let input = json!({
        "dates": projection.dates,
        "reference_date": REFERENCE.to_string(),
        "levels": FLUSIGHT_QUANTILES,
        "seed": one.seed,
        "n_samples": 100,
        "people": 7_136_171,
        "observed": 165.0,
        "columns": {
            "I_to_H_total": trajectories(&|row| row[0] + row[1]),
            "hospitalizations": trajectories(&|row| row[0] + row[1] + row[2]),
        },
    });
    let script = include_str!("../../../tests/oracle/calibration_tables.py");
    let output = python(&interpreter, script, input.to_string().as_bytes());
    let expected: serde_json::Value = serde_json::from_slice(&output).unwrap();

    let folder = repository();
    let config = OutputConfig {
        hub: Some(HubOutput::Forecast(Box::new(flusight()))),
        quantiles: Some(epycloud_engine::schema::output::QuantilesOutput {
            selections: FLUSIGHT_QUANTILES.to_vec(),
            compartments: epycloud_engine::schema::output::Selection::None,
            transitions: epycloud_engine::schema::output::Selection::Only(vec![
                "I_to_H_total".into(),
                "hospitalizations".into(),
            ]),
            calibration: None,
        }),
        ..OutputConfig::default()
    };
    let writer =
        CalibrationWriter::new(&config).with_sources(DataSources::of_repository(folder.path()));
    let (sink, _) = write_with(writer, std::slice::from_ref(&one));

    // The table, byte for byte, but for what names the task.
    let text = table(&sink, "quantiles_projection_transitions");
    let label = format!("7,{},{},", one.seed, STATES[0]);
    let text = text
        .replace("primary_id,seed,population,", "")
        .replace(&label, "");
    assert_eq!(text, expected["table"].as_str().unwrap());

    let rows = rows(&sink);
    let quantiles: Vec<serde_json::Value> = rows
        .iter()
        .filter(|row| row.target == "wk inc flu hosp" && row.output_type == OutputType::Quantile)
        .map(|row| json!([row.output_type_id, row.horizon, row.value]))
        .collect();
    assert_eq!(json!(quantiles), expected["hub"]);
    let trends: serde_json::Map<String, serde_json::Value> = rows
        .iter()
        .filter(|row| row.output_type == OutputType::Pmf)
        .map(|row| {
            (
                format!("{} {}", row.horizon, row.output_type_id),
                json!(row.value),
            )
        })
        .collect();
    assert_eq!(serde_json::Value::Object(trends), expected["trends"]);
    let samples: Vec<f64> = rows
        .iter()
        .filter(|row| row.target == "wk inc flu hosp" && row.output_type == OutputType::Sample)
        .map(|row| row.value)
        .collect();
    let samples: Vec<&[f64]> = samples.chunks(5).collect();
    assert_eq!(json!(samples), expected["samples"]);
}
