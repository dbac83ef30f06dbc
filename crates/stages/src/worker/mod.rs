//! The worker: one process that runs many tasks of stage B, and stages A and C when it is asked.
//!
//! An orchestrator starts its own binary with the hidden argument `worker` and the environment of
//! the stage (`EXP_ID`, `RUN_ID`, `EXECUTION_MODE`, …; `STAGE` and a task index aren't needed).
//! Standard input and output carry one JSON object a line: [`Request`]s go in, [`Answer`]s come
//! out, [`Answer::Ready`] first. The log goes to standard error. A task that fails doesn't end
//! the worker; the end of its input does, after the task at hand. So does the end of the process
//! that started it, at once: an orchestrator that was killed may be followed by another, which
//! begins with the tasks that have no result. In a container, whose first process is nobody's
//! child, the end of the input stands for that.

mod parent;
mod protocol;
mod serve;
mod storing;

use std::fs::File;
use std::io::{self, Write};

use epycloud_config::{Environment, RuntimeSettings, Stage};
use epycloud_errors::{ExitCode, Report};
use epycloud_logging::{LogOptions, StageContext, init_with};
use epycloud_storage::block_here;
use rustix::io::fcntl_dupfd_cloexec;
use rustix::stdio::dup2_stdout;
use tracing::warn;

pub use protocol::{Answer, PROTOCOL_VERSION, Request};

use crate::error::StageError;
use crate::forecast;
use crate::run::StageRun;

/// The number of the standard stream that stays what it is.
const STDERR_FILENO: i32 = 2;

/// Serves requests from standard input until it ends, and gives the exit code for the process:
/// done, or what kept the worker from working at all. Starts the process's log, on standard error.
pub fn worker_main(environment: &Environment) -> ExitCode {
    let answers = match take_stdout() {
        Ok(answers) => answers,
        Err(source) => {
            return refuse(
                io::stdout(),
                &Report::new(StageError::WorkerStreams { source }),
            );
        }
    };
    let served = RuntimeSettings::from_environment(environment)
        .map_err(Report::new)
        .and_then(|settings| serve_settings(&settings, environment, &answers));
    match served {
        Ok(()) => ExitCode::Done,
        Err(report) => refuse(answers, &report),
    }
}

/// Keeps standard output for the answers alone: whatever an engine's native code or its child
/// processes print goes to standard error instead.
fn take_stdout() -> io::Result<File> {
    let answers = fcntl_dupfd_cloexec(io::stdout(), STDERR_FILENO + 1)?;
    dup2_stdout(io::stderr())?;
    Ok(File::from(answers))
}

fn serve_settings(
    settings: &RuntimeSettings,
    environment: &Environment,
    answers: &File,
) -> Result<(), Report> {
    let run = StageRun::for_tasks(settings)?;
    let options = LogOptions {
        mode: settings.mode.value,
        level: settings.log_level.value,
        context: Some(StageContext {
            stage: Stage::Runner,
            exp_id: Some(run.settings.exp_id.clone()),
            run_id: Some(run.settings.run_id.clone()),
            task_index: None,
        }),
    };
    init_with(options, io::stderr)?;
    for warning in settings.warnings() {
        warn!("{warning}");
    }
    parent::end_with_it();
    // This thread serves requests one after the other, and others store results.
    block_here();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|source| StageError::Runtime { source })?;
    runtime.block_on(forecast::obtain(&run, settings, environment, Stage::Runner))?;
    let streams = |source| Report::new(StageError::WorkerStreams { source });
    let answers = answers.try_clone().map_err(streams)?;
    serve::serve(&runtime, &run, io::stdin().lock(), answers).map_err(streams)
}

/// Says why the worker can't work, to whoever still listens.
fn refuse(mut output: impl Write, report: &Report) -> ExitCode {
    let refused = Answer::Refused {
        exit_code: report.exit_code().code(),
        chain: report.chain(),
        hint: report.hint().map(str::to_owned),
    };
    let _ = output
        .write_all(refused.to_line().as_bytes())
        .and_then(|()| output.flush());
    report.exit_code()
}
