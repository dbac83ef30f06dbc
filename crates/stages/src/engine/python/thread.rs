//! The thread on which Python runs.
//!
//! A process has one interpreter, and everything in it happens on one thread: the one that
//! started it, which is what Python takes for its main thread (libraries that set signal handlers
//! or open windows insist on that). The others send it work and wait. While they wait they can
//! serve it: hand over results that were read meanwhile, and take files.

use std::ffi::c_long;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use pyo3::{PyErr, Python};
use tracing::Span;

use super::super::StopSignal;
use super::environment::PythonEnvironment;
use super::error::PythonError;
use super::interpreter::Interpreter;

/// Recursion and compilers (numba's among them) need more than a thread has by default; what
/// isn't used costs nothing.
const STACK_BYTES: usize = 64 << 20;

static THREAD: Mutex<Option<Arc<PythonThread>>> = Mutex::new(None);

/// What runs on the thread: it is given the interpreter, or why there is none.
type Job = Box<dyn FnOnce(Result<&Interpreter, &Arc<PythonError>>) + Send>;

/// The thread on which Python runs, with what it is sent.
pub(super) struct PythonThread {
    python: PythonEnvironment,
    jobs: Mutex<Sender<Job>>,
    shared: Arc<Shared>,
}

/// What the thread and those who talk to it both see.
#[derive(Default)]
pub(super) struct Shared {
    /// Set once, when the process is asked to stop.
    stopped: OnceLock<StopSignal>,
    /// `threading.get_ident()` of the thread, once Python runs.
    ident: OnceLock<c_long>,
    /// The span of the work that is going on, for events from threads that Python has started.
    span: Mutex<Option<Span>>,
}

/// Why work on the thread failed.
pub(super) enum Failure {
    /// Python raised.
    Raised(PyErr),
    /// Something of ours.
    Other(PythonError),
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Raised(error)
    }
}

impl From<PythonError> for Failure {
    fn from(error: PythonError) -> Self {
        Self::Other(error)
    }
}

impl Shared {
    /// Runs something in the span of the work that is going on.
    pub(super) fn in_span(&self, work: impl FnOnce()) {
        if Span::current().is_none() {
            let span = lock(&self.span).clone();
            if let Some(span) = span {
                return span.in_scope(work);
            }
        }
        work();
    }

    pub(super) fn set_ident(&self, ident: c_long) {
        let _ = self.ident.set(ident);
    }

    /// Whether Python is at work on something.
    fn is_busy(&self) -> bool {
        lock(&self.span).is_some()
    }

    /// How the process was asked to stop, if it was.
    pub(super) fn stopped(&self) -> Option<StopSignal> {
        self.stopped.get().copied()
    }
}

impl PythonThread {
    /// The process's thread, started if there is none yet. Returns at once: the interpreter
    /// starts and imports while the caller goes on.
    pub(super) fn start(python: &PythonEnvironment) -> Result<Arc<Self>, PythonError> {
        let mut running = lock(&THREAD);
        if let Some(thread) = &*running {
            return if thread.python.executable == python.executable {
                Ok(Arc::clone(thread))
            } else {
                Err(PythonError::SecondInterpreter {
                    started: thread.python.executable.clone(),
                    asked: python.executable.clone(),
                })
            };
        }
        let (jobs, queue) = channel();
        let shared = Arc::new(Shared::default());
        let (environment, span) = (python.clone(), Span::current());
        let for_thread = Arc::clone(&shared);
        thread::Builder::new()
            .name("python".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || serve(&environment, &for_thread, &queue, &span))
            .map_err(|error| PythonError::Start {
                message: error.to_string(),
            })?;
        let thread = Arc::new(Self {
            python: python.clone(),
            jobs: Mutex::new(jobs),
            shared,
        });
        *running = Some(Arc::clone(&thread));
        Ok(thread)
    }

    /// Runs something on the thread and waits for it.
    pub(super) fn call<R: Send + 'static>(
        &self,
        doing: impl Into<String>,
        work: impl FnOnce(Python<'_>, &Interpreter) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, PythonError> {
        self.send(doing, work).wait()
    }

    /// Has something run on the thread; its outcome is asked for later.
    pub(super) fn send<R: Send + 'static>(
        &self,
        doing: impl Into<String>,
        work: impl FnOnce(Python<'_>, &Interpreter) -> Result<R, Failure> + Send + 'static,
    ) -> Pending<R> {
        let (reply, outcome) = channel();
        let (doing, span, shared) = (doing.into(), Span::current(), Arc::clone(&self.shared));
        let job: Job = Box::new(move |interpreter| {
            let interpreter = match interpreter {
                Ok(interpreter) => interpreter,
                Err(source) => {
                    let source = Arc::clone(source);
                    let _ = reply.send(Err(PythonError::NotStarted { source }));
                    return;
                }
            };
            *lock(&shared.span) = Some(span.clone());
            let result = span.in_scope(|| interpreter.run(&shared, &doing, work));
            *lock(&shared.span) = None;
            // Nobody waits any more when the stage has given up.
            let _ = reply.send(result);
        });
        let _ = lock(&self.jobs).send(job);
        Pending(outcome)
    }

    /// Stops what is going on and everything that comes after it, and waits for that.
    pub(super) fn stop(self: &Arc<Self>, signal: StopSignal, wait: Duration) {
        if self.shared.stopped.set(signal).is_err() {
            return;
        }
        let (idle, is_idle) = channel();
        let _ = lock(&self.jobs).send(Box::new(move |_| {
            let _ = idle.send(());
        }));
        // On a thread of its own, because native code may keep the interpreter to itself.
        let shared = Arc::clone(&self.shared);
        thread::spawn(move || {
            if let Some(ident) = shared.ident.get()
                && shared.is_busy()
            {
                Python::attach(|py| Interpreter::raise_stopped(py, *ident));
            }
        });
        let _ = is_idle.recv_timeout(wait);
    }

    /// The process's thread, if it has one.
    pub(super) fn running() -> Option<Arc<Self>> {
        lock(&THREAD).clone()
    }
}

/// The outcome of work that was sent to the thread.
pub(super) struct Pending<R>(Receiver<Result<R, PythonError>>);

impl<R> Pending<R> {
    /// Waits for it.
    pub(super) fn wait(self) -> Result<R, PythonError> {
        self.0.recv().unwrap_or_else(|_| {
            Err(PythonError::Thread {
                message: "it no longer answers".to_owned(),
            })
        })
    }
}

/// The thread's life: starts Python, then does what it is sent.
fn serve(python: &PythonEnvironment, shared: &Arc<Shared>, queue: &Receiver<Job>, span: &Span) {
    let started = span.in_scope(|| {
        catch_unwind(AssertUnwindSafe(|| Interpreter::start(python, shared))).unwrap_or_else(
            |panic| {
                Err(PythonError::Thread {
                    message: message(panic.as_ref()),
                })
            },
        )
    });
    let interpreter = started.map_err(Arc::new);
    while let Ok(job) = queue.recv() {
        job(interpreter.as_ref());
    }
}

/// What a panic said.
pub(super) fn message(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it says nothing".to_owned())
}

/// What is behind a lock stays usable when somebody panicked while holding it: each is replaced
/// as a whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
