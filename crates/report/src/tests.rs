//! The size of a page, however many tasks a run has.

use epycloud_orchestrator::record::{Attempt, Blame, Outcome, RunRecord};
use serde_json::json;

use crate::gather::{RunData, TaskRow, TaskState};
use crate::page::render;
use crate::resources::Resources;

/// What the project promises of a run of a thousand tasks, in bytes.
const MOST: usize = 3_000_000;

fn record() -> RunRecord {
    let hash = "00".repeat(32);
    let record = json!({
        "format": "epycloud-run", "version": 1, "exp_id": "flu", "run_id": "large",
        "status": "partial", "created": "2026-01-05T12:00:00.000Z",
        "updated": "2026-01-05T13:00:00.000Z",
        "provenance": {
            "engine": "native", "engine_version": "1", "versions": {}, "program_version": "1",
            "commit": null, "dirty": null, "manifest_sha256": hash, "random_seed": 1,
            "output_config": null,
            "sources": {
                "engine": "native", "config_sha256": hash, "config": {}, "data": {},
                "population_data": null, "data_tables": null, "suite_behaviour": "latest",
                "output_config_sha256": null,
            },
            "machine": { "host": "h", "os": "linux", "architecture": "x86_64", "cores": 2 },
        },
        "tasks": null, "outputs": null, "sessions": [],
    });
    serde_json::from_value(record).unwrap()
}

/// An attempt that failed with as much to say as one keeps.
fn failed(task: u32, number: u32) -> Attempt {
    Attempt {
        task,
        number,
        outcome: Outcome::Failed,
        blame: Some(Blame::Application),
        started: format!("2026-01-05T12:{:02}:{:02}.000Z", task / 60 % 60, task % 60),
        duration_secs: 0.7,
        peak_memory_mib: Some(100.0),
        exit_code: Some(1),
        signal: None,
        error: vec![format!("task {task} failed"), "a cause <of it>".repeat(40)],
        hint: None,
        log: vec!["2026-01-05 12:00:00 runner ERROR a long line of a log".repeat(10); 40],
        worker: format!("host:{}", task % 8),
    }
}

fn run_of(n_tasks: u32, is_bad: impl Fn(u32) -> bool) -> RunData {
    let row = |index| TaskRow {
        index,
        population: "United_States_Massachusetts".into(),
        seed: Some(u64::from(index)),
        state: if is_bad(index) {
            TaskState::Failed
        } else {
            TaskState::Done
        },
        attempts: 3,
        duration_secs: Some(0.7),
        peak_memory_mib: Some(100.0),
        failure: is_bad(index).then(|| Box::new(failed(index, 3))),
    };
    let attempts: Vec<Attempt> = (0..3 * n_tasks).map(|n| failed(n / 3, n % 3 + 1)).collect();
    RunData {
        record: record(),
        sessions: Vec::new(),
        tasks: (0..n_tasks).map(row).collect(),
        n_attempts: attempts.len(),
        attempts,
        lost_secs: 1.0,
        resources: Resources::default(),
        fans: None,
        fit: None,
    }
}

#[test]
fn a_thousand_tasks_make_a_small_page_even_if_all_have_failed() {
    let good = render(&run_of(1000, |_| false));
    assert!(good.len() < MOST / 2, "{} bytes", good.len());
    let bad = render(&run_of(1000, |_| true));
    assert!(bad.len() < MOST, "{} bytes", bad.len());
    assert_eq!(bad.matches("<tbody class=\"failed\"").count(), 1000);
}
