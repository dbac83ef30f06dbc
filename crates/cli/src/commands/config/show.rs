//! `epycloud config show` and `epycloud config get`.

use std::path::Path;

use epycloud_config::Source;
use epycloud_config::user::{ConfigFolder, Inspection, Key, KeyKind, LayerName, keys};
use epycloud_errors::{ExitCode, Report};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::arguments::Show;
use crate::context::Context;
use crate::printer::Printer;
use crate::user_file_error::UserFileError;

const MASK: &str = "********";

/// Shows all that was found, right or wrong; what is wrong is told after it.
pub(super) fn run(how: &Show, context: &Context) -> Result<ExitCode, Report> {
    let found = context.inspection()?;
    let printer = &context.printer;
    if printer.json {
        printer.event(&Shown::of(&found));
    } else {
        if !how.raw {
            printer.data(&format!("{}\n", heading(&found)));
        }
        let folder = context.folder().ok();
        let folder = folder.as_ref().map(ConfigFolder::path);
        let yaml = found.to_yaml(|source| how.sources.then(|| short(source, folder)));
        printer.data(yaml.trim_end());
        if !how.raw && !found.files().is_empty() {
            printer.data("\nRead from:");
            for file in found.files() {
                printer.data(&format!("  {}", file.display()));
            }
        }
    }
    told(&found, printer)
}

/// Tells warnings; faults are an error.
fn told(found: &Inspection, printer: &Printer) -> Result<ExitCode, Report> {
    for warning in found.warnings() {
        printer.warning(warning);
    }
    if found.faults().is_empty() {
        return Ok(ExitCode::Done);
    }
    Err(UserFileError::Configuration {
        faults: found.faults().iter().map(ToString::to_string).collect(),
    }
    .into())
}

fn heading(found: &Inspection) -> String {
    let environment = format!(
        "Environment: {} ({})",
        found.environment(),
        found.environment_source()
    );
    let Some(profile) = found.profile() else {
        return format!("{environment}\nProfile: none");
    };
    let metadata = found.profile_metadata();
    let mut said = format!("{environment}\nProfile: {profile}");
    if let Some(description) = &metadata.description {
        said.push_str(&format!(": {description}"));
    }
    if let Some(version) = &metadata.version {
        said.push_str(&format!(", version {version}"));
    }
    if let Some(source) = found.profile_source() {
        said.push_str(&format!(" ({source})"));
    }
    said
}

/// A source, its file from the folder of the configuration.
fn short(source: &Source, folder: Option<&Path>) -> String {
    match (source, folder) {
        (Source::File { file, line }, Some(folder)) => {
            let file = file.strip_prefix(folder).unwrap_or(file);
            format!("{}:{line}", file.display())
        }
        (source, _) => source.to_string(),
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    event: &'static str,
    environment: &'a str,
    profile: Option<&'a str>,
    /// By key; a secret is masked.
    values: Map<String, Value>,
    sources: Map<String, Value>,
    files: Vec<String>,
    warnings: &'a [String],
    faults: Vec<String>,
}

impl<'a> Shown<'a> {
    fn of(found: &'a Inspection) -> Self {
        let values = keys()
            .iter()
            .filter_map(|key| Some((key.name.to_owned(), value(found, key)?)));
        let sources = keys().iter().filter_map(|key| {
            let source = found.source_of(key.name)?.to_string();
            Some((key.name.to_owned(), Value::from(source)))
        });
        Self {
            event: "configuration",
            environment: found.environment().as_str(),
            profile: found.profile().map(LayerName::as_str),
            values: values.collect(),
            sources: sources.collect(),
            files: found
                .files()
                .iter()
                .map(|file| file.display().to_string())
                .collect(),
            warnings: found.warnings(),
            faults: found.faults().iter().map(ToString::to_string).collect(),
        }
    }
}

/// A value with its type; one that can't be used stays text.
fn value(found: &Inspection, key: &Key) -> Option<Value> {
    if key.is_secret() {
        return found.is_set(key.name).then(|| Value::from(MASK));
    }
    found.source_of(key.name)?;
    let Some(text) = found.text_of(key.name) else {
        return Some(Value::Null);
    };
    let typed = match key.kind {
        KeyKind::Number => text.parse::<u64>().ok().map(Value::from),
        KeyKind::Boolean => text
            .to_ascii_lowercase()
            .parse::<bool>()
            .ok()
            .map(Value::from),
        KeyKind::Text | KeyKind::Secret => None,
    };
    Some(typed.unwrap_or_else(|| Value::from(text)))
}

/// Shows one key's value; a secret masked. A key without a value is exit code 1.
pub(super) fn get(name: &str, context: &Context) -> Result<ExitCode, Report> {
    let key = Key::named(name)?;
    let found = context.inspection()?;
    let printer = &context.printer;
    let value = value(&found, key).unwrap_or(Value::Null);
    if value.is_null() {
        return Err(UserFileError::NotSet { key: key.name }.into());
    }
    if printer.json {
        printer.event(&Got {
            event: "value",
            key: key.name,
            source: found.source_of(key.name).map(ToString::to_string),
            value,
        });
    } else {
        match &value {
            Value::String(text) => printer.data(text),
            other => printer.data(&other.to_string()),
        }
    }
    Ok(ExitCode::Done)
}

#[derive(Serialize)]
struct Got {
    event: &'static str,
    key: &'static str,
    value: Value,
    source: Option<String>,
}
