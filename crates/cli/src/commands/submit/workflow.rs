//! `epycloud run workflow` in the cloud: an execution of the deployed workflow.

use epycloud_errors::{ExitCode, Report};
use epycloud_google::batch::Provisioning;
use epycloud_google::executions::{self, Execution};
use epycloud_google::pipeline::PipelineRun;
use serde::Serialize;

use super::check::Checked;
use super::resolve::{NO_CLEANUP, Shared};
use super::{check, costs, plan, show_request, wait};
use crate::arguments::{Tasks, Workflow};
use crate::cloud::{Cloud, confirm, machines};
use crate::commands::runtime::{Ended, block_on};
use crate::context::Context;
use crate::error::CliError;
use crate::printer::Printer;

pub(in crate::commands) fn run(
    arguments: &Workflow,
    context: &Context,
) -> Result<ExitCode, Report> {
    let printer = &context.printer;
    refuse_local_options(arguments)?;
    let cloud = Cloud::required(context)?;
    let shared = Shared::resolve(&arguments.common, &arguments.in_cloud, &cloud)?;
    let mut run = resolve(arguments, &shared, &cloud, context)?;
    let checked = match check::experiment(&arguments.common, &shared, &cloud, context)? {
        Ended::Itself(checked) => checked,
        Ended::Stopped(code) => return Ok(code),
    };
    if let Ended::Stopped(code) = settle(&mut run, &checked, arguments, &cloud, context)? {
        return Ok(code);
    }
    let client = cloud.client()?;
    if printer.dry_run {
        let request =
            executions::create(&cloud.workflow(), &run.argument(), &run.execution_labels());
        show_request(&request, &client, printer)?;
        return Ok(ExitCode::Done);
    }
    if !confirm::asked(arguments.common.yes, printer)? {
        return Ok(ExitCode::Done);
    }
    let submitted = block_on(executions::submit(
        &client,
        &cloud.workflow(),
        &run.argument(),
        &run.execution_labels(),
    ))?;
    let execution = match submitted {
        Ended::Itself(submitted) => submitted?,
        Ended::Stopped(code) => {
            printer.warning("it may have been submitted; `epycloud workflow list` tells");
            return Ok(code);
        }
    };
    tell(&execution, &run, printer);
    if !arguments.in_cloud.wait {
        return Ok(ExitCode::Done);
    }
    // Credentials and connections belong to the runtime that has ended.
    let client = cloud.client()?;
    let waiting = wait::for_execution(
        &cloud,
        &client,
        &execution,
        arguments.in_cloud.poll,
        printer,
    );
    match block_on(waiting)? {
        Ended::Itself(code) => code,
        Ended::Stopped(code) => {
            let id = execution.id();
            printer.say(&format!(
                "the run goes on; `epycloud workflow cancel {id}` ends it"
            ));
            Ok(code)
        }
    }
}

/// Makes the commit that was checked the one that runs, and shows what would happen and cost.
pub(super) fn settle(
    run: &mut PipelineRun,
    checked: &Checked,
    arguments: &Workflow,
    cloud: &Cloud,
    context: &Context,
) -> Result<Ended<()>, Report> {
    run.forecast_ref = checked.reference(run.forecast_ref.take());
    plan::workflow(&context.printer, cloud, run, asked(arguments), checked);
    costs::of_workflow(run, &arguments.expected, cloud, context)
}

fn asked(arguments: &Workflow) -> [bool; 3] {
    let machines = &arguments.machines;
    [
        machines.stage_a_machine_type.is_some(),
        machines.stage_b_machine_type.is_some(),
        machines.stage_c_machine_type.is_some(),
    ]
}

pub(super) fn resolve(
    arguments: &Workflow,
    shared: &Shared,
    cloud: &Cloud,
    context: &Context,
) -> Result<PipelineRun, Report> {
    let common = &arguments.common;
    let shared = shared.clone();
    let values = cloud.configuration.values();
    let batch = &values.google_cloud.batch;
    let run_output_stage = batch.run_output_stage && !arguments.skip_output;
    if arguments.in_cloud.cleanup && !run_output_stage {
        context.printer.warning(NO_CLEANUP);
    }
    let table = machines::table(Some(&cloud.place), context.caller())?;
    let machine = |stage, asked| machines::machine(cloud, stage, asked, &table, &context.printer);
    let types = &arguments.machines;
    let stages = [
        machine('A', types.stage_a_machine_type.as_ref())?,
        machine('B', types.stage_b_machine_type.as_ref())?,
        machine('C', types.stage_c_machine_type.as_ref())?,
    ];
    Ok(PipelineRun {
        exp_id: common.exp_id.clone(),
        run_id: shared.run_id,
        bucket: shared.bucket,
        dir_prefix: values.storage.dir_prefix.clone(),
        forecast_repo: values.github.forecast_repo.clone(),
        forecast_ref: shared.forecast_ref,
        token_secret: shared.token_secret,
        service_account: shared.service_account,
        image: shared.image,
        image_tag: shared.image_tag,
        max_parallelism: arguments
            .tasks
            .max_parallelism
            .unwrap_or(batch.max_parallelism),
        task_count_per_node: shared.task_count_per_node,
        machines: stages,
        provisioning: if arguments.orchestration.spot {
            Provisioning::Spot
        } else {
            Provisioning::Standard
        },
        resubmissions: arguments.tasks.application_retries,
        run_output_stage,
        output_config: common.output_config.clone(),
        allow_partial: common.allow_partial || arguments.min_success_ratio.is_some(),
        min_success_ratio: arguments.min_success_ratio.map(|ratio| ratio.0),
        labels: shared.labels,
        variables: shared.variables,
    })
}

/// What only means something on this machine is refused, not passed over.
fn refuse_local_options(arguments: &Workflow) -> Result<(), CliError> {
    for (option, is_given) in [
        ("--resume", arguments.resume.is_some()),
        ("--explain", arguments.explain),
        ("--rebuild", arguments.rebuild),
    ] {
        if is_given {
            return Err(CliError::OnlyLocal { option });
        }
    }
    refuse_tasks_options(&arguments.tasks)
}

/// Machines and their limits are the configuration's in the cloud.
pub(super) fn refuse_tasks_options(tasks: &Tasks) -> Result<(), CliError> {
    for (option, is_given) in [
        ("--task-timeout", tasks.task_timeout.is_some()),
        ("--task-memory", tasks.task_memory.is_some()),
        ("--slurm-partition", tasks.slurm_partition.is_some()),
        ("--slurm-account", tasks.slurm_account.is_some()),
    ] {
        if is_given {
            return Err(CliError::OnlyLocal { option });
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Submitted<'a> {
    event: &'static str,
    execution: &'a str,
    exp_id: &'a str,
    run_id: &'a str,
}

fn tell(execution: &Execution, run: &PipelineRun, printer: &Printer) {
    let id = execution.id();
    if printer.json {
        printer.event(&Submitted {
            event: "submitted",
            execution: id,
            exp_id: run.exp_id.as_str(),
            run_id: run.run_id.as_str(),
        });
    } else {
        printer.data(id);
    }
    printer.say(&format!("`epycloud workflow describe {id}` shows it"));
    printer.say(&format!(
        "`epycloud logs --execution-id {id} --follow` shows its log"
    ));
}
