//! What a YAML file of an experiment is, by its keys.

use std::path::Path;

use epycloud_errors::nearest;

use super::ModelsetKind;
use crate::yaml::{self, Document, Value};
use crate::{Fault, Severity};

/// The keys that tell files apart.
const KEYS: [&str; 3] = ["model", "modelset", "output"];

/// A YAML file of the folder.
pub(super) enum YamlFile {
    /// With the key `model`.
    BaseModel(Document),
    /// With the key `modelset`.
    Modelset(ModelsetKind, Document),
    /// With the key `output`.
    Output(Document),
    /// With none of the keys, and a warning that says so.
    Other(Document, Fault),
    /// One that can't be used, and the keys that it seems to have.
    Bad(Fault, Vec<&'static str>),
}

impl YamlFile {
    /// Parses a file and looks what it is.
    pub(super) fn of(path: &Path, bytes: Vec<u8>) -> Self {
        let seen = keys_at_line_starts(&bytes);
        match yaml::parse_bytes(path, bytes) {
            Ok(document) => Self::of_document(document),
            Err(fault) => Self::Bad(fault, seen),
        }
    }

    fn of_document(document: Document) -> Self {
        let present: Vec<&'static str> = KEYS
            .into_iter()
            .filter(|key| document.root.get(key).is_some())
            .collect();
        match present.as_slice() {
            [] => {
                let warning = unknown(&document);
                Self::Other(document, warning)
            }
            [first, .., last] => {
                let at = document
                    .root
                    .entry(last)
                    .map_or(&document.root, |(key, _)| key);
                let message = format!("the file has both `{first}` and `{last}`");
                let hint = "put each into its own file".to_owned();
                Self::Bad(document.fault(at, *last, message, Some(hint)), present)
            }
            ["model"] => Self::BaseModel(document),
            ["output"] => Self::Output(document),
            [_] => Self::Modelset(modelset_kind(&document), document),
        }
    }
}

/// The keys of a file that can't be parsed, as far as its lines show them, in whatever encoding.
fn keys_at_line_starts(bytes: &[u8]) -> Vec<&'static str> {
    let ascii: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| matches!(byte, 1..=127))
        .collect();
    let has = |key: &str| {
        ascii.split(|&byte| byte == b'\n').any(|line| {
            line.strip_prefix(key.as_bytes())
                .is_some_and(|rest| rest.starts_with(b":"))
        })
    };
    KEYS.into_iter().filter(|key| has(key)).collect()
}

/// Without `sampling` and `calibration`, a modelset only lists populations; so does the word
/// `populations` in place of a sampling section.
fn modelset_kind(document: &Document) -> ModelsetKind {
    let Some(modelset) = document.root.get("modelset") else {
        return ModelsetKind::Populations;
    };
    if modelset.get("calibration").is_some() {
        return ModelsetKind::Calibration;
    }
    match modelset.get("sampling").map(|sampling| &sampling.value) {
        None => ModelsetKind::Populations,
        Some(Value::Text(word)) if word == "populations" => ModelsetKind::Populations,
        Some(_) => ModelsetKind::Sampling,
    }
}

fn unknown(document: &Document) -> Fault {
    let entries = document.root.as_mapping().unwrap_or_default();
    let typo = entries.iter().find_map(|(name, _)| {
        let written = name.written()?;
        nearest(written, KEYS).map(|key| format!("did you mean `{key}` for `{written}`?"))
    });
    let message = "not used: it has none of the keys `model`, `modelset` and `output`";
    let fault = document.fault(&document.root, "", message, typo);
    Fault {
        severity: Severity::Warning,
        ..fault
    }
}
