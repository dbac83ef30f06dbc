//! What came of a job that has ended: Slurm's word on it, and what the task itself has left.

use std::time::Duration;

use epycloud_config::TaskIndex;
use epycloud_stages::telemetry::Status;
use epycloud_stages::{StageRun, TaskList};
use tokio::task::spawn_blocking;

use super::SlurmOptions;
use super::end::End;
use super::queue::Key;
use super::script::TIMED_OUT;
use crate::record::{Attempt, Blame, Outcome, timestamp};
use crate::told;

/// Lines of a log that are kept.
const KEPT_LINES: usize = 40;
/// The exit code of a failure that may pass by itself.
const TEMPORARY: i32 = 75;
/// The shell's way to say that a program was killed.
const KILLED: i32 = 137;

/// Who ran a job's task, as the record has it.
pub(super) fn worker((array, index): Key) -> String {
    format!("slurm:{array}_{index}")
}

/// Where attempts come from.
#[derive(Clone, Copy)]
pub(super) struct Ended<'a> {
    pub(super) run: &'a StageRun,
    pub(super) list: &'a TaskList,
    pub(super) options: &'a SlurmOptions,
}

impl Ended<'_> {
    /// The attempt, if its result is there. That says whether it is done, whatever Slurm remembers.
    pub(super) async fn done(&self, key: Key, job: (u32, u32), end: &End) -> Option<Attempt> {
        let (task, number) = job;
        let has_ended_well = matches!(end.state.as_str(), "COMPLETED" | "FORGOTTEN");
        if !has_ended_well || !self.has_result(task).await {
            return None;
        }
        let mut attempt = Attempt::of(task, number, worker(key));
        attempt.outcome = Outcome::Done;
        attempt.exit_code = end.exit_code;
        take_times(&mut attempt, end);
        if let Some(summary) = told::summary(self.run, self.list, task).await {
            told::times(&mut attempt, &summary);
        }
        Some(attempt)
    }

    /// The attempt without a result.
    pub(super) async fn failed(&self, key: Key, job: (u32, u32), end: &End) -> Attempt {
        let (task, number) = job;
        let mut attempt = Attempt::of(task, number, worker(key));
        attempt.exit_code = end.exit_code;
        attempt.signal = end.signal;
        take_times(&mut attempt, end);
        let limit = self.options.task_timeout;
        let (outcome, blame) = judge(end, limit);
        (attempt.outcome, attempt.blame) = (outcome, Some(blame));
        attempt.error = vec![describe(end, outcome, limit)];
        // What a failure's own summary says is better than a number; one that was ended wrote none.
        if outcome == Outcome::Failed
            && let Some(summary) = told::summary(self.run, self.list, task).await
            && summary.status == Status::Failed
        {
            told::times(&mut attempt, &summary);
            if let Some(error) = summary.error {
                attempt.error = error.chain;
            }
        }
        attempt.log = log(self.options, key).await;
        attempt
    }

    async fn has_result(&self, task: u32) -> bool {
        match self.list.task(TaskIndex::new(task)) {
            Ok(entry) => self.list.result(self.run, entry).await.is_ok(),
            Err(_) => false,
        }
    }
}

fn take_times(attempt: &mut Attempt, end: &End) {
    if let Some(started) = end.started {
        attempt.started = timestamp(started);
        attempt.duration_secs = end.duration.unwrap_or_default().as_secs_f64();
    }
    attempt.peak_memory_mib = end.peak_memory_mib;
}

/// How an attempt without a result ended, and what that is held against.
fn judge(end: &End, limit: Option<Duration>) -> (Outcome, Blame) {
    let had_its_time = limit
        .zip(end.duration)
        .is_some_and(|(limit, took)| took >= limit);
    match end.state.as_str() {
        "TIMEOUT" => (Outcome::TimedOut, Blame::Application),
        // Another attempt gets more memory.
        "OUT_OF_MEMORY" => (Outcome::OutOfMemory, Blame::Infrastructure),
        "FAILED" | "COMPLETED" => match (end.exit_code, end.signal) {
            (Some(TIMED_OUT), _) if limit.is_some() => (Outcome::TimedOut, Blame::Application),
            (Some(TEMPORARY), _) => (Outcome::Failed, Blame::Infrastructure),
            // It didn't listen when it was asked to end.
            (_, Some(9)) | (Some(KILLED), _) if had_its_time => {
                (Outcome::TimedOut, Blame::Application)
            }
            (_, Some(9)) | (Some(KILLED), _) => (Outcome::Lost, Blame::Infrastructure),
            (_, Some(_)) => (Outcome::Crashed, Blame::Application),
            (Some(code), _) if code > 128 => (Outcome::Crashed, Blame::Application),
            _ => (Outcome::Failed, Blame::Application),
        },
        _ => (Outcome::Lost, Blame::Infrastructure),
    }
}

fn describe(end: &End, outcome: Outcome, limit: Option<Duration>) -> String {
    let how = match (end.signal, end.exit_code) {
        (Some(signal), _) => format!(" by signal {signal}"),
        (None, Some(code)) if code != 0 => format!(" with exit code {code}"),
        _ => String::new(),
    };
    match (outcome, end.state.as_str()) {
        (Outcome::TimedOut, _) => limit.map_or_else(
            || "ended at its time limit".to_owned(),
            |limit| format!("ended at its time limit of {} s", limit.as_secs_f64()),
        ),
        (_, "FORGOTTEN") => {
            "Slurm doesn't know the job any more, and there is no result".to_owned()
        }
        (_, "COMPLETED") => "the job ended well and left no result".to_owned(),
        (_, state) => format!("the job ended in state `{state}`{how}"),
    }
}

/// The last lines of a job's log.
async fn log(options: &SlurmOptions, (array, index): Key) -> Vec<String> {
    let file = options.logs.join(format!("slurm-{array}_{index}.log"));
    let read = spawn_blocking(move || std::fs::read(file));
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

    fn end(state: &str, exit_code: Option<i32>, signal: Option<i32>) -> End {
        End {
            state: state.to_owned(),
            exit_code,
            signal,
            duration: Some(Duration::from_secs(20)),
            ..End::forgotten()
        }
    }

    #[test]
    fn an_end_is_held_against_whoever_caused_it() {
        let infrastructure = Blame::Infrastructure;
        let application = Blame::Application;
        for (state, code, signal, expected) in [
            ("NODE_FAIL", None, None, (Outcome::Lost, infrastructure)),
            ("PREEMPTED", None, None, (Outcome::Lost, infrastructure)),
            ("CANCELLED", None, Some(15), (Outcome::Lost, infrastructure)),
            ("TIMEOUT", None, Some(15), (Outcome::TimedOut, application)),
            ("FAILED", Some(75), None, (Outcome::Failed, infrastructure)),
            ("FAILED", Some(137), None, (Outcome::Lost, infrastructure)),
            ("FAILED", Some(1), None, (Outcome::Failed, application)),
            ("FAILED", Some(124), None, (Outcome::Failed, application)),
            ("FAILED", None, Some(11), (Outcome::Crashed, application)),
        ] {
            assert_eq!(judge(&end(state, code, signal), None), expected, "{state}");
        }
    }

    #[test]
    fn a_task_is_ended_at_its_limit_and_killed_if_it_does_not_listen() {
        let timed_out = (Outcome::TimedOut, Blame::Application);
        let lost = (Outcome::Lost, Blame::Infrastructure);
        for (code, limit, expected) in [
            (124, 20, timed_out),
            (137, 20, timed_out),
            // Before its time, somebody else has killed it.
            (137, 30, lost),
        ] {
            let limit = Some(Duration::from_secs(limit));
            assert_eq!(judge(&end("FAILED", Some(code), None), limit), expected);
        }
        let said = describe(
            &end("FAILED", Some(124), None),
            Outcome::TimedOut,
            Some(Duration::from_millis(1_500)),
        );
        assert_eq!(said, "ended at its time limit of 1.5 s");
    }
}
