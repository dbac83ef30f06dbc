//! What a run in the cloud would cost, shown before anybody agrees to it.

use std::time::Duration;

use epycloud_config::Stage;
use epycloud_errors::Report;
use epycloud_google::Place;
use epycloud_google::batch::{Machine, Provisioning, StageJob};
use epycloud_google::costs::{
    BUCKET_GB_MONTH, Dollars, Expected, MachineHour, NoPrice, Prices, RunEstimate, StageEstimate,
};
use epycloud_google::machine_types::MachineTypes;
use epycloud_google::pipeline::PipelineRun;
use serde::Serialize;

use crate::arguments::ExpectedTasks;
use crate::cloud::costs::costs_of;
use crate::cloud::{Cloud, machines, show};
use crate::commands::runtime::{Ended, block_on};
use crate::context::Context;
use crate::printer::Printer;

/// What prices a machine.
struct Tables<'a> {
    place: &'a Place,
    types: MachineTypes,
    prices: Prices,
}

/// Shows what a whole workflow would cost.
pub(super) fn of_workflow(
    run: &PipelineRun,
    expected: &ExpectedTasks,
    cloud: &Cloud,
    context: &Context,
) -> Result<Ended<()>, Report> {
    let tables = Tables::of(cloud, context)?;
    let expected = match tables.expected(expected, cloud)? {
        Ended::Itself(expected) => expected,
        Ended::Stopped(code) => return Ok(Ended::Stopped(code)),
    };
    let [a, b, c] = &run.machines;
    let single = |stage, machine| tables.stage(stage, machine, 1, Provisioning::Standard);
    let per_node = run.task_count_per_node;
    let mut stages = vec![
        single(Stage::Builder, a),
        tables.stage(Stage::Runner, b, per_node, run.provisioning),
    ];
    if run.run_output_stage {
        stages.push(single(Stage::Output, c));
    }
    let estimate = RunEstimate {
        stages,
        max_parallelism: run.max_parallelism,
        expected,
    };
    tables.show(&estimate, &context.printer);
    Ok(Ended::Itself(()))
}

/// Shows what a single job would cost: one task.
pub(super) fn of_job(job: &StageJob, cloud: &Cloud, context: &Context) -> Result<(), Report> {
    let tables = Tables::of(cloud, context)?;
    let stage = tables.stage(job.task.stage(), &job.machine, 1, job.provisioning);
    let estimate = RunEstimate {
        stages: vec![stage],
        max_parallelism: 1,
        expected: Expected {
            tasks: Some(1),
            task_secs: None,
        },
    };
    tables.show(&estimate, &context.printer);
    Ok(())
}

impl<'a> Tables<'a> {
    fn of(cloud: &'a Cloud, context: &Context) -> Result<Self, Report> {
        Ok(Self {
            place: &cloud.place,
            types: machines::table(Some(&cloud.place), context.caller())?,
            prices: Prices::built_in()?,
        })
    }

    /// What is expected: as the command line says, or as a run before was.
    fn expected(&self, expected: &ExpectedTasks, cloud: &Cloud) -> Result<Ended<Expected>, Report> {
        let Some(before) = &expected.expected_like else {
            let task_time = expected.expected_task_time;
            return Ok(Ended::Itself(Expected {
                tasks: expected.expected_tasks,
                task_secs: task_time.map(|time| time.0.as_secs_f64()),
            }));
        };
        let client = cloud.client()?;
        let tables = (&self.types, &self.prices);
        Ok(
            match block_on(costs_of(None, before, tables, cloud, &client))? {
                Ended::Itself(costs) => Ended::Itself(Expected::as_before(&costs?)),
                Ended::Stopped(code) => Ended::Stopped(code),
            },
        )
    }

    fn stage(
        &self,
        stage: Stage,
        machine: &Machine,
        per_node: u32,
        provisioning: Provisioning,
    ) -> StageEstimate {
        let (region, types) = (&self.place.region, &self.types);
        StageEstimate {
            stage,
            hour: MachineHour::of(machine, per_node, provisioning, region, types, &self.prices),
            max_run_secs: machine.max_run_secs,
        }
    }

    fn show(&self, estimate: &RunEstimate, printer: &Printer) {
        for stage in &estimate.stages {
            let letter = stage.stage.letter();
            row(printer, &format!("cost of {letter}"), &of_stage(stage));
        }
        // One job is its only stage.
        if estimate.stages.len() > 1 {
            row(printer, "cost in all", &in_all(estimate));
        }
        row(
            printer,
            "prices",
            &format!(
                "an estimate by Google's list of {}, in US dollars, without further attempts, network \
                 and discounts; a GB of results is {BUCKET_GB_MONTH} a month",
                self.prices.date()
            ),
        );
        if printer.json {
            printer.event(&CostEvent::new(estimate, self));
        }
    }
}

/// As the plan's rows are.
fn row(printer: &Printer, name: &str, value: &str) {
    printer.say(&format!("  {name:14} {value}"));
}

fn of_stage(stage: &StageEstimate) -> String {
    let hour = match &stage.hour {
        Ok(hour) => hour,
        Err(none) => return none.to_string(),
    };
    let most = hour.task() * stage.max_run_hours();
    let each = if stage.stage == Stage::Runner {
        " a task"
    } else {
        ""
    };
    let machine = &hour.machine_type;
    let on = match (hour.is_guess, hour.tasks_at_once) {
        (true, _) => format!("{machine}, if Batch chooses that"),
        (false, 1) => machine.clone(),
        (false, tasks) => format!("{machine}, shared by {tasks}"),
    };
    format!("at most {most}{each}, at {} an hour ({on})", hour.task())
}

fn in_all(estimate: &RunEstimate) -> String {
    let Some(tasks) = estimate.expected.tasks else {
        return "depends on the tasks of stage B: `--expected-tasks N` tells it".to_owned();
    };
    let Some(most) = estimate.most() else {
        return "not known".to_owned();
    };
    let at_most = format!("at most {most} for {tasks} tasks of stage B");
    match (
        estimate.likely(),
        estimate.expected.task_secs,
        estimate.runners_secs(),
    ) {
        (Some(likely), Some(task), Some(all)) => format!(
            "about {likely} if each takes {}, in {} at least; {at_most}",
            span(task),
            span(all)
        ),
        _ => at_most,
    }
}

fn span(seconds: f64) -> String {
    show::span(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

/// For scripts; amounts that aren't known are null.
#[derive(Serialize)]
struct CostEvent<'a> {
    event: &'static str,
    currency: &'static str,
    prices_of: String,
    region: String,
    stages: Vec<StageEvent<'a>>,
    expected_tasks: Option<u32>,
    expected_task_secs: Option<f64>,
    most: Option<Dollars>,
    likely: Option<Dollars>,
    gb_month: Dollars,
}

#[derive(Serialize)]
struct StageEvent<'a> {
    stage: &'static str,
    machine_type: Option<&'a str>,
    chosen_by_batch: Option<bool>,
    tasks_at_once: Option<u32>,
    machine_hour: Option<Dollars>,
    task_hour: Option<Dollars>,
    longest_task: Option<Dollars>,
    not_known: Option<String>,
}

impl<'a> CostEvent<'a> {
    fn new(estimate: &'a RunEstimate, tables: &Tables<'_>) -> Self {
        Self {
            event: "cost_estimate",
            currency: "USD",
            prices_of: tables.prices.date().to_string(),
            region: tables.place.region.to_string(),
            stages: estimate.stages.iter().map(StageEvent::new).collect(),
            expected_tasks: estimate.expected.tasks,
            expected_task_secs: estimate.expected.task_secs,
            most: estimate.most(),
            likely: estimate.likely(),
            gb_month: BUCKET_GB_MONTH,
        }
    }
}

impl<'a> StageEvent<'a> {
    fn new(stage: &'a StageEstimate) -> Self {
        let hour = stage.hour.as_ref().ok();
        Self {
            stage: stage.stage.as_str(),
            machine_type: hour.map(|hour| hour.machine_type.as_str()),
            chosen_by_batch: hour.map(|hour| hour.is_guess),
            tasks_at_once: hour.map(|hour| hour.tasks_at_once),
            machine_hour: hour.map(|hour| hour.price),
            task_hour: hour.map(MachineHour::task),
            longest_task: stage.longest_task(),
            not_known: stage.hour.as_ref().err().map(NoPrice::to_string),
        }
    }
}
