//! A log that a test can read.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use epycloud_config::{ExecutionMode, LogLevel, Stage, TaskIndex};
use epycloud_logging::{LogOptions, StageContext, subscriber_at};

/// A writer that keeps each write apart.
#[derive(Clone, Default)]
pub(crate) struct Writes(Arc<Mutex<Vec<Vec<u8>>>>);

impl Write for Writes {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(data.to_vec());
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A task of stage B.
pub(crate) fn runner() -> StageContext {
    StageContext {
        stage: Stage::Runner,
        exp_id: Some("202547/smc_rmse".parse().unwrap()),
        run_id: Some("20261123-143052-0a1b2c3d".parse().unwrap()),
        task_index: Some(TaskIndex::new(3)),
    }
}

/// What each event that `work` logs was written as.
pub(crate) fn logged_with(options: LogOptions, work: impl FnOnce()) -> Vec<String> {
    let writes = Writes::default();
    let writer = writes.clone();
    let now = "2026-11-23T14:30:52.123456789Z".parse().unwrap();
    let subscriber = subscriber_at(options, move || writer.clone(), move || now);
    tracing::subscriber::with_default(subscriber, work);
    let writes = writes.0.lock().unwrap();
    writes
        .iter()
        .map(|write| String::from_utf8(write.clone()).unwrap())
        .collect()
}

/// The same for a task of stage B at debug level.
pub(crate) fn logged(mode: ExecutionMode, work: impl FnOnce()) -> Vec<String> {
    let options = LogOptions {
        mode,
        level: LogLevel::Debug,
        context: Some(runner()),
    };
    logged_with(options, work)
}
