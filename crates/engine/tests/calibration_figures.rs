//! Figures of calibrations: which are drawn, and that each is a picture of its format.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod calibration_support;

use std::fs;

use calibration_support::{LAST_OBSERVED, REFERENCE, result, write_with};
use epycloud_engine::DataSources;
use epycloud_engine::outputs::{BufferSink, CalibrationWriter};
use epycloud_engine::schema::output::{
    CategoricalPlots, FLUSIGHT_QUANTILES, FigureFormat, ForecastHub, ForecastOutput, HubOutput,
    LocationForm, Locations, OutputConfig, PlotsOutput, PosteriorPlots, QuantilePanel,
    QuantilePlots, QuantileVariant, SurveillanceSource, VariantKind,
};

fn source() -> SurveillanceSource {
    SurveillanceSource {
        name: "hosp".into(),
        data_path: "hosp.csv".into(),
        value_column: "hospitalizations".into(),
        date_column: "date".into(),
        location_column: "place".into(),
        location_form: LocationForm::Iso,
    }
}

/// A forecast repository with ten observed weeks, of which the last four are held out.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut text = "date,hospitalizations,place\n".to_owned();
    for week in 0..14_i64 {
        let day = LAST_OBSERVED
            .checked_sub(jiff::Span::new().days(7 * (9 - week)))
            .unwrap();
        for place in ["US-MA", "US-NY", "US-CA"] {
            let value = 20 + 12 * week + (week * week) % 5;
            text.push_str(&format!("{day},{value},{place}\n"));
        }
    }
    fs::write(folder.path().join("hosp.csv"), text).unwrap();
    folder
}

fn variant(kind: VariantKind, filtered: &[bool]) -> QuantileVariant {
    QuantileVariant {
        kind,
        show_calibration: true,
        show_projection: true,
        surveillance: Some(source()),
        show_fitting_window: true,
        horizon_max: Some(3),
        panels: filtered
            .iter()
            .map(|&is_filtered| QuantilePanel {
                is_filtered,
                n_points: is_filtered.then_some(4),
                start_date: None,
            })
            .collect(),
    }
}

fn config(formats: Vec<FigureFormat>) -> OutputConfig {
    OutputConfig {
        surveillance: vec![source()],
        hub: Some(HubOutput::Forecast(Box::new(ForecastOutput {
            hub: ForecastHub::FluSight,
            reference_date: Some(REFERENCE),
            hospitalizations: Some("wk inc flu hosp".into()),
            rate_trends: Some(source()),
            prop_ed: None,
            quantiles: FLUSIGHT_QUANTILES.to_vec(),
            samples: None,
        }))),
        plots: Some(PlotsOutput {
            formats,
            dpi: 96,
            reference_date: REFERENCE,
            posterior: PosteriorPlots {
                single: Locations::Only(vec!["US-MA".into()]),
                grid: true,
                bins: 20,
            },
            quantiles: QuantilePlots {
                single: Locations::Only(vec!["Massachusetts".into()]),
                panels_per_row: Some(2),
                variants: vec![
                    variant(VariantKind::Filtered, &[true]),
                    variant(VariantKind::Full, &[false]),
                    variant(VariantKind::SideBySide, &[false, true]),
                ],
                levels: vec![0.025, 0.25, 0.5, 0.75, 0.975],
                calibration_color: "C0".into(),
                projection_color: "C1".into(),
                value_column: "hospitalizations".into(),
                ylabel: Some("Hospitalizations".into()),
                suptitle: Some("Influenza".into()),
            },
            categorical: Some(CategoricalPlots {
                categories: [
                    ("large_decrease", "#476a6f"),
                    ("decrease", "#519e8a"),
                    ("stable", "#b7c3f3"),
                    ("increase", "#dd7596"),
                    ("large_increase", "#cf1259"),
                ]
                .map(|(name, color)| (name.to_owned(), color.to_owned()))
                .to_vec(),
                horizons: vec![0, 1, 2, 3],
            }),
        }),
        ..OutputConfig::default()
    }
}

fn draw(formats: Vec<FigureFormat>) -> BufferSink {
    let folder = repository();
    let states = [
        "United_States_Massachusetts",
        "United_States_New_York",
        "United_States_California",
    ];
    let results: Vec<_> = (0..)
        .zip(states)
        .map(|(task, state)| {
            let mut one = result(task, state, 80);
            // As many particles as a histogram needs.
            let few = one.generations[1].particles.clone();
            for n in 0..40_u32 {
                for particle in &few {
                    let mut more = particle.clone();
                    more.parameters[0] += 0.01 * f64::from(n * n % 37) - 0.2;
                    more.parameters[1] = (more.parameters[1] + f64::from(n % 7)).min(29.0);
                    one.generations[1].particles.push(more);
                }
            }
            one
        })
        .collect();
    let writer = CalibrationWriter::new(&config(formats))
        .with_sources(DataSources::of_repository(folder.path()));
    let (sink, summary) = write_with(writer, &results);
    assert_eq!(summary.warnings, Vec::<String>::new());
    sink
}

#[test]
fn figures_have_the_suites_names_and_are_pictures_of_their_formats() {
    let sink = draw(vec![
        FigureFormat::Png,
        FigureFormat::Pdf,
        FigureFormat::Svg,
    ]);
    let figures: Vec<&String> = sink
        .files
        .keys()
        .filter(|name| !name.ends_with(".csv.gz"))
        .collect();
    insta::assert_snapshot!(
        figures
            .iter()
            .map(|name| name.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    );
    for name in figures {
        let bytes = &sink.files[name];
        match name.rsplit('.').next().unwrap() {
            "png" => assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"), "{name}"),
            "pdf" => assert!(bytes.starts_with(b"%PDF-"), "{name}"),
            _ => assert!(bytes.starts_with(b"<svg"), "{name}"),
        }
    }
    if let Some(folder) = std::env::var_os("EPYCLOUD_TEST_FIGURES") {
        for (name, bytes) in &sink.files {
            fs::write(std::path::Path::new(&folder).join(name), bytes).unwrap();
        }
    }
}

#[test]
fn figures_are_the_same_every_time() {
    assert!(draw(vec![FigureFormat::Pdf]) == draw(vec![FigureFormat::Pdf]));
}
