//! Picks one file of each kind.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use epycloud_errors::nearest;

use super::kind::YamlFile;
use super::{DiscoveryError, ExperimentFiles, Modelset};
use crate::yaml::Document;
use crate::{ExpId, Fault, FileName, Severity};

/// Picks the files of an experiment, or says everything that is wrong with them.
pub(super) fn choose(
    exp_id: &ExpId,
    folder: &Path,
    files: Vec<YamlFile>,
    output_config_file: Option<&FileName>,
) -> Result<ExperimentFiles, DiscoveryError> {
    let mut choice = Choice {
        folder: folder.to_owned(),
        n_files: files.len(),
        ..Choice::default()
    };
    for file in files {
        choice.sort_in(file);
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
                .into_iter()
                .map(|document| document.file)
                .collect(),
            warnings: choice.warnings,
        }),
        _ => {
            let mut faults = choice.faults;
            faults.append(&mut choice.warnings);
            faults.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
            Err(DiscoveryError::Invalid { faults })
        }
    }
}

/// The files by kind, and what was wrong with them so far.
#[derive(Default)]
struct Choice {
    folder: PathBuf,
    base_models: Vec<Document>,
    modelsets: Vec<Modelset>,
    outputs: Vec<Document>,
    other: Vec<Document>,
    /// The keys of files that can't be used: their kinds aren't missing.
    bad_keys: Vec<&'static str>,
    n_files: usize,
    faults: Vec<Fault>,
    warnings: Vec<Fault>,
}

impl Choice {
    fn sort_in(&mut self, file: YamlFile) {
        match file {
            YamlFile::BaseModel(document) => self.base_models.push(document),
            YamlFile::Modelset(kind, document) => self.modelsets.push(Modelset { kind, document }),
            YamlFile::Output(document) => self.outputs.push(document),
            YamlFile::Other(document, warning) => {
                self.warnings.push(warning);
                self.other.push(document);
            }
            YamlFile::Bad(fault, mut keys) => {
                self.faults.push(fault);
                self.bad_keys.append(&mut keys);
            }
        }
    }

    fn base_model(&mut self) -> Option<Document> {
        let found = std::mem::take(&mut self.base_models);
        if found.len() > 1 {
            self.ambiguous("base models", "model", found.iter());
            return None;
        }
        let only = found.into_iter().next();
        if only.is_none() {
            self.missing("base model", "model");
        }
        only
    }

    fn modelset(&mut self) -> Option<Modelset> {
        let found = std::mem::take(&mut self.modelsets);
        if found.len() > 1 {
            self.ambiguous(
                "modelsets",
                "modelset",
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
                value: None,
                expected: None,
                limit: None,
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
            (0, _) => self.missing("output config", "output"),
            (1, _) => return Some(0),
            (_, &[only]) => return Some(only),
            _ => self.ambiguous("output configs", "output", found.iter()),
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
        let has_fault = self.faults.iter().any(|fault| fault.file == file);
        if has_fault {
            return None;
        }
        let is_yaml = matches!(
            file.extension().and_then(OsStr::to_str),
            Some("yml" | "yaml")
        );
        let message = match (is_yaml, file.exists()) {
            (_, false) => format!("output config `{wanted}` is not in the folder"),
            (false, true) => format!("output config `{wanted}` is no YAML file (.yaml or .yml)"),
            (true, true) => format!("output config `{wanted}` has no key `output`"),
        };
        let names: Vec<&str> = found.iter().map(name_of).collect();
        let there = match (
            nearest(wanted.as_str(), names.iter().copied()),
            names.as_slice(),
        ) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, []) => "the folder has no output config".to_owned(),
            (None, names) => format!("output configs here: {}", names.join(", ")),
        };
        self.fault(message, format!("OUTPUT_CONFIG_FILE names it; {there}"));
        None
    }

    fn missing(&mut self, what: &str, key: &str) {
        if self.bad_keys.contains(&key) {
            return;
        }
        let seen = match self.n_files {
            0 => "the folder has no YAML file".to_owned(),
            1 => format!("its YAML file has no key `{key}`"),
            n => format!("none of its {n} YAML files has the key `{key}`"),
        };
        let message = format!("no {what}: {seen}");
        self.fault(message, format!("add a YAML file with the key `{key}`"));
    }

    fn ambiguous<'d>(&mut self, what: &str, key: &str, found: impl Iterator<Item = &'d Document>) {
        let names: Vec<&str> = found.map(name_of).collect();
        let hint = match key {
            "output" => "name one of them `output.yaml`, or set OUTPUT_CONFIG_FILE",
            _ => "keep one and move the others out of the folder",
        };
        let n = names.len();
        let message = format!(
            "{n} {what} (files with the key `{key}`): {}",
            names.join(", ")
        );
        self.fault(message, hint.to_owned());
    }

    fn fault(&mut self, message: String, hint: String) {
        self.faults.push(Fault {
            severity: Severity::Error,
            file: self.folder.clone(),
            line: 0,
            column: 0,
            path: String::new(),
            message,
            hint: Some(hint),
            value: None,
            expected: None,
            limit: None,
        });
    }
}

fn name_of(document: &Document) -> &str {
    document
        .file
        .file_name()
        .and_then(OsStr::to_str)
        .unwrap_or_default()
}
