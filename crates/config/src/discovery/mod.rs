//! Finds an experiment's files in a forecast repository.
//!
//! An experiment is the folder `experiments/{EXP_ID}/config` with a base model (key `model`), an
//! output config (key `output`) and, where it has one, a modelset (key `modelset`), each in a YAML
//! file of any name. Files are told apart by those keys, as the original does it; unlike the
//! original, nothing is guessed: an experiment that lies elsewhere, two files of one kind and a
//! file that can't be parsed are errors that say what there is.

mod choice;
mod error;
mod folder;
mod kind;
mod survey;

use std::path::{Path, PathBuf};

use crate::yaml::Document;
use crate::{ExpId, Fault, FileName};

pub use error::DiscoveryError;
pub use survey::{Survey, experiment_ids};

/// The files of an experiment, parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct ExperimentFiles {
    /// Which experiment.
    pub exp_id: ExpId,
    /// Its `config` folder.
    pub folder: PathBuf,
    /// The file with the key `model`.
    pub base_model: Document,
    /// The file with the key `modelset`, if there is one.
    pub modelset: Option<Modelset>,
    /// The file with the key `output`. [`discover`] always finds one or fails; without one, an
    /// experiment can be simulated but writes no tables.
    pub output: Option<Document>,
    /// The other YAML files of the folder, which nothing reads.
    pub other: Vec<PathBuf>,
    /// What is probably not meant, such as a file of no known kind.
    pub warnings: Vec<Fault>,
}

/// A modelset and what it asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Modelset {
    /// What it asks for.
    pub kind: ModelsetKind,
    /// The file.
    pub document: Document,
}

/// What a modelset asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelsetKind {
    /// Models with sampled parameters (`modelset.sampling`).
    Sampling,
    /// Models fitted to data (`modelset.calibration`).
    Calibration,
    /// The base model in several populations, nothing else.
    Populations,
}

impl ExperimentFiles {
    /// The files that make up the model (base model, then modelset), which stage A keeps with the
    /// run, byte for byte.
    pub fn model_configs(&self) -> impl Iterator<Item = &Document> {
        std::iter::once(&self.base_model).chain(self.modelset.iter().map(|set| &set.document))
    }
}

/// Finds and parses the files of an experiment.
///
/// With `output_config_file`, the output config is that file of the folder. Without it, it is the
/// only file with the key `output`, or `output.yaml`/`output.yml` where there are several.
///
/// # Errors
/// An experiment that isn't there (with the places where one of that name is), files that leave the
/// repository through a link, and every fault of the files and of their choice, all at once.
pub fn discover(
    repository: &Path,
    exp_id: &ExpId,
    output_config_file: Option<&FileName>,
) -> Result<ExperimentFiles, DiscoveryError> {
    let folder = folder::locate(repository, exp_id)?;
    let files = folder::read(repository, &folder)?;
    choice::choose(exp_id, &folder, files, output_config_file)
}
