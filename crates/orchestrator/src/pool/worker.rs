//! One worker process: started, asked for one task after the other, replaced when it crashes.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use epycloud_config::Environment;
use epycloud_errors::ExitCode;
use epycloud_stages::worker::{Answer, PROTOCOL_VERSION, Request};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::error::OrchestratorError;
use crate::event::{Event, Observer};

/// The variable that says how many threads a task may use.
const THREADS: &str = "EPYCLOUD_THREADS";
/// How many of a task's last log lines are kept, for when it fails.
const KEPT_LINES: usize = 40;
/// How long a worker that has closed its output may take to end.
const DYING: Duration = Duration::from_secs(5);
/// How long the last log lines may take through the pipe.
const LOG_LAG: Duration = Duration::from_millis(20);

/// How a worker is started.
#[derive(Debug, Clone)]
pub struct WorkerCommand {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Environment,
}

impl WorkerCommand {
    /// A program that serves tasks when its one argument is `worker`, and the environment of its
    /// stage; it sees no other variable.
    #[must_use]
    pub fn new(program: PathBuf, environment: Environment) -> Self {
        Self {
            program,
            arguments: vec!["worker".into()],
            environment,
        }
    }

    /// The same for one of several workers that share the machine: each uses its part of the cores,
    /// unless the environment says how many threads a task may use.
    pub(crate) fn among(&self, n_workers: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = (cores / n_workers.max(1)).max(1).to_string();
        let environment = match self.environment.get(THREADS) {
            Some(_) => self.environment.clone(),
            None => self.environment.clone().with(THREADS, threads),
        };
        Self {
            environment,
            ..self.clone()
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(self.environment.pairs())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // Ctrl-C on a terminal reaches its whole group; the orchestrator decides for its workers.
        #[cfg(unix)]
        command.process_group(0);
        command
    }
}

/// What came of a request.
pub(crate) enum Served {
    /// The worker's last word on the task.
    Answer(Answer),
    /// The worker ended before it had one.
    Crashed(Death),
}

/// How a worker ended.
pub(crate) struct Death {
    /// In words.
    pub(crate) reason: String,
    /// Its exit code, if it had one.
    pub(crate) exit_code: Option<i32>,
    /// The signal that ended it, if one did.
    pub(crate) signal: Option<i32>,
}

/// A running worker.
pub(crate) struct Worker {
    process: Child,
    requests: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    log: Arc<Mutex<VecDeque<String>>>,
    log_reader: JoinHandle<()>,
}

impl Worker {
    /// Starts a worker and waits until it is ready.
    pub(crate) async fn start(
        command: &WorkerCommand,
        observer: &Arc<dyn Observer>,
    ) -> Result<Self, OrchestratorError> {
        let failed = |source| OrchestratorError::Start {
            program: command.program.clone(),
            source,
        };
        let mut process = command.command().spawn().map_err(failed)?;
        if let Some(id) = process.id() {
            super::process::prefer_as_victim(id);
        }
        let pipe = || std::io::Error::other("a pipe to the process is missing");
        let requests = process.stdin.take().ok_or_else(|| failed(pipe()))?;
        let answers = process.stdout.take().ok_or_else(|| failed(pipe()))?;
        let stderr = process.stderr.take().ok_or_else(|| failed(pipe()))?;
        let log = Arc::new(Mutex::new(VecDeque::new()));
        let log_reader = tokio::spawn(read_log(
            BufReader::new(stderr),
            Arc::clone(&log),
            Arc::clone(observer),
        ));
        let answers = BufReader::new(answers).lines();
        let mut worker = Self {
            process,
            requests,
            answers,
            log,
            log_reader,
        };
        match worker.next_answer().await {
            Ok(Answer::Ready {
                protocol: PROTOCOL_VERSION,
                ..
            }) => Ok(worker),
            Ok(answer) => Err(refusal(command, answer)),
            Err(reason) => {
                let Death { reason, .. } = worker.obituary(&reason).await;
                let last = worker.log().await;
                let reason = if last.is_empty() {
                    reason
                } else {
                    format!("{reason}; its last words: {}", last.join(" / "))
                };
                Err(not_serving(command, reason, None, ExitCode::Failed))
            }
        }
    }

    /// The number of its process; 0 once it has ended.
    pub(crate) fn process_id(&self) -> u32 {
        self.process.id().unwrap_or(0)
    }

    /// The last lines of its log since the task began.
    pub(crate) async fn log(&self) -> Vec<String> {
        // A line and the answer come through different pipes.
        sleep(LOG_LAG).await;
        lock(&self.log).iter().cloned().collect()
    }

    /// Ends the worker at once.
    pub(crate) async fn kill(&mut self) {
        let _ = self.process.kill().await;
    }

    /// Has a task run; its progress goes to the observer.
    pub(crate) async fn run(&mut self, task: u32, observer: &dyn Observer) -> Served {
        lock(&self.log).clear();
        let request = Request::Run { task }.to_line();
        let sent = self.requests.write_all(request.as_bytes()).await;
        if sent.is_err() {
            return Served::Crashed(self.obituary("its input is closed").await);
        }
        loop {
            match self.next_answer().await {
                Ok(Answer::Progress { task, done, of }) => {
                    observer.notify(&Event::TaskAdvanced { task, done, of });
                }
                Ok(answer) => return Served::Answer(answer),
                Err(reason) => return Served::Crashed(self.obituary(&reason).await),
            }
        }
    }

    /// Ends the worker: it stops by itself once its input ends.
    pub(crate) async fn stop(mut self) {
        drop(self.requests);
        let _ = self.process.wait().await;
        self.log_reader.abort();
    }

    async fn next_answer(&mut self) -> Result<Answer, String> {
        match self.answers.next_line().await {
            Ok(Some(line)) => {
                Answer::from_line(&line).map_err(|error| format!("it wrote `{line}` ({error})"))
            }
            Ok(None) => Err("its output ended".to_owned()),
            Err(error) => Err(format!("its output can't be read ({error})")),
        }
    }

    /// How the worker ended.
    async fn obituary(&mut self, reason: &str) -> Death {
        // One that goes by itself says more than one that is ended.
        let ended = match timeout(DYING, self.process.wait()).await {
            Ok(ended) => ended,
            Err(_) => {
                let _ = self.process.start_kill();
                self.process.wait().await
            }
        };
        // The pipe closes with the process, so the reader comes to its end.
        let _ = timeout(DYING, &mut self.log_reader).await;
        ended.map_or_else(
            |_| Death {
                reason: reason.to_owned(),
                exit_code: None,
                signal: None,
            },
            describe,
        )
    }
}

fn describe(status: ExitStatus) -> Death {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    let reason = match (signal, status.code()) {
        (Some(signal), _) => format!("the worker was ended by signal {signal}"),
        (None, Some(code)) => format!("the worker ended with exit code {code}"),
        (None, None) => "the worker ended".to_owned(),
    };
    Death {
        reason,
        exit_code: status.code(),
        signal,
    }
}

fn refusal(command: &WorkerCommand, answer: Answer) -> OrchestratorError {
    match answer {
        Answer::Refused {
            exit_code,
            chain,
            hint,
        } => {
            let code = ExitCode::from_code(exit_code.into()).unwrap_or(ExitCode::Failed);
            not_serving(command, chain.join(": "), hint, code)
        }
        Answer::Ready { protocol, .. } => not_serving(
            command,
            format!("it speaks version {protocol} of the protocol, expected {PROTOCOL_VERSION}"),
            None,
            ExitCode::Failed,
        ),
        other => not_serving(
            command,
            format!("it began with `{}`", other.to_line().trim_end()),
            None,
            ExitCode::Failed,
        ),
    }
}

fn not_serving(
    command: &WorkerCommand,
    reason: String,
    hint: Option<String>,
    exit_code: ExitCode,
) -> OrchestratorError {
    OrchestratorError::Worker {
        program: command.program.clone(),
        reason,
        hint,
        exit_code,
    }
}

async fn read_log(
    stderr: BufReader<tokio::process::ChildStderr>,
    log: Arc<Mutex<VecDeque<String>>>,
    observer: Arc<dyn Observer>,
) {
    let mut lines = stderr.lines();
    while let Ok(Some(line)) = lines.next_line().await {
        observer.notify(&Event::Log { line: line.clone() });
        keep(&mut lock(&log), &line);
    }
}

/// Keeps the last lines, but the first ones of Python's report on a crash: those say what it was
/// and where.
fn keep(kept: &mut VecDeque<String>, line: &str) {
    const CRASH: &str = "Fatal Python error";
    // Between the report's lines; hundreds of names of modules at its end.
    if line.trim().is_empty() || line.starts_with("Extension modules: ") {
        return;
    }
    if line.starts_with(CRASH) {
        kept.clear();
    }
    if kept.len() == KEPT_LINES {
        if kept[0].starts_with(CRASH) {
            return;
        }
        kept.pop_front();
    }
    kept.push_back(line.trim().to_owned());
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(lines: &[&str]) -> Vec<String> {
        let mut kept = VecDeque::new();
        for line in lines {
            keep(&mut kept, line);
        }
        kept.into()
    }

    #[test]
    fn the_last_lines_are_kept() {
        let lines: Vec<String> = (0..KEPT_LINES + 10).map(|n| n.to_string()).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(kept(&lines), lines[10..]);
    }

    #[test]
    fn of_a_crash_in_python_its_beginning_is_kept() {
        let mut lines = vec!["a line before", "Fatal Python error: Aborted", ""];
        lines.push("Current thread 0x01 (most recent call first):");
        lines.extend(["  File \"a.py\", line 1 in f"; KEPT_LINES]);
        lines.push("Extension modules: numpy (total: 1)");
        let kept = kept(&lines);
        assert_eq!(kept.len(), KEPT_LINES);
        assert_eq!(kept[0], "Fatal Python error: Aborted");
        assert_eq!(kept[2], "File \"a.py\", line 1 in f");
    }
}
