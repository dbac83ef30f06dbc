//! What came of a job that has ended: Slurm's word on it, and what the task itself has left.

use epycloud_config::TaskIndex;
use epycloud_stages::telemetry::Status;
use epycloud_stages::{StageRun, TaskList};

use super::queue::Entry;
use super::{Job, SlurmOptions};
use crate::record::{Attempt, Blame, Outcome};
use crate::told;

/// Lines of a log that are kept.
const KEPT_LINES: usize = 40;
/// The exit code of a failure that may pass by itself.
const TEMPORARY: i32 = 75;

/// The attempt that a job was. Whether it is done, the result says, whatever Slurm remembers.
pub(super) async fn attempt(
    run: &StageRun,
    list: &TaskList,
    options: &SlurmOptions,
    (array, index): (u64, u32),
    job: &Job,
    entry: Option<&Entry>,
) -> Attempt {
    let worker = format!("slurm:{array}_{index}");
    let mut attempt = Attempt::of(job.task, job.number(), worker);
    attempt.exit_code = entry.and_then(|entry| entry.exit_code);
    attempt.signal = entry.and_then(|entry| entry.signal);
    let has_ended_well = entry.is_none_or(|entry| entry.state == "COMPLETED");
    let summary = told::summary(run, list, job.task).await;
    if has_ended_well && has_result(run, list, job.task).await {
        attempt.outcome = Outcome::Done;
        if let Some(summary) = summary {
            told::times(&mut attempt, &summary);
        }
        return attempt;
    }
    let state = entry.map_or("FORGOTTEN", |entry| entry.state.as_str());
    (attempt.outcome, attempt.blame) = judge(state, attempt.exit_code, attempt.signal);
    attempt.error = vec![describe(state, &attempt)];
    // What a failure's own summary says is better than a number; one that was ended wrote none.
    if attempt.outcome == Outcome::Failed
        && let Some(summary) = summary.filter(|summary| summary.status == Status::Failed)
    {
        told::times(&mut attempt, &summary);
        if let Some(error) = summary.error {
            attempt.error = error.chain;
        }
    }
    attempt.log = log(options, array, index).await;
    attempt
}

fn judge(state: &str, exit_code: Option<i32>, signal: Option<i32>) -> (Outcome, Option<Blame>) {
    let (outcome, blame) = match state {
        "TIMEOUT" => (Outcome::TimedOut, Blame::Application),
        // Another attempt gets more memory.
        "OUT_OF_MEMORY" => (Outcome::OutOfMemory, Blame::Infrastructure),
        "FAILED" | "COMPLETED" => match (exit_code, signal) {
            (Some(TEMPORARY), _) => (Outcome::Failed, Blame::Infrastructure),
            // The shell's way to say that a program was killed.
            (_, Some(9)) | (Some(137), _) => (Outcome::Lost, Blame::Infrastructure),
            (_, Some(_)) => (Outcome::Crashed, Blame::Application),
            (Some(code), _) if code > 128 => (Outcome::Crashed, Blame::Application),
            _ => (Outcome::Failed, Blame::Application),
        },
        _ => (Outcome::Lost, Blame::Infrastructure),
    };
    (outcome, Some(blame))
}

fn describe(state: &str, attempt: &Attempt) -> String {
    let how = match (attempt.signal, attempt.exit_code) {
        (Some(signal), _) => format!(" by signal {signal}"),
        (None, Some(code)) if code != 0 => format!(" with exit code {code}"),
        _ => String::new(),
    };
    match state {
        "FORGOTTEN" => "Slurm doesn't know the job any more, and there is no result".to_owned(),
        "COMPLETED" => "the job ended well and left no result".to_owned(),
        "TIMEOUT" => "ended at its time limit".to_owned(),
        state => format!("the job ended in state `{state}`{how}"),
    }
}

async fn has_result(run: &StageRun, list: &TaskList, task: u32) -> bool {
    match list.task(TaskIndex::new(task)) {
        Ok(entry) => list.result(run, entry).await.is_ok(),
        Err(_) => false,
    }
}

/// The last lines of a job's log.
async fn log(options: &SlurmOptions, array: u64, index: u32) -> Vec<String> {
    let file = options.logs.join(format!("slurm-{array}_{index}.log"));
    let read = tokio::task::spawn_blocking(move || std::fs::read(file));
    let text = match read.await {
        Ok(Ok(text)) => String::from_utf8_lossy(&text).into_owned(),
        _ => return Vec::new(),
    };
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(KEPT_LINES)..]
        .iter()
        .map(|line| (*line).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_held_against_whoever_caused_it() {
        let infrastructure = Some(Blame::Infrastructure);
        let application = Some(Blame::Application);
        for (state, code, signal, expected) in [
            ("NODE_FAIL", None, None, (Outcome::Lost, infrastructure)),
            ("PREEMPTED", None, None, (Outcome::Lost, infrastructure)),
            ("CANCELLED", None, Some(15), (Outcome::Lost, infrastructure)),
            ("TIMEOUT", None, Some(15), (Outcome::TimedOut, application)),
            ("FAILED", Some(75), None, (Outcome::Failed, infrastructure)),
            ("FAILED", Some(137), None, (Outcome::Lost, infrastructure)),
            ("FAILED", Some(1), None, (Outcome::Failed, application)),
            ("FAILED", None, Some(11), (Outcome::Crashed, application)),
        ] {
            assert_eq!(judge(state, code, signal), expected, "{state}");
        }
    }
}
