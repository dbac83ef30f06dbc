//! The worker's loop.

use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use epycloud_config::TaskIndex;
use epycloud_errors::{Diagnose, ExitCode, chain};
use tokio::runtime::Runtime;
use tracing::{Instrument, info_span};

use super::protocol::{Answer, PROTOCOL_VERSION, Request};
use crate::builder::run_builder;
use crate::error::StageError;
use crate::output::run_output;
use crate::progress::Progress;
use crate::run::StageRun;
use crate::runner::{RunnerReport, run_task};
use crate::tasks::TaskList;
use crate::telemetry::Clock;

/// How often a task's progress is told.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

/// Serves requests until the input ends.
///
/// # Errors
/// When an answer can't be written or the input can't be read: whoever asks is gone.
pub(super) fn serve(
    runtime: &Runtime,
    run: &StageRun,
    input: impl BufRead,
    output: impl Write + Send + 'static,
) -> io::Result<()> {
    let answers = Arc::new(Answers::new(output));
    let run = run
        .clone()
        .with_progress(Arc::clone(&answers) as Arc<dyn Progress>);
    answers.say(&Answer::Ready {
        protocol: PROTOCOL_VERSION,
        process_id: std::process::id(),
        engine: run.engine.name(),
        engine_version: run.engine.version(),
        versions: run.engine.versions(),
    })?;
    run.engine.prepare();
    let mut known: Option<TaskList> = None;
    for line in input.lines() {
        let answer = match serde_json::from_str::<Request>(&line?) {
            Ok(Request::Run { task }) => runtime.block_on(one(&run, &mut known, task)),
            Ok(Request::Build) => runtime.block_on(build_tasks(&run)),
            Ok(Request::Output { known_failures }) => {
                runtime.block_on(write_outputs(&run, known_failures))
            }
            Err(error) => not_a_request(&error),
        };
        answers.say(&answer)?;
    }
    Ok(())
}

fn not_a_request(error: &serde_json::Error) -> Answer {
    Answer::Refused {
        exit_code: ExitCode::Usage.code(),
        chain: vec!["a line is not a request".to_owned(), error.to_string()],
        hint: None,
    }
}

/// Runs one task and says what came of it.
async fn one(run: &StageRun, known: &mut Option<TaskList>, task: u32) -> Answer {
    let clock = Clock::start();
    let ran: Result<RunnerReport, StageError> = async {
        let list = match known.take() {
            Some(list) => list.refresh(run).await?,
            None => TaskList::load(run).await?,
        };
        let list = known.insert(list);
        let span = info_span!("task", task_index = task);
        run_task(run, list, TaskIndex::new(task))
            .instrument(span)
            .await
    }
    .await;
    let (times, _) = clock.read();
    let duration_secs = times.duration_seconds.unwrap_or_default();
    let peak_memory_mib = times.peak_memory_mb.unwrap_or_default();
    match ran {
        Ok(RunnerReport {
            population, bytes, ..
        }) => Answer::Done {
            task,
            population,
            duration_secs,
            peak_memory_mib,
            bytes,
        },
        Err(error) => Answer::Failed {
            task,
            exit_code: error.exit_code().code(),
            chain: chain(&error),
            hint: error.hint(),
            duration_secs,
            peak_memory_mib,
        },
    }
}

/// Runs stage A and says what came of it.
async fn build_tasks(run: &StageRun) -> Answer {
    match run_builder(run).await {
        Ok(report) => Answer::Built {
            report: Box::new(report),
        },
        Err(error) => stage_failed(&error),
    }
}

/// Runs stage C and says what came of it.
async fn write_outputs(run: &StageRun, known_failures: Vec<(u32, String)>) -> Answer {
    let mut run = run.clone();
    run.settings.known_failures = known_failures.into_iter().collect();
    match run_output(&run).await {
        Ok(report) => Answer::Written {
            report: Box::new(report),
        },
        Err(error) => stage_failed(&error),
    }
}

fn stage_failed(error: &StageError) -> Answer {
    Answer::StageFailed {
        exit_code: error.exit_code().code(),
        chain: chain(error),
        hint: error.hint(),
    }
}

/// Where answers go; whole lines only, from any thread.
struct Answers(Mutex<AnswersState>);

struct AnswersState {
    output: Box<dyn Write + Send>,
    told: Instant,
}

impl Answers {
    fn new(output: impl Write + Send + 'static) -> Self {
        Self(Mutex::new(AnswersState {
            output: Box::new(output),
            told: Instant::now(),
        }))
    }

    fn state(&self) -> MutexGuard<'_, AnswersState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say(&self, answer: &Answer) -> io::Result<()> {
        let output = &mut self.state().output;
        output.write_all(answer.to_line().as_bytes())?;
        output.flush()
    }
}

impl Progress for Answers {
    fn simulated(&self, index: TaskIndex, done: u32, of: u32) {
        let mut state = self.state();
        if state.told.elapsed() < PROGRESS_INTERVAL {
            return;
        }
        state.told = Instant::now();
        drop(state);
        // That nobody listens shows when the task is done.
        let _ = self.say(&Answer::Progress {
            task: index.get(),
            done,
            of,
        });
    }
}
