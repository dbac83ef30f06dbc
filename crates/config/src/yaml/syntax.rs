//! Faults of the text itself, in words of this product with a hint.

use std::path::Path;

use saphyr_parser::{Marker, ScanError};

use super::MAX_BYTES;
use crate::{Fault, Severity};

/// The file that faults name.
pub(super) struct Source<'a> {
    pub(super) file: &'a Path,
}

impl Source<'_> {
    /// A fault at a line and column, both from 1.
    pub(super) fn fault(
        &self,
        (line, column): (usize, usize),
        path: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Fault {
        let hint = hint.into();
        Fault {
            severity: Severity::Error,
            file: self.file.to_owned(),
            line,
            column,
            path: path.into(),
            message: message.into(),
            hint: (!hint.is_empty()).then_some(hint),
            value: None,
            expected: None,
            limit: None,
        }
    }

    /// The bytes as text that YAML allows.
    pub(super) fn text<'b>(&self, bytes: &'b [u8]) -> Result<&'b str, Fault> {
        if bytes.len() > MAX_BYTES {
            let message = format!("the file has more than {MAX_BYTES} bytes");
            return Err(self.fault((0, 0), "", message, "is it a configuration file?"));
        }
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            let message = "the file is UTF-16";
            return Err(self.fault((1, 1), "", message, "save it as UTF-8"));
        }
        let text = str::from_utf8(bytes).map_err(|error| {
            let valid = str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
            let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
            let message = format!("byte `0x{byte:02x}` is not UTF-8 text");
            self.fault(end_of(valid), "", message, "save the file as UTF-8")
        })?;
        match text
            .char_indices()
            .find(|&(_, character)| !is_printable(character))
        {
            None => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
            Some((at, character)) => {
                let message = format!(
                    "character `U+{:04X}` is not allowed in YAML",
                    character as u32
                );
                Err(self.fault(end_of(&text[..at]), "", message, "remove it"))
            }
        }
    }

    /// A fault of the scanner.
    pub(super) fn scan_fault(&self, error: &ScanError) -> Fault {
        let (message, hint) = explain(error.info());
        self.fault(position(error.marker()), "", message, hint)
    }
}

/// Line and column of a mark, both from 1.
pub(super) fn position(mark: &Marker) -> (usize, usize) {
    (mark.line(), mark.col() + 1)
}

/// Line and column just after a text.
fn end_of(text: &str) -> (usize, usize) {
    let line = text.matches('\n').count() + 1;
    let column = text.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// The characters of YAML 1.1's `c-printable`, which PyYAML insists on.
fn is_printable(character: char) -> bool {
    matches!(
        character,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..
    )
}

/// The scanner's messages by a part of them, in plainer words, with what to do.
const EXPLAINED: [(&str, &str, &str); 14] = [
    ("tab", "a tab is used as indentation", "indent with spaces"),
    (
        "quoted scalar, found unexpected end of stream",
        "a quoted text is never closed",
        "add the closing quote",
    ),
    (
        "invalid indentation in quoted scalar",
        "a quoted text runs on into the next line",
        "is its closing quote missing?",
    ),
    (
        "unknown anchor",
        "an alias names an anchor that isn't there",
        "write `&name` at the value before `*name` refers to it, or quote a text that starts with `*`",
    ),
    (
        "mapping values are not allowed",
        "a `:` where no mapping can start",
        "quote a text that has `: ` in it, and check the indentation of this line",
    ),
    (
        "unknown escape character",
        "an unknown escape in a double-quoted text",
        "write `\\\\` for a backslash, or use single quotes",
    ),
    (
        "recursion limit",
        "lists and mappings are nested too deeply",
        "",
    ),
    (
        "did not find expected key",
        "a key was expected here",
        "check that the keys of a mapping start in the same column",
    ),
    (
        "'-' indicator",
        "a `-` was expected here",
        "check that the elements of a list start in the same column",
    ),
    (
        "simple key expect",
        "a key without its `:` ends before this place",
        "write `key: value`, with a space after the colon",
    ),
    (
        "flow mapping",
        "a `,` or `}` was expected here",
        "check the commas and brackets before this place",
    ),
    (
        "flow sequence",
        "a `,` or `]` was expected here",
        "check the commas and brackets before this place",
    ),
    (
        "did not find expected node content",
        "a value was expected here",
        "is a bracket before this place not closed?",
    ),
    (
        "invalid indentation",
        "the indentation doesn't fit",
        "is a bracket before this place not closed?",
    ),
];

/// The scanner's message in plainer words with what to do about it.
fn explain(info: &str) -> (String, &'static str) {
    match EXPLAINED.iter().find(|(part, ..)| info.contains(part)) {
        Some((_, message, hint)) => ((*message).to_owned(), hint),
        None => (format!("invalid YAML: {info}"), ""),
    }
}
