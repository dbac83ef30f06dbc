//! Measures what the project promises, side by side in one run: `cargo xtask bench`.
//!
//! Every figure is printed beside its target. Figures are ratios where another program does the
//! same work, and times on this machine elsewhere; nothing here is a test.

mod calibration;
mod cli;
mod failure;
mod kernel;
mod output;
mod program;
mod python;
mod report;
mod repository;
mod sampling;
mod stage;
mod start_up;
mod storage;
mod table;
mod tasks;

use std::process::ExitCode;

use failure::Failure;
use table::Table;

type Benchmark = fn() -> Result<Table, Failure>;

const BENCHMARKS: &[(&str, Benchmark)] = &[
    ("kernel", kernel::run),
    ("start-up", start_up::run),
    ("output", output::run),
    ("python", python::run),
    ("tasks", tasks::run),
    ("report", report::run),
    ("calibration", calibration::run),
    ("sampling", sampling::run),
    ("cli", cli::run),
    ("experiments", cli::experiments),
    ("storage", storage::run),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == tasks::WORKER) {
        tasks::serve();
        return ExitCode::SUCCESS;
    }
    let check = arguments.iter().any(|argument| argument == "--check");
    let names: Vec<&String> = arguments
        .iter()
        .filter(|name| !name.starts_with("--"))
        .collect();
    if let Some(unknown) = names
        .iter()
        .find(|name| !BENCHMARKS.iter().any(|(known, _)| known == *name))
    {
        table::say(&format!("there is no benchmark `{unknown}`"));
        return ExitCode::from(2);
    }
    let mut missed = 0;
    for (name, benchmark) in BENCHMARKS {
        if !names.is_empty() && !names.iter().any(|asked| asked == name) {
            continue;
        }
        match benchmark() {
            Ok(table) => {
                table::say(&table.to_string());
                missed += table.missed();
            }
            Err(failure) => {
                table::say(&format!("{name}: {failure}"));
                return ExitCode::FAILURE;
            }
        }
    }
    if check && missed > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
