//! The worker: one process that runs many tasks of stage B.
//!
//! An orchestrator starts its own binary with the hidden argument `worker` and the environment of
//! the stage (`EXP_ID`, `RUN_ID`, `EXECUTION_MODE`, …; `STAGE` and a task index aren't needed).
//! Standard input and output carry one JSON object a line: [`Request`]s go in, [`Answer`]s come
//! out, [`Answer::Ready`] first. The log goes to standard error. A task that fails doesn't end
//! the worker; the end of its input does, after the task at hand.

mod protocol;
mod serve;

use std::io::{self, Write};

use epycloud_config::RuntimeSettings;
use epycloud_errors::{Diagnose, ExitCode, chain};

pub use protocol::{Answer, PROTOCOL_VERSION, Request};

use crate::error::StageError;
use crate::run::StageRun;

/// Serves requests from standard input until it ends, and gives the exit code for the process:
/// done, or what kept the worker from working at all.
///
/// The caller has set up the log, which must not go to standard output.
pub fn worker_main(settings: &RuntimeSettings) -> ExitCode {
    let mut output = io::stdout();
    let served = StageRun::for_tasks(settings).and_then(|run| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(|source| StageError::Runtime { source })?;
        Ok(serve::serve(
            &runtime,
            &run,
            io::stdin().lock(),
            io::stdout(),
        ))
    });
    match served {
        Ok(Ok(())) => ExitCode::Done,
        // Nobody is left to tell.
        Ok(Err(_)) => ExitCode::Interrupted,
        Err(error) => {
            let refused = refusal(&error);
            match output
                .write_all(refused.to_line().as_bytes())
                .and_then(|()| output.flush())
            {
                Ok(()) => error.exit_code(),
                Err(_) => ExitCode::Interrupted,
            }
        }
    }
}

fn refusal(error: &(impl Diagnose + 'static)) -> Answer {
    Answer::Refused {
        exit_code: error.exit_code().code(),
        chain: chain(error),
        hint: error.hint(),
    }
}
