//! The table of machine types: the one that Compute Engine gave last, or the built-in one.

use std::path::PathBuf;

use epycloud_config::{Environment, MachineType};
use epycloud_errors::Report;
use epycloud_google::Place;
use epycloud_google::batch::Machine;
use epycloud_google::machine_types::MachineTypes;
use epycloud_storage::{SaveOptions, Storage, StoragePath};

use super::Cloud;
use crate::error::CliError;
use crate::printer::Printer;

/// The folder of what can be had again.
fn cache_folder(caller: &Environment) -> Option<PathBuf> {
    let xdg = caller.get("XDG_CACHE_HOME").map(PathBuf::from);
    let base = xdg.filter(|path| path.is_absolute()).or_else(|| {
        let home = caller.get("HOME").or_else(|| caller.get("USERPROFILE"))?;
        Some(PathBuf::from(home).join(".cache"))
    })?;
    Some(base.join("epycloud").join("machine-types"))
}

/// A project of a domain has a colon in its name, which no file should.
fn file_name(place: &Place) -> String {
    let project = place.project.as_str().replace(':', "_");
    format!("{project}_{}.csv", place.region)
}

/// The table for a place, or the built-in one where there is no place.
pub(crate) fn table(place: Option<&Place>, caller: &Environment) -> Result<MachineTypes, Report> {
    let kept = place.and_then(|place| {
        let text = std::fs::read_to_string(cache_folder(caller)?.join(file_name(place))).ok()?;
        Some(MachineTypes::parse(&text))
    });
    Ok(kept.unwrap_or_else(MachineTypes::built_in)?)
}

/// Keeps a table for a place, and says where.
pub(crate) async fn keep(
    place: &Place,
    table: &MachineTypes,
    caller: &Environment,
) -> Result<PathBuf, Report> {
    let folder = cache_folder(caller).ok_or(CliError::NoCacheFolder)?;
    std::fs::create_dir_all(&folder).map_err(|source| CliError::Cache {
        folder: folder.clone(),
        source,
    })?;
    let name = file_name(place);
    let path: StoragePath = name.parse()?;
    let text = table.render("Compute Engine").into_bytes();
    let storage = Storage::local(&folder)?;
    storage
        .save_bytes(&path, text, &SaveOptions::default())
        .await?;
    Ok(folder.join(name))
}

/// A stage's machine: the configuration's, or one that is asked for and then used whole.
pub(crate) fn machine(
    cloud: &Cloud,
    stage: char,
    asked: Option<&MachineType>,
    table: &MachineTypes,
    printer: &Printer,
) -> Result<Machine, Report> {
    let batch = &cloud.configuration.values().google_cloud.batch;
    let resources = match stage {
        'A' => &batch.stage_a,
        'B' => &batch.stage_b,
        _ => &batch.stage_c,
    };
    let mut machine = Machine {
        machine_type: resources.machine_type.as_ref().map(ToString::to_string),
        cpu_milli: resources.cpu_milli.into(),
        memory_mib: resources.memory_mib.into(),
        max_run_secs: resources.max_run_duration.into(),
    };
    if let Some(asked) = asked {
        let whole = table.find(asked.as_str())?;
        machine.machine_type = Some(whole.name.clone());
        machine.cpu_milli = whole.cpu_milli;
        machine.memory_mib = whole.memory_mib;
    } else if let Some(name) = &machine.machine_type {
        check_configured(name, stage, &machine, table, printer);
    }
    Ok(machine)
}

/// What is configured may be newer than the table: it is doubted, not refused.
fn check_configured(
    name: &str,
    stage: char,
    machine: &Machine,
    table: &MachineTypes,
    printer: &Printer,
) {
    match table.find(name) {
        Err(unknown) => printer.warning(&format!("stage {stage}: {unknown}")),
        Ok(whole)
            if machine.cpu_milli > whole.cpu_milli || machine.memory_mib > whole.memory_mib =>
        {
            printer.warning(&format!(
                "stage {stage} asks for {} mCPU and {} MiB, and a `{name}` has {} and {}",
                machine.cpu_milli, machine.memory_mib, whole.cpu_milli, whole.memory_mib
            ));
        }
        Ok(_) => {}
    }
}
