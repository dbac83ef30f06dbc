//! What must never happen to a log: broken lines, lost lines, panics, seen secrets.

use std::io::{self, Write};

use epycloud_config::{ExecutionMode, LogLevel};
use epycloud_logging::{LogOptions, subscriber};
use proptest::prelude::*;
use tracing::{debug, error, info, info_span, trace, warn};

mod support;
use support::{logged, logged_with};

fn options(mode: ExecutionMode, level: LogLevel) -> LogOptions {
    LogOptions {
        mode,
        level,
        context: None,
    }
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\\x00-\\x1f\\x7f\"\\\\{}\u{80}-\u{9f}\u{2028}\u{2029}]{0,20}",
        "(a\r?\n){0,5}",
    ]
}

/// Whether a reader sees one line: what ends lines for some reader ends this one only.
fn is_one_line(line: &str) -> bool {
    let ends = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    line.strip_suffix('\n')
        .is_some_and(|inner| !inner.contains(ends))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_one_json_line_that_holds_it(
        message in texts(), field in texts(), outer in texts(), number in any::<f64>(),
    ) {
        let lines = logged(ExecutionMode::Cloud, || {
            let span = info_span!("span", outer = outer.as_str(), severity = outer.as_str());
            span.in_scope(|| info!(field = field.as_str(), timestamp = number, "{message}"));
        });
        prop_assert_eq!(lines.len(), 1);
        prop_assert!(is_one_line(&lines[0]), "{:?}", lines[0]);
        let entry: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
        prop_assert_eq!(&entry["message"], &message);
        prop_assert_eq!(&entry["field"], &field);
        prop_assert_eq!(&entry["outer"], &outer);
        prop_assert_eq!(&entry["severity"], "INFO");
        prop_assert_eq!(&entry["field_severity"], &outer);
        prop_assert_eq!(&entry["timestamp"], "2026-11-23T14:30:52.123456Z");
        prop_assert_eq!(entry["field_timestamp"].is_number(), number.is_finite());
        if number.is_finite() {
            // serde_json may read the last digit wrong; what was written is exact.
            let read = entry["field_timestamp"].as_f64().unwrap();
            prop_assert!((read - number).abs() <= number.abs() * 1e-15, "{read} for {number}");
        }
    }

    #[test]
    fn any_text_gives_recognisable_lines_for_people(message in texts(), field in texts()) {
        let lines = logged(ExecutionMode::Local, || info!(field = field.as_str(), "{message}"));
        let text = lines.concat();
        let first = "2026-11-23 14:30:52 runner INFO [Task 3] ";
        prop_assert!(text.starts_with(first), "{text:?}");
        prop_assert!(text.ends_with('\n'));
        for further in text.lines().skip(1) {
            prop_assert!(further.starts_with("    "), "{text:?}");
        }
        prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{text:?}");
    }
}

#[test]
fn a_text_too_long_for_an_entry_is_cut_and_says_so() {
    let long = "ü".repeat(100_000);
    let lines = logged(ExecutionMode::Cloud, || info!("{long}"));
    let entry: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
    let message = entry["message"].as_str().unwrap();
    assert!(
        message.ends_with("… (134464 more bytes)"),
        "{}",
        &message[message.len() - 40..]
    );
    assert!(lines[0].len() < 70_000);
}

#[test]
fn a_reader_that_went_away_does_not_matter() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
    let subscriber = subscriber(options(ExecutionMode::Cloud, LogLevel::Debug), || Closed);
    tracing::subscriber::with_default(subscriber, || error!("unheard"));
}

#[test]
fn the_level_decides_and_libraries_keep_their_debugging_to_themselves() {
    let work = || {
        trace!("ours");
        debug!("ours");
        info!("ours");
        warn!("ours");
        error!("ours");
        debug!(target: "object_store::client", "theirs");
        info!(target: "object_store::client", "theirs");
        warn!(target: "hyper", "theirs");
    };
    let count = |level| {
        let work = || {
            // Ours are recognised by their target: this test's own is `robustness`.
            trace!(target: "epycloud_x", "ours");
            debug!(target: "epycloud_x", "ours");
            work();
        };
        let text = logged_with(options(ExecutionMode::Local, level), work).concat();
        (text.matches("ours").count(), text.matches("theirs").count())
    };
    assert_eq!(count(LogLevel::Debug), (5, 2));
    assert_eq!(count(LogLevel::Info), (3, 2));
    assert_eq!(count(LogLevel::Warning), (2, 1));
    assert_eq!(count(LogLevel::Error), (1, 0));
    assert_eq!(count(LogLevel::Critical), (0, 0));
}

#[test]
fn a_span_tells_what_an_error_belongs_to_even_at_error_level() {
    let lines = logged_with(options(ExecutionMode::Local, LogLevel::Error), || {
        let span = info_span!(target: "epycloud", "task", stage = "runner", task_index = 9);
        span.in_scope(|| error!(target: "epycloud", "lost"));
    });
    assert_eq!(lines, ["2026-11-23 14:30:52 runner ERROR [Task 9] lost\n"]);
}

#[test]
fn without_a_stage_the_program_is_named() {
    let work = || info!(target: "epycloud", "hello");
    let local = logged_with(options(ExecutionMode::Local, LogLevel::Info), work);
    assert_eq!(local, ["2026-11-23 14:30:52 epycloud INFO hello\n"]);
    let cloud = logged_with(options(ExecutionMode::Cloud, LogLevel::Info), work);
    assert!(
        !cloud[0].contains("stage") && !cloud[0].contains("labels"),
        "{}",
        cloud[0]
    );
}
