//! `epycloud run workflow --orchestrator client`: the stages as Batch jobs that this command submits
//! and watches.

use std::collections::BTreeMap;
use std::sync::Arc;

use epycloud_config::{
    EngineName, Environment, ExecutionMode, RunId, RuntimeSettings, Setting, Stage,
};
use epycloud_errors::{ExitCode, Report};
use epycloud_google::batch::{StageTask, create_job};
use epycloud_google::pipeline::PipelineRun;
use epycloud_google::request_id;
use epycloud_orchestrator::{BatchOptions, Executor, RetryPolicy, Stop, Workflow, WorkflowOptions};
use epycloud_stages::StageRun;
use epycloud_stages::engine::ElsewhereEngine;
use epycloud_storage::Storage;

use super::check::{self, Checked};
use super::resolve::{Shared, network};
use super::{show_request, workflow};
use crate::arguments::Workflow as Arguments;
use crate::cloud::{Cloud, confirm, machines};
use crate::commands::runtime::{Ended, block_on, keep_log};
use crate::commands::{runs, workflow as here};
use crate::context::Context;
use crate::error::CliError;

pub(in crate::commands) fn run(
    arguments: &Arguments,
    context: &Context,
) -> Result<ExitCode, Report> {
    let printer = &context.printer;
    workflow::refuse_tasks_options(&arguments.tasks)?;
    let cloud = Cloud::required(context)?;
    let shared = Shared::resolve(&arguments.common, &arguments.in_cloud, &cloud)?;
    let mut run = workflow::resolve(arguments, &shared, &cloud, context)?;
    if let Some(asked) = &arguments.resume {
        let storage = cloud.bucket(&run.bucket, context.caller())?;
        run.run_id = match to_resume(&storage, &run, asked.as_ref())? {
            Ended::Itself(run_id) => run_id,
            Ended::Stopped(code) => return Ok(code),
        };
    }
    // What images have where nothing is said; results are only of the engine that is known here.
    let engine = run.variables.entry("EPYCLOUD_ENGINE".to_owned());
    engine.or_insert_with(|| EngineName::Python.to_string());
    let checked = match checked(arguments, &shared, &cloud, context)? {
        Ended::Itself(checked) => checked,
        Ended::Stopped(code) => return Ok(code),
    };
    let settled = workflow::settle(&mut run, &checked, arguments, &cloud, context)?;
    if let Ended::Stopped(code) = settled {
        return Ok(code);
    }
    if printer.dry_run && !arguments.explain {
        let options = options(run, arguments, &cloud, context)?;
        let job = options.job(StageTask::Builder).spec();
        let request = create_job(&cloud.place, "stage-a-client", &request_id(), &job);
        show_request(&request, &cloud.client()?, printer)?;
        return Ok(ExitCode::Done);
    }
    if !printer.dry_run && !confirm::asked(arguments.common.yes, printer)? {
        return Ok(ExitCode::Done);
    }
    let settings = settings(&run, &cloud)?;
    let work = Workflow {
        run: StageRun {
            storage: cloud.bucket(&run.bucket, context.caller())?,
            ..stage_run(&settings)?
        },
        options: WorkflowOptions {
            skip_output: !run.run_output_stage,
            ..here::options(arguments)
        },
        executor: Executor::Batch(Box::new(options(run, arguments, &cloud, context)?)),
        stop: Stop::default(),
        log: keep_log(&for_people(settings), printer.verbose)?,
    };
    if printer.dry_run {
        here::explain(&work, printer)
    } else {
        here::execute(&work, printer)
    }
}

/// Checks the experiment of a run that begins.
fn checked(
    arguments: &Arguments,
    shared: &Shared,
    cloud: &Cloud,
    context: &Context,
) -> Result<Ended<Checked>, Report> {
    if arguments.resume.is_some() {
        let reason = "the run goes on at the commit that it began with";
        return Ok(Ended::Itself(Checked::Not(reason)));
    }
    check::experiment(&arguments.common, shared, cloud, context)
}

/// The run to go on with, in the bucket.
fn to_resume(
    storage: &Storage,
    run: &PipelineRun,
    asked: Option<&RunId>,
) -> Result<Ended<RunId>, Report> {
    let found = runs::to_resume(storage, &run.dir_prefix, &run.exp_id, asked);
    Ok(match block_on(found)? {
        Ended::Itself(found) => Ended::Itself(found?),
        Ended::Stopped(code) => Ended::Stopped(code),
    })
}

/// What the stages are told, as this program reads it: there is one reader of it.
fn settings(run: &PipelineRun, cloud: &Cloud) -> Result<RuntimeSettings, CliError> {
    let job = run.job(&cloud.place, run.output_task()).spec();
    let told = job.task_groups.into_iter().next();
    let told = told.map(|group| group.task_spec.environment.variables);
    let environment = Environment::from_pairs(told.unwrap_or_default());
    RuntimeSettings::from_environment(&environment).map_err(|source| CliError::Settings { source })
}

/// The run over its bucket. Its engine is the image's; with which versions, the tasks' manifest says.
fn stage_run(settings: &RuntimeSettings) -> Result<StageRun, Report> {
    let engine = Arc::new(ElsewhereEngine {
        name: settings.engine.value,
        version: String::new(),
        versions: BTreeMap::new(),
    });
    Ok(StageRun::with_engine(settings, Stage::Builder, engine)?)
}

/// What this process logs is kept in the run as people read it.
fn for_people(mut settings: RuntimeSettings) -> RuntimeSettings {
    settings.mode = Setting::default_value(ExecutionMode::Local);
    settings
}

fn options(
    run: PipelineRun,
    arguments: &Arguments,
    cloud: &Cloud,
    context: &Context,
) -> Result<BatchOptions, Report> {
    let table = machines::table(Some(&cloud.place), context.caller())?;
    let [_, machine, _] = &run.machines;
    let machine_type = machine.machine_type.as_deref();
    let whole = machine_type.and_then(|name| table.find(name).ok());
    let tasks = &arguments.tasks;
    Ok(BatchOptions {
        client: Arc::new(cloud.client()?),
        place: cloud.place.clone(),
        network: network(cloud),
        memory_limit_mib: whole.map(|whole| whole.memory_mib),
        retries: RetryPolicy {
            infrastructure: tasks.retries,
            application: tasks.application_retries.unwrap_or(1),
            delay: tasks.retry_delay.0,
        },
        poll: arguments.in_cloud.poll.0,
        queue_allowance: arguments.orchestration.queue_allowance.0,
        run,
    })
}
