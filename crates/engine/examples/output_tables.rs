//! Streams made-up results through the output writer and says what came of it.
//!
//! The results have the shape of the flu model's: 10 simulations of 33 weeks, 23 compartments and
//! 27 transitions in 5 age groups. They are made one at a time, as a program would load them one
//! at a time, so the peak memory stays the same however many there are:
//!
//! ```text
//! cargo run --release -p epycloud-engine --example output_tables -- 100
//! ```
#![expect(clippy::print_stdout, reason = "a program, which reports on stdout")]

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use epycloud_engine::Array;
use epycloud_engine::outputs::{OutputWriter, TableSink};
use epycloud_engine::schema::output::{
    FLUSIGHT_QUANTILES, OutputConfig, QuantilesOutput, Selection, TabularFormat, TrajectoriesOutput,
};
use epycloud_engine::simulation::{ParameterValue, SimulationResult};

const N_SIMS: usize = 10;
const N_WEEKS: usize = 33;
const N_COMPARTMENTS: usize = 23;
const N_TRANSITIONS: usize = 27;
const N_GROUPS: usize = 5;

/// Counts the bytes of each file and forgets them.
#[derive(Default)]
struct CountingSink(BTreeMap<String, usize>);

impl TableSink for CountingSink {
    fn write(&mut self, file: &str, chunk: Vec<u8>) -> Result<(), Box<dyn Error + Send + Sync>> {
        *self.0.entry(file.to_owned()).or_default() += chunk.len();
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let n_tasks: u32 = arguments.next().map_or(Ok(100), |number| number.parse())?;
    let format = match arguments.next().as_deref() {
        Some("parquet") => TabularFormat::Parquet,
        _ => TabularFormat::CsvGz,
    };
    let config = OutputConfig {
        meta: None,
        tabular_formats: vec![format],
        quantiles: Some(QuantilesOutput {
            selections: FLUSIGHT_QUANTILES.to_vec(),
            compartments: Selection::All,
            transitions: Selection::All,
            calibration: None,
        }),
        trajectories: Some(TrajectoriesOutput {
            compartments: Selection::All,
            transitions: Selection::All,
        }),
        ..OutputConfig::default()
    };

    let mut sink = CountingSink::default();
    let mut writer = OutputWriter::new(&config);
    let (mut making, start) = (0.0, Instant::now());
    for task in 0..n_tasks {
        let begin = Instant::now();
        let result = result(task);
        making += begin.elapsed().as_secs_f64();
        writer.push(&result, &mut sink)?;
    }
    let summary = writer.finish(&mut sink)?;
    let seconds = start.elapsed().as_secs_f64();

    for file in &summary.files {
        println!(
            "{:<34} {:>9} rows {:>12} bytes",
            file.name,
            file.rows.unwrap_or(0),
            sink.0[&file.name]
        );
    }
    println!("{n_tasks} results in {seconds:.2} s, {making:.2} s of which to make them up");
    if let Some(peak) = peak_memory() {
        println!("peak memory {peak}");
    }
    Ok(())
}

/// A wave in every compartment and transition, with noise; sizes range from a few people to
/// hundreds of thousands.
fn result(task: u32) -> SimulationResult {
    let mut noise = Noise(u64::from(task) + 1);
    let names = |prefix: &str, n: usize| (0..n).map(|i| format!("{prefix}{i}")).collect();
    SimulationResult {
        primary_id: task,
        population: "United_States_Massachusetts".into(),
        model_name: Some("flu_shape".into()),
        seed: 1000 + u64::from(task),
        delta_t: 1.0,
        dates: (0..N_WEEKS)
            .map(|week| format!("2024-{:02}-{:02}", 1 + week / 4, 1 + week % 4 * 7))
            .collect(),
        groups: ["0-4", "5-17", "18-49", "50-64", "65+"]
            .map(String::from)
            .to_vec(),
        compartments: names("Compartment", N_COMPARTMENTS),
        transitions: names("Source_to_Target", N_TRANSITIONS),
        compartment_counts: counts(&mut noise, N_COMPARTMENTS),
        transition_counts: counts(&mut noise, N_TRANSITIONS),
        initial: Array::from_i64(
            &[N_COMPARTMENTS, N_GROUPS],
            &[1000; N_COMPARTMENTS * N_GROUPS],
        ),
        parameters: vec![("beta".into(), ParameterValue::Number(0.2))],
    }
}

fn counts(noise: &mut Noise, n_series: usize) -> Array {
    let sizes: Vec<f64> = (0..n_series * N_GROUPS)
        .map(|_| 10_f64.powf(noise.next() * 6.0))
        .collect();
    let mut counts = Vec::with_capacity(N_SIMS * N_WEEKS * sizes.len());
    for _ in 0..N_SIMS {
        let peak = 14.0 + 4.0 * noise.next();
        for week in 0..N_WEEKS {
            let wave = (-((week as f64 - peak) / 6.0).powi(2)).exp();
            counts.extend(
                sizes
                    .iter()
                    .map(|size| (size * wave * (0.9 + 0.2 * noise.next())) as i64),
            );
        }
    }
    Array::from_i64(&[N_SIMS, N_WEEKS, n_series, N_GROUPS], &counts)
}

/// Evenly distributed numbers from 0 to 1 (xorshift).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// What the system says of this process, where it does.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
