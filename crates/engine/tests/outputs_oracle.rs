//! Outputs against Python: floats against `repr`, quantiles against numpy, tables against pandas,
//! files against Python's readers. Skipped where there is no Python with them.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

mod outputs_support;

use std::path::Path;

use epycloud_engine::outputs::{python_float, quantile_of_sorted};
use epycloud_engine::schema::output::{FLUSIGHT_QUANTILES, TabularFormat};
use epycloud_engine::simulation::SimulationResult;
use outputs_support::{SMALL, Shape, everything, has_module, oracle, python, result, table, write};
use serde_json::json;

const SHAPES: [Shape; 4] = [
    SMALL,
    Shape {
        n_sims: 1,
        n_dates: 2,
        n_compartments: 1,
        n_transitions: 1,
        n_groups: 1,
    },
    Shape {
        n_sims: 10,
        n_dates: 20,
        n_compartments: 4,
        n_transitions: 5,
        n_groups: 3,
    },
    Shape {
        n_sims: 37,
        n_dates: 6,
        n_compartments: 2,
        n_transitions: 3,
        n_groups: 5,
    },
];

/// Evenly distributed bits (SplitMix64).
fn bits(seed: u64) -> impl Iterator<Item = u64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

/// Doubles of any size and doubles as quantiles of counts are.
fn doubles() -> Vec<f64> {
    let any = bits(1)
        .map(f64::from_bits)
        .filter(|value| value.is_finite())
        .take(300_000);
    let quantiles = bits(2).zip(bits(3)).take(300_000).map(|(count, weight)| {
        let count = (count >> (count % 40 + 24)) as f64;
        count + (weight >> 54) as f64 * ((weight % 40) as f64 * 0.025)
    });
    let thousandths = bits(4)
        .take(200_000)
        .map(|n| (n >> (n % 50 + 14)) as f64 / 1000.0);
    let small = bits(5).take(50_000).map(|n| (n >> 40) as f64 * 1e-12);
    any.chain(quantiles)
        .chain(thousandths)
        .chain(small)
        .collect()
}

#[test]
fn floats_are_written_as_python_writes_them() {
    let Some(oracle) = oracle() else { return };
    let values = doubles();
    let input: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let script = "
import array, sys
values = array.array('d', sys.stdin.buffer.read())
sys.stdout.write('\\n'.join(map(repr, values)))";
    let expected = String::from_utf8(python(&oracle, script, &input)).unwrap();
    assert_eq!(expected.lines().count(), values.len());
    for (value, expected) in values.iter().zip(expected.lines()) {
        assert_eq!(python_float(*value), expected);
    }
}

#[test]
fn quantiles_equal_numpys_to_the_last_bit() {
    let Some(oracle) = oracle() else { return };
    let levels: Vec<f64> = FLUSIGHT_QUANTILES
        .into_iter()
        .chain([0.0, 1.0, 1.0 / 3.0])
        .collect();
    let samples: Vec<Vec<f64>> = (0..400)
        .map(|sample| {
            let n_values = sample % 60 + 1;
            bits(sample as u64)
                .take(n_values)
                .map(|n| (n >> (n % 40 + 24)) as f64)
                .collect()
        })
        .collect();
    let script = "
import array, json, sys
import numpy as np
samples, levels = json.load(sys.stdin)
# One level at a time, as epydemix asks for them.
quantiles = array.array('d', (np.nanquantile(np.array(s), q) for s in samples for q in levels))
quantiles.tofile(sys.stdout.buffer)";
    let input = json!([samples, levels]).to_string();
    let output = python(&oracle, script, input.as_bytes());
    let mut expected = output
        .as_chunks::<8>()
        .0
        .iter()
        .map(|&bytes| f64::from_le_bytes(bytes));
    for mut sample in samples {
        sample.sort_by(f64::total_cmp);
        for &level in &levels {
            let quantile = quantile_of_sorted(&sample, level);
            assert_eq!(quantile, expected.next(), "{level} of {sample:?}");
        }
    }
    assert_eq!(expected.next(), None);
}

/// A result as JSON lists.
fn to_json(result: &SimulationResult, shape: Shape) -> serde_json::Value {
    let nested = |array: &epycloud_engine::Array, n_series: usize| {
        let counts = array.to_i64().unwrap();
        let series: Vec<&[i64]> = counts.chunks(shape.n_groups).collect();
        let dates: Vec<&[&[i64]]> = series.chunks(n_series).collect();
        json!(dates.chunks(shape.n_dates).collect::<Vec<_>>())
    };
    json!({
        "primary_id": result.primary_id,
        "seed": result.seed,
        "population": result.population,
        "n_sims": result.n_sims(),
        "dates": result.dates,
        "groups": result.groups,
        "compartments": result.compartments,
        "transitions": result.transitions,
        "compartments_counts": nested(&result.compartment_counts, shape.n_compartments),
        "transitions_counts": nested(&result.transition_counts, shape.n_transitions),
    })
}

#[test]
fn tables_are_those_of_the_suite_character_for_character() {
    let Some(oracle) = oracle() else { return };
    if !has_module(&oracle, "epydemix") {
        return;
    }
    let (mut requests, mut written) = (Vec::new(), Vec::new());
    for (task, shape) in SHAPES.into_iter().enumerate() {
        let result = result(task as u32, shape);
        let (sink, _) = write(
            &everything(&FLUSIGHT_QUANTILES),
            std::slice::from_ref(&result),
        );
        for name in [
            "quantiles_compartments",
            "quantiles_transitions",
            "trajectories_compartments",
            "trajectories_transitions",
        ] {
            requests.push(json!({
                "result": to_json(&result, shape),
                "table": name,
                "levels": FLUSIGHT_QUANTILES,
            }));
            written.push((name, shape, table(&sink, name)));
        }
    }
    let script = include_str!("outputs_support/suite_tables.py");
    let output = python(&oracle, script, json!(requests).to_string().as_bytes());
    let expected: Vec<String> = serde_json::from_slice(&output).unwrap();
    assert_eq!(expected.len(), written.len());
    for ((name, shape, written), expected) in written.into_iter().zip(expected) {
        assert!(written == expected, "{name} of {shape:?} differs");
    }
}

#[test]
fn pythons_gzip_reads_the_files() {
    let Some(oracle) = oracle() else { return };
    let results: Vec<_> = (0..3).map(|task| result(task, SHAPES[2])).collect();
    let (sink, _) = write(&everything(&FLUSIGHT_QUANTILES), &results);
    let script = "
import gzip, sys
sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))";
    for (name, bytes) in sink.files.iter().filter(|(name, _)| name.ends_with(".gz")) {
        let read = python(&oracle, script, bytes);
        assert_eq!(
            String::from_utf8(read).unwrap(),
            outputs_support::gunzip(bytes),
            "{name}"
        );
    }
}

#[test]
fn pyarrow_reads_from_parquet_what_pandas_reads_from_csv() {
    let Some(oracle) = oracle() else { return };
    if !has_module(&oracle, "pyarrow.parquet") || !has_module(&oracle, "pandas") {
        return;
    }
    let mut config = everything(&FLUSIGHT_QUANTILES);
    config.tabular_formats = vec![TabularFormat::CsvGz, TabularFormat::Parquet];
    let results: Vec<_> = (0..40).map(|task| result(task * 3, SHAPES[2])).collect();
    let (sink, _) = write(&config, &results);
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in &sink.files {
        write_file(&folder.path().join(name), bytes);
    }
    let script = include_str!("outputs_support/compare_formats.py");
    let output = python(&oracle, script, folder.path().to_str().unwrap().as_bytes());
    insta::assert_snapshot!(String::from_utf8(output).unwrap(), @r"
    model_metadata.parquet 40 rows: int64, uint64, double, string, int64, date32[day], string
    quantiles_compartments.parquet 18400 rows: int64, uint64, string, date32[day], double
    quantiles_transitions.parquet 18400 rows: int64, uint64, string, date32[day], double
    trajectories_compartments.parquet 8000 rows: int64, date32[day], uint64, string, double
    trajectories_transitions.parquet 8000 rows: int64, date32[day], uint64, string, double
    ");
}

#[expect(clippy::disallowed_methods, reason = "a temporary file of a test")]
fn write_file(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
}
