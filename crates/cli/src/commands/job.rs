//! `epycloud run job`: one stage of a run, or one task of stage B.

use std::sync::Arc;

use epycloud_config::{Stage, TaskIndex};
use epycloud_errors::{ExitCode, Report};
use epycloud_orchestrator::{
    BuildMode, Observer, Purpose, Selection, Stop, WorkerCommand, Workflow, WorkflowOptions,
    known_failures,
};
use epycloud_stages::{OutputReport, StageRun, run_builder, run_output, run_runner};

use super::executor::{container, in_image, is_in_image, parallelism, prepare};
use super::runtime::{Ended, block_on, keep_log, log_to_stderr};
use super::submit;
use super::validate::before_run;
use super::workflow;
use crate::arguments::{Executor, Job};
use crate::context::Context;
use crate::error::CliError;
use crate::printer::Printer;
use crate::progress::Display;
use crate::settings::{Flag, LocalRun};
use crate::summary;

pub(crate) fn run(arguments: &Job, context: &Context) -> Result<ExitCode, Report> {
    if arguments.common.is_in_cloud() {
        return submit::job::run(arguments, context);
    }
    let given = arguments.in_cloud.given();
    if let Some(option) =
        given.or_else(|| arguments.machine_type.is_some().then_some("--machine-type"))
    {
        return Err(CliError::OnlyCloud { option }.into());
    }
    let printer = &context.printer;
    check(arguments)?;
    let run = LocalRun::resolve(
        &arguments.common,
        &context.stage_environment()?,
        // Which task it is, a worker is told.
        selection(arguments).is_none().then_some(arguments.stage),
        flags(arguments),
    )?;
    if arguments.stage == Stage::Builder && !arguments.common.no_validate {
        before_run(&run, is_in_image(&arguments.common, &arguments.treatment))?;
    }
    summary::plan(
        printer,
        &run,
        &format!("stage {}", arguments.stage.letter()),
        selection(arguments).map(|_| parallelism(arguments.treatment.max_parallelism)),
    );
    if let Some(selection) = selection(arguments) {
        return run_selected(arguments, &run, selection, printer);
    }
    if printer.dry_run {
        return Ok(ExitCode::Done);
    }
    if !printer.quiet {
        log_to_stderr(&run.runtime, Some(arguments.stage))?;
    }
    if arguments.common.executor == Some(Executor::Docker) {
        return run_in_container(arguments, &run, printer);
    }
    let stage = StageRun::from_runtime(&run.runtime, arguments.stage)?;
    match block_on(execute(arguments, &stage, printer))? {
        Ended::Itself(outcome) => outcome,
        Ended::Stopped(code) => Ok(code),
    }
}

/// The tasks of stage B that are asked for together.
fn selection(arguments: &Job) -> Option<Selection> {
    match &arguments.tasks {
        Some(tasks) => Some(Selection::Tasks(tasks.0.clone())),
        None => arguments.failed.then_some(Selection::Failed),
    }
}

/// Runs several tasks of stage B in workers.
fn run_selected(
    arguments: &Job,
    run: &LocalRun,
    selection: Selection,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let log = keep_log(&run.runtime, printer.verbose)?;
    let asked = arguments.common.executor;
    let (executor, stage_run) = match prepare(asked, &arguments.treatment, run, Stage::Runner)? {
        Ended::Itself(prepared) => prepared,
        Ended::Stopped(code) => return Ok(code),
    };
    let work = Workflow {
        run: stage_run,
        executor,
        options: WorkflowOptions {
            build: BuildMode::Never,
            selection,
            explain: printer.dry_run,
            skip_output: true,
            min_success_ratio: None,
        },
        stop: Stop::default(),
        log,
    };
    if printer.dry_run {
        workflow::explain(&work, printer)
    } else {
        workflow::execute(&work, printer)
    }
}

/// Runs a stage, or a task, in a container.
fn run_in_container(
    arguments: &Job,
    run: &LocalRun,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let worker = match block_on(container(&arguments.treatment, run, Purpose::Job))? {
        Ended::Itself(worker) => worker?,
        Ended::Stopped(code) => return Ok(code),
    };
    let stage = match in_image(&worker, run, arguments.stage)? {
        Ended::Itself(stage) => stage,
        Ended::Stopped(code) => return Ok(code),
    };
    match block_on(execute_in(&worker, arguments, &stage, printer))? {
        Ended::Itself(outcome) => outcome,
        Ended::Stopped(code) => Ok(code),
    }
}

async fn execute_in(
    worker: &WorkerCommand,
    arguments: &Job,
    stage: &StageRun,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let observer: Arc<dyn Observer> = Arc::new(Display::new(*printer));
    match arguments.stage {
        Stage::Builder => {
            summary::built(printer, stage, &worker.build(&observer).await?);
            Ok(ExitCode::Done)
        }
        Stage::Runner => {
            let index = arguments.task_index.ok_or(CliError::NoTaskIndex)?;
            summary::ran(printer, stage, &worker.run_task(index, &observer).await?);
            Ok(ExitCode::Done)
        }
        Stage::Output => {
            let failures = known_failures(stage).await?;
            let report = worker.output(failures, &observer).await?;
            Ok(show_outputs(printer, stage, &report))
        }
    }
}

fn show_outputs(printer: &Printer, run: &StageRun, report: &OutputReport) -> ExitCode {
    summary::written(printer, run, report);
    if report.is_partial() {
        ExitCode::Partial
    } else {
        ExitCode::Done
    }
}

async fn execute(arguments: &Job, stage: &StageRun, printer: &Printer) -> Result<ExitCode, Report> {
    match arguments.stage {
        Stage::Builder => {
            let report = run_builder(stage).await?;
            summary::built(printer, stage, &report);
            Ok(ExitCode::Done)
        }
        Stage::Runner => {
            let index = arguments.task_index.ok_or(CliError::NoTaskIndex)?;
            let report = run_runner(stage, TaskIndex::new(index)).await?;
            summary::ran(printer, stage, &report);
            Ok(ExitCode::Done)
        }
        Stage::Output => {
            let mut stage = stage.clone();
            stage.settings.known_failures = known_failures(&stage).await?;
            Ok(show_outputs(printer, &stage, &run_output(&stage).await?))
        }
    }
}

/// What a stage needs and nobody else can say. The original ran task 0 of a run that it called
/// `unknown`.
fn check(arguments: &Job) -> Result<(), CliError> {
    let stage = arguments.stage;
    if stage != Stage::Builder && arguments.common.run_id.is_none() {
        return Err(CliError::NoRunId {
            letter: stage.letter(),
        });
    }
    let several = selection(arguments).is_some();
    if arguments.common.executor == Some(Executor::Slurm) && !several {
        return Err(CliError::SingleJob);
    }
    if several && stage != Stage::Runner {
        return Err(CliError::NoTasks {
            letter: stage.letter(),
        });
    }
    if stage == Stage::Runner && !several && arguments.task_index.is_none() {
        return Err(CliError::NoTaskIndex);
    }
    Ok(())
}

fn flags(arguments: &Job) -> Vec<Flag> {
    let number =
        |name, flag, value: Option<u32>| value.map(|value| (name, flag, value.to_string()));
    number("TASK_INDEX", "--task-index", arguments.task_index)
        .into_iter()
        .chain(number("NUM_TASKS", "--num-tasks", arguments.num_tasks))
        .collect()
}
