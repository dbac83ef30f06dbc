//! The outcome of a validation, for people and for programs.

use anstyle::{AnsiColor, Style};
use epycloud_config::Severity;
use serde::Serialize;

use super::outcome::{Document, Outcome, ShownFault, Status, Summary};
use crate::arguments::ReportFormat;
use crate::error::CliError;
use crate::printer::Printer;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const ODD: Style = AnsiColor::Yellow.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Writes the outcomes as asked for. One alone is written without the list around it, as the
/// original does.
pub(super) fn show(
    outcomes: &[Outcome],
    format: ReportFormat,
    printer: &Printer,
) -> Result<(), CliError> {
    if printer.json {
        match outcomes {
            [only] => printer.event(only),
            several => printer.event(&Document::of(several)),
        }
        return Ok(());
    }
    match (format, outcomes) {
        (ReportFormat::Text, _) => {
            for outcome in outcomes {
                printer.data(&text(outcome));
            }
            summary(Summary::of(outcomes), printer);
        }
        (_, [only]) => printer.data(&document(only, format)?),
        (_, several) => printer.data(&document(&Document::of(several), format)?),
    }
    Ok(())
}

fn document<T: Serialize>(value: &T, format: ReportFormat) -> Result<String, CliError> {
    let written = if format == ReportFormat::Yaml {
        serde_saphyr::to_string(value).map_err(|error| error.to_string())
    } else {
        serde_json::to_string_pretty(value).map_err(|error| error.to_string())
    };
    written
        .map(|text| text.trim_end().to_owned())
        .map_err(|reason| CliError::Write { reason })
}

/// One folder: how it fared, its combinations, and all that is wrong.
fn text(outcome: &Outcome) -> String {
    let (style, word) = match outcome.status {
        Status::Pass => (GOOD, "passed"),
        Status::Fail => (BAD, "failed"),
        Status::Error => (ODD, "error"),
    };
    let mut lines = vec![format!("{}  {style}{word}{style:#}", outcome.name)];
    for set in &outcome.config_sets {
        let files = [
            Some(&set.set.basemodel),
            set.set.modelset.as_ref(),
            set.set.output.as_ref(),
        ];
        let files: Vec<&str> = files.into_iter().flatten().map(String::as_str).collect();
        let mut line = format!("  {}", files.join(" + "));
        if let Some(workflow) = &set.set.workflow {
            line.push_str(&format!(": {}", workflow.replace('_', " and ")));
        }
        match set.set.n_tasks {
            Some(1) => line.push_str(", 1 task"),
            Some(n) => line.push_str(&format!(", {n} tasks")),
            None => {}
        }
        lines.push(line);
        for problem in &set.set.problems {
            lines.push(format!(
                "  {BAD}error:{BAD:#} {}",
                problem.message.join(": ")
            ));
            lines.extend(
                problem
                    .hint
                    .iter()
                    .map(|hint| format!("    {DIM}{hint}{DIM:#}")),
            );
        }
        for warning in &set.set.warnings {
            lines.push(format!("  {ODD}warning:{ODD:#} {warning}"));
        }
    }
    lines.extend(outcome.faults.iter().map(fault));
    if let Some(error) = &outcome.error {
        lines.push(format!("  {BAD}error:{BAD:#} {error}"));
        lines.extend(
            outcome
                .hint
                .iter()
                .map(|hint| format!("    {DIM}{hint}{DIM:#}")),
        );
    }
    if outcome.status == Status::Pass && !outcome.data_checked {
        lines.push(format!(
            "  {DIM}the data that it names was not looked at{DIM:#}"
        ));
    }
    lines.join("\n")
}

/// A fault on a line, with what explains it below.
fn fault(fault: &ShownFault) -> String {
    let (style, word) = match (fault.severity, fault.limit) {
        (_, Some(_)) => (BAD, "not in the native engine"),
        (Severity::Error, None) => (BAD, "error"),
        (Severity::Warning, None) => (ODD, "warning"),
    };
    let mut text = format!(
        "  {style}{word}:{style:#} {}: {}",
        fault.place(),
        fault.message
    );
    for more in [fault.reason, fault.hint.as_deref()].into_iter().flatten() {
        text.push_str(&format!("\n    {DIM}{more}{DIM:#}"));
    }
    text
}

fn summary(summary: Summary, printer: &Printer) {
    let parts: Vec<String> = [
        (summary.passed, "passed"),
        (summary.failed, "failed"),
        (summary.errored, "could not be read"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    printer.heading(&format!("{} checked: {}", summary.total, parts.join(", ")));
}
