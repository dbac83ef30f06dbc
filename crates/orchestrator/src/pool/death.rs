//! How a worker ended.

use std::process::ExitStatus;

/// How a worker ended.
pub(crate) struct Death {
    /// In words.
    pub(crate) reason: String,
    /// Its exit code, if it had one.
    pub(crate) exit_code: Option<i32>,
    /// The signal that ended it, if one did.
    pub(crate) signal: Option<i32>,
    /// Whether it held more memory than its container may.
    pub(crate) outgrew_container: bool,
}

impl Death {
    /// One of which nothing is known but what showed it.
    pub(super) fn unknown(reason: &str) -> Self {
        Self {
            reason: reason.to_owned(),
            exit_code: None,
            signal: None,
            outgrew_container: false,
        }
    }

    /// A process's.
    pub(super) fn of(status: ExitStatus) -> Self {
        Self::by(status.code(), signal(status))
    }

    /// A container's process's: the client's exit code is its, or 128 and its signal.
    pub(super) fn in_container(status: ExitStatus) -> Self {
        match status.code() {
            Some(code) if code > 128 => Self::by(None, Some(code - 128)),
            code => Self::by(code, signal(status)),
        }
    }

    fn by(exit_code: Option<i32>, signal: Option<i32>) -> Self {
        let reason = match (signal, exit_code) {
            (Some(signal), _) => format!("the worker was ended by signal {signal}"),
            (None, Some(code)) => format!("the worker ended with exit code {code}"),
            (None, None) => "the worker ended".to_owned(),
        };
        Self {
            exit_code,
            signal,
            ..Self::unknown(&reason)
        }
    }
}

/// The signal that ended a process, where the system has such.
fn signal(status: ExitStatus) -> Option<i32> {
    #[cfg(unix)]
    return std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    return None;
}
