//! Everything that a configuration folder holds, wanted or not, for those who check it.

use std::path::{Path, PathBuf};

use super::kind::YamlFile;
use super::{DiscoveryError, ExperimentFiles, Modelset, choice, folder};
use crate::yaml::Document;
use crate::{ExpId, Fault, FileName};

/// Everything that a configuration folder holds. [`discover`](super::discover) gives up on a folder
/// with a fault; this goes on with what can be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// The folder.
    pub folder: PathBuf,
    /// The files with the key `model`.
    pub base_models: Vec<Document>,
    /// The files with the key `modelset`.
    pub modelsets: Vec<Modelset>,
    /// The files with the key `output`.
    pub outputs: Vec<Document>,
    /// What is wrong with the files themselves and with their choice, warnings included, by file
    /// and line.
    pub faults: Vec<Fault>,
}

impl Survey {
    /// Reads the files of a folder. With a repository, none may lie outside of it.
    ///
    /// # Errors
    /// When the folder or a file can't be read, or leads out of the repository.
    pub fn of(
        folder: &Path,
        repository: Option<&Path>,
        output_config_file: Option<&FileName>,
    ) -> Result<Self, DiscoveryError> {
        let mut survey = Self {
            folder: folder.to_owned(),
            base_models: Vec::new(),
            modelsets: Vec::new(),
            outputs: Vec::new(),
            faults: Vec::new(),
        };
        let files = folder::read(repository.unwrap_or(folder), folder)?;
        for file in &files {
            match file {
                YamlFile::BaseModel(document) => survey.base_models.push(document.clone()),
                YamlFile::Output(document) => survey.outputs.push(document.clone()),
                YamlFile::Modelset(kind, document) => survey.modelsets.push(Modelset {
                    kind: *kind,
                    document: document.clone(),
                }),
                YamlFile::Other(..) | YamlFile::Bad(..) => {}
            }
        }
        // The choice of an experiment's files says all that is wrong with them.
        survey.faults = match choice::choose(&unnamed(), folder, files, output_config_file) {
            Ok(chosen) => chosen.warnings,
            Err(DiscoveryError::Invalid { faults }) => faults,
            Err(error) => return Err(error),
        };
        Ok(survey)
    }

    /// The folder of one of a repository's experiments.
    ///
    /// # Errors
    /// As [`of`](Self::of), and when the experiment isn't there.
    pub fn of_experiment(
        repository: &Path,
        exp_id: &ExpId,
        output_config_file: Option<&FileName>,
    ) -> Result<Self, DiscoveryError> {
        let folder = folder::locate(repository, exp_id)?;
        Self::of(&folder, Some(repository), output_config_file)
    }

    /// Every combination of a base model, a modelset and an output config: what an experiment can
    /// be, where the folder has several of a kind.
    #[must_use]
    pub fn sets(&self, exp_id: &ExpId) -> Vec<ExperimentFiles> {
        let mut sets = Vec::new();
        for base_model in &self.base_models {
            for modelset in or_none(&self.modelsets) {
                for output in or_none(&self.outputs) {
                    sets.push(ExperimentFiles {
                        exp_id: exp_id.clone(),
                        folder: self.folder.clone(),
                        base_model: base_model.clone(),
                        modelset: modelset.cloned(),
                        output: output.cloned(),
                        other: Vec::new(),
                        warnings: Vec::new(),
                    });
                }
            }
        }
        sets
    }
}

/// The IDs of a repository's experiments, sorted.
#[must_use]
pub fn experiment_ids(repository: &Path) -> Vec<String> {
    folder::experiment_ids(&repository.join("experiments"))
}

/// Each of them, or nothing once where there is none.
fn or_none<T>(items: &[T]) -> Vec<Option<&T>> {
    if items.is_empty() {
        vec![None]
    } else {
        items.iter().map(Some).collect()
    }
}

/// Stands for the ID, which no fault names.
fn unnamed() -> ExpId {
    "experiment".parse().expect("letters are an ID")
}
