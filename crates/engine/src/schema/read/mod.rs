//! From a document's nodes to typed values, collecting every fault on the way.

mod fields;
mod meta;
mod model;
mod modelset;
mod output;
mod reader;
mod scalars;

use epycloud_config::yaml::Document;
use epycloud_config::{ExperimentFiles, Fault, ModelsetKind, SuiteBehaviour};

use super::basemodel::BaseModel;
use super::experiment::Experiment;
use super::invalid::{InvalidExperiment, warnings_or_invalid};
use super::output::OutputConfig;
use output::Names;
use reader::Reader;

/// Reads and validates an experiment.
///
/// Accepts what any version of the suite accepts, the older keys too. Keys that the suite would
/// ignore are warnings; so are values without effect.
///
/// # Errors
/// Every fault of every file: what the suite's schema refuses, what would fail later, and what the
/// native engine can't do yet.
pub fn read_experiment(files: &ExperimentFiles) -> Result<Experiment, InvalidExperiment> {
    let mut faults = files.warnings.clone();
    let kind = files.modelset.as_ref().map(|modelset| modelset.kind);

    let mut reader = Reader::new(&files.base_model);
    let draft = model::read(&mut reader, kind);
    faults.append(&mut reader.faults);

    let modelset = files.modelset.as_ref().and_then(|modelset| {
        let mut reader = Reader::new(&modelset.document);
        let read = modelset::read(&mut reader, modelset.kind, &draft.given());
        faults.append(&mut reader.faults);
        read
    });

    let output = files.output.as_ref().and_then(|document| {
        let mut reader = Reader::new(document);
        // A modelset that can't be read may name columns of its own.
        let is_whole = files.modelset.is_some() == modelset.is_some();
        let names = draft.names().filter(|_| is_whole);
        let names = names.map(|names| names.with_comparisons(modelset.as_ref()));
        let read = output::read(&mut reader, names.as_ref());
        faults.append(&mut reader.faults);
        read
    });

    let warnings = warnings_or_invalid(faults)?;
    let is_whole = files.modelset.is_some() == modelset.is_some()
        && files.output.is_some() == output.is_some();
    match draft.finish() {
        Some(base) if is_whole => Ok(Experiment {
            base,
            modelset,
            output,
            warnings,
        }),
        _ => Err(InvalidExperiment::new(warnings)),
    }
}

/// Reads and validates an output config alone, as stage C does; with the base model, the selected
/// columns must be the model's. Defaults are those of the suite's version.
///
/// Returns the configuration and what is probably not meant.
///
/// # Errors
/// Every fault of the file.
pub fn read_output(
    document: &Document,
    base: Option<&BaseModel>,
    suite_behaviour: SuiteBehaviour,
) -> Result<(OutputConfig, Vec<Fault>), InvalidExperiment> {
    let mut reader = Reader::new(document);
    reader.suite_behaviour = suite_behaviour;
    let read = output::read(&mut reader, base.map(Names::of_model).as_ref());
    let warnings = warnings_or_invalid(std::mem::take(&mut reader.faults))?;
    match read {
        Some(output) => Ok((output, warnings)),
        None => Err(InvalidExperiment::new(warnings)),
    }
}

/// What the sections of a base model may draw from a modelset.
type Workflow = Option<ModelsetKind>;
