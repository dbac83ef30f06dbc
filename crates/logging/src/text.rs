//! Lines for people.

use crate::escape::{bounded, is_breaking, push_plain};
use crate::failure::FAILURE_TARGET;
use crate::fields::{Fields, Value};
use crate::layer::Entry;

/// The name where no stage runs.
const PROGRAM: &str = "epycloud";

/// What a message's further lines begin with, so that each is seen to belong to the one above.
const INDENT: &str = "\n    ";

/// One event as `time stage LEVEL [Task n] message key=value`, with a line break at its end.
pub(crate) fn line(entry: &Entry<'_>) -> String {
    let mut line = entry.time.strftime("%Y-%m-%d %H:%M:%S ").to_string();
    push_context(&mut line, &entry.context, "stage", |stage| stage);
    if !entry.context.iter().any(|(name, _)| name == "stage") {
        line.push_str(PROGRAM);
    }
    line.push(' ');
    line.push_str(entry.severity.as_str());
    line.push(' ');
    push_context(&mut line, &entry.context, "task_index", |index| {
        format!("[Task {index}] ")
    });
    push_message(&mut line, &entry.message);
    // The message of a failure says all that its fields say.
    if entry.metadata.target() != FAILURE_TARGET {
        for (name, value) in entry.fields.iter() {
            push_field(&mut line, name, value);
        }
    }
    line.push('\n');
    line
}

fn push_context(
    line: &mut String,
    context: &Fields,
    name: &str,
    show: impl FnOnce(String) -> String,
) {
    if let Some((_, value)) = context.iter().find(|(known, _)| *known == name) {
        push_plain(line, &show(value.to_string()));
    }
}

fn push_message(line: &mut String, message: &str) {
    for (position, part) in bounded(message).lines().enumerate() {
        if position > 0 {
            line.push_str(INDENT);
        }
        push_plain(line, part);
    }
}

fn push_field(line: &mut String, name: &str, value: &Value) {
    line.push(' ');
    push_plain(line, name);
    line.push('=');
    let text = value.to_string();
    let text = bounded(&text);
    let quoted = text.is_empty()
        || text
            .chars()
            .any(|c| c.is_whitespace() || is_breaking(c) || matches!(c, '"' | '='));
    if quoted {
        push_quoted(line, &text);
    } else {
        line.push_str(&text);
    }
}

fn push_quoted(line: &mut String, text: &str) {
    line.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => line.extend(['\\', character]),
            breaking if is_breaking(breaking) => line.extend(breaking.escape_default()),
            plain => line.push(plain),
        }
    }
    line.push('"');
}
