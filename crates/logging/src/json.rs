//! Lines that Cloud Logging indexes.
//!
//! Source of the special names: <https://cloud.google.com/logging/docs/structured-logging>

use tracing::Metadata;

use crate::escape::push_json_string;
use crate::failure::FAILURE_TARGET;
use crate::fields::{Fields, Value};
use crate::layer::{CONTEXT, Entry};

/// What stands before the name of a field that would change the entry's own.
const PREFIX: &str = "field_";

/// Names that Cloud Logging or the line itself gives a meaning.
const RESERVED: [&str; 8] = [
    "severity",
    "message",
    "timestamp",
    "time",
    "timestampSeconds",
    "timestampNanos",
    "httpRequest",
    "@type",
];

/// One event as one JSON object, with a line break at its end.
pub(crate) fn line(entry: &Entry<'_>) -> String {
    let mut object = Object::new();
    object.text("severity", entry.severity.as_str());
    object.text("message", &entry.message);
    object.text(
        "timestamp",
        &entry.time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
    );
    for (name, value) in entry.context.iter() {
        object.value(name, value);
    }
    for (name, value) in entry.fields.iter() {
        field(&mut object, name, value);
    }
    // A failure is logged far from where it happened.
    if entry.metadata.target() != FAILURE_TARGET {
        let location = source_location(entry.metadata);
        object.raw("logging.googleapis.com/sourceLocation", &location);
    }
    if let Some(labels) = labels(&entry.context) {
        object.raw("logging.googleapis.com/labels", &labels);
    }
    object.finish() + "\n"
}

fn field(object: &mut Object, name: &str, value: &Value) {
    if let ("error", Value::Error(chain)) = (name, value) {
        object.text("error_message", chain.first().map_or("", String::as_str));
        object.list("error_chain", chain);
    } else if RESERVED.contains(&name) || name.starts_with("logging.googleapis.com/") {
        object.value(&format!("{PREFIX}{name}"), value);
    } else {
        object.value(name, value);
    }
}

fn source_location(metadata: &Metadata<'_>) -> String {
    let mut location = Object::new();
    if let Some(file) = metadata.file() {
        location.text("file", file);
    }
    if let Some(line) = metadata.line() {
        // Cloud Logging's type for it is a string.
        location.text("line", &line.to_string());
    }
    location.text(
        "function",
        metadata.module_path().unwrap_or_else(|| metadata.target()),
    );
    location.finish()
}

/// What entries can be found by without a search in their content.
fn labels(context: &Fields) -> Option<String> {
    let mut labels = Object::new();
    for name in CONTEXT {
        if let Some((_, value)) = context.iter().find(|(known, _)| *known == name) {
            labels.text(name, &value.to_string());
        }
    }
    labels.any.then(|| labels.finish())
}

/// A JSON object in the making. A name that comes twice is left out the second time: readers
/// disagree on which counts.
struct Object {
    line: String,
    names: Vec<String>,
    any: bool,
}

impl Object {
    fn new() -> Self {
        Self {
            line: String::from("{"),
            names: Vec::new(),
            any: false,
        }
    }

    /// Starts a member, unless there is one of that name.
    fn name(&mut self, name: &str) -> bool {
        if self.names.iter().any(|known| known == name) {
            return false;
        }
        if self.any {
            self.line.push(',');
        }
        self.any = true;
        push_json_string(&mut self.line, name);
        self.line.push(':');
        self.names.push(name.to_owned());
        true
    }

    fn raw(&mut self, name: &str, json: &str) {
        if self.name(name) {
            self.line.push_str(json);
        }
    }

    fn text(&mut self, name: &str, text: &str) {
        if self.name(name) {
            push_json_string(&mut self.line, text);
        }
    }

    fn list(&mut self, name: &str, texts: &[String]) {
        if !self.name(name) {
            return;
        }
        self.line.push('[');
        for (position, text) in texts.iter().enumerate() {
            if position > 0 {
                self.line.push(',');
            }
            push_json_string(&mut self.line, text);
        }
        self.line.push(']');
    }

    fn value(&mut self, name: &str, value: &Value) {
        match value {
            Value::Bool(value) => self.raw(name, &value.to_string()),
            Value::Signed(value) => self.raw(name, &value.to_string()),
            Value::Unsigned(value) => self.raw(name, &value.to_string()),
            Value::Float(value) if value.is_finite() => self.raw(name, &format!("{value:?}")),
            // JSON has no name for what is not a number.
            Value::Float(_) | Value::Text(_) | Value::Error(_) => {
                self.text(name, &value.to_string());
            }
        }
    }

    fn finish(mut self) -> String {
        self.line.push('}');
        self.line
    }
}
