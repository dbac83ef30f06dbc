//! Where an experiment's code runs: its repository and its population data.

use std::path::{Path, PathBuf};

use pyo3::types::{PyAnyMethods as _, PyModule};
use pyo3::{Bound, PyResult};

use super::super::DataSources;
use super::error::PythonError;

/// The folders that an experiment's code sees. Absolute, because entering one changes the working
/// directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    repository: PathBuf,
    population_data: Option<PathBuf>,
}

impl Place {
    pub(super) fn new(sources: &DataSources) -> Result<Self, PythonError> {
        Ok(Self {
            repository: folder(&sources.repository)?,
            population_data: sources.population_data.as_deref().map(folder).transpose()?,
        })
    }

    /// A file that the repository's path is part of, when that is relative.
    pub(super) fn resolve(&self, file: &Path) -> PathBuf {
        std::path::absolute(file).unwrap_or_else(|_| self.repository.join(file))
    }

    /// Makes the repository the working directory and importable, and the population data
    /// epydemix's.
    pub(super) fn enter(&self, suite: &Bound<'_, PyModule>) -> PyResult<()> {
        suite.call_method1("enter", (&self.repository, &self.population_data))?;
        Ok(())
    }
}

fn folder(path: &Path) -> Result<PathBuf, PythonError> {
    let fault = |reason: String| PythonError::Folder {
        folder: path.to_owned(),
        reason,
    };
    if !path.is_dir() {
        return Err(fault("is not a folder".to_owned()));
    }
    std::path::absolute(path).map_err(|error| fault(error.to_string()))
}
