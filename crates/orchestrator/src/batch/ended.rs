//! What came of a task that has ended: Batch's word on it, and what the task itself has left.

use epycloud_config::TaskIndex;
use epycloud_errors::ExitCode;
use epycloud_google::batch::{Job, Task, TaskState};
use epycloud_stages::telemetry::Status;
use epycloud_stages::{StageRun, TaskList};

use super::reports;
use crate::record::{Attempt, Blame, Outcome};
use crate::resume::{Reason, judge};
use crate::told;

/// The exit code of a failure that may pass by itself.
const TEMPORARY: i32 = 75;
/// How the system ends a program that holds more memory than there is.
const KILLED: i32 = 137;
/// Batch's code for a task that ran into its time limit.
const TIME_LIMIT: i32 = 50_005;

/// A failure and what it is held against, by a task's exit code.
fn blame(code: Option<i32>) -> (Outcome, Blame) {
    match code {
        Some(TEMPORARY) => (Outcome::Failed, Blame::Infrastructure),
        // Another attempt gets more memory.
        Some(KILLED) => (Outcome::OutOfMemory, Blame::Infrastructure),
        Some(TIME_LIMIT) => (Outcome::TimedOut, Blame::Application),
        Some(1..=128) => (Outcome::Failed, Blame::Application),
        Some(129..=255) => (Outcome::Crashed, Blame::Application),
        // What Batch says of machines, or of a task that never ran.
        _ => (Outcome::Lost, Blame::Infrastructure),
    }
}

/// What a stage that ended so asks this program to end with.
pub(super) fn exit_code(code: Option<i32>) -> ExitCode {
    match (blame(code), code.and_then(ExitCode::from_code)) {
        (_, Some(own)) if own != ExitCode::Done => own,
        ((_, Blame::Infrastructure), _) => ExitCode::Temporary,
        _ => ExitCode::Failed,
    }
}

/// How a task ended, in words.
pub(super) fn describe(job: &Job, code: Option<i32>, task: Option<&Task>) -> String {
    let id = job.id();
    // Source: <https://cloud.google.com/batch/docs/troubleshooting#reserved-exit-codes>
    let how = match code {
        Some(50_001) => "its machine was taken back".to_owned(),
        Some(50_002) => "its machine fell silent".to_owned(),
        Some(50_003 | 50_006) => "its machine was started anew".to_owned(),
        Some(50_004) => "it and its machine stopped responding".to_owned(),
        Some(TIME_LIMIT) => "it was ended at its time limit".to_owned(),
        Some(KILLED) => "it was killed, probably for the memory it held".to_owned(),
        Some(code) => format!("it ended with exit code {code}"),
        None => {
            let event = task
                .and_then(Task::last_event)
                .map(|event| &event.description);
            let event = event.or_else(|| job.last_event().map(|event| &event.description));
            let state = &job.status.state;
            event.map_or_else(
                || format!("the job is {state}, and it didn't run"),
                |event| format!("the job is {state}: {event}"),
            )
        }
    };
    format!("job `{id}`: {how}")
}

/// A task's attempt that Batch has repeated by itself.
pub(super) fn repeated(attempt: Attempt, job: &Job, code: i32) -> Attempt {
    let (outcome, blame) = blame(Some(code));
    Attempt {
        outcome,
        blame: Some(blame),
        exit_code: Some(code),
        error: vec![describe(job, Some(code), None)],
        ..attempt
    }
}

/// Where attempts come from.
pub(super) struct Ended<'a> {
    pub(super) run: &'a StageRun,
    pub(super) list: &'a TaskList,
    pub(super) job: &'a Job,
}

impl Ended<'_> {
    /// The attempt, complete. Without `task`, Batch doesn't know it any more. Whether it is done,
    /// the result says.
    pub(super) async fn attempt(&self, mut attempt: Attempt, task: Option<&Task>) -> Attempt {
        let state = task.map(|task| &task.status.state);
        let code = task.and_then(Task::exit_code);
        let summary = told::summary(self.run, self.list, attempt.task).await;
        let summary = summary.filter(|summary| reports::is_of(&summary.runner.times, self.job));
        if let Some(summary) = &summary {
            told::times(&mut attempt, summary);
        }
        let has_failed = state == Some(&TaskState::Failed);
        attempt.exit_code = code.filter(|_| has_failed);
        if !has_failed {
            match self.result(attempt.task).await {
                Reason::UpToDate => {
                    attempt.outcome = Outcome::Done;
                    return attempt;
                }
                reason if state == Some(&TaskState::Succeeded) => {
                    let error = "it ended well, and its result doesn't count".to_owned();
                    attempt.error = vec![error, reason.to_string()];
                    attempt.outcome = Outcome::Failed;
                    attempt.blame = Some(Blame::Application);
                    attempt.hint = hint(&reason);
                    return attempt;
                }
                _ => {}
            }
        }
        let (outcome, blame) = blame(attempt.exit_code);
        attempt.outcome = outcome;
        attempt.blame = Some(blame);
        attempt.error = vec![describe(self.job, attempt.exit_code, task)];
        attempt.hint = Some(format!(
            "`epycloud logs --job-name {} --stage B --task-index {}` shows its log",
            self.job.id(),
            attempt.task
        ));
        // What a failure's own summary says is better than a number; one that was ended wrote none.
        let told = summary.filter(|summary| summary.status == Status::Failed);
        if outcome == Outcome::Failed
            && let Some(error) = told.and_then(|summary| summary.error)
        {
            attempt.error = error.chain;
        }
        attempt
    }

    async fn result(&self, task: u32) -> Reason {
        match self.list.task(TaskIndex::new(task)) {
            Ok(entry) => judge(self.run, self.list, entry, &self.list.manifest.versions).await,
            Err(_) => Reason::NoResult,
        }
    }
}

/// A run's tasks and results are of one image's versions.
fn hint(reason: &Reason) -> Option<String> {
    matches!(reason, Reason::Changed(_)).then(|| {
        "use the image that built the tasks, or build them again with this one: `--rebuild`"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_held_against_whoever_caused_it() {
        let (infrastructure, application) = (Blame::Infrastructure, Blame::Application);
        for (code, expected, exit) in [
            (Some(1), (Outcome::Failed, application), ExitCode::Failed),
            (Some(2), (Outcome::Failed, application), ExitCode::Usage),
            (
                Some(75),
                (Outcome::Failed, infrastructure),
                ExitCode::Temporary,
            ),
            (
                Some(137),
                (Outcome::OutOfMemory, infrastructure),
                ExitCode::Temporary,
            ),
            (Some(139), (Outcome::Crashed, application), ExitCode::Failed),
            (
                Some(50_001),
                (Outcome::Lost, infrastructure),
                ExitCode::Temporary,
            ),
            (
                Some(50_005),
                (Outcome::TimedOut, application),
                ExitCode::Failed,
            ),
            (None, (Outcome::Lost, infrastructure), ExitCode::Temporary),
        ] {
            assert_eq!(blame(code), expected, "{code:?}");
            assert_eq!(exit_code(code), exit, "{code:?}");
        }
    }
}
