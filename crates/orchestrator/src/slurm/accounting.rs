//! What a cluster's accounting remembers of jobs that have ended, where it keeps one: `sacct`.
//!
//! `squeue` forgets a job minutes after its end, and never says how much memory it held. `sacct`
//! is read by columns: what its JSON is like differs between releases.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::process::Command;

use super::client::run;
use super::end::End;
use super::queue::Key;
use crate::error::OrchestratorError;

/// Jobs that are asked for at the same time, so that a command line has room for them.
const AT_ONCE: usize = 200;
const COLUMNS: &str = "--format=JobID,JobName,State,ExitCode,Start,ElapsedRaw,MaxRSS";

/// A job that the accounting knows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Accounted {
    /// Its name.
    pub(super) name: String,
    /// How it ended, or stands.
    pub(super) end: End,
}

/// Jobs by their arrays and indices, as far as they are known.
pub(super) async fn of(keys: &[Key]) -> Result<BTreeMap<Key, Accounted>, OrchestratorError> {
    let mut known = BTreeMap::new();
    for some in keys.chunks(AT_ONCE) {
        let jobs: Vec<String> = some
            .iter()
            .map(|(array, index)| format!("{array}_{index}"))
            .collect();
        known.extend(ask(&[format!("--jobs={}", jobs.join(","))]).await?);
    }
    Ok(known)
}

/// All jobs of some names since a time.
pub(super) async fn named(
    names: &[String],
    since: Timestamp,
) -> Result<BTreeMap<Key, Accounted>, OrchestratorError> {
    // Its clock and its time zone may be others than ours.
    let day = since - SignedDuration::from_hours(36);
    let mut known = BTreeMap::new();
    for some in names.chunks(AT_ONCE) {
        let which = [
            format!("--name={}", some.join(",")),
            format!("--starttime={}", day.strftime("%Y-%m-%d")),
        ];
        known.extend(ask(&which).await?);
    }
    Ok(known)
}

async fn ask(which: &[String]) -> Result<BTreeMap<Key, Accounted>, OrchestratorError> {
    let mut command = Command::new("sacct");
    command
        .args(["--parsable2", "--noheader", "--noconvert", COLUMNS])
        .args(which)
        .env("SLURM_TIME_FORMAT", "%s");
    let answer = run("sacct", command, None).await?;
    Ok(parse(&answer))
}

/// Reads the lines of jobs, which carry how they ended, and of their steps, which carry the memory.
fn parse(text: &str) -> BTreeMap<Key, Accounted> {
    let mut known: BTreeMap<Key, Accounted> = BTreeMap::new();
    for line in text.lines() {
        let columns: Vec<&str> = line.split('|').collect();
        let [id, name, state, exit, start, elapsed, memory] = columns[..] else {
            continue;
        };
        let (job, is_step) = match id.split_once('.') {
            Some((job, _)) => (job, true),
            None => (id, false),
        };
        let Some(key) = key(job) else {
            continue;
        };
        if is_step {
            if let (Some(job), Some(mib)) = (known.get_mut(&key), mebibytes(memory)) {
                let most = job.end.peak_memory_mib.unwrap_or_default();
                job.end.peak_memory_mib = Some(most.max(mib));
            }
            continue;
        }
        let (exit_code, signal) = ended(exit);
        let end = End {
            // `CANCELLED by 1000`
            state: state.split(' ').next().unwrap_or_default().to_owned(),
            exit_code,
            signal,
            started: seconds(start).and_then(|start| Timestamp::from_second(start).ok()),
            duration: seconds(elapsed)
                .and_then(|elapsed| u64::try_from(elapsed).ok())
                .map(Duration::from_secs),
            peak_memory_mib: None,
        };
        let name = name.to_owned();
        known.insert(key, Accounted { name, end });
    }
    known
}

/// `12_3`; none of those that wait together, `12_[4-9]`.
fn key(job: &str) -> Option<Key> {
    let (array, index) = job.split_once('_')?;
    Some((array.parse().ok()?, index.parse().ok()?))
}

fn seconds(column: &str) -> Option<i64> {
    column.parse().ok()
}

/// `3:0`: exit code and signal.
fn ended(column: &str) -> (Option<i32>, Option<i32>) {
    let Some((code, signal)) = column.split_once(':') else {
        return (None, None);
    };
    match (code.parse().ok(), signal.parse().ok()) {
        (_, Some(signal)) if signal > 0 => (None, Some(signal)),
        (code, _) => (code, None),
    }
}

/// Bytes, or with the unit that some releases add in spite of `--noconvert`.
fn mebibytes(column: &str) -> Option<f64> {
    let digits = column.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let value: f64 = digits.parse().ok().filter(|value| *value > 0.0)?;
    let unit = match &column[digits.len()..] {
        "" => 1.0,
        "K" => 1024.0,
        "M" => f64::from(1 << 20),
        "G" => f64::from(1 << 30),
        _ => return None,
    };
    Some(value * unit / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_and_their_steps_are_read() {
        let known = parse(
            "1_0|n|FAILED|3:0|1795561850|0|\n\
             1_0.batch|batch|FAILED|3:0|1795561850|0|\n\
             1_1|n|CANCELLED by 1000|0:0|1795561851|6|\n\
             1_1.batch|batch|CANCELLED|0:15|1795561851|6|3145728\n\
             1_1.extern|extern|COMPLETED|0:0|1795561851|6|1024K\n\
             1_2|n|OUT_OF_MEMORY|0:125|1795561851|7|\n\
             1_3|n|FAILED|0:9|1795561851|7|\n\
             1_[4-9%2]|n|PENDING|0:0|Unknown|0|\n\
             1_10|n|RUNNING|0:0|1795561851|2|\n\
             7|n|COMPLETED|0:0|1795561851|2|\n\
             sacct: error\n",
        );
        let keys: Vec<Key> = known.keys().copied().collect();
        assert_eq!(keys, [(1, 0), (1, 1), (1, 2), (1, 3), (1, 10)]);
        let failed = &known[&(1, 0)];
        assert_eq!(failed.name, "n");
        assert_eq!((failed.end.exit_code, failed.end.signal), (Some(3), None));
        let cancelled = &known[&(1, 1)].end;
        assert_eq!(cancelled.state, "CANCELLED");
        assert_eq!(cancelled.started.unwrap().as_second(), 1_795_561_851);
        assert_eq!(cancelled.duration, Some(Duration::from_secs(6)));
        assert_eq!(cancelled.peak_memory_mib, Some(3.0));
        assert_eq!(known[&(1, 3)].end.signal, Some(9));
        assert!(known[&(1, 10)].end.is_active());
    }

    #[test]
    fn memory_is_read_with_and_without_a_unit() {
        assert_eq!(mebibytes("2097152"), Some(2.0));
        assert_eq!(mebibytes("2048K"), Some(2.0));
        assert_eq!(mebibytes("1.5G"), Some(1536.0));
        for nothing in ["", "0", "12Q", "K"] {
            assert_eq!(mebibytes(nothing), None, "{nothing}");
        }
    }
}
