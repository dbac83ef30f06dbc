//! What the pool makes of workers that do odd things, with a worker that is a shell script.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]
#![cfg(unix)]

use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use epycloud_config::{Environment, RuntimeSettings, Stage};
use epycloud_orchestrator::record::{Attempt, Outcome, RunStore};
use epycloud_orchestrator::{
    Executor, LogTap, OrchestratorError, PoolOptions, RetryPolicy, Stop, Unobserved, WorkerCommand,
    Workflow, WorkflowOptions,
};
use epycloud_stages::StageRun;
use epycloud_stages::worker::PROTOCOL_VERSION;
use epycloud_storage::Storage;

/// Runs the quickstart's two tasks in one worker that answers as `answers` says: the branches of a
/// shell's `case`, over the requests.
fn run(folder: &Path, answers: &str) -> (Result<u32, OrchestratorError>, Vec<Attempt>) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/quickstart");
    let environment = Environment::from_pairs([
        ("EXECUTION_MODE", "local".to_owned()),
        ("EXP_ID", "quickstart".to_owned()),
        ("RUN_ID", "odd".to_owned()),
        ("FORECAST_REPO_DIR", repository.display().to_string()),
        ("LOCAL_DATA_PATH", folder.display().to_string()),
    ]);
    let settings = RuntimeSettings::from_environment(&environment).unwrap();
    let run = StageRun {
        storage: Storage::in_memory(),
        ..StageRun::from_runtime(&settings, Stage::Builder).unwrap()
    };
    let store = RunStore::new(run.storage.clone(), run.layout.clone());
    let workflow = Workflow {
        run,
        executor: Executor::Local {
            worker: WorkerCommand::new(script(folder, answers), environment),
            pool: PoolOptions {
                max_parallelism: NonZeroUsize::MIN,
                task_timeout: Some(Duration::from_secs(60)),
                task_memory_mib: None,
                retries: RetryPolicy {
                    infrastructure: 0,
                    application: 0,
                    delay: Duration::ZERO,
                },
            },
        },
        options: WorkflowOptions {
            skip_output: true,
            ..WorkflowOptions::default()
        },
        stop: Stop::default(),
        log: LogTap::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let ended = workflow.execute(Arc::new(Unobserved)).await;
        let mut attempts = Vec::new();
        for session in store.sessions().await.unwrap() {
            let id = &session.session.id;
            store.attempts(id, |one| attempts.push(one)).await.unwrap();
        }
        (ended.map(|report| report.ran), attempts)
    })
}

fn script(folder: &Path, answers: &str) -> std::path::PathBuf {
    let ready = format!(
        r#"{{"type":"ready","protocol":{PROTOCOL_VERSION},"process_id":1,"engine":"native","engine_version":"1","versions":{{}}}}"#
    );
    let text = format!(
        "#!/bin/sh\ncd '{}'\n\
         stored() {{ echo '{{\"type\":\"done\",\"task\":'$1',\"population\":\"p\",\"duration_secs\":0,\
         \"peak_memory_mib\":1,\"bytes\":1}}'; }}\n\
         simulated() {{ echo '{{\"type\":\"simulated\",\"task\":'$1'}}'; }}\n\
         echo '{ready}'\n\
         while read -r request; do case \"$request\" in\n{answers}\nesac; done\n",
        folder.display()
    );
    let script = folder.join("worker");
    #[expect(clippy::disallowed_methods, reason = "a test's own program")]
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    script
}

fn outcomes(attempts: &[Attempt]) -> Vec<(u32, u32, Outcome)> {
    let of = |attempt: &Attempt| (attempt.task, attempt.number, attempt.outcome);
    attempts.iter().map(of).collect()
}

/// The one that crashes is to blame, and the other loses none of its attempts.
#[test]
fn a_crash_costs_a_result_that_was_being_stored_no_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let answers = "*:0}) if [ -e seen ]; then stored 0; else : > seen; simulated 0; fi;;\n\
                   *:1}) exit 7;;";
    let (ended, attempts) = run(folder.path(), answers);
    let Err(OrchestratorError::TasksFailed { failed, n: 2 }) = ended else {
        panic!("{ended:?}")
    };
    assert_eq!(failed.iter().map(|task| task.task).collect::<Vec<_>>(), [1]);
    assert_eq!(
        outcomes(&attempts),
        [
            (0, 1, Outcome::Lost),
            (1, 1, Outcome::Crashed),
            (0, 2, Outcome::Done)
        ]
    );
    assert_eq!(attempts[0].blame, None);
    assert_eq!(attempts[0].error, ["the worker ended with exit code 7"]);
}

/// Whoever dies with nothing but a result to store has no other to blame.
#[test]
fn a_worker_that_dies_storing_costs_an_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let answers = "*:0}) stored 0;;\n*:1}) simulated 1; exit 7;;";
    let (ended, attempts) = run(folder.path(), answers);
    assert!(ended.is_err());
    assert_eq!(
        outcomes(&attempts),
        [(0, 1, Outcome::Done), (1, 1, Outcome::Lost)]
    );
}

#[test]
fn a_result_that_takes_long_to_store_does_not_hold_up_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let answers = "*:0}) simulated 0;;\n*:1}) simulated 1; stored 1; stored 0;;";
    let (ended, attempts) = run(folder.path(), answers);
    assert_eq!(ended.unwrap(), 2);
    assert_eq!(
        outcomes(&attempts),
        [(1, 1, Outcome::Done), (0, 1, Outcome::Done)]
    );
}
