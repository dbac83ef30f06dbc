//! Running asynchronous work until it ends, or until somebody stops it.

use epycloud_config::{RuntimeSettings, Stage};
use epycloud_errors::ExitCode;
use epycloud_logging::{LogOptions, StageContext};
use epycloud_orchestrator::{LogTap, Stop};
use epycloud_stages::engine::{StopSignal, stop};
use tokio::runtime::Runtime;

use crate::error::CliError;
use crate::printer::Printer;

/// What ended the work.
pub(super) enum Ended<T> {
    /// It is done, or failed.
    Itself(T),
    /// A signal, with the exit code for it.
    Stopped(ExitCode),
}

/// Runs work on this thread; SIGINT and SIGTERM end it, and its worker processes with it.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> Result<Ended<T>, CliError> {
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        let mut signals = Signals::listen().map_err(|source| CliError::Runtime { source })?;
        tokio::select! {
            done = work => Ok(Ended::Itself(done)),
            signal = signals.next() => {
                stop(signal);
                Ok(Ended::Stopped(signal.exit_code()))
            }
        }
    });
    // What an engine's threads are at is left behind: they write whole files or none.
    runtime.shutdown_background();
    ended
}

/// Runs a workflow on this thread. The first SIGINT lets the tasks that run end; a second one, or
/// SIGTERM, ends them. Either way the workflow itself comes to its end, and says how it stands.
pub(super) fn block_on_workflow<T>(
    handle: &Stop,
    printer: Printer,
    work: impl Future<Output = T>,
) -> Result<T, CliError> {
    let runtime = runtime()?;
    let done = runtime.block_on(async {
        let mut signals = Signals::listen().map_err(|source| CliError::Runtime { source })?;
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                signal = signals.next() => match (signal, handle.signal()) {
                    (StopSignal::Interrupt, None) => {
                        printer.warning(
                            "stopping once the tasks that run have ended; again to stop now",
                        );
                        handle.after_tasks(signal);
                    }
                    _ => handle.at_once(signal),
                },
            }
        }
    });
    if let Some(signal) = handle.signal() {
        stop(signal);
    }
    runtime.shutdown_background();
    done
}

fn runtime() -> Result<Runtime, CliError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| CliError::Runtime { source })
}

/// The signals that ask the process to stop.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> StopSignal {
        tokio::select! {
            _ = self.interrupt.recv() => StopSignal::Interrupt,
            _ = self.terminate.recv() => StopSignal::Terminate,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> StopSignal {
        let _ = tokio::signal::ctrl_c().await;
        StopSignal::Interrupt
    }
}

/// Sends the log of a stage to standard error.
pub(super) fn log_to_stderr(
    settings: &RuntimeSettings,
    stage: Option<Stage>,
) -> Result<(), CliError> {
    let context = stage.map(|stage| StageContext {
        stage,
        exp_id: settings.exp_id.as_ref().map(|exp_id| exp_id.value.clone()),
        run_id: settings.run_id.as_ref().map(|run_id| run_id.value.clone()),
        task_index: settings.task_index.as_ref().map(|index| index.value),
    });
    epycloud_logging::init_with(options(settings, context), std::io::stderr)
        .map_err(|source| CliError::Logging { source })
}

/// Has what the stages in this process log kept with the run; it is shown as well if that is asked
/// for.
pub(super) fn keep_log(settings: &RuntimeSettings, shows: bool) -> Result<LogTap, CliError> {
    let tap = LogTap::default();
    let kept = tap.clone();
    let writer = move || LogWriter {
        tap: kept.clone(),
        shows,
    };
    epycloud_logging::init_with(options(settings, None), writer)
        .map_err(|source| CliError::Logging { source })?;
    Ok(tap)
}

fn options(settings: &RuntimeSettings, context: Option<StageContext>) -> LogOptions {
    LogOptions {
        mode: settings.mode.value,
        level: settings.log_level.value,
        context,
    }
}

/// Hands each line to the run, and to the terminal.
struct LogWriter {
    tap: LogTap,
    shows: bool,
}

impl std::io::Write for LogWriter {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.tap.line(&String::from_utf8_lossy(line));
        if self.shows {
            std::io::stderr().write_all(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
