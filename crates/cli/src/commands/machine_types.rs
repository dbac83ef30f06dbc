//! `epycloud machine-types`: what stages can run on.

use epycloud_config::Region;
use epycloud_errors::{ExitCode, Report};
use epycloud_google::batch::{Machine, Provisioning};
use epycloud_google::compute;
use epycloud_google::costs::{Dollars, MachineHour, Prices};
use epycloud_google::machine_types::{MachineType, MachineTypes};
use serde::Serialize;

use super::runtime::{Ended, block_on};
use crate::arguments::MachineTypesOf;
use crate::cloud::{Cloud, machines, show};
use crate::context::Context;
use crate::printer::Printer;

pub(crate) fn run(arguments: &MachineTypesOf, context: &Context) -> Result<ExitCode, Report> {
    let printer = &context.printer;
    let table = if arguments.refresh {
        let cloud = Cloud::required(context)?;
        match block_on(refresh(&cloud, context))? {
            Ended::Itself(table) => table?,
            Ended::Stopped(code) => return Ok(code),
        }
    } else {
        let cloud = Cloud::configured(context)?;
        machines::table(cloud.as_ref().map(|cloud| &cloud.place), context.caller())?
    };
    let configuration = context.configuration()?;
    let list = List {
        types: &table,
        prices: Prices::built_in()?,
        region: &configuration.values().google_cloud.region,
    };
    list.show(arguments.name.as_deref().unwrap_or_default(), printer);
    Ok(ExitCode::Done)
}

async fn refresh(cloud: &Cloud, context: &Context) -> Result<MachineTypes, Report> {
    let printer = &context.printer;
    if printer.dry_run {
        printer.say("would ask Compute Engine for the machine types, and keep them");
        return machines::table(Some(&cloud.place), context.caller());
    }
    let client = cloud.client()?;
    let table = compute::machine_types(&client, &cloud.place).await?;
    let path = machines::keep(&cloud.place, &table, context.caller()).await?;
    printer.say(&format!(
        "{} machine types in {}",
        table.iter().count(),
        path.display()
    ));
    Ok(table)
}

#[derive(Serialize)]
struct MachineEvent<'a> {
    event: &'static str,
    name: &'a str,
    cpu_milli: u64,
    memory_mib: u64,
    hour: Option<Dollars>,
    spot_hour: Option<Dollars>,
}

/// Machine types with what an hour of them costs.
struct List<'a> {
    types: &'a MachineTypes,
    prices: Prices,
    region: &'a Region,
}

impl List<'_> {
    fn show(&self, prefix: &str, printer: &Printer) {
        let mut table = show::table(&["machine type", "vCPU", "memory (GiB)", "an hour", "spot"]);
        for machine in self
            .types
            .iter()
            .filter(|machine| machine.name.starts_with(prefix))
        {
            let hour = self.hour(machine, Provisioning::Standard);
            let spot = self.hour(machine, Provisioning::Spot);
            if printer.json {
                printer.event(&MachineEvent {
                    event: "machine_type",
                    name: &machine.name,
                    cpu_milli: machine.cpu_milli,
                    memory_mib: machine.memory_mib,
                    hour,
                    spot_hour: spot,
                });
            }
            let tenths = machine.memory_mib * 10 / 1_024;
            let price = |price: Option<Dollars>| price.map_or("-".into(), |it| it.to_string());
            table.add_row([
                machine.name.clone(),
                (machine.cpu_milli / 1_000).to_string(),
                format!("{}.{}", tenths / 10, tenths % 10),
                price(hour),
                price(spot),
            ]);
        }
        if !printer.json {
            printer.data(&table.to_string());
            printer.say(&format!(
                "as of {}; list prices in {} of {}, a boot disk included",
                self.types.date(),
                self.region,
                self.prices.date()
            ));
        }
    }

    /// A whole machine for an hour, if it has a price.
    fn hour(&self, machine: &MachineType, provisioning: Provisioning) -> Option<Dollars> {
        let whole = Machine {
            machine_type: Some(machine.name.clone()),
            cpu_milli: machine.cpu_milli,
            memory_mib: machine.memory_mib,
            max_run_secs: 0,
        };
        MachineHour::of(
            &whole,
            1,
            provisioning,
            self.region,
            self.types,
            &self.prices,
        )
        .ok()
        .map(|hour| hour.price)
    }
}
