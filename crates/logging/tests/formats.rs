//! Both formats, as they are read: by people, and by Cloud Logging.

use std::error::Error;

use epycloud_config::{ExecutionMode, Stage};
use epycloud_errors::{Diagnose, Report, Secret};
use tracing::{debug, error, info, info_span, trace, warn};

mod support;
use support::logged;

#[derive(Debug, thiserror::Error)]
enum StageError {
    #[error("could not read `gs://lab/pipeline/flu/input_00003.pkl.gz`")]
    Input {
        #[source]
        source: std::io::Error,
    },
}

impl Diagnose for StageError {
    fn hint(&self) -> Option<String> {
        Some("run stage A first".to_owned())
    }
}

fn failed() -> StageError {
    StageError::Input {
        source: std::io::Error::other("connection reset\nby peer"),
    }
}

/// One event of each kind that the stages log.
fn session() {
    info!("Starting task");
    debug!(
        target: "epycloud_storage",
        bytes = 1_024_u64,
        path = "input_00003.pkl.gz",
        "Input loaded"
    );
    warn!(populations = ?["US-CA", "US-NY"], "resampled");
    info!(
        ratio = 0.5,
        nothing = f64::NAN,
        endless = f64::NEG_INFINITY,
        large = u128::MAX,
        signed = -3_i64,
        done = true,
        text = "two words",
        empty = "",
        quoted = "a=\"b\"",
        lines = "one\ntwo",
        r#type = "keyword",
        "kinds of values"
    );
    info!("first line\nsecond line\n\n  third\u{1b}[31m line\u{2028}end");
    info!(
        severity = "LOW",
        time = 3,
        httpRequest = "GET",
        "reserved names"
    );
    let run = info_span!(
        "run",
        task_index = 7_u64,
        population = "US-CA",
        weeks = tracing::field::Empty
    );
    run.in_scope(|| {
        run.record("weeks", 33);
        info_span!("step", population = "US-NY", message = "not the event's").in_scope(|| {
            info!(step = 4, "in spans");
        });
    });
    info!(token = %Secret::new("ghp_hunter2".into()), secret = ?Secret::new("ghp_hunter2".into()), "masked");
    let error = failed();
    error!(error = &error as &(dyn Error + 'static), "a task failed");
    trace!(target: "epycloud_engine", "detail");
    epycloud_logging::log_failure(Stage::Runner, &Report::new(failed()));
}

fn snapshot(name: &str, mode: ExecutionMode) {
    let text = logged(mode, session).concat();
    // Where an event stands in this file changes with every edit.
    let filters = [(
        r#""file":"[^"]*/([^/"]+)","line":"\d+""#,
        r#""file":"$1","line":"[line]""#,
    )];
    insta::with_settings!({ filters => filters, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn for_cloud_logging() {
    snapshot("cloud", ExecutionMode::Cloud);
}

#[test]
fn for_people() {
    snapshot("local", ExecutionMode::Local);
}

#[test]
fn every_event_is_one_write_of_one_json_line() {
    let lines = logged(ExecutionMode::Cloud, session);
    assert_eq!(lines.len(), 11);
    for line in lines {
        let inner = line.strip_suffix('\n').unwrap();
        assert!(!inner.contains(|c: char| c.is_control()), "{inner:?}");
        let entry: serde_json::Value = serde_json::from_str(inner).unwrap();
        for name in [
            "severity",
            "message",
            "timestamp",
            "stage",
            "exp_id",
            "run_id",
        ] {
            assert!(entry[name].is_string(), "{name} in {inner}");
        }
        assert!(entry["task_index"].is_u64());
    }
}

#[test]
fn a_failure_carries_its_type_message_stage_and_chain() {
    let lines = logged(ExecutionMode::Cloud, session);
    let entry: serde_json::Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    assert_eq!(entry["severity"], "CRITICAL");
    assert_eq!(entry["error_type"], "Input");
    assert_eq!(entry["failed_stage"], "runner");
    assert_eq!(entry["error_message"], entry["error_chain"][0]);
    assert_eq!(entry["error_chain"][1], "connection reset\nby peer");
    assert_eq!(entry["hint"], "run stage A first");
}
