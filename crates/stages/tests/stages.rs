//! The stages with an engine that does as it is told, over a storage in memory.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use epycloud_config::yaml::Document;
use epycloud_config::{DirPrefix, EngineName, ExperimentFiles, SuiteBehaviour, TaskIndex};
use epycloud_errors::{Diagnose, ExitCode};
use epycloud_stages::artifact::{Artifact, Payload};
use epycloud_stages::engine::{
    Build, BuiltTask, Check, CheckDepth, DataSources, OutputSummary, ResultStream, TaskResult,
    TaskWatch,
};
use epycloud_stages::telemetry::{Configuration, ModelSummary};
use epycloud_stages::{
    Engine, EngineFailure, Progress, StageError, StageRun, StageSettings, TaskList, Unwatched,
    engine::FileSink, run_builder, run_output, run_runner,
};
use epycloud_storage::{LoadOptions, RunLayout, SaveOptions, Storage};

/// What the engine does out of the ordinary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Trick {
    #[default]
    None,
    /// Building this task fails.
    FailsToBuild(u32),
    /// It builds one task fewer than it says.
    BuildsTooFew,
    /// It builds no task.
    BuildsNothing,
    /// Running a task fails in a way that may pass.
    FailsForNow,
    /// Running a task panics.
    Panics,
    /// It fails after it has written.
    FailsToFinish,
    /// It names a file that would lie elsewhere.
    WritesElsewhere,
}

#[derive(Debug, Clone, Copy, Default)]
struct Obedient {
    trick: Trick,
    n: u32,
}

#[derive(Debug, thiserror::Error)]
#[error("as it was told")]
struct AsTold(ExitCode);

impl Diagnose for AsTold {
    fn exit_code(&self) -> ExitCode {
        self.0
    }
}

fn told(code: ExitCode) -> EngineFailure {
    EngineFailure::new(AsTold(code))
}

impl Engine for Obedient {
    fn name(&self) -> EngineName {
        EngineName::Native
    }

    fn version(&self) -> String {
        "1".to_owned()
    }

    fn versions(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("obedient".to_owned(), self.version())])
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
        let trick = self.trick;
        let built = match trick {
            Trick::BuildsTooFew => self.n - 1,
            Trick::BuildsNothing => 0,
            _ => self.n,
        };
        let tasks = (0..built).map(move |index| {
            if trick == Trick::FailsToBuild(index) {
                return Err(told(ExitCode::Failed));
            }
            Ok(BuiltTask {
                // not the index, so that one is not taken for the other
                primary_id: 100 + index,
                population: format!("place {index}"),
                seed: None,
                delta_t: None,
                payload: Payload::plain(&index).unwrap(),
            })
        });
        Ok(Build {
            workflow: "simulation".to_owned(),
            n: if trick == Trick::BuildsNothing {
                0
            } else {
                self.n
            },
            tasks: Box::new(tasks),
            configuration: Configuration::default(),
            warnings: vec!["odd".to_owned()],
        })
    }

    fn run(
        &self,
        input: &Artifact,
        watch: &mut dyn TaskWatch,
    ) -> Result<TaskResult, EngineFailure> {
        match self.trick {
            Trick::FailsForNow => return Err(told(ExitCode::Temporary)),
            Trick::Panics => panic!("no task can be {}", "run"),
            _ => {}
        }
        let index: u32 = input.payload.to_plain().unwrap();
        watch.progress(1, 1);
        Ok(TaskResult {
            payload: Payload::plain(&(index * 2)).unwrap(),
            summary: ModelSummary::default(),
        })
    }

    fn output(
        &self,
        _: &Document,
        results: &mut dyn ResultStream,
        sink: &mut dyn FileSink,
    ) -> Result<OutputSummary, EngineFailure> {
        if self.trick == Trick::WritesElsewhere {
            sink.write("../elsewhere.csv", Vec::new())?;
        }
        while let Some(result) = results.next()? {
            let number: u32 = result.payload.to_plain().unwrap();
            sink.write("numbers.csv", format!("{number}\n").into_bytes())?;
        }
        let missing: Vec<_> = results.missing().iter().map(|task| task.index).collect();
        sink.write("missing.csv", format!("{missing:?}\n").into_bytes())?;
        if self.trick == Trick::FailsToFinish {
            return Err(told(ExitCode::Failed));
        }
        Ok(OutputSummary::default())
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../test-support/fixtures/forecast")
}

fn run_with(engine: Obedient) -> StageRun {
    let (exp_id, run_id) = ("tiny".parse().unwrap(), "r1".parse().unwrap());
    StageRun {
        layout: RunLayout::new(&DirPrefix::default(), &exp_id, &run_id),
        settings: StageSettings {
            exp_id,
            run_id,
            run_id_is_new: false,
            sources: DataSources {
                repository: repository(),
                population_data: None,
                data_tables: None,
                suite_behaviour: SuiteBehaviour::Latest,
            },
            num_tasks: None,
            output_config_file: None,
            allow_partial_results: false,
            known_failures: BTreeMap::new(),
        },
        storage: Storage::in_memory(),
        engine: Arc::new(engine),
        progress: Arc::new(Unwatched),
    }
}

fn with_trick(run: &StageRun, trick: Trick) -> StageRun {
    StageRun {
        engine: Arc::new(Obedient { trick, n: 4 }),
        ..run.clone()
    }
}

async fn built() -> StageRun {
    let run = run_with(Obedient {
        n: 4,
        trick: Trick::None,
    });
    run_builder(&run).await.unwrap();
    run
}

async fn finished() -> StageRun {
    let run = built().await;
    for index in 0..4 {
        run_runner(&run, TaskIndex::new(index)).await.unwrap();
    }
    run
}

async fn text(run: &StageRun, name: &str) -> String {
    let path = format!("{}/{name}", run.layout.root()).parse().unwrap();
    let bytes = run
        .storage
        .load_bytes(&path, &LoadOptions::default())
        .await
        .unwrap();
    String::from_utf8(bytes).unwrap()
}

async fn outputs(run: &StageRun) -> Vec<String> {
    let found = run.storage.list(&run.layout.all_outputs()).await.unwrap();
    found
        .into_iter()
        .map(|object| object.path.to_string())
        .collect()
}

#[tokio::test]
async fn results_reach_the_engine_in_order_and_files_are_stored_as_they_grow() {
    let run = finished().await;
    let report = run_output(&run).await.unwrap();
    let folder = format!("outputs/{}", report.folder);
    assert_eq!(
        text(&run, &format!("{folder}/numbers.csv")).await,
        "0\n2\n4\n6\n"
    );
    assert_eq!(text(&run, &format!("{folder}/missing.csv")).await, "[]\n");
    assert!(!report.is_partial());
}

#[tokio::test]
async fn the_engine_is_told_which_tasks_are_missing() {
    let mut run = finished().await;
    run.storage
        .delete(&run.layout.result(TaskIndex::new(1), 4))
        .await
        .unwrap();
    run.settings.allow_partial_results = true;
    let report = run_output(&run).await.unwrap();
    let folder = format!("outputs/{}", report.folder);
    assert_eq!(
        text(&run, &format!("{folder}/numbers.csv")).await,
        "0\n4\n6\n"
    );
    assert_eq!(text(&run, &format!("{folder}/missing.csv")).await, "[1]\n");
    assert_eq!(report.missing[0].primary_id, 101);
    assert_eq!(report.missing[0].population, "place 1");
}

#[tokio::test]
async fn all_missing_results_are_named_even_if_the_engine_stops_at_the_first() {
    let run = finished().await;
    for index in [0, 3] {
        run.storage
            .delete(&run.layout.result(TaskIndex::new(index), 4))
            .await
            .unwrap();
    }
    let broken = run.layout.result(TaskIndex::new(2), 4);
    run.storage
        .save_bytes(&broken, b"torn".to_vec(), &SaveOptions::as_is())
        .await
        .unwrap();
    match run_output(&run).await.unwrap_err() {
        StageError::Results { missing, n: 4 } => {
            let causes: Vec<_> = missing
                .iter()
                .map(|task| (task.index, task.cause.as_str()))
                .collect();
            assert_eq!(causes, [(0, "missing"), (2, "corrupt"), (3, "missing")]);
        }
        error => panic!("{error}"),
    }
    assert_eq!(outputs(&run).await, [""; 0]);
}

#[tokio::test]
async fn a_build_that_fails_half_way_does_not_count() {
    let run = run_with(Obedient {
        n: 4,
        trick: Trick::FailsToBuild(2),
    });
    let error = run_builder(&run).await.unwrap_err();
    assert!(matches!(error, StageError::Engine { .. }), "{error}");
    let error = run_runner(&run, TaskIndex::new(0)).await.unwrap_err();
    assert!(matches!(error, StageError::NotBuilt { .. }), "{error}");
    assert!(
        text(&run, "summaries/json/builder_summary.json")
            .await
            .contains("as it was told")
    );
}

#[tokio::test]
async fn an_engine_that_miscounts_is_caught() {
    let error = run_builder(&run_with(Obedient {
        n: 4,
        trick: Trick::BuildsTooFew,
    }))
    .await;
    assert!(
        matches!(
            error,
            Err(StageError::TaskCount {
                announced: 4,
                built: 3
            })
        ),
        "{error:?}"
    );
    let error = run_builder(&run_with(Obedient {
        n: 4,
        trick: Trick::BuildsNothing,
    }))
    .await;
    assert!(
        matches!(error, Err(StageError::NoTasks { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_engines_exit_code_is_the_stages() {
    let run = with_trick(&built().await, Trick::FailsForNow);
    let error = run_runner(&run, TaskIndex::new(0)).await.unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Temporary);
    assert_eq!(
        epycloud_errors::chain(&error),
        ["the native engine could not run task 0", "as it was told"]
    );
}

#[tokio::test]
async fn a_panic_in_the_engine_is_an_error_of_the_task() {
    let run = with_trick(&built().await, Trick::Panics);
    let error = run_runner(&run, TaskIndex::new(0)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "a bug: running a task stopped unexpectedly: no task can be run"
    );
    assert!(
        text(&run, "summaries/json/runner_00000_summary.json")
            .await
            .contains("\"failed\"")
    );
}

#[tokio::test]
async fn files_of_an_engine_that_fails_do_not_appear() {
    let run = with_trick(&finished().await, Trick::FailsToFinish);
    let error = run_output(&run).await.unwrap_err();
    assert!(matches!(error, StageError::Engine { .. }), "{error}");
    assert_eq!(outputs(&run).await, [""; 0]);
}

#[tokio::test]
async fn an_engine_cannot_write_outside_of_its_folder() {
    let run = with_trick(&finished().await, Trick::WritesElsewhere);
    let error = run_output(&run).await.unwrap_err();
    assert!(
        epycloud_errors::chain(&error)[1].contains("`../elsewhere.csv`"),
        "{error:?}"
    );
    assert_eq!(outputs(&run).await, [""; 0]);
}

#[tokio::test]
async fn a_list_of_tasks_tells_which_have_to_run_again_and_why() {
    let run = finished().await;
    run.storage
        .delete(&run.layout.result(TaskIndex::new(1), 4))
        .await
        .unwrap();
    let list = TaskList::load(&run).await.unwrap();
    let mut again = Vec::new();
    for task in &list.manifest.tasks {
        if let Err(problem) = list.result(&run, task).await {
            again.push((task.index, problem.cause().as_str()));
        }
    }
    assert_eq!(again, [(1, "missing")]);
}

/// Counts what it is told.
#[derive(Default)]
struct Counting {
    built: AtomicU32,
    simulated: AtomicU32,
    read: Mutex<Vec<(u32, u32)>>,
}

impl Progress for Counting {
    fn built(&self, done: u32, of: u32) {
        assert_eq!(of, 4);
        self.built.store(done, Ordering::Relaxed);
    }

    fn simulated(&self, _: TaskIndex, _: u32, _: u32) {
        self.simulated.fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self, done: u32, of: u32) {
        self.read.lock().unwrap().push((done, of));
    }
}

#[tokio::test]
async fn whoever_watches_is_told_how_far_every_stage_is() {
    let counting = Arc::new(Counting::default());
    let run = run_with(Obedient {
        n: 4,
        trick: Trick::None,
    })
    .with_progress(Arc::clone(&counting) as Arc<dyn Progress>);
    run_builder(&run).await.unwrap();
    for index in 0..4 {
        run_runner(&run, TaskIndex::new(index)).await.unwrap();
    }
    run_output(&run).await.unwrap();
    assert_eq!(counting.built.load(Ordering::Relaxed), 4);
    assert_eq!(counting.simulated.load(Ordering::Relaxed), 4);
    assert_eq!(
        *counting.read.lock().unwrap(),
        [(1, 4), (2, 4), (3, 4), (4, 4)]
    );
}

#[tokio::test]
async fn a_report_says_what_was_written_and_what_was_there() {
    let run = run_with(Obedient {
        n: 4,
        trick: Trick::None,
    });
    let first = run_builder(&run).await.unwrap();
    assert_eq!((first.n, first.written, first.unchanged), (4, 4, false));
    assert_eq!(first.warnings, ["odd"]);
    let second = run_builder(&run).await.unwrap();
    assert_eq!((second.n, second.written, second.unchanged), (4, 0, true));
    assert_eq!(first.manifest_sha256, second.manifest_sha256);
}
