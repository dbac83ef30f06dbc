//! Outputs of either kind of workflow.

use std::error::Error;

use epycloud_engine::calibration::CalibrationResult;
use epycloud_engine::outputs::{CalibrationWriter, OutputSummary, OutputWriter, TableSink};
use epycloud_engine::schema::output::OutputConfig;
use epycloud_engine::simulation::SimulationResult;

use super::workflow::Workflow;
use super::{DataSources, EngineFailure, FileSink, ResultStream};
use crate::artifact::Artifact;

/// Writes what the configuration asks for, from results of the kind that the first one is of.
pub(super) fn write(
    config: &OutputConfig,
    sources: &DataSources,
    results: &mut dyn ResultStream,
    sink: &mut dyn FileSink,
) -> Result<OutputSummary, EngineFailure> {
    let first = results.next()?;
    let workflow = first
        .as_ref()
        .and_then(|artifact| Workflow::named(&artifact.header.workflow));
    let mut sink = Tables(sink);
    if workflow.is_some_and(Workflow::is_calibration) {
        let mut writer = CalibrationWriter::new(config).with_sources(sources.clone());
        each(first, results, |artifact| {
            let result: CalibrationResult =
                artifact.payload.to_plain().map_err(EngineFailure::new)?;
            writer.push(&result, &mut sink).map_err(EngineFailure::new)
        })?;
        writer.finish(&mut sink).map_err(EngineFailure::new)
    } else {
        let mut writer = OutputWriter::new(config);
        each(first, results, |artifact| {
            let result: SimulationResult =
                artifact.payload.to_plain().map_err(EngineFailure::new)?;
            writer.push(&result, &mut sink).map_err(EngineFailure::new)
        })?;
        writer.finish(&mut sink).map_err(EngineFailure::new)
    }
}

fn each(
    first: Option<Artifact>,
    results: &mut dyn ResultStream,
    mut take: impl FnMut(&Artifact) -> Result<(), EngineFailure>,
) -> Result<(), EngineFailure> {
    let mut next = first;
    while let Some(artifact) = next {
        take(&artifact)?;
        next = results.next()?;
    }
    Ok(())
}

/// The stage's sink as the engine wants it.
struct Tables<'a>(&'a mut dyn FileSink);

impl TableSink for Tables<'_> {
    fn write(&mut self, file: &str, chunk: Vec<u8>) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(self.0.write(file, chunk)?)
    }
}
