//! Running asynchronous work until it ends, or until somebody stops it.

use epycloud_config::{RuntimeSettings, Stage};
use epycloud_errors::ExitCode;
use epycloud_logging::{LogOptions, StageContext};
use epycloud_stages::engine::{StopSignal, stop};

use crate::error::CliError;

/// What ended the work.
pub(super) enum Ended<T> {
    /// It is done, or failed.
    Itself(T),
    /// A signal, with the exit code for it.
    Stopped(ExitCode),
}

/// Runs work on this thread; SIGINT and SIGTERM end it, and its worker processes with it.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> Result<Ended<T>, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .map_err(|source| CliError::Runtime { source })?;
    let ended = runtime.block_on(async {
        let stopped = stop_signal().map_err(|source| CliError::Runtime { source })?;
        tokio::select! {
            done = work => Ok(Ended::Itself(done)),
            code = stopped => Ok(Ended::Stopped(code)),
        }
    });
    match ended {
        Ok(Ended::Stopped(ExitCode::Interrupted)) => stop(StopSignal::Interrupt),
        Ok(Ended::Stopped(_)) => stop(StopSignal::Terminate),
        _ => {}
    }
    // What an engine's threads are at is left behind: they write whole files or none.
    runtime.shutdown_background();
    ended
}

/// The exit code of the first signal that asks the process to stop.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ExitCode>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => ExitCode::Interrupted,
            _ = terminate.recv() => ExitCode::Temporary,
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ExitCode>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
        ExitCode::Interrupted
    })
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
    let options = LogOptions {
        mode: settings.mode.value,
        level: settings.log_level.value,
        context,
    };
    epycloud_logging::init_with(options, std::io::stderr)
        .map_err(|source| CliError::Logging { source })
}
