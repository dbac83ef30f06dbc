//! `epycloud run job`: one stage of a run, or one task of stage B.

use std::collections::BTreeSet;
use std::sync::Arc;

use epycloud_config::Stage;
use epycloud_errors::{ExitCode, Report};
use epycloud_orchestrator::{BuildMode, Purpose, Selection, Stop, Workflow, WorkflowOptions};
use epycloud_stages::{OutputReport, StageRun};

use super::executor::{is_in_image, parallelism, prepare};
use super::runtime::{Ended, block_on_workflow, keep_log};
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
        (arguments.stage != Stage::Runner).then_some(arguments.stage),
        flags(arguments),
    )?;
    if arguments.stage == Stage::Builder && !arguments.common.no_validate {
        before_run(&run, is_in_image(&arguments.common, &arguments.treatment))?;
    }
    summary::plan(
        printer,
        &run,
        &format!("stage {}", arguments.stage.letter()),
        is_several(arguments).then(|| parallelism(arguments.treatment.max_parallelism)),
    );
    if printer.dry_run && !is_several(arguments) {
        return Ok(ExitCode::Done);
    }
    match prepare_work(arguments, &run, printer)? {
        Ended::Itself(work) => execute(arguments, &work, printer),
        Ended::Stopped(code) => Ok(code),
    }
}

/// Whether several tasks of stage B are asked for together.
const fn is_several(arguments: &Job) -> bool {
    arguments.tasks.is_some() || arguments.failed
}

/// The tasks of stage B that are asked for.
fn selection(arguments: &Job) -> Selection {
    match (&arguments.tasks, arguments.task_index) {
        (Some(tasks), _) => Selection::Tasks(tasks.0.iter().copied().collect()),
        (None, Some(task)) => Selection::Tasks(BTreeSet::from([task])),
        (None, None) => Selection::Failed,
    }
}

/// The run, of which a stage or some tasks are to be done. Others may be at work on it but where
/// several tasks are asked for, whose results would be made twice.
fn prepare_work(
    arguments: &Job,
    run: &LocalRun,
    printer: &Printer,
) -> Result<Ended<Workflow>, Report> {
    let beside_others = !is_several(arguments);
    let purpose = if beside_others {
        Purpose::Job
    } else {
        Purpose::Workflow
    };
    let log = keep_log(&run.runtime, loud(arguments, printer).verbose)?;
    let asked = arguments.common.executor;
    let prepared = prepare(asked, &arguments.treatment, run, arguments.stage, purpose)?;
    Ok(match prepared {
        Ended::Itself((executor, stage_run)) => Ended::Itself(Workflow {
            run: stage_run,
            executor,
            options: WorkflowOptions {
                build: BuildMode::Never,
                selection: selection(arguments),
                explain: printer.dry_run,
                skip_output: true,
                min_success_ratio: None,
                beside_others,
            },
            stop: Stop::default(),
            log,
        }),
        Ended::Stopped(code) => Ended::Stopped(code),
    })
}

/// The log of a single stage or task is shown as well.
fn loud(arguments: &Job, printer: &Printer) -> Printer {
    Printer {
        verbose: printer.verbose || !(is_several(arguments) || printer.quiet),
        ..*printer
    }
}

fn execute(arguments: &Job, work: &Workflow, printer: &Printer) -> Result<ExitCode, Report> {
    let loud = loud(arguments, printer);
    let display = Arc::new(Display::new(loud));
    match arguments.stage {
        Stage::Runner if printer.dry_run => workflow::explain(work, printer),
        Stage::Runner => workflow::execute(work, &loud),
        Stage::Builder => {
            let built = block_on_workflow(&work.stop, *printer, work.build(display))?;
            summary::built(printer, &work.run, &built?);
            Ok(ExitCode::Done)
        }
        Stage::Output => {
            let written = block_on_workflow(&work.stop, *printer, work.write(display))?;
            workflow::write_report(&work.run, printer);
            Ok(show_outputs(printer, &work.run, &written?))
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

/// What a stage needs and nobody else can say. The original ran task 0 of a run that it called
/// `unknown`.
fn check(arguments: &Job) -> Result<(), CliError> {
    let stage = arguments.stage;
    if stage != Stage::Builder && arguments.common.run_id.is_none() {
        return Err(CliError::NoRunId {
            letter: stage.letter(),
        });
    }
    let several = is_several(arguments);
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
    let number = arguments.num_tasks;
    let number = number.map(|n| ("NUM_TASKS", "--num-tasks", n.to_string()));
    number.into_iter().collect()
}
