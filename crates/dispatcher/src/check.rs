//! `--check`: what the environment comes to.

use std::io::{self, Write};

use epycloud_config::{Environment, RuntimeSettings, SettingLine};
use epycloud_errors::{ExitCode, Report};
use serde_json::{Value, json};

use crate::failure;

/// Prints the settings to standard output, and what is wrong or odd to standard error.
pub(crate) fn run(environment: &Environment, as_json: bool) -> ExitCode {
    let settings = match RuntimeSettings::from_environment(environment) {
        Ok(settings) => settings,
        Err(errors) => return failure::print(&Report::new(errors)),
    };
    let lines = settings.describe();
    let text = if as_json {
        to_json(&lines)
    } else {
        to_table(&lines)
    };
    for warning in settings.warnings() {
        // A closed stream only means that nobody reads it.
        let _ = writeln!(io::stderr(), "warning: {warning}");
    }
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::Done,
        Err(_) => ExitCode::Failed,
    }
}

fn to_table(lines: &[SettingLine]) -> String {
    let width = |length: fn(&SettingLine) -> usize| lines.iter().map(length).max().unwrap_or(0);
    let name = width(|line| line.name.len());
    let value = width(|line| line.value.chars().count());
    lines
        .iter()
        .map(|line| {
            format!(
                "{:name$}  {:value$}  {}\n",
                line.name, line.value, line.source
            )
        })
        .collect()
}

fn to_json(lines: &[SettingLine]) -> String {
    let values: Vec<Value> = lines
        .iter()
        .map(|line| json!({"name": line.name, "value": line.value, "source": line.source}))
        .collect();
    format!("{:#}\n", Value::Array(values))
}
