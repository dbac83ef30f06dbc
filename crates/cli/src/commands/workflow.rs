//! `epycloud run workflow`: all stages of a run.

use std::num::NonZeroUsize;
use std::sync::Arc;

use epycloud_config::{Environment, Stage};
use epycloud_errors::{Diagnose as _, ExitCode, Report, chain};
use epycloud_orchestrator::{
    BuildMode, OrchestratorError, Purpose, Selection, Stop, Workflow, WorkflowOptions,
    WorkflowReport,
};
use epycloud_report::ReportError;
use epycloud_stages::StageRun;
use epycloud_storage::Storage;

use super::executor::{is_in_image, parallelism, prepare};
use super::runs;
use super::runtime::{Ended, block_on, block_on_workflow, keep_log};
use super::submit;
use super::validate::before_run;
use crate::arguments::{Executor, Workflow as Arguments};
use crate::context::Context;
use crate::error::CliError;
use crate::printer::Printer;
use crate::progress::Display;
use crate::settings::LocalRun;
use crate::summary;

pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<ExitCode, Report> {
    if arguments.orchestration.is_client(&arguments.common) {
        return submit::client::run(arguments, context);
    }
    if arguments.common.is_in_cloud() {
        return submit::workflow::run(arguments, context);
    }
    let given = arguments.in_cloud.given();
    if let Some(option) = given
        .or_else(|| arguments.machines.given())
        .or_else(|| arguments.expected.given())
        .or_else(|| arguments.orchestration.given())
    {
        return Err(CliError::OnlyCloud { option }.into());
    }
    let printer = &context.printer;
    let run = resolve(arguments, &context.stage_environment()?)?;
    if !arguments.common.no_validate {
        before_run(&run, is_in_image(&arguments.common, &arguments.tasks))?;
    }
    summary::plan(printer, &run, "workflow", in_parallel(arguments));
    if printer.dry_run && !arguments.explain {
        return Ok(ExitCode::Done);
    }
    let log = keep_log(&run.runtime, printer.verbose)?;
    let asked = arguments.common.executor;
    let (executor, stage_run) = match prepare(
        asked,
        &arguments.tasks,
        &run,
        Stage::Builder,
        Purpose::Workflow,
    )? {
        Ended::Itself(prepared) => prepared,
        Ended::Stopped(code) => return Ok(code),
    };
    let workflow = Workflow {
        run: stage_run,
        executor,
        options: options(arguments),
        stop: Stop::default(),
        log,
    };
    if printer.dry_run {
        return explain(&workflow, printer);
    }
    execute(&workflow, printer)
}

/// What is asked of a workflow.
pub(super) fn options(arguments: &Arguments) -> WorkflowOptions {
    WorkflowOptions {
        build: if arguments.rebuild {
            BuildMode::Always
        } else {
            BuildMode::IfChanged
        },
        selection: Selection::Unfinished,
        explain: arguments.explain,
        skip_output: arguments.skip_output,
        min_success_ratio: arguments.min_success_ratio.map(|ratio| ratio.0),
        beside_others: false,
    }
}

/// How many tasks run at the same time, where that is known.
fn in_parallel(arguments: &Arguments) -> Option<NonZeroUsize> {
    let asked = arguments.tasks.max_parallelism;
    let is_here = arguments.common.executor != Some(Executor::Slurm);
    (is_here || asked.is_some()).then(|| parallelism(asked))
}

/// The run that is meant, with `--resume` one that is there.
fn resolve(arguments: &Arguments, environment: &Environment) -> Result<LocalRun, Report> {
    let mut common = arguments.common.clone();
    common.allow_partial |= arguments.min_success_ratio.is_some();
    let resolve = |common: &_| LocalRun::resolve(common, environment, None, Vec::new());
    let run = resolve(&common)?;
    let Some(asked) = &arguments.resume else {
        return Ok(run);
    };
    let bucket = run.bucket();
    let storage = Storage::local(&bucket.folder)?;
    let found = runs::to_resume(&storage, &bucket.prefix, &common.exp_id, asked.as_ref());
    common.run_id = Some(match block_on(found)? {
        Ended::Itself(found) => found?,
        Ended::Stopped(_) => run.run_id,
    });
    Ok(resolve(&common)?)
}

pub(super) fn explain(workflow: &Workflow, printer: &Printer) -> Result<ExitCode, Report> {
    let display = Display::new(*printer);
    match block_on(workflow.explain(&display))? {
        Ended::Itself(explained) => {
            explained?;
            Ok(ExitCode::Done)
        }
        Ended::Stopped(code) => Ok(code),
    }
}

/// Runs a workflow and shows what came of it.
pub(super) fn execute(workflow: &Workflow, printer: &Printer) -> Result<ExitCode, Report> {
    let display = Arc::new(Display::new(*printer));
    let done = block_on_workflow(&workflow.stop, *printer, workflow.execute(display))?;
    // Of single tasks that many run at the same time, each would write it.
    if !workflow.options.beside_others {
        write_report(&workflow.run, printer);
    }
    match done {
        Ok(report) => {
            summary::workflow(printer, &workflow.run, &report);
            Ok(exit_code(&report))
        }
        Err(error @ OrchestratorError::Stopped { .. }) => {
            let code = error.exit_code();
            summary::stopped(printer, &error);
            Ok(code)
        }
        Err(error) => Err(error.into()),
    }
}

/// Writes the run's report, whichever way the run ended. That it can't be written is no failure
/// of the run's.
pub(super) fn write_report(run: &StageRun, printer: &Printer) {
    let StageRun {
        storage, layout, ..
    } = run;
    match block_on(epycloud_report::write(storage, layout)) {
        Ok(Ended::Itself(Ok(_))) => {
            printer.say(&format!("report in {}", storage.url_of(&layout.report())));
        }
        Ok(Ended::Itself(Err(error))) if !matches!(error, ReportError::NoRecord { .. }) => {
            let causes = chain(&error).join(": ");
            printer.warning(&format!("there is no report: {causes}"));
        }
        _ => {}
    }
}

fn exit_code(report: &WorkflowReport) -> ExitCode {
    if report.is_partial() {
        ExitCode::Partial
    } else {
        ExitCode::Done
    }
}
