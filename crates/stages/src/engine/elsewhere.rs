//! An engine in another process: a worker's, in a container or on another machine.

use std::collections::BTreeMap;

use epycloud_config::yaml::Document;
use epycloud_config::{EngineName, ExperimentFiles};
use epycloud_errors::Diagnose;

use super::{
    Build, Check, CheckDepth, DataSources, Engine, EngineFailure, FileSink, OutputSummary,
    ResultStream, TaskResult, TaskWatch,
};
use crate::artifact::Artifact;

/// What is known of an engine that workers run: enough to say whether a stored result is of its
/// version. It does no modelling in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElsewhereEngine {
    /// Its name.
    pub name: EngineName,
    /// Its version.
    pub version: String,
    /// Versions of what does the modelling.
    pub versions: BTreeMap<String, String>,
}

/// Somebody asks for modelling in the wrong process.
#[derive(Debug, thiserror::Error)]
#[error("the {name} engine of this run is in its workers, not in this process")]
struct NotHere {
    name: EngineName,
}

impl Diagnose for NotHere {}

impl ElsewhereEngine {
    fn not_here(&self) -> EngineFailure {
        EngineFailure::new(NotHere { name: self.name })
    }
}

impl Engine for ElsewhereEngine {
    fn name(&self) -> EngineName {
        self.name
    }

    fn version(&self) -> String {
        self.version.clone()
    }

    fn versions(&self) -> BTreeMap<String, String> {
        self.versions.clone()
    }

    fn check(
        &self,
        _: &ExperimentFiles,
        _: &DataSources,
        _: CheckDepth,
    ) -> Result<Check, EngineFailure> {
        Err(self.not_here())
    }

    fn build(&self, _: &ExperimentFiles, _: &DataSources) -> Result<Build, EngineFailure> {
        Err(self.not_here())
    }

    fn run(&self, _: &Artifact, _: &mut dyn TaskWatch) -> Result<TaskResult, EngineFailure> {
        Err(self.not_here())
    }

    fn output(
        &self,
        _: &Document,
        _: &mut dyn ResultStream,
        _: &mut dyn FileSink,
    ) -> Result<OutputSummary, EngineFailure> {
        Err(self.not_here())
    }
}
