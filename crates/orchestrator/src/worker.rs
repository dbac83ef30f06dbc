//! One worker process: started, asked for one task after the other, replaced when it crashes.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use epycloud_config::Environment;
use epycloud_errors::ExitCode;
use epycloud_stages::worker::{Answer, PROTOCOL_VERSION, Request};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use crate::error::OrchestratorError;
use crate::event::{Event, Observer};

/// How many of a worker's last log lines are kept, for the message when it crashes.
const KEPT_LINES: usize = 8;

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
        command
    }
}

/// What came of a request.
pub(crate) enum Served {
    /// The worker's last word on the task.
    Answer(Answer),
    /// The worker ended before it had one.
    Crashed(String),
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
                let reason = worker.obituary(&reason).await;
                Err(not_serving(command, reason, None, ExitCode::Failed))
            }
        }
    }

    /// Has a task run; its progress goes to the observer.
    pub(crate) async fn run(&mut self, task: u32, observer: &dyn Observer) -> Served {
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

    /// How the worker ended and what it said last.
    async fn obituary(&mut self, reason: &str) -> String {
        let _ = self.process.start_kill();
        let end = self
            .process
            .wait()
            .await
            .map_or_else(|_| reason.to_owned(), describe);
        // The pipe closes with the process, so the reader comes to its end.
        let _ = (&mut self.log_reader).await;
        let last: Vec<String> = lock(&self.log).iter().cloned().collect();
        if last.is_empty() {
            end
        } else {
            format!("{end}; its last words: {}", last.join(" / "))
        }
    }
}

fn describe(status: ExitStatus) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if let Some(signal) = status.signal() {
            return format!("the worker was ended by signal {signal}");
        }
    }
    status.code().map_or_else(
        || "the worker ended".to_owned(),
        |code| format!("the worker ended with exit code {code}"),
    )
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
        let lines: Vec<String> = (0..20).map(|number| number.to_string()).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(kept(&lines), lines[20 - KEPT_LINES..]);
    }

    #[test]
    fn of_a_crash_in_python_its_beginning_is_kept() {
        let mut lines = vec!["a line before", "Fatal Python error: Aborted", ""];
        lines.push("Current thread 0x01 (most recent call first):");
        lines.extend(["  File \"a.py\", line 1 in f"; 20]);
        lines.push("Extension modules: numpy (total: 1)");
        let kept = kept(&lines);
        assert_eq!(kept.len(), KEPT_LINES);
        assert_eq!(kept[0], "Fatal Python error: Aborted");
        assert_eq!(kept[2], "File \"a.py\", line 1 in f");
    }
}
