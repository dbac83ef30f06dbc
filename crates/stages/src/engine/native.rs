//! The native engine behind the stages' trait.

use std::collections::BTreeMap;

use epycloud_config::yaml::Document;
use epycloud_config::{EngineName, ExperimentFiles};
use epycloud_errors::Diagnose;

use super::{
    Build, DataSources, Engine, EngineFailure, FileSink, OutputSummary, ResultStream, TaskResult,
};
use crate::artifact::Artifact;

/// The native engine: `epycloud_engine`, compiled in.
#[derive(Debug, Clone, Copy, Default)]
pub struct NativeEngine;

#[derive(Debug, thiserror::Error)]
#[error("the native engine isn't connected yet")]
struct NotConnected;

impl Diagnose for NotConnected {}

impl Engine for NativeEngine {
    fn name(&self) -> EngineName {
        EngineName::Native
    }

    fn version(&self) -> String {
        env!("CARGO_PKG_VERSION").to_owned()
    }

    fn versions(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("epycloud".to_owned(), self.version())])
    }

    fn build(&self, _: &ExperimentFiles, _: &DataSources) -> Result<Build, EngineFailure> {
        Err(EngineFailure::new(NotConnected))
    }

    fn run(&self, _: &Artifact, _: &mut dyn FnMut(u32, u32)) -> Result<TaskResult, EngineFailure> {
        Err(EngineFailure::new(NotConnected))
    }

    fn output(
        &self,
        _: &Document,
        _: &mut dyn ResultStream,
        _: &mut dyn FileSink,
    ) -> Result<OutputSummary, EngineFailure> {
        Err(EngineFailure::new(NotConnected))
    }
}
