//! `epycloud costs`: what a run in the cloud has cost so far.

use comfy_table::Cell;
use epycloud_errors::{ExitCode, Report};
use epycloud_google::costs::{Dollars, JobCost, Prices};
use serde::Serialize;

use super::runtime::{Ended, block_on};
use crate::arguments::Costs;
use crate::cloud::costs::costs_of;
use crate::cloud::{Cloud, machines, show};
use crate::context::Context;
use crate::printer::Printer;

pub(crate) fn run(arguments: &Costs, context: &Context) -> Result<ExitCode, Report> {
    let cloud = Cloud::required(context)?;
    let types = machines::table(Some(&cloud.place), context.caller())?;
    let prices = Prices::built_in()?;
    let client = cloud.client()?;
    let counted = block_on(costs_of(
        Some(&arguments.exp_id),
        &arguments.run_id,
        (&types, &prices),
        &cloud,
        &client,
    ))?;
    let costs = match counted {
        Ended::Itself(costs) => costs?,
        Ended::Stopped(code) => return Ok(code),
    };
    show_all(&costs, arguments, &prices, &context.printer);
    Ok(ExitCode::Done)
}

fn show_all(costs: &[JobCost], arguments: &Costs, prices: &Prices, printer: &Printer) {
    let all: Dollars = costs.iter().filter_map(|cost| cost.cost.clone().ok()).sum();
    let unknown = costs.iter().filter(|cost| cost.cost.is_err()).count();
    if printer.json {
        for cost in costs {
            printer.event(&JobCostEvent::of(cost));
        }
        printer.event(&RunCostEvent {
            event: "run_cost",
            exp_id: arguments.exp_id.as_str(),
            run_id: arguments.run_id.as_str(),
            currency: "USD",
            prices_of: prices.date().to_string(),
            cost: all,
            jobs_without_price: unknown,
        });
    } else {
        printer.data(&table(costs));
    }
    for none in costs.iter().filter_map(|cost| cost.cost.as_ref().err()) {
        printer.warning(&none.to_string());
    }
    printer.say(&format!(
        "{all} for machines so far, by Google's list prices of {}: an estimate, not the bill",
        prices.date()
    ));
}

fn table(costs: &[JobCost]) -> String {
    let mut table = show::table(&[
        "stage", "job", "machine", "tasks", "a task", "in all", "cost",
    ]);
    for cost in costs {
        let machine = cost.machine_type.as_deref().unwrap_or("-");
        let spot = if cost.is_spot() { ", spot" } else { "" };
        let mean = cost.time.checked_div(cost.tasks).unwrap_or_default();
        table.add_row([
            Cell::new(cost.stage.as_deref().unwrap_or("-")),
            Cell::new(&cost.job),
            Cell::new(format!("{machine}{spot}")),
            Cell::new(cost.tasks),
            Cell::new(show::span(mean)),
            Cell::new(show::span(cost.time)),
            Cell::new(
                cost.cost
                    .as_ref()
                    .map_or_else(|_| "-".to_owned(), Dollars::to_string),
            ),
        ]);
    }
    show::keep_whole(&mut table, 1);
    table.to_string()
}

#[derive(Serialize)]
struct JobCostEvent<'a> {
    event: &'static str,
    job: &'a str,
    stage: Option<&'a str>,
    machine_type: Option<&'a str>,
    spot: bool,
    tasks: u32,
    machine_secs: f64,
    cost: Option<Dollars>,
}

impl<'a> JobCostEvent<'a> {
    fn of(cost: &'a JobCost) -> Self {
        Self {
            event: "job_cost",
            job: &cost.job,
            stage: cost.stage.as_deref(),
            machine_type: cost.machine_type.as_deref(),
            spot: cost.is_spot(),
            tasks: cost.tasks,
            machine_secs: cost.time.as_secs_f64(),
            cost: cost.cost.as_ref().ok().copied(),
        }
    }
}

#[derive(Serialize)]
struct RunCostEvent<'a> {
    event: &'static str,
    exp_id: &'a str,
    run_id: &'a str,
    currency: &'static str,
    prices_of: String,
    cost: Dollars,
    jobs_without_price: usize,
}
