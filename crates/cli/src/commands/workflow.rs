//! `epycloud run workflow`: all stages of a run.

use std::num::NonZeroUsize;
use std::sync::Arc;

use epycloud_config::{Environment, Stage};
use epycloud_errors::{ExitCode, Report};
use epycloud_orchestrator::{LocalWorkflow, WorkerCommand, WorkflowReport};
use epycloud_stages::{OutputReport, StageRun};

use super::runtime::{Ended, block_on, log_to_stderr};
use crate::arguments::Workflow;
use crate::error::CliError;
use crate::printer::Printer;
use crate::progress::Display;
use crate::settings::LocalRun;
use crate::summary;

pub(crate) fn run(arguments: &Workflow, printer: &Printer) -> Result<ExitCode, Report> {
    let run = LocalRun::resolve(
        &arguments.common,
        &Environment::from_process(),
        None,
        Vec::new(),
    )?;
    let max_parallelism = parallelism(arguments.max_parallelism);
    summary::plan(printer, &run, "workflow", Some(max_parallelism));
    if printer.dry_run {
        return Ok(ExitCode::Done);
    }
    if printer.verbose {
        log_to_stderr(&run.runtime, None)?;
    }
    let workflow = LocalWorkflow {
        run: StageRun::from_runtime(&run.runtime, Stage::Builder)?,
        worker: WorkerCommand::new(
            std::env::current_exe().map_err(|source| CliError::Runtime { source })?,
            run.environment.clone(),
        ),
        max_parallelism,
        skip_output: arguments.skip_output,
    };
    match block_on(workflow.execute(Arc::new(Display::new(*printer))))? {
        Ended::Itself(report) => {
            let report = report?;
            summary::workflow(printer, &run, &report);
            Ok(exit_code(&report))
        }
        Ended::Stopped(code) => {
            printer.warning("stopped; results that were stored stay");
            Ok(code)
        }
    }
}

fn exit_code(report: &WorkflowReport) -> ExitCode {
    let partial = report.output.as_ref().is_some_and(OutputReport::is_partial);
    if partial || !report.failed.is_empty() {
        ExitCode::Partial
    } else {
        ExitCode::Done
    }
}

fn parallelism(asked: Option<u32>) -> NonZeroUsize {
    asked
        .and_then(|n| NonZeroUsize::new(n as usize))
        .or_else(|| std::thread::available_parallelism().ok())
        .unwrap_or(NonZeroUsize::MIN)
}
