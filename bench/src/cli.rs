//! What the command line itself costs: its help, its configuration, and lists of many runs.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::program::{answer, ours};
use crate::table::{Table, Target, median};

const RUNS: usize = 50;
/// Runs in the bucket that is listed.
const LISTED: usize = 1_000;

/// Measures commands that people wait for.
pub(crate) fn run() -> Result<Table, Failure> {
    let home = folder()?;
    let mut table = Table::new("cli: commands that read nothing but the configuration");
    table.note(format!("medians of {RUNS} processes"));
    for (arguments, most) in [(["--help"].as_slice(), 10.0), (&["config", "show"], 20.0)] {
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let started = Instant::now();
            answer(&mut command(arguments, home.path())?, "")?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        let what = format!("epycloud {}", arguments.join(" "));
        table.row(what, median(times), "ms", Target::AtMost(most));
    }
    Ok(table)
}

/// Measures `experiment list` over buckets that differ in the objects of each run.
pub(crate) fn experiments() -> Result<Table, Failure> {
    let mut table = Table::new("experiments: `epycloud experiment list -n 0`, sizes included");
    table.note(format!(
        "{LISTED} runs of 10 experiments in a folder of this machine"
    ));
    let mut peaks = Vec::new();
    for objects in [10, 100] {
        let project = folder()?;
        fill(project.path(), objects)?;
        let arguments = ["experiment", "list", "--local", "-n", "0", "--json"];
        let mut list = command(&arguments, project.path())?;
        let (seconds, peak) = measured(&mut list)?;
        let what = format!("{} objects", LISTED * objects);
        table.row(format!("{what}: time"), seconds, "s", Target::None);
        table.row(format!("{what}: memory"), peak, "MiB", Target::None);
        peaks.push(peak);
    }
    let growth = peaks[1] - peaks[0];
    table.row(
        "memory for ten times the objects",
        growth,
        "MiB",
        Target::AtMost(2.0),
    );
    Ok(table)
}

fn folder() -> Result<tempfile::TempDir, Failure> {
    tempfile::tempdir().map_err(|source| Failure::File {
        path: std::env::temp_dir(),
        source,
    })
}

fn command(arguments: &[&str], folder: &Path) -> Result<Command, Failure> {
    let mut command = Command::new(ours("epycloud")?);
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder);
    Ok(command)
}

/// A bucket of runs, each with so many objects.
#[expect(
    clippy::disallowed_methods,
    reason = "thousands of files that nobody keeps"
)]
fn fill(project: &Path, objects: usize) -> Result<(), Failure> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Failure::File { path, source }
    };
    let experiments = project.join("experiments");
    std::fs::create_dir_all(&experiments).map_err(failed(&experiments))?;
    for run in 0..LISTED {
        let (month, experiment, minute, second) = (run % 10, run % 5, run / 60, run % 60);
        let folder = project
            .join(format!(
                "local/bucket/pipeline/flu/20260{month}/exp{experiment}"
            ))
            .join(format!("20260218-00{minute:02}{second:02}-{run:08x}"))
            .join("runner-artifacts");
        std::fs::create_dir_all(&folder).map_err(failed(&folder))?;
        for object in 0..objects {
            let path = folder.join(format!("result_{object:05}.pkl.gz"));
            std::fs::write(&path, "x").map_err(failed(&path))?;
        }
    }
    Ok(())
}

/// How long a program took, in seconds, and the most memory that it held, in MiB.
fn measured(command: &mut Command) -> Result<(f64, f64), Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |source| Failure::Run {
        program: program.clone(),
        source,
    };
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let mut peak = 0.0_f64;
    loop {
        peak = peak.max(high_water(child.id()));
        if let Some(status) = child.try_wait().map_err(failed)? {
            if status.success() {
                return Ok((started.elapsed().as_secs_f64(), peak));
            }
            let output = status.to_string();
            return Err(Failure::Program { program, output });
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The most memory that a process has held so far, in MiB.
fn high_water(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<f64>().ok())
        .map_or(0.0, |kib| kib / 1024.0)
}
