//! What a run is about to do, and what it has done.

use std::num::NonZeroUsize;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use epycloud_errors::Diagnose as _;
use epycloud_orchestrator::record::shared_cause;
use epycloud_orchestrator::{FailedTask, OrchestratorError, WorkflowReport};
use epycloud_stages::engine::Interval;
use epycloud_stages::{BuilderReport, OutputReport, StageRun};
use serde::Serialize;

use crate::printer::Printer;
use crate::settings::LocalRun;

/// Causes of failure that are told; all are in `run.json`.
const SHOWN_CAUSES: usize = 8;

/// What is about to happen; with `--dry-run` all that happens.
pub(crate) fn plan(
    printer: &Printer,
    run: &LocalRun,
    what: &str,
    max_parallelism: Option<NonZeroUsize>,
) {
    let settings = &run.runtime;
    let exp_id = settings
        .exp_id
        .as_ref()
        .map_or("", |exp_id| exp_id.value.as_str());
    let title = if printer.dry_run {
        "Would run"
    } else {
        "Running"
    };
    printer.heading(&format!("{title} {what} of experiment {exp_id}"));
    let mut rows = vec![
        ("run", run.run_id.to_string()),
        ("repository", run.project.forecast.display().to_string()),
        ("results", run.folder().display().to_string()),
        ("engine", settings.engine.value.to_string()),
    ];
    if let Some(n) = max_parallelism {
        rows.push(("in parallel", n.to_string()));
    }
    let configured = settings.describe().into_iter();
    rows.extend(
        configured
            .filter(|line| line.configured)
            .map(|line| (line.name, format!("{} ({})", line.value, line.source))),
    );
    for (name, value) in rows {
        printer.say(&format!("  {name:12} {value}"));
    }
    for warning in settings.warnings() {
        printer.warning(warning);
    }
    if printer.json {
        printer.event(&Planned {
            event: "planned",
            dry_run: printer.dry_run,
            exp_id,
            run_id: run.run_id.as_str(),
            results: run.folder().display().to_string(),
            engine: settings.engine.value.as_str(),
            max_parallelism: max_parallelism.map(NonZeroUsize::get),
        });
    }
}

#[derive(Serialize)]
struct Planned<'a> {
    event: &'static str,
    dry_run: bool,
    exp_id: &'a str,
    run_id: &'a str,
    results: String,
    engine: &'a str,
    max_parallelism: Option<usize>,
}

/// Where a run's files are, without a slash at the end.
fn folder(run: &StageRun) -> String {
    run.storage.url_of(run.layout.root())
}

/// What a whole workflow has done.
pub(crate) fn workflow(printer: &Printer, run: &StageRun, report: &WorkflowReport) {
    let folder = folder(run);
    match (&report.output, &report.kept_outputs) {
        (Some(output), _) => written(printer, run, output),
        (None, Some(kept)) => printer.heading(&format!(
            "nothing to do: outputs in {folder}/outputs/{kept}"
        )),
        (None, None) => printer.say(&format!("results are in {folder}")),
    }
    if printer.json {
        printer.event(&Ended {
            event: "ended",
            run_id: run.settings.run_id.as_str(),
            tasks: report.n,
            ran: report.ran,
            kept: report.kept,
            failed: &report.failed,
            duration_secs: report.duration_secs,
        });
    }
    failed(printer, report);
    printer.say(&format!("done in {:.2} s", report.duration_secs));
}

#[derive(Serialize)]
struct Ended<'a> {
    event: &'static str,
    run_id: &'a str,
    tasks: u32,
    ran: u32,
    kept: u32,
    failed: &'a [FailedTask],
    duration_secs: f64,
}

/// The tasks without a result, those of one cause together.
fn failed(printer: &Printer, report: &WorkflowReport) {
    if report.failed.is_empty() {
        return;
    }
    let mut causes: Vec<(String, Vec<u32>)> = Vec::new();
    for task in &report.failed {
        let cause = shared_cause(&task.chain.join(": "), task.task);
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, tasks)) => tasks.push(task.task),
            None => causes.push((cause, vec![task.task])),
        }
    }
    printer.warning(&format!(
        "{} of {} tasks have no result:",
        report.failed.len(),
        report.n
    ));
    for (cause, tasks) in causes.iter().take(SHOWN_CAUSES) {
        printer.say(&format!("  {}: {cause}", ranges(tasks)));
    }
    if let Some((_, rest)) = causes.split_at_checked(SHOWN_CAUSES)
        && !rest.is_empty()
    {
        let tasks: Vec<u32> = rest.iter().flat_map(|(_, tasks)| tasks.clone()).collect();
        printer.say(&format!("  {}: see run.json", ranges(&tasks)));
    }
}

/// Indices in order, with runs of them as ranges: `3, 7, 10-20`.
fn ranges(tasks: &[u32]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for &task in tasks {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == task => *last = task,
            _ => parts.push((task, task)),
        }
    }
    let shown: Vec<String> = parts
        .into_iter()
        .map(|(first, last)| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        })
        .collect();
    format!(
        "{} {}",
        if tasks.len() == 1 { "task" } else { "tasks" },
        shown.join(", ")
    )
}

/// That a run was stopped, and how to go on with it.
pub(crate) fn stopped(printer: &Printer, error: &OrchestratorError) {
    if printer.json {
        printer.event(&StoppedEvent {
            event: "stopped",
            exit_code: error.exit_code().code(),
            message: error.to_string(),
        });
    }
    printer.warning(&error.to_string());
    if let Some(hint) = error.hint() {
        printer.say(&format!("  {hint}"));
    }
}

#[derive(Serialize)]
struct StoppedEvent {
    event: &'static str,
    exit_code: u8,
    message: String,
}

/// What stage A has done.
pub(crate) fn built(printer: &Printer, run: &StageRun, report: &BuilderReport) {
    if printer.json {
        printer.event(&Built {
            event: "built",
            run_id: run.settings.run_id.as_str(),
            tasks: report.n,
        });
    }
    printer.heading(&format!(
        "{} tasks built; run {}",
        report.n, run.settings.run_id
    ));
    let last = report.n.saturating_sub(1);
    printer.say(&format!(
        "  next: --stage B --run-id {} --task-index 0 … {last}",
        run.settings.run_id
    ));
}

#[derive(Serialize)]
struct Built<'a> {
    event: &'static str,
    run_id: &'a str,
    tasks: u32,
}

/// What stage C has done.
pub(crate) fn written(printer: &Printer, run: &StageRun, report: &OutputReport) {
    let folder = format!("{}/outputs/{}", folder(run), report.folder);
    if printer.json {
        printer.event(&Written {
            event: "written",
            run_id: run.settings.run_id.as_str(),
            folder: folder.clone(),
            files: report
                .files
                .iter()
                .map(|file| file.name.to_string())
                .collect(),
            missing: report.missing.iter().map(|task| task.index).collect(),
        });
    }
    if !report.missing.is_empty() {
        printer.warning(&format!(
            "the outputs lack {} of {} tasks; index.json names them",
            report.missing.len(),
            report.n
        ));
    }
    headline(printer, report);
    printer.heading(&format!("outputs in {folder}"));
    let width = report
        .files
        .iter()
        .map(|file| file.name.as_str().len())
        .max()
        .unwrap_or(0);
    for file in &report.files {
        let name = file.name.as_str();
        printer.say(&format!("  {name:width$}  {:>9}", size(file.bytes)));
    }
}

#[derive(Serialize)]
struct Written<'a> {
    event: &'static str,
    run_id: &'a str,
    folder: String,
    files: Vec<String>,
    missing: Vec<u32>,
}

/// The main transition of each task: what a person looks for first.
fn headline(printer: &Printer, report: &OutputReport) {
    let Some(first) = report.headline.first() else {
        return;
    };
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .use_stderr()
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "population",
        "peak on",
        "people at the peak (95 %)",
        "people in all (95 %)",
    ]);
    for row in &report.headline {
        table.add_row([
            &row.population,
            &row.peak_date,
            &interval(&row.peak),
            &interval(&row.total),
        ]);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    printer.heading(&format!(
        "{}: median and 95 % of the simulations",
        first.transition
    ));
    printer.say(&table.to_string());
}

fn interval(interval: &Interval) -> String {
    let whole = |people: f64| thousands(people.round() as i64);
    format!(
        "{} ({} – {})",
        whole(interval.median),
        whole(interval.lower),
        whole(interval.upper)
    )
}

/// A whole number with its digits in groups of three.
fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// So many of something: `1 run`, `2 runs`.
pub(crate) fn count(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

/// A size in bytes for people.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "KiB", "MiB", "GiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes} B")
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::{ranges, size, thousands};

    #[test]
    fn runs_of_indices_are_ranges() {
        assert_eq!(ranges(&[3, 7, 10, 11, 12]), "tasks 3, 7, 10-12");
        assert_eq!(ranges(&[0]), "task 0");
    }

    #[test]
    fn sizes_are_read_by_people() {
        assert_eq!(size(512), "512 B");
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(size(5 << 30), "5.0 GiB");
    }
    #[test]
    fn digits_stand_in_groups_of_three() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(-1_000), "-1,000");
    }
}
