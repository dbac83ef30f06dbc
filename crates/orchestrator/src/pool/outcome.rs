//! What an attempt's end means: whose fault it was, and how the run tells it.

use std::time::Duration;

use epycloud_errors::ExitCode;
use epycloud_stages::worker::Answer;

use super::death::Death;
use crate::record::{Attempt, Blame, Outcome};

/// Signals by which machines and people end processes; others are a program's own fault.
const SENT_BY_OTHERS: [i32; 4] = [1, 2, 9, 15];

/// What Rust's and Python's programs say when they are refused memory.
pub(super) fn is_refusal(line: &str) -> bool {
    line.contains("memory allocation of") || line.contains("MemoryError")
}

/// How an attempt ended.
pub(super) enum Ended {
    /// The worker had its say.
    Answer(Answer),
    /// The worker's process ended.
    Crashed {
        /// How.
        death: Death,
        /// Whether the system ran out of memory meanwhile.
        ran_out: bool,
        /// Whether it said last that it was refused memory.
        refused: bool,
    },
    /// It took longer than a task may.
    TimeLimit(Duration),
    /// It held so many MiB, more than a task may.
    MemoryLimit(f64),
    /// Its worker ended while its result was being stored.
    Bereft {
        /// Why.
        reason: String,
        /// Whether that was another task's fault, which runs then.
        by_another: bool,
    },
    /// Its worker ended, but its result is stored, and counts.
    Stored,
    /// The run is stopped.
    Stopped,
}

/// The attempt, but for its task, times and log. `measured_mib` is the most that was seen.
pub(super) fn attempt(ended: Ended, measured_mib: f64) -> Attempt {
    let base = Attempt {
        task: 0,
        number: 0,
        outcome: Outcome::Failed,
        blame: None,
        started: String::new(),
        duration_secs: 0.0,
        peak_memory_mib: (measured_mib > 0.0).then_some(measured_mib),
        exit_code: None,
        signal: None,
        error: Vec::new(),
        hint: None,
        log: Vec::new(),
        worker: String::new(),
    };
    match ended {
        Ended::Answer(answer) => answered(answer, base),
        Ended::Crashed {
            death,
            ran_out,
            refused,
        } => crashed(death, ran_out, refused, base),
        Ended::TimeLimit(limit) => Attempt {
            outcome: Outcome::TimedOut,
            blame: Some(Blame::Application),
            error: vec![format!(
                "ended at its time limit of {} s",
                limit.as_secs_f64()
            )],
            hint: Some("`--task-timeout` gives tasks more time".to_owned()),
            ..base
        },
        // Another attempt would need as much again.
        Ended::MemoryLimit(mib) => Attempt {
            outcome: Outcome::OutOfMemory,
            blame: Some(Blame::Application),
            error: vec![format!("ended at its memory limit: it held {mib:.0} MiB")],
            hint: Some("`--task-memory` gives tasks more memory".to_owned()),
            ..base
        },
        Ended::Bereft { reason, by_another } => Attempt {
            outcome: Outcome::Lost,
            blame: (!by_another).then_some(Blame::Infrastructure),
            error: vec![reason],
            ..base
        },
        Ended::Stored => Attempt {
            outcome: Outcome::Done,
            ..base
        },
        Ended::Stopped => Attempt {
            outcome: Outcome::Stopped,
            ..base
        },
    }
}

fn answered(answer: Answer, base: Attempt) -> Attempt {
    let temporary = answer.is_temporary();
    match answer {
        Answer::Done {
            peak_memory_mib, ..
        } => Attempt {
            outcome: Outcome::Done,
            exit_code: Some(0),
            peak_memory_mib: Some(peak_memory_mib),
            ..base
        },
        Answer::Failed {
            exit_code,
            chain,
            hint,
            peak_memory_mib,
            ..
        } => Attempt {
            blame: Some(blame(temporary)),
            exit_code: Some(exit_code.into()),
            peak_memory_mib: Some(peak_memory_mib),
            error: chain,
            hint,
            ..base
        },
        Answer::Refused {
            exit_code,
            chain,
            hint,
        } => Attempt {
            blame: Some(blame(exit_code == ExitCode::Temporary.code())),
            exit_code: Some(exit_code.into()),
            error: chain,
            hint,
            ..base
        },
        other @ (Answer::Ready { .. }
        | Answer::Progress { .. }
        | Answer::Simulated { .. }
        | Answer::Built { .. }
        | Answer::Written { .. }
        | Answer::StageFailed { .. }) => Attempt {
            blame: Some(Blame::Application),
            error: vec![format!(
                "unexpected answer `{}`",
                other.to_line().trim_end()
            )],
            ..base
        },
    }
}

fn blame(temporary: bool) -> Blame {
    if temporary {
        Blame::Infrastructure
    } else {
        Blame::Application
    }
}

fn crashed(death: Death, ran_out: bool, ended_for_memory: bool, base: Attempt) -> Attempt {
    let Death {
        reason,
        exit_code,
        signal,
        outgrew_container,
    } = death;
    // Another attempt would need as much again.
    if outgrew_container {
        return Attempt {
            outcome: Outcome::OutOfMemory,
            blame: Some(Blame::Application),
            exit_code,
            signal,
            error: vec!["ended at the memory limit of its container".to_owned()],
            hint: Some("`--task-memory` gives tasks more memory".to_owned()),
            ..base
        };
    }
    let from_outside = signal.is_some_and(|signal| SENT_BY_OTHERS.contains(&signal))
        || exit_code == Some(ExitCode::Temporary.code().into());
    let (outcome, blame, reason) = if from_outside && ran_out {
        let reason = format!("{reason}: the system ran out of memory");
        (Outcome::OutOfMemory, Blame::Infrastructure, reason)
    } else if from_outside {
        (Outcome::Lost, Blame::Infrastructure, reason)
    } else if ended_for_memory {
        let reason = format!("{reason}: it was refused memory");
        (Outcome::OutOfMemory, Blame::Application, reason)
    } else {
        (Outcome::Crashed, Blame::Application, reason)
    };
    Attempt {
        outcome,
        blame: Some(blame),
        exit_code,
        signal,
        error: vec![reason],
        ..base
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn death(signal: Option<i32>, exit_code: Option<i32>) -> Death {
        Death {
            reason: "gone".into(),
            exit_code,
            signal,
            outgrew_container: false,
        }
    }

    #[test]
    fn a_crash_is_held_against_whoever_caused_it() {
        let of = |death, ran_out| {
            let ended = Ended::Crashed {
                death,
                ran_out,
                refused: false,
            };
            let attempt = attempt(ended, 0.0);
            (attempt.outcome, attempt.blame)
        };
        let infrastructure = Some(Blame::Infrastructure);
        assert_eq!(
            of(death(Some(9), None), false),
            (Outcome::Lost, infrastructure)
        );
        assert_eq!(
            of(death(Some(9), None), true),
            (Outcome::OutOfMemory, infrastructure)
        );
        assert_eq!(
            of(death(None, Some(75)), false),
            (Outcome::Lost, infrastructure)
        );
        let application = Some(Blame::Application);
        for crash in [
            death(Some(11), None),
            death(Some(6), None),
            death(None, Some(1)),
        ] {
            assert_eq!(of(crash, false), (Outcome::Crashed, application));
        }
    }
}
