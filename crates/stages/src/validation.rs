//! Checking experiments before anything is spent on them: every file, every fault.
//!
//! The engine that would run an experiment reads it with its own reader, so what passes here can
//! be built. Where a folder has several files of a kind, every combination is checked.

use std::path::Path;

use epycloud_config::{ExpId, ExperimentFiles, Fault, Severity, Survey};
use serde::Serialize;

use crate::engine::{CheckDepth, DataSources, Engine, EngineFailure, Problem};

/// What was found in one folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Validation {
    /// Everything that is wrong with the files, warnings included: each once, by file and line.
    pub faults: Vec<Fault>,
    /// The combinations of files.
    pub sets: Vec<ValidatedSet>,
}

/// One combination of files that an experiment can be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValidatedSet {
    /// The base model's file.
    pub basemodel: String,
    /// The modelset's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modelset: Option<String>,
    /// The output config's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Whether nothing keeps it from running.
    pub passes: bool,
    /// The kind of workflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// Number of tasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_tasks: Option<u32>,
    /// What is wrong with what the files name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// What probably isn't meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl Validation {
    /// Whether nothing keeps the experiment from running; `strict` counts warnings too.
    #[must_use]
    pub fn passes(&self, strict: bool) -> bool {
        let is_error = |fault: &Fault| fault.severity == Severity::Error || strict;
        !self.sets.is_empty()
            && !self.faults.iter().any(is_error)
            && self
                .sets
                .iter()
                .all(|set| set.passes && (!strict || set.warnings.is_empty()))
    }
}

/// Checks everything that a folder holds. `depth` says whether the data that the files name is
/// looked at too.
///
/// # Errors
/// When the engine itself can't be used; never because of the experiment.
pub fn validate(
    survey: &Survey,
    exp_id: &ExpId,
    engine: &dyn Engine,
    sources: &DataSources,
    depth: CheckDepth,
) -> Result<Validation, EngineFailure> {
    let mut validation = Validation {
        faults: survey.faults.clone(),
        sets: Vec::new(),
    };
    for files in survey.sets(exp_id) {
        let check = engine.check(&files, sources, depth)?;
        let passes = check.passes();
        for fault in check.faults {
            if !validation.faults.contains(&fault) {
                validation.faults.push(fault);
            }
        }
        validation.sets.push(ValidatedSet {
            passes,
            workflow: check.workflow,
            n_tasks: check.n_tasks,
            problems: check.problems,
            warnings: check.warnings,
            ..named(&files)
        });
    }
    validation.faults.sort_by(|one, other| {
        (&one.file, one.line, one.column, &one.path).cmp(&(
            &other.file,
            other.line,
            other.column,
            &other.path,
        ))
    });
    Ok(validation)
}

fn named(files: &ExperimentFiles) -> ValidatedSet {
    ValidatedSet {
        basemodel: name(&files.base_model.file),
        modelset: files.modelset.as_ref().map(|set| name(&set.document.file)),
        output: files.output.as_ref().map(|output| name(&output.file)),
        passes: false,
        workflow: None,
        n_tasks: None,
        problems: Vec::new(),
        warnings: Vec::new(),
    }
}

fn name(file: &Path) -> String {
    file.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
