//! Changing one value in a YAML file's text: comments, order and quotes stay as they are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use epycloud_errors::{Diagnose, ExitCode};

use super::key::Key;
use super::text::scalar;
use crate::Fault;
use crate::yaml::{self, Node, Value};

/// Why a value can't be set.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The file isn't YAML.
    #[error("{0:#}")]
    Syntax(Box<Fault>),
    /// The value isn't one of the key's.
    #[error("`{key}` can't be set: {message}")]
    Value {
        /// The key.
        key: &'static str,
        /// What is wrong, with the value in backticks.
        message: String,
        /// What can be done about it.
        hint: Option<String>,
    },
    /// The value is written in a way that isn't edited here.
    #[error("`{key}` can't be set in `{}`, line {line}: {why}", .file.display())]
    ByHand {
        /// The key.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is in the way.
        why: &'static str,
    },
}

impl Diagnose for EditError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Syntax(_) => None,
            Self::Value { hint, .. } => hint.clone(),
            Self::ByHand { .. } => Some("change it by hand: `epycloud config edit`".to_owned()),
        }
    }
}

/// A file's text with a key's value set. The rest of it stays as it is, byte for byte.
///
/// ```
/// use std::path::Path;
/// use epycloud_config::user::{Key, set_value};
///
/// let text = "docker:\n  image_tag: latest # for now\n";
/// let key = Key::find("docker.image_tag").unwrap();
/// let changed = set_value(Path::new("config.yaml"), text, key, "v1.0.0")?;
/// assert_eq!(changed, "docker:\n  image_tag: v1.0.0 # for now\n");
/// # Ok::<(), epycloud_config::user::EditError>(())
/// ```
///
/// # Errors
/// The value isn't one of the key's, the text isn't YAML, or the value is written in a way that
/// can't be changed without touching more (a block of lines, `{…}`, an anchor).
pub fn set_value(
    file: &Path,
    text: &str,
    key: &'static Key,
    value: &str,
) -> Result<String, EditError> {
    check(key, value)?;
    let document = yaml::parse(file, text).map_err(|fault| EditError::Syntax(Box::new(fault)))?;
    let refused = |line: usize, why| EditError::ByHand {
        key: key.name,
        file: file.to_owned(),
        line,
        why,
    };
    let target = find(&document.root, key.name);
    let line = target.line();
    let changed = target.apply(text, key, value).ok_or_else(|| {
        refused(
            line,
            "it is written over several lines, in braces or with an anchor",
        )
    })?;
    let again = yaml::parse(file, &changed)
        .map_err(|_| refused(line, "the file would not be valid any more"))?;
    let mut expected = leaves(&document.root);
    expected.retain(|path, leaf| !(leaf.is_empty() && within(key.name, path)));
    expected.insert(key.name.to_owned(), value_of(key, value));
    if leaves(&again.root) == expected {
        Ok(changed)
    } else {
        Err(refused(line, "other values would change too"))
    }
}

/// Whether the value is one of the key's, whatever environment and profile hold.
fn check(key: &'static Key, value: &str) -> Result<(), EditError> {
    let filled = value
        .replace("{environment}", "x")
        .replace("{profile}", "x");
    key.check(&filled).map_err(|problem| EditError::Value {
        key: key.name,
        message: problem.message,
        hint: problem.hint,
    })
}

fn value_of(key: &Key, value: &str) -> String {
    let text = scalar(key, value, false);
    let plain = yaml::parse(Path::new(""), &format!("key: {text}\n")).ok();
    let written = plain
        .as_ref()
        .and_then(|document| document.root.get("key")?.written())
        .unwrap_or(value);
    format!("={written}")
}

/// Whether a path is a section that a key lies in.
fn within(key: &str, section: &str) -> bool {
    let rest = key.strip_prefix(section);
    section.is_empty() || rest.is_some_and(|rest| rest.starts_with('.'))
}

/// Every scalar by its path, as it is written; what is empty is there too.
fn leaves(node: &Node) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect("", node, &mut found);
    found
}

fn collect(path: &str, node: &Node, found: &mut BTreeMap<String, String>) {
    let below = |name: &str| match path {
        "" => name.to_owned(),
        _ => format!("{path}.{name}"),
    };
    match &node.value {
        Value::Mapping(entries) => {
            for (key, value) in entries {
                collect(&below(key.written().unwrap_or_default()), value, found);
            }
        }
        Value::Sequence(elements) => {
            for (position, element) in elements.iter().enumerate() {
                collect(&below(&format!("[{position}]")), element, found);
            }
        }
        Value::Null => {
            found.insert(path.to_owned(), String::new());
        }
        _ => {
            let text = node.written().unwrap_or_default();
            found.insert(path.to_owned(), format!("={text}"));
        }
    }
}

/// Where the value goes.
enum Target<'a> {
    /// In the place of a scalar that is there.
    Replace { name: &'a Node, value: &'a Node },
    /// As new lines below a section's line; `indent` is that of its keys.
    Below {
        line: usize,
        indent: usize,
        path: &'a str,
    },
    /// As new lines at the end.
    End { path: &'a str },
    /// Nowhere, since what is there isn't a scalar or a block of keys.
    Nowhere { line: usize },
}

fn find<'a>(root: &'a Node, path: &'a str) -> Target<'a> {
    let mut section = root;
    let mut header: Option<&Node> = None;
    let mut rest = path;
    loop {
        let entries = match &section.value {
            Value::Mapping(entries) => entries.as_slice(),
            Value::Null => &[],
            _ => return Target::Nowhere { line: section.line },
        };
        let (name, below) = rest
            .split_once('.')
            .map_or((rest, None), |(name, below)| (name, Some(below)));
        let entry = entries.iter().find(|(key, _)| key.written() == Some(name));
        match (entry, below, header) {
            (Some((name, value)), None, _) => return Target::Replace { name, value },
            (Some((name, value)), Some(below), _) => {
                (section, header, rest) = (value, Some(name), below);
            }
            (None, _, None) => return Target::End { path: rest },
            (None, _, Some(header)) => {
                let indent = match entries.first() {
                    Some((first, _)) if first.line == header.line => {
                        return Target::Nowhere { line: header.line };
                    }
                    Some((first, _)) => first.column - 1,
                    None => header.column + 1,
                };
                return Target::Below {
                    line: header.line,
                    indent,
                    path: rest,
                };
            }
        }
    }
}

impl Target<'_> {
    fn line(&self) -> usize {
        match self {
            Self::Replace { name, .. } => name.line,
            Self::Below { line, .. } | Self::Nowhere { line } => *line,
            Self::End { .. } => 1,
        }
    }

    /// The text with the value in its place; `None` where that isn't possible.
    fn apply(&self, text: &str, key: &Key, value: &str) -> Option<String> {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        match self {
            Self::Replace { name, value: old } => replace(text, name, old, key, value),
            Self::Below { line, indent, path } => {
                let at = start_of_line(text, line + 1)?;
                let before = &text[..at];
                let gap = if before.ends_with('\n') { "" } else { newline };
                let lines = nested(path, *indent, &scalar(key, value, false), newline);
                Some(format!("{before}{gap}{lines}{}", &text[at..]))
            }
            Self::End { path } => {
                let gap = if text.is_empty() || text.ends_with('\n') {
                    ""
                } else {
                    newline
                };
                let lines = nested(path, 0, &scalar(key, value, false), newline);
                Some(format!("{text}{gap}{lines}"))
            }
            Self::Nowhere { .. } => None,
        }
    }
}

/// `a.b.c` and a value as lines of nested sections.
fn nested(path: &str, indent: usize, value: &str, newline: &str) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    let mut lines = String::new();
    for (depth, part) in parts.iter().enumerate() {
        let end = if depth + 1 == parts.len() {
            format!(" {value}")
        } else {
            String::new()
        };
        let spaces = " ".repeat(indent + 2 * depth);
        lines.push_str(&format!("{spaces}{part}:{end}{newline}"));
    }
    lines
}

fn replace(text: &str, name: &Node, old: &Node, key: &Key, value: &str) -> Option<String> {
    if old.is_null() && old.written().unwrap_or_default().is_empty() {
        // Nothing stands behind the colon.
        let at = offset(text, name.line, name.column)?;
        let at = at + scalar_length(&text[at..], name)?;
        let rest = text[at..].strip_prefix(':')?;
        let value = scalar(key, value, false);
        return Some(format!("{}: {value}{rest}", &text[..at]));
    }
    let at = offset(text, old.line, old.column)?;
    let length = scalar_length(&text[at..], old)?;
    let is_quoted = text[at..].starts_with(['"', '\'']);
    let value = scalar(key, value, is_quoted);
    Some(format!("{}{value}{}", &text[..at], &text[at + length..]))
}

/// How many bytes a scalar takes that begins here, on one line.
fn scalar_length(text: &str, node: &Node) -> Option<usize> {
    let line = text.split(['\n', '\r']).next()?;
    match line.chars().next()? {
        '"' => {
            let mut escaped = false;
            line.char_indices().skip(1).find_map(|(at, character)| {
                let ends = character == '"' && !escaped;
                escaped = character == '\\' && !escaped;
                ends.then_some(at + 1)
            })
        }
        '\'' => {
            // A doubled quote is one of the text's own.
            let inner = &line[1..];
            let mut at = 0;
            loop {
                at += inner[at..].find('\'')?;
                if !inner[at + 1..].starts_with('\'') {
                    return Some(at + 2);
                }
                at += 2;
            }
        }
        _ => {
            let written = node.written()?;
            line.starts_with(written).then_some(written.len())
        }
    }
}

/// The byte at a line and a column of characters, both from 1.
fn offset(text: &str, line: usize, column: usize) -> Option<usize> {
    let start = start_of_line(text, line)?;
    let (at, _) = text[start..].char_indices().nth(column.checked_sub(1)?)?;
    Some(start + at)
}

/// The byte at which a line begins; the text's end for the one after the last.
fn start_of_line(text: &str, line: usize) -> Option<usize> {
    if line == 1 {
        return Some(0);
    }
    let ends = text.match_indices('\n').map(|(at, _)| at + 1);
    let known = ends.clone().nth(line - 2);
    known.or_else(|| (ends.count() + 2 == line).then_some(text.len()))
}
