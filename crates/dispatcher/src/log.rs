//! The log of this process.

use std::panic::{PanicHookInfo, set_hook};

use epycloud_config::{Environment, ExecutionMode, LogLevel, Stage};
use epycloud_errors::{Diagnose, Report};
use epycloud_logging::{LogOptions, StageContext, log_failure};

/// The mode and the level that the environment asks for, as far as it can be understood: what is
/// wrong with it has to be logged too.
pub(crate) fn options(environment: &Environment, context: Option<StageContext>) -> LogOptions {
    LogOptions {
        mode: parsed(environment, "EXECUTION_MODE").unwrap_or(ExecutionMode::Cloud),
        level: parsed(environment, "LOG_LEVEL").unwrap_or(LogLevel::Info),
        context,
    }
}

/// The stage that the environment asks for, if it can be understood.
pub(crate) fn stage(environment: &Environment) -> Option<Stage> {
    parsed(environment, "STAGE")
}

/// The context of log lines before the settings are known to be good.
pub(crate) fn early_context(environment: &Environment) -> Option<StageContext> {
    Some(StageContext {
        stage: stage(environment)?,
        exp_id: parsed(environment, "EXP_ID"),
        run_id: parsed(environment, "RUN_ID"),
        task_index: None,
    })
}

fn parsed<T: std::str::FromStr>(environment: &Environment, name: &str) -> Option<T> {
    environment.get(name)?.parse().ok()
}

/// A panic in any thread.
#[derive(Debug, thiserror::Error)]
#[error("a bug: {message} ({place})")]
struct Panicked {
    message: String,
    place: String,
}

impl Diagnose for Panicked {
    fn hint(&self) -> Option<String> {
        Some("please report it, with this line".to_owned())
    }
}

/// Makes a panic one line of the log instead of text that nothing indexes.
pub(crate) fn report_panics() {
    set_hook(Box::new(|panic| {
        log_failure(
            None,
            &Report::new(Panicked {
                message: message(panic),
                place: place(panic),
            }),
        );
    }));
}

fn message(panic: &PanicHookInfo<'_>) -> String {
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("stopped unexpectedly")
        .to_owned()
}

fn place(panic: &PanicHookInfo<'_>) -> String {
    panic
        .location()
        .map_or_else(|| "unknown place".to_owned(), ToString::to_string)
}
