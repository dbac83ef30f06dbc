//! `epycloud run job` in the cloud: one Batch job for a stage, or for a task of stage B.

use epycloud_config::{Stage, TaskIndex};
use epycloud_errors::{ExitCode, Report};
use epycloud_google::batch::{
    Job as BatchJob, Manager, Provisioning, StageJob, StageTask, create_job, job_id,
};
use serde::Serialize;

use super::resolve::{NO_CLEANUP, Shared, network};
use super::{check, costs, plan, show_request, wait};
use crate::arguments::Job;
use crate::cloud::{Cloud, confirm, machines, request_id};
use crate::commands::runtime::{Ended, block_on};
use crate::context::Context;
use crate::error::CliError;
use crate::printer::Printer;

pub(in crate::commands) fn run(arguments: &Job, context: &Context) -> Result<ExitCode, Report> {
    let printer = &context.printer;
    let task = task(arguments)?;
    let cloud = Cloud::required(context)?;
    let shared = Shared::resolve(&arguments.common, &arguments.in_cloud, &cloud)?;
    let mut job = resolve(arguments, task, &shared, &cloud, context)?;
    // Stages B and C go by what stage A has stored.
    let checked = match arguments.stage {
        Stage::Builder => match check::experiment(&arguments.common, &shared, &cloud, context)? {
            Ended::Itself(checked) => Some(checked),
            Ended::Stopped(code) => return Ok(code),
        },
        Stage::Runner | Stage::Output => None,
    };
    if let Some(checked) = &checked {
        job.forecast_ref = checked.reference(job.forecast_ref);
    }
    let asked = arguments.machine_type.is_some();
    plan::job(printer, &cloud, &job, asked, checked.as_ref());
    costs::of_job(&job, &cloud, context)?;
    let client = cloud.client()?;
    let request_id = request_id();
    let digits = request_id.get(..8).unwrap_or_default();
    let id = job_id(job.task.stage(), digits);
    let request = create_job(&cloud.place, &id, &request_id, &job.spec());
    if printer.dry_run {
        show_request(&request, &client, printer)?;
        return Ok(ExitCode::Done);
    }
    if !confirm::asked(arguments.common.yes, printer)? {
        return Ok(ExitCode::Done);
    }
    let created = match block_on(client.send::<BatchJob>(&request))? {
        Ended::Itself(created) => created?,
        Ended::Stopped(code) => {
            printer.warning(&format!(
                "job {id} may have been created; `epycloud status` tells"
            ));
            return Ok(code);
        }
    };
    tell(&created, &job, printer);
    if !arguments.in_cloud.wait {
        return Ok(ExitCode::Done);
    }
    // Credentials and connections belong to the runtime that has ended.
    let client = cloud.client()?;
    match block_on(wait::for_job(
        &cloud,
        &client,
        &created.name,
        arguments.in_cloud.poll,
        printer,
    ))? {
        Ended::Itself(code) => code,
        Ended::Stopped(code) => {
            printer.say(&format!("job {id} goes on"));
            Ok(code)
        }
    }
}

/// Which task it is. The original ran task 0 where none was named.
fn task(arguments: &Job) -> Result<StageTask, CliError> {
    let stage = arguments.stage;
    for (option, is_given) in [
        ("--tasks", arguments.tasks.is_some()),
        ("--failed", arguments.failed),
        ("--task-timeout", arguments.treatment.task_timeout.is_some()),
        ("--task-memory", arguments.treatment.task_memory.is_some()),
        (
            "--max-parallelism",
            arguments.treatment.max_parallelism.is_some(),
        ),
    ] {
        if is_given {
            return Err(CliError::OnlyLocal { option });
        }
    }
    if stage != Stage::Builder && arguments.common.run_id.is_none() {
        return Err(CliError::NoRunId {
            letter: stage.letter(),
        });
    }
    match stage {
        Stage::Builder => Ok(StageTask::Builder),
        Stage::Runner => {
            let index = arguments.task_index.ok_or(CliError::NoTaskIndex)?;
            Ok(StageTask::Runner(TaskIndex::new(index)))
        }
        Stage::Output => Ok(StageTask::Output {
            num_tasks: arguments.num_tasks,
            output_config: arguments.common.output_config.clone(),
        }),
    }
}

fn resolve(
    arguments: &Job,
    task: StageTask,
    shared: &Shared,
    cloud: &Cloud,
    context: &Context,
) -> Result<StageJob, Report> {
    let common = &arguments.common;
    let shared = shared.clone();
    let values = cloud.configuration.values();
    let table = machines::table(Some(&cloud.place), context.caller())?;
    let asked = arguments.machine_type.as_ref();
    let stage = task.stage();
    if arguments.in_cloud.cleanup && stage != Stage::Output {
        context.printer.warning(NO_CLEANUP);
    }
    let mut variables = shared.variables;
    if stage == Stage::Output && common.allow_partial {
        variables.insert("ALLOW_PARTIAL_RESULTS".into(), "true".into());
    }
    Ok(StageJob {
        place: cloud.place.clone(),
        machine: machines::machine(cloud, stage.letter(), asked, &table, &context.printer)?,
        task,
        exp_id: common.exp_id.clone(),
        run_id: shared.run_id,
        image: shared.image,
        bucket: shared.bucket,
        dir_prefix: values.storage.dir_prefix.clone(),
        forecast_repo: values.github.forecast_repo.clone(),
        forecast_ref: shared.forecast_ref,
        token_secret: shared.token_secret,
        service_account: shared.service_account,
        provisioning: Provisioning::Standard,
        network: network(cloud),
        manager: Manager::Person,
        task_count_per_node: shared.task_count_per_node,
        labels: shared.labels,
        variables,
    })
}

#[derive(Serialize)]
struct Submitted<'a> {
    event: &'static str,
    job: &'a str,
    exp_id: &'a str,
    run_id: &'a str,
}

fn tell(created: &BatchJob, job: &StageJob, printer: &Printer) {
    let id = created.id();
    if printer.json {
        printer.event(&Submitted {
            event: "submitted",
            job: id,
            exp_id: job.exp_id.as_str(),
            run_id: job.run_id.as_str(),
        });
    } else {
        printer.data(id);
    }
    printer.say(&format!(
        "`epycloud logs --job-name {id} --follow` shows its log"
    ));
}
