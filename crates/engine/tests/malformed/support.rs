//! Writes experiments, reads them, and shows what is said about them.

use std::fs;
use std::path::Path;

use epycloud_config::{DiscoveryError, ExpId, FileName, Severity, discover};
use epycloud_engine::schema::{Experiment, InvalidExperiment, read_experiment};
use epycloud_errors::Report;
use tempfile::TempDir;

pub(crate) const BASE_MODEL: &str = include_str!("valid/basemodel.yml");
pub(crate) const OUTPUT: &str = include_str!("valid/output.yaml");
const MODELSET: &str = include_str!("valid/modelset.yml");

/// A valid experiment with some text replaced.
pub(crate) struct Case {
    name: &'static str,
    file: &'static str,
    replaced: &'static str,
    by: String,
}

impl Case {
    pub(crate) fn model(name: &'static str, replaced: &'static str, by: &str) -> Self {
        Self {
            name,
            file: "basemodel.yml",
            replaced,
            by: by.to_owned(),
        }
    }

    pub(crate) fn output(name: &'static str, replaced: &'static str, by: &str) -> Self {
        Self {
            file: "output.yaml",
            ..Self::model(name, replaced, by)
        }
    }

    pub(crate) fn modelset(name: &'static str, replaced: &'static str, by: &str) -> Self {
        Self {
            file: "modelset.yml",
            ..Self::model(name, replaced, by)
        }
    }

    fn patch(&self, valid: &str) -> String {
        let n_found = valid.matches(self.replaced).count();
        assert_eq!(n_found, 1, "case `{}` must replace one place", self.name);
        valid.replacen(self.replaced, &self.by, 1)
    }
}

/// What is said about an experiment that can't be used.
pub(crate) enum Refusal {
    Discovery(DiscoveryError),
    Invalid(InvalidExperiment),
}

/// A forecast repository in a temporary folder.
pub(crate) struct Repository(TempDir);

impl Repository {
    /// With the valid experiment `flu`, without a modelset.
    pub(crate) fn new() -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        repository.write("experiments/flu/config/basemodel.yml", BASE_MODEL);
        repository.write("experiments/flu/config/output.yaml", OUTPUT);
        repository
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    #[expect(clippy::disallowed_methods, reason = "files of a test")]
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// With a case's experiment `flu`.
    pub(crate) fn with(case: &Case) -> Self {
        let repository = Self::new();
        let valid = match case.file {
            "basemodel.yml" => BASE_MODEL,
            "output.yaml" => OUTPUT,
            _ => MODELSET,
        };
        let path = format!("experiments/flu/config/{}", case.file);
        repository.write(&path, case.patch(valid));
        if case.file == "modelset.yml" {
            let nowhere = BASE_MODEL.replace("    name: US-MA\n", "");
            repository.write("experiments/flu/config/basemodel.yml", nowhere);
        }
        repository
    }

    /// Reads an experiment.
    pub(crate) fn experiment(&self, id: &str, output: Option<&str>) -> Result<Experiment, Refusal> {
        let id: ExpId = id.parse().unwrap();
        let output: Option<FileName> = output.map(|name| name.parse().unwrap());
        let files = discover(self.path(), &id, output.as_ref()).map_err(Refusal::Discovery)?;
        read_experiment(&files).map_err(Refusal::Invalid)
    }

    /// What a user is told, with the repository's path cut off.
    pub(crate) fn told(&self, refusal: Refusal) -> String {
        let report = match refusal {
            Refusal::Discovery(error) => Report::from(error),
            Refusal::Invalid(error) => Report::from(error),
        };
        assert_eq!(report.exit_code().code(), 2, "{report}");
        self.without_path(&report.to_string())
    }

    fn without_path(&self, text: &str) -> String {
        let path = self.path().display().to_string();
        text.replace(&format!("{path}/"), "")
            .replace(&path, "the/repository")
    }
}

/// Reads every case, which must be valid, and compares its warnings with the snapshot of the table.
pub(crate) fn check_accepted(table: &str, cases: &[Case]) {
    let mut shown = String::new();
    for case in cases {
        let repository = Repository::with(case);
        let experiment = match repository.experiment("flu", None) {
            Ok(experiment) => experiment,
            Err(refusal) => panic!("case `{}`: {}", case.name, repository.told(refusal)),
        };
        shown += &format!("## {}\n", case.name);
        for warning in &experiment.warnings {
            shown += &repository.without_path(&format!("{warning}\n"));
        }
        shown.push('\n');
    }
    insta::assert_snapshot!(table, shown);
}

/// Compares what is said about every case with the snapshot of the table.
pub(crate) fn check(table: &str, cases: &[Case]) {
    let mut shown = String::new();
    for case in cases {
        let repository = Repository::with(case);
        let Err(refusal) = repository.experiment("flu", None) else {
            panic!("case `{}` is accepted", case.name);
        };
        if let Refusal::Invalid(invalid) = &refusal {
            check_faults(case.name, invalid);
        }
        shown += &format!("## {}\n{}\n\n", case.name, repository.told(refusal));
    }
    insta::assert_snapshot!(table, shown);
}

/// Every error says where it is and shows a value, a name or a key.
fn check_faults(case: &str, invalid: &InvalidExperiment) {
    let mut has_error = false;
    for fault in invalid.faults() {
        assert!(fault.line > 0 && fault.column > 0, "{case}: {fault}");
        has_error |= fault.severity == Severity::Error;
    }
    assert!(has_error, "{case}: {invalid}");
}
