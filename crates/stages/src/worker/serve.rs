//! The worker's loop.

use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use epycloud_config::TaskIndex;
use epycloud_errors::{Diagnose, ExitCode, chain};
use tokio::runtime::Runtime;
use tracing::{Instrument, Span, info_span};

use super::protocol::{Answer, PROTOCOL_VERSION, Request};
use super::storing::Storing;
use crate::builder::run_builder;
use crate::error::StageError;
use crate::output::run_output;
use crate::progress::Progress;
use crate::run::StageRun;
use crate::runner::{RunnerReport, Simulated, simulate};
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
    let mut storing = Storing::default();
    for line in input.lines() {
        let answer = match serde_json::from_str::<Request>(&line?) {
            Ok(Request::Run { task }) => {
                let begun = Begun::new(task);
                let simulating = one(&run, &mut known, task).instrument(begun.span.clone());
                match runtime.block_on(simulating) {
                    Ok(simulated) => {
                        storing.begin(runtime, &answers, begun, simulated)?;
                        continue;
                    }
                    Err(error) => begun.answer(Err(error)),
                }
            }
            Ok(Request::Build) => runtime.block_on(build_tasks(&run)),
            Ok(Request::Output { known_failures }) => {
                runtime.block_on(write_outputs(&run, known_failures))
            }
            Err(error) => not_a_request(&error),
        };
        answers.say(&answer)?;
    }
    storing.wait_for(runtime, 0);
    Ok(())
}

fn not_a_request(error: &serde_json::Error) -> Answer {
    Answer::Refused {
        exit_code: ExitCode::Usage.code(),
        chain: vec!["a line is not a request".to_owned(), error.to_string()],
        hint: None,
    }
}

/// Runs one task, up to storing what came of it.
async fn one(
    run: &StageRun,
    known: &mut Option<TaskList>,
    task: u32,
) -> Result<Simulated, StageError> {
    let list = match known.take() {
        Some(list) => list.refresh(run).await?,
        None => TaskList::load(run).await?,
    };
    simulate(run, known.insert(list), TaskIndex::new(task)).await
}

/// A task that the worker was asked for.
pub(super) struct Begun {
    pub(super) task: u32,
    /// For the log.
    pub(super) span: Span,
    clock: Clock,
}

impl Begun {
    fn new(task: u32) -> Self {
        Self {
            task,
            span: info_span!("task", task_index = task),
            clock: Clock::start(),
        }
    }

    /// What came of it, once that is stored.
    pub(super) fn answer(&self, ran: Result<RunnerReport, StageError>) -> Answer {
        let task = self.task;
        match ran {
            Ok(report) => Answer::Done {
                task,
                population: report.population,
                duration_secs: report.duration_secs,
                peak_memory_mib: report.peak_memory_mib,
                bytes: report.bytes,
            },
            Err(error) => {
                let (times, _) = self.clock.read();
                Answer::Failed {
                    task,
                    exit_code: error.exit_code().code(),
                    chain: chain(&error),
                    hint: error.hint(),
                    duration_secs: times.duration_seconds.unwrap_or_default(),
                    peak_memory_mib: times.peak_memory_mb.unwrap_or_default(),
                }
            }
        }
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
pub(super) struct Answers(Mutex<AnswersState>);

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

    pub(super) fn say(&self, answer: &Answer) -> io::Result<()> {
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
