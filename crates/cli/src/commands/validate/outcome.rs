//! What came of checking, in the original's shape with more in it.

use epycloud_config::{Fault, Severity};
use epycloud_engine::limits::Limit;
use epycloud_errors::{Diagnose as _, chain};
use epycloud_stages::validation::{ValidatedSet, Validation};
use serde::Serialize;

use super::target::Target;

/// How a folder fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Pass,
    Fail,
    /// It couldn't be read.
    Error,
}

/// One folder's outcome.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    #[serde(skip)]
    pub(super) name: String,
    pub(super) directory: String,
    pub(super) status: Status,
    pub(super) engine: &'static str,
    pub(super) config_sets: Vec<ConfigSet>,
    /// Why it couldn't be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hint: Option<String>,
    pub(super) faults: Vec<ShownFault>,
    /// Whether data that the files name was looked at.
    pub(super) data_checked: bool,
}

/// One combination of files.
#[derive(Debug, Serialize)]
pub(super) struct ConfigSet {
    #[serde(flatten)]
    pub(super) set: ValidatedSet,
    pub(super) status: Status,
    /// The first thing that is wrong, as the original has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// A fault, with all that is known of it.
#[derive(Debug, Serialize)]
pub(super) struct ShownFault {
    pub(super) severity: Severity,
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) key: String,
    pub(super) message: String,
    pub(super) value: Option<String>,
    pub(super) expected: Option<String>,
    pub(super) hint: Option<String>,
    /// The native engine's limit that it is.
    pub(super) limit: Option<&'static str>,
    /// Why the engine has it.
    pub(super) reason: Option<&'static str>,
}

impl Outcome {
    /// What was found in a folder.
    pub(super) fn of(
        target: &Target,
        engine: &'static str,
        validation: Validation,
        strict: bool,
        data_checked: bool,
    ) -> Self {
        let passes = validation.passes(strict);
        let faults: Vec<ShownFault> = validation
            .faults
            .iter()
            .map(|fault| ShownFault::of(fault, target))
            .collect();
        let config_sets = validation
            .sets
            .into_iter()
            .map(|set| ConfigSet::of(set, &faults))
            .collect();
        Self {
            name: target.name.clone(),
            directory: target.directory.clone(),
            status: if passes { Status::Pass } else { Status::Fail },
            engine,
            config_sets,
            error: None,
            hint: None,
            faults,
            data_checked,
        }
    }

    /// That a folder can't be read.
    pub(super) fn unreadable(
        target: &Target,
        engine: &'static str,
        error: &epycloud_config::DiscoveryError,
    ) -> Self {
        Self {
            name: target.name.clone(),
            directory: target.directory.clone(),
            status: Status::Error,
            engine,
            config_sets: Vec::new(),
            error: Some(chain(error).join(": ")),
            hint: error.hint(),
            faults: Vec::new(),
            data_checked: false,
        }
    }
}

impl ConfigSet {
    fn of(set: ValidatedSet, faults: &[ShownFault]) -> Self {
        let of_files = faults
            .iter()
            .filter(|fault| fault.severity == Severity::Error)
            .find(|fault| set.has(&fault.file));
        let error = if set.passes {
            None
        } else {
            let problem = set.problems.first();
            of_files
                .map(|fault| format!("{}: {}", fault.place(), fault.message))
                .or_else(|| problem.map(|problem| problem.message.join(": ")))
        };
        Self {
            status: if set.passes {
                Status::Pass
            } else {
                Status::Fail
            },
            error,
            set,
        }
    }
}

/// Whether a combination has a file.
trait HasFile {
    fn has(&self, file: &str) -> bool;
}

impl HasFile for ValidatedSet {
    fn has(&self, file: &str) -> bool {
        let name = file.rsplit('/').next().unwrap_or(file);
        [
            Some(&self.basemodel),
            self.modelset.as_ref(),
            self.output.as_ref(),
        ]
        .into_iter()
        .flatten()
        .any(|own| own == name)
    }
}

impl ShownFault {
    fn of(fault: &Fault, target: &Target) -> Self {
        let file = match &target.repository {
            Some(repository) => fault.file.strip_prefix(repository).unwrap_or(&fault.file),
            None => &fault.file,
        };
        Self {
            severity: fault.severity,
            file: file.display().to_string(),
            line: fault.line,
            column: fault.column,
            key: fault.path.clone(),
            message: fault.message.clone(),
            value: fault.value.clone(),
            expected: fault.expected.clone(),
            hint: fault.hint.clone(),
            limit: fault.limit,
            reason: fault.limit.and_then(Limit::named).map(Limit::reason),
        }
    }

    /// `file:line:column: key`, without what is absent.
    pub(super) fn place(&self) -> String {
        let mut place = self.file.clone();
        if self.line > 0 {
            place.push_str(&format!(":{}:{}", self.line, self.column));
        }
        if !self.key.is_empty() {
            place.push_str(&format!(": {}", self.key));
        }
        place
    }
}

/// All folders' outcomes.
#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    summary: Summary,
    results: &'a [Outcome],
}

/// How many fared how.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Summary {
    pub(super) total: usize,
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) errored: usize,
}

impl Summary {
    pub(super) fn of(outcomes: &[Outcome]) -> Self {
        let count = |status| {
            outcomes
                .iter()
                .filter(|outcome| outcome.status == status)
                .count()
        };
        Self {
            total: outcomes.len(),
            passed: count(Status::Pass),
            failed: count(Status::Fail),
            errored: count(Status::Error),
        }
    }
}

impl<'a> Document<'a> {
    pub(super) fn of(outcomes: &'a [Outcome]) -> Self {
        Self {
            summary: Summary::of(outcomes),
            results: outcomes,
        }
    }
}
