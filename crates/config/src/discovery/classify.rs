//! Tells an experiment's files apart and picks one of each kind.

use std::ffi::OsStr;
use std::path::Path;

use epycloud_errors::nearest;

use super::{DiscoveryError, ExperimentFiles, Modelset, ModelsetKind};
use crate::yaml::{Document, Value};
use crate::{ExpId, Fault, FileName, Severity};

/// The keys that tell files apart.
const KEYS: [&str; 3] = ["model", "modelset", "output"];

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileKind {
    BaseModel,
    Modelset(ModelsetKind),
    Output,
}

/// Picks the files of an experiment, or says everything that is wrong with them.
pub(super) fn choose(
    exp_id: &ExpId,
    folder: &Path,
    documents: Vec<Result<Document, Fault>>,
    output_config_file: Option<&FileName>,
) -> Result<ExperimentFiles, DiscoveryError> {
    let mut choice = Choice::new(folder);
    for document in documents {
        choice.sort_in(document);
    }
    let base_model = choice.base_model();
    let modelset = choice.modelset();
    let output = choice.output(output_config_file);
    match (base_model, output) {
        (Some(base_model), Some(output)) if choice.faults.is_empty() => Ok(ExperimentFiles {
            exp_id: exp_id.clone(),
            folder: folder.to_owned(),
            base_model,
            modelset,
            output: Some(output),
            other: choice
                .other
                .iter()
                .map(|document| document.file.clone())
                .collect(),
            warnings: choice.warnings,
        }),
        _ => {
            let mut faults = choice.faults;
            faults.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
            Err(DiscoveryError::Invalid { faults })
        }
    }
}

/// The files by kind, and what was wrong with them so far.
struct Choice<'a> {
    folder: &'a Path,
    base_models: Vec<Document>,
    modelsets: Vec<Modelset>,
    outputs: Vec<Document>,
    other: Vec<Document>,
    n_files: usize,
    faults: Vec<Fault>,
    warnings: Vec<Fault>,
}

impl<'a> Choice<'a> {
    fn new(folder: &'a Path) -> Self {
        Self {
            folder,
            base_models: Vec::new(),
            modelsets: Vec::new(),
            outputs: Vec::new(),
            other: Vec::new(),
            n_files: 0,
            faults: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn sort_in(&mut self, document: Result<Document, Fault>) {
        self.n_files += 1;
        let document = match document {
            Ok(document) => document,
            Err(fault) => return self.faults.push(fault),
        };
        match kind_of(&document) {
            Ok(Some(FileKind::BaseModel)) => self.base_models.push(document),
            Ok(Some(FileKind::Modelset(kind))) => self.modelsets.push(Modelset { kind, document }),
            Ok(Some(FileKind::Output)) => self.outputs.push(document),
            Ok(None) => {
                self.warnings.push(unknown(&document));
                self.other.push(document);
            }
            Err(fault) => self.faults.push(fault),
        }
    }

    fn base_model(&mut self) -> Option<Document> {
        let found = std::mem::take(&mut self.base_models);
        if found.len() > 1 {
            self.ambiguous("base models", "`model`", found.iter());
            return None;
        }
        let only = found.into_iter().next();
        if only.is_none() {
            self.missing("base model", "`model`");
        }
        only
    }

    fn modelset(&mut self) -> Option<Modelset> {
        let found = std::mem::take(&mut self.modelsets);
        if found.len() > 1 {
            self.ambiguous(
                "modelsets",
                "`modelset`",
                found.iter().map(|set| &set.document),
            );
            return None;
        }
        found.into_iter().next()
    }

    fn output(&mut self, wanted: Option<&FileName>) -> Option<Document> {
        let mut found = std::mem::take(&mut self.outputs);
        let at = match wanted {
            Some(wanted) => self.named_output(&found, wanted)?,
            None => self.default_output(&found)?,
        };
        let output = found.remove(at);
        for other in found {
            self.warnings.push(Fault {
                severity: Severity::Warning,
                file: other.file.clone(),
                line: 0,
                column: 0,
                path: String::new(),
                message: format!("not used: `{}` is the output config", name_of(&output)),
                hint: Some("set OUTPUT_CONFIG_FILE to use another one".to_owned()),
            });
            self.other.push(other);
        }
        Some(output)
    }

    fn default_output(&mut self, found: &[Document]) -> Option<usize> {
        let preferred: Vec<usize> = (0..found.len())
            .filter(|&at| matches!(name_of(&found[at]), "output.yaml" | "output.yml"))
            .collect();
        match (found.len(), preferred.as_slice()) {
            (0, _) => self.missing("output config", "`output`"),
            (1, _) => return Some(0),
            (_, &[only]) => return Some(only),
            _ => self.ambiguous("output configs", "`output`", found.iter()),
        }
        None
    }

    fn named_output(&mut self, found: &[Document], wanted: &FileName) -> Option<usize> {
        if let Some(at) = found
            .iter()
            .position(|document| name_of(document) == wanted.as_str())
        {
            return Some(at);
        }
        let file = self.folder.join(wanted.as_str());
        let is_unparsable = self.faults.iter().any(|fault| fault.file == file);
        if is_unparsable {
            return None;
        }
        let message = if file.exists() {
            format!("output config `{wanted}` has no key `output`")
        } else {
            format!("output config `{wanted}` is not in the folder")
        };
        let names: Vec<&str> = found.iter().map(name_of).collect();
        let hint = match (
            nearest(wanted.as_str(), names.iter().copied()),
            names.as_slice(),
        ) {
            (Some(near), _) => format!("OUTPUT_CONFIG_FILE names it; did you mean `{near}`?"),
            (None, []) => "OUTPUT_CONFIG_FILE names it, but the folder has no output config".into(),
            (None, names) => {
                format!(
                    "OUTPUT_CONFIG_FILE names it; output configs here: {}",
                    names.join(", ")
                )
            }
        };
        self.fault(message, hint);
        None
    }

    fn missing(&mut self, what: &str, key: &str) {
        let seen = match self.n_files {
            0 => "the folder has no YAML file".to_owned(),
            1 => format!("its YAML file has no key {key}"),
            n => format!("none of its {n} YAML files has the key {key}"),
        };
        let typos: Vec<String> = self
            .other
            .iter()
            .filter_map(|file| typo(file, key))
            .collect();
        let hint = if typos.is_empty() {
            format!("add a YAML file with the key {key}")
        } else {
            typos.join("; ")
        };
        self.fault(format!("no {what}: {seen}"), hint);
    }

    fn ambiguous<'d>(&mut self, what: &str, key: &str, found: impl Iterator<Item = &'d Document>) {
        let names: Vec<&str> = found.map(name_of).collect();
        let hint = match what {
            "output configs" => "name one of them `output.yaml`, or set OUTPUT_CONFIG_FILE",
            _ => "keep one and move the others out of the folder",
        };
        let message = format!(
            "{} {what} (files with the key {key}): {}",
            names.len(),
            names.join(", ")
        );
        self.fault(message, hint.to_owned());
    }

    fn fault(&mut self, message: String, hint: String) {
        self.faults.push(Fault {
            severity: Severity::Error,
            file: self.folder.to_owned(),
            line: 0,
            column: 0,
            path: String::new(),
            message,
            hint: Some(hint),
        });
    }
}

/// What a file is by its keys, or `None` when it has none of them.
fn kind_of(document: &Document) -> Result<Option<FileKind>, Fault> {
    let present: Vec<&str> = KEYS
        .into_iter()
        .filter(|key| document.root.get(key).is_some())
        .collect();
    match present.as_slice() {
        [] => Ok(None),
        ["model"] => Ok(Some(FileKind::BaseModel)),
        ["modelset"] => Ok(Some(FileKind::Modelset(modelset_kind(document)))),
        ["output"] => Ok(Some(FileKind::Output)),
        [first, .., last] => {
            let at = document
                .root
                .entry(last)
                .map_or(&document.root, |(key, _)| key);
            Err(document.fault(
                at,
                *last,
                format!("the file has both `{first}` and `{last}`"),
                Some("put each into its own file".to_owned()),
            ))
        }
        [_] => Ok(None),
    }
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

fn name_of(document: &Document) -> &str {
    document
        .file
        .file_name()
        .and_then(OsStr::to_str)
        .unwrap_or_default()
}

fn unknown(document: &Document) -> Fault {
    let mut fault = document.fault(
        &document.root,
        "",
        "not used: it has none of the keys `model`, `modelset` and `output`",
        KEYS.into_iter().find_map(|key| typo(document, key)),
    );
    fault.severity = Severity::Warning;
    fault
}

/// A hint that a key of the file is probably a mistyped `key`.
fn typo(document: &Document, key: &str) -> Option<String> {
    let key = key.trim_matches('`');
    let entries = document.root.as_mapping()?;
    let mut written = entries.iter().filter_map(|(name, _)| name.written());
    let near = written.find(|name| nearest(name, KEYS) == Some(key))?;
    Some(format!(
        "did you mean `{key}` for `{near}` in `{}`?",
        name_of(document)
    ))
}
