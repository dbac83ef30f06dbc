//! One worker process: started, asked for one task after the other, replaced when it crashes.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use epycloud_config::{EngineName, Environment};
use epycloud_errors::ExitCode;
use epycloud_stages::worker::{Answer, PROTOCOL_VERSION, Request};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::death::Death;
use super::log::{self, lock, read_log};
use crate::container::{Apptainer, Container, Containers};
use crate::error::OrchestratorError;
use crate::event::{Event, Observer};

/// The variable that says how many threads a task may use.
const THREADS: &str = "EPYCLOUD_THREADS";
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
    containers: Option<Containers>,
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
            containers: None,
        }
    }

    /// Workers in containers. `environment` is that of the stages on this machine, and the
    /// client's.
    #[must_use]
    pub fn in_containers(containers: Containers, environment: Environment) -> Self {
        Self {
            program: Containers::program().into(),
            arguments: Vec::new(),
            environment: containers.environment(environment),
            containers: Some(containers),
        }
    }

    /// Workers in an Apptainer image; `environment` is that of the stages.
    #[must_use]
    pub fn in_apptainer(apptainer: &Apptainer, environment: &Environment) -> Self {
        let (program, mut arguments) = apptainer.command();
        arguments.push("worker".into());
        Self {
            program,
            arguments,
            environment: apptainer.environment(environment),
            containers: None,
        }
    }

    /// The containers, where workers are in such.
    pub(crate) fn containers(&self) -> Option<&Containers> {
        self.containers.as_ref()
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

    /// The command, and the container that it starts, if it is one's client.
    fn command(&self) -> (Command, Option<Container>) {
        let mut command = Command::new(&self.program);
        let container = self.containers.as_ref().map(|containers| {
            let (container, arguments) = containers.next(&self.environment);
            command.args(arguments);
            container
        });
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
        (command, container)
    }
}

/// A running worker.
pub(crate) struct Worker {
    process: Child,
    requests: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    log: log::Lines,
    log_reader: JoinHandle<()>,
    container: Option<Container>,
    /// The process that does the work, as this machine numbers it; none if that isn't known.
    works: Option<u32>,
}

/// What a worker says of itself.
#[derive(Debug, Clone)]
pub(crate) struct Introduction {
    /// The engine.
    pub(crate) engine: EngineName,
    /// Its version.
    pub(crate) version: String,
    /// Versions of what does the modelling.
    pub(crate) versions: BTreeMap<String, String>,
}

impl Worker {
    /// Starts a worker and waits until it is ready.
    pub(crate) async fn start(
        command: &WorkerCommand,
        observer: &Arc<dyn Observer>,
    ) -> Result<(Self, Introduction), OrchestratorError> {
        let failed = |source| OrchestratorError::Start {
            program: command.program.clone(),
            source,
        };
        let (mut started, container) = command.command();
        let mut process = started.spawn().map_err(failed)?;
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
            container,
            works: None,
        };
        match worker.next_answer().await {
            Ok(Answer::Ready {
                protocol: PROTOCOL_VERSION,
                engine,
                engine_version: version,
                versions,
                ..
            }) => {
                worker.works = match &worker.container {
                    Some(container) => container.process().await,
                    None => worker.process.id(),
                };
                let introduction = Introduction {
                    engine,
                    version,
                    versions,
                };
                Ok((worker, introduction))
            }
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

    /// The number of the process that does the work; 0 where it isn't known.
    pub(crate) fn process_id(&self) -> u32 {
        self.works.unwrap_or(0)
    }

    /// What the record calls it: its container, or its process.
    pub(crate) fn name(&self) -> String {
        match &self.container {
            Some(container) => container.name().to_owned(),
            None => self.process_id().to_string(),
        }
    }

    /// The last lines of its log since the task began.
    pub(crate) async fn log(&self) -> Vec<String> {
        // A line and the answer come through different pipes.
        sleep(LOG_LAG).await;
        lock(&self.log).iter().cloned().collect()
    }

    /// Ends the worker at once.
    pub(crate) async fn kill(&mut self) {
        // The client alone would leave its container at work.
        if let Some(container) = &self.container {
            container.remove().await;
        }
        let _ = self.process.kill().await;
    }

    /// Has a task or a stage run to its end; its progress goes to the observer.
    pub(crate) async fn ask(
        &mut self,
        request: &Request,
        observer: &dyn Observer,
    ) -> Result<Answer, Death> {
        match self.last_answer(request, observer).await {
            Ok(answer) => Ok(answer),
            Err(reason) => Err(self.obituary(&reason).await),
        }
    }

    async fn last_answer(
        &mut self,
        request: &Request,
        observer: &dyn Observer,
    ) -> Result<Answer, String> {
        self.request(request).await?;
        loop {
            match self.answer(observer).await? {
                Answer::Simulated { .. } => {}
                answer => return Ok(answer),
            }
        }
    }

    /// Sends a request; what is wrong if the worker doesn't listen any more.
    pub(crate) async fn request(&mut self, request: &Request) -> Result<(), String> {
        lock(&self.log).clear();
        let request = request.to_line();
        let sent = self.requests.write_all(request.as_bytes()).await;
        sent.map_err(|_| "its input is closed".to_owned())
    }

    /// The next answer but progress, which goes to the observer; what is wrong if none comes.
    /// Waiting for it can be given up and begun again.
    pub(crate) async fn answer(&mut self, observer: &dyn Observer) -> Result<Answer, String> {
        loop {
            match self.next_answer().await? {
                Answer::Progress { task, done, of } => {
                    observer.notify(&Event::TaskAdvanced { task, done, of });
                }
                answer => return Ok(answer),
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
    pub(crate) async fn obituary(&mut self, reason: &str) -> Death {
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
        match (ended, &self.container) {
            (Err(_), _) => Death::unknown(reason),
            (Ok(status), Some(container)) => Death {
                outgrew_container: container.ran_out_of_memory().await,
                ..Death::in_container(status)
            },
            (Ok(status), None) => Death::of(status),
        }
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
