//! `epycloud experiment list`.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::{CellAlignment, presets};
use epycloud_errors::{ExitCode, Report};
use epycloud_orchestrator::record::{RunRecord, RunStatus, RunStore, StoredSession};
use epycloud_orchestrator::{RunSize, run_size};
use epycloud_storage::StorageError;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Serialize;

use super::browse::{self, FoundRun, browse, nothing_found};
use crate::arguments::{ListExperiments, ListFormat};
use crate::bucket::Bucket;
use crate::cloud::narrow::{Names, Room};
use crate::cloud::show;
use crate::commands::runtime::{Ended, block_on};
use crate::context::Context;
use crate::patterns::ExperimentFilter;
use crate::printer::Printer;
use crate::summary::{count, size};

/// Runs that are looked at more closely at the same time.
const CONCURRENT: usize = 8;

pub(super) fn run(arguments: &ListExperiments, context: &Context) -> Result<ExitCode, Report> {
    let bucket = Bucket::open(&arguments.within, context)?;
    match block_on(list(arguments, &bucket, &context.printer))? {
        Ended::Itself(listed) => listed,
        Ended::Stopped(code) => Ok(code),
    }
}

async fn list(
    arguments: &ListExperiments,
    bucket: &Bucket,
    printer: &Printer,
) -> Result<ExitCode, Report> {
    let filter = arguments.exp_filter.as_deref().map(ExperimentFilter::new);
    let mut found = browse(bucket, filter.as_ref()).await?;
    if found.is_empty() {
        // An empty list is an answer, as it is to the original.
        let nothing = nothing_found(bucket, filter.as_ref()).await?;
        printer.warning(&nothing.to_string());
        if let Some(hint) = epycloud_errors::Diagnose::hint(&nothing) {
            printer.say(&format!("  {hint}"));
        }
        return Ok(ExitCode::Done);
    }
    let runs = found.len();
    let mut of_experiment: BTreeMap<String, usize> = BTreeMap::new();
    for run in &found {
        *of_experiment
            .entry(run.folder.exp_id.to_string())
            .or_default() += 1;
    }
    if arguments.latest {
        let mut seen = BTreeSet::new();
        found.retain(|run| seen.insert(run.folder.exp_id.to_string()));
    }
    let kept = found.len();
    if arguments.limit > 0 {
        found.truncate(arguments.limit);
    }
    let format = if printer.json {
        ListFormat::Json
    } else {
        arguments.format
    };
    let shown = found.len();
    let rows = rows(found, &of_experiment, arguments, format, bucket).await?;
    write(&rows, format, printer);
    printer.say(&format!(
        "{}, {} in {}",
        count(of_experiment.len(), "experiment"),
        count(runs, "run"),
        bucket.place()
    ));
    if shown < kept {
        printer.say(&format!("the latest {shown} of {kept}; -n 0 lists all"));
    }
    Ok(ExitCode::Done)
}

/// A run, as it is shown.
#[derive(Debug, Serialize)]
struct Row {
    event: &'static str,
    exp_id: String,
    run_id: String,
    /// When it began, UTC.
    began: Option<String>,
    status: Option<&'static str>,
    bytes: Option<u64>,
    objects: Option<u64>,
    /// Runs that the experiment has.
    runs: usize,
    uri: String,
}

async fn rows(
    found: Vec<FoundRun>,
    of_experiment: &BTreeMap<String, usize>,
    arguments: &ListExperiments,
    format: ListFormat,
    bucket: &Bucket,
) -> Result<Vec<Row>, StorageError> {
    let is_looked_at = matches!(format, ListFormat::Table | ListFormat::Json);
    stream::iter(found)
        .map(|run| async move {
            let layout = run.folder.layout(&bucket.prefix);
            let status = if is_looked_at {
                status(bucket, &run).await?
            } else {
                None
            };
            let size = if is_looked_at && !arguments.no_size {
                Some(run_size(&bucket.storage, &layout).await?)
            } else {
                None
            };
            let exp_id = run.folder.exp_id.to_string();
            Ok(Row {
                event: "run",
                runs: of_experiment.get(&exp_id).copied().unwrap_or(1),
                exp_id,
                run_id: run.folder.run_id.to_string(),
                began: run.began.map(|time| time.to_string()),
                status,
                bytes: size.map(|RunSize { bytes, .. }| bytes),
                objects: size.map(|RunSize { objects, .. }| objects),
                uri: bucket.url_of(&layout),
            })
        })
        .buffered(CONCURRENT)
        .try_collect()
        .await
}

/// How a run stands, where its record says so; one that says it is running and that nobody is at
/// work on was killed.
async fn status(bucket: &Bucket, run: &FoundRun) -> Result<Option<&'static str>, StorageError> {
    let read;
    let record: Option<&RunRecord> = match &run.record {
        Some(record) => Some(record),
        None => {
            read = browse::record(bucket, &run.folder).await?;
            read.as_ref()
        }
    };
    let Some(record) = record else {
        return Ok(None);
    };
    if record.status != RunStatus::Running {
        return Ok(Some(record.status.as_str()));
    }
    let store = RunStore::new(bucket.storage.clone(), run.folder.layout(&bucket.prefix));
    let sessions = store.sessions().await?;
    let is_at_work = sessions.last().is_some_and(StoredSession::is_at_work);
    Ok(Some(if is_at_work { "running" } else { "killed" }))
}

fn write(rows: &[Row], format: ListFormat, printer: &Printer) {
    match format {
        ListFormat::Table => table(rows, printer),
        ListFormat::Json => rows.iter().for_each(|row| printer.event(row)),
        ListFormat::Uri => rows.iter().for_each(|row| printer.data(&row.uri)),
        ListFormat::Args => {
            for row in rows {
                printer.data(&format!("--exp-id {} --run-id {}", row.exp_id, row.run_id));
            }
        }
    }
}

/// What the table needs for an experiment and a run side by side, in characters.
const FOR_TWO_NAMES: u16 = 100;

/// A line for each run, where there is room: a list may be long.
fn table(rows: &[Row], printer: &Printer) {
    let has_sizes = rows.iter().any(|row| row.bytes.is_some());
    let (zone, times) = times(rows);
    let began = zone.map_or_else(|| "BEGAN".to_owned(), |zone| format!("BEGAN ({zone})"));
    let names = Names::with(Room::of_terminal(), FOR_TWO_NAMES);
    let mut columns = vec![began];
    columns.extend(names.columns().iter().map(|name| name.to_uppercase()));
    columns.push("STATUS".into());
    if has_sizes {
        columns.push("SIZE".into());
    }
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut table = show::table(&columns);
    table.load_style(presets::NOTHING);
    for (row, time) in rows.iter().zip(times) {
        // As the original marks an experiment that has other runs.
        let mark = if row.runs > 1 { " *" } else { "" };
        let mut cells = vec![time];
        cells.extend(names.cells(&row.exp_id, &format!("{}{mark}", row.run_id)));
        cells.push(row.status.unwrap_or("-").to_owned());
        if has_sizes {
            cells.push(row.bytes.map_or_else(|| "-".to_owned(), size));
        }
        table.add_row(cells);
    }
    // All but the experiment's, which may be long.
    for column in (0..columns.len()).filter(|column| *column != 1) {
        show::keep_whole(&mut table, column);
    }
    if has_sizes && let Some(column) = table.column_mut(columns.len() - 1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    printer.data(&table.to_string());
    if rows.iter().any(|row| row.runs > 1) {
        printer.say("* the experiment has several runs; --latest lists only the last");
    }
}

/// When each began, in local time; the zone once where it is the same for all.
fn times(rows: &[Row]) -> (Option<String>, Vec<String>) {
    let times: Vec<String> = rows
        .iter()
        .map(|row| show::time(row.began.as_deref()))
        .collect();
    let zones: BTreeSet<&str> = times
        .iter()
        .filter_map(|time| time.rsplit_once(' '))
        .map(|(_, zone)| zone)
        .collect();
    let only = match zones.first() {
        Some(zone) if zones.len() == 1 => (*zone).to_owned(),
        _ => return (None, times),
    };
    let end = format!(" {only}");
    let short = times
        .iter()
        .map(|time| time.trim_end_matches(&end).to_owned());
    (Some(only.clone()), short.collect())
}
