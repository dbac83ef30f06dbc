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

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::panic::{catch_unwind, take_hook};
    use std::sync::{Arc, Mutex};

    use epycloud_logging::subscriber;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, data: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(data)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_one_critical_line_that_says_where() {
        let environment = Environment::from_pairs([("EXECUTION_MODE", "cloud")]);
        let lines = Lines::default();
        let writer = lines.clone();
        let log = subscriber(options(&environment, None), move || writer.clone());
        report_panics();
        let caught =
            tracing::subscriber::with_default(log, || catch_unwind(|| panic!("two lines\nof it")));
        let _ = take_hook();
        assert!(caught.is_err());
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["severity"], "CRITICAL");
        let message = line["error_message"].as_str().unwrap();
        assert!(
            message.starts_with("a bug: two lines\nof it (crates/dispatcher/src/log.rs:"),
            "{message}"
        );
    }
}
