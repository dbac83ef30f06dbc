//! What the tests of outputs share: made-up results, readers of what is written, and the way to
//! Python and to the shared data where they are present.
#![allow(dead_code, reason = "every test binary uses a part")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests")]

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use epycloud_engine::Array;
use epycloud_engine::outputs::{BufferSink, OutputSummary, OutputWriter};
use epycloud_engine::schema::basemodel::{BaseModel, Population, Simulation, StartDate, Timespan};
use epycloud_engine::schema::output::{
    OutputConfig, QuantilesOutput, Selection, TabularFormat, TrajectoriesOutput,
};
use epycloud_engine::simulation::{ParameterValue, SimulationResult};

/// The size of a made-up result.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) n_sims: usize,
    pub(crate) n_dates: usize,
    pub(crate) n_compartments: usize,
    pub(crate) n_transitions: usize,
    pub(crate) n_groups: usize,
}

/// A few dates of a small model.
pub(crate) const SMALL: Shape = Shape {
    n_sims: 4,
    n_dates: 3,
    n_compartments: 3,
    n_transitions: 2,
    n_groups: 2,
};

/// A result of the given shape; its counts follow from the task's number.
pub(crate) fn result(task: u32, shape: Shape) -> SimulationResult {
    let mut state = u64::from(task).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut count = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // From nothing to millions, evenly over the orders of magnitude.
        i64::try_from((state >> 40) >> (state % 25)).unwrap()
    };
    let Shape {
        n_sims,
        n_dates,
        n_compartments,
        n_transitions,
        n_groups,
    } = shape;
    let mut counts = |n_series: usize| {
        let counts: Vec<i64> = (0..n_sims * n_dates * n_series * n_groups)
            .map(|_| count())
            .collect();
        Array::from_i64(&[n_sims, n_dates, n_series, n_groups], &counts)
    };
    let start = jiff::civil::date(2024, 8, 10);
    let names = |prefix: &str, n: usize| (0..n).map(|index| format!("{prefix}{index}")).collect();
    SimulationResult {
        primary_id: task,
        population: "United_States_Massachusetts".into(),
        model_name: Some("made_up".into()),
        seed: 42 + u64::from(task),
        delta_t: 0.2,
        dates: (0..n_dates)
            .map(|week| (start + jiff::Span::new().days(7 * week as i64)).to_string())
            .collect(),
        groups: names("g", n_groups),
        compartments: names("C", n_compartments),
        transitions: (0..n_transitions)
            .map(|index| format!("C{index}_to_C{}", index + 1))
            .collect(),
        compartment_counts: counts(n_compartments),
        transition_counts: counts(n_transitions),
        initial: Array::from_i64(
            &[n_compartments, n_groups],
            &(0..n_compartments * n_groups)
                .map(|n| n as i64)
                .collect::<Vec<_>>(),
        ),
        parameters: vec![
            ("beta".into(), ParameterValue::Number(0.2)),
            (
                "VE".into(),
                ParameterValue::Array(Array::from_f64(&[1, 2], &[0.4, 1e-5])),
            ),
        ],
    }
}

/// Every table with every column, at some levels.
pub(crate) fn everything(levels: &[f64]) -> OutputConfig {
    OutputConfig {
        tabular_formats: vec![TabularFormat::CsvGz],
        quantiles: Some(QuantilesOutput {
            selections: levels.to_vec(),
            compartments: Selection::All,
            transitions: Selection::All,
            calibration: None,
        }),
        trajectories: Some(TrajectoriesOutput {
            compartments: Selection::All,
            transitions: Selection::All,
        }),
        ..OutputConfig::default()
    }
}

/// Writes the results to memory.
pub(crate) fn write(
    config: &OutputConfig,
    results: &[SimulationResult],
) -> (BufferSink, OutputSummary) {
    write_with(OutputWriter::new(config), results)
}

/// Writes the results to memory with a writer.
pub(crate) fn write_with(
    mut writer: OutputWriter,
    results: &[SimulationResult],
) -> (BufferSink, OutputSummary) {
    let mut sink = BufferSink::default();
    for result in results {
        writer.push(result, &mut sink).unwrap();
    }
    let summary = writer.finish(&mut sink).unwrap();
    (sink, summary)
}

/// The text of a file of one gzip member.
pub(crate) fn gunzip(bytes: &[u8]) -> String {
    let mut decoder = flate2::bufread::GzDecoder::new(bytes);
    let mut text = String::new();
    decoder.read_to_string(&mut text).unwrap();
    assert!(
        decoder.into_inner().is_empty(),
        "the file goes on after its first member"
    );
    text
}

/// The text of a table.
pub(crate) fn table(sink: &BufferSink, name: &str) -> String {
    gunzip(&sink.files[&format!("{name}.csv.gz")])
}

/// The oracle's Python, or a line that says that the test is skipped.
pub(crate) fn oracle() -> Option<PathBuf> {
    let python = std::env::var_os("EPYCLOUD_ORACLE_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("skipped: EPYCLOUD_ORACLE_PYTHON names no Python to compare with");
    }
    python
}

/// Whether the oracle has a module, or a line that says that the test is skipped.
pub(crate) fn has_module(python: &Path, module: &str) -> bool {
    let import = Command::new(python)
        .args(["-c", &format!("import {module}")])
        .output()
        .unwrap();
    if !import.status.success() {
        eprintln!("skipped: the oracle's Python has no {module}");
    }
    import.status.success()
}

/// What a Python script prints, given its standard input.
pub(crate) fn python(python: &Path, script: &str, input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(python)
        .args(["-c", script])
        // numpy's AVX-512 kernels round otherwise.
        .env("NPY_DISABLE_CPU_FEATURES", "X86_V4 AVX512_ICL AVX512_SPR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input).unwrap());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "the oracle's script failed");
        output.stdout
    })
}

/// The folder of shared data, or a line that says that the test is skipped.
pub(crate) fn shared_data() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("EPYCLOUD_SHARED_DATA").map_or(default, PathBuf::from);
    if !folder.is_dir() {
        eprintln!("skipped: there is no shared data at {}", folder.display());
        return None;
    }
    Some(folder)
}

/// A model that has nothing but what it must.
pub(crate) fn base_model() -> BaseModel {
    BaseModel {
        meta: None,
        name: None,
        random_seed: None,
        timespan: Timespan {
            start_date: StartDate::Date(jiff::civil::date(2024, 8, 5)),
            end_date: jiff::civil::date(2025, 8, 5),
            delta_t: 1.0,
        },
        simulation: Simulation {
            n_sims: 10,
            resample_frequency: None,
        },
        population: Population {
            name: None,
            contact_matrix: None,
            age_groups: Vec::new(),
        },
        compartments: Vec::new(),
        transitions: Vec::new(),
        parameters: Vec::new(),
        vaccination: None,
        seasonality: None,
        interventions: Vec::new(),
    }
}
