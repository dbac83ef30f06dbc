//! What the orchestrator costs: tasks that do nothing, in workers that only answer.

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use epycloud_config::yaml::Document;
use epycloud_config::{EngineName, Environment, ExperimentFiles, RuntimeSettings, Stage};
use epycloud_orchestrator::{
    Event, Executor, LogTap, Observer, PoolOptions, RetryPolicy, Stop, WorkerCommand, Workflow,
    WorkflowOptions,
};
use epycloud_stages::artifact::{Artifact, Payload};
use epycloud_stages::engine::{
    Build, BuiltTask, Check, CheckDepth, DataSources, FileSink, OutputSummary, ResultStream,
    TaskResult, TaskWatch,
};
use epycloud_stages::telemetry::Configuration;
use epycloud_stages::worker::{Answer, PROTOCOL_VERSION, Request};
use epycloud_stages::{Engine, EngineFailure, StageRun};
use epycloud_storage::Storage;

use crate::failure::Failure;
use crate::program::root;
use crate::table::{Table, Target};

/// The argument that makes this program a worker; the orchestrator gives it.
pub(crate) const WORKER: &str = "worker";

const FEW: u32 = 1_000;
const MANY: u32 = 100_000;
const CORES: f64 = 2.0;

/// Answers every request at once.
pub(crate) fn serve() {
    let mut output = std::io::stdout().lock();
    let mut say = |answer: &Answer| {
        // Nobody listens any more: there is nothing left to do.
        let _ = output.write_all(answer.to_line().as_bytes());
        let _ = output.flush();
    };
    say(&Answer::Ready {
        protocol: PROTOCOL_VERSION,
        process_id: std::process::id(),
        engine: EngineName::Native,
        engine_version: "none".to_owned(),
        versions: BTreeMap::new(),
    });
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        if let Ok(Request::Run { task }) = serde_json::from_str(&line) {
            say(&Answer::Done {
                task,
                population: String::new(),
                duration_secs: 0.0,
                peak_memory_mib: 1.0,
                bytes: 0,
            });
        }
    }
}

/// An engine whose tasks are empty.
struct Nothing(u32);

impl Engine for Nothing {
    fn name(&self) -> EngineName {
        EngineName::Native
    }

    fn version(&self) -> String {
        "none".to_owned()
    }

    fn versions(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("bench".to_owned(), "1".to_owned())])
    }

    fn check(
        &self,
        _: &ExperimentFiles,
        _: &DataSources,
        _: CheckDepth,
    ) -> Result<Check, EngineFailure> {
        Ok(Check::default())
    }

    fn build(&self, _: &ExperimentFiles, _: &DataSources) -> Result<Build, EngineFailure> {
        let task = |primary_id| BuiltTask {
            primary_id,
            population: "Nowhere".to_owned(),
            seed: None,
            delta_t: None,
            payload: Payload {
                codec: "none".to_owned(),
                bytes: Vec::new(),
            },
        };
        Ok(Build {
            workflow: "simulation".to_owned(),
            n: self.0,
            tasks: Box::new((0..self.0).map(move |index| Ok(task(index)))),
            configuration: Configuration::default(),
            warnings: Vec::new(),
        })
    }

    fn run(&self, _: &Artifact, _: &mut dyn TaskWatch) -> Result<TaskResult, EngineFailure> {
        Err(EngineFailure::new(Unused))
    }

    fn output(
        &self,
        _: &Document,
        _: &mut dyn ResultStream,
        _: &mut dyn FileSink,
    ) -> Result<OutputSummary, EngineFailure> {
        Err(EngineFailure::new(Unused))
    }
}

/// Tasks run in the workers, and there are no outputs.
#[derive(Debug, thiserror::Error)]
#[error("a task that does nothing has nothing to do")]
struct Unused;

impl epycloud_errors::Diagnose for Unused {}

/// Notes the memory of this process when stage B begins and when it ends.
#[derive(Default)]
struct Memory(std::sync::Mutex<Measured>);

#[derive(Default, Clone, Copy)]
struct Measured {
    before_mib: f64,
    after_mib: f64,
    seconds: f64,
}

impl Observer for Memory {
    fn notify(&self, event: &Event) {
        let Ok(mut measured) = self.0.lock() else {
            return;
        };
        match event {
            Event::StageStarted {
                stage: Stage::Runner,
                ..
            } => measured.before_mib = resident_mib(),
            Event::StageFinished {
                stage: Stage::Runner,
                duration_secs,
            } => {
                measured.after_mib = resident_mib();
                measured.seconds = *duration_secs;
            }
            _ => {}
        }
    }
}

/// Memory that this process holds, in MiB.
fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|value| value.split_whitespace().next()?.parse::<f64>().ok())
        .map_or(0.0, |kib| kib / 1024.0)
}

/// Measures the time and the memory that tasks cost the orchestrator.
pub(crate) fn run() -> Result<Table, Failure> {
    let mut table = Table::new("tasks: the orchestrator's own cost, with tasks that do nothing");
    table.note("two workers that only answer; the run is kept in memory");
    let few = measure(FEW)?;
    let many = measure(MANY)?;
    table.row(
        format!("a task of {FEW}, on two cores"),
        CORES * few.seconds * 1e3 / f64::from(FEW),
        "ms",
        Target::AtMost(2.0),
    );
    table.row(
        format!("a task of {MANY}, on two cores"),
        CORES * many.seconds * 1e3 / f64::from(MANY),
        "ms",
        Target::AtMost(2.0),
    );
    for (n, measured, target) in [(FEW, few, Target::None), (MANY, many, Target::AtMost(50.0))] {
        table.row(
            format!("memory that {n} tasks add while they run"),
            (measured.after_mib - measured.before_mib).max(0.0),
            "MiB",
            target,
        );
    }
    Ok(table)
}

fn measure(n: u32) -> Result<Measured, Failure> {
    let unexpected = |reason: String| Failure::Answer {
        program: "the orchestrator".to_owned(),
        reason,
    };
    let folder = tempfile::tempdir().map_err(|source| Failure::Run {
        program: "a temporary folder".to_owned(),
        source,
    })?;
    let environment = Environment::from_pairs([
        ("EXECUTION_MODE", "local".to_owned()),
        ("EXP_ID", "quickstart".to_owned()),
        ("RUN_ID", format!("tasks-{n}")),
        (
            "FORECAST_REPO_DIR",
            root().join("examples/quickstart").display().to_string(),
        ),
        ("LOCAL_DATA_PATH", folder.path().display().to_string()),
    ]);
    let settings = RuntimeSettings::from_environment(&environment)
        .map_err(|error| unexpected(error.to_string()))?;
    let run = StageRun::from_runtime(&settings, Stage::Builder)
        .map_err(|error| unexpected(error.to_string()))?;
    let program = std::env::current_exe().map_err(|source| Failure::Run {
        program: "this program".to_owned(),
        source,
    })?;
    let workflow = Workflow {
        run: StageRun {
            storage: Storage::in_memory(),
            engine: Arc::new(Nothing(n)),
            ..run
        },
        executor: Executor::Local {
            worker: WorkerCommand::new(program, environment),
            pool: PoolOptions {
                max_parallelism: NonZeroUsize::MIN.saturating_add(1),
                task_timeout: Some(Duration::from_secs(60)),
                task_memory_mib: None,
                retries: RetryPolicy::default(),
            },
        },
        options: WorkflowOptions {
            skip_output: true,
            ..WorkflowOptions::default()
        },
        stop: Stop::default(),
        log: LogTap::default(),
    };
    let memory = Arc::new(Memory::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| unexpected(error.to_string()))?;
    runtime
        .block_on(workflow.execute(Arc::clone(&memory) as Arc<dyn Observer>))
        .map_err(|error| unexpected(error.to_string()))?;
    let measured = memory.0.lock().map(|measured| *measured);
    measured.map_err(|error| unexpected(error.to_string()))
}
