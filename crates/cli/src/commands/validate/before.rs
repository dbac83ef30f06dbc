//! Checking the experiment that is about to be run.

use epycloud_config::{DiscoveryError, EngineName, Fault, Severity, Survey, discover};
use epycloud_errors::Report;
use epycloud_stages::engine::{CheckDepth, engine};
use epycloud_stages::{StageError, data_sources, validation};

use crate::error::CliError;
use crate::settings::LocalRun;

/// Refuses an experiment that can't work. Only its files are read: stage A, which comes next, reads
/// the data that they name, and refuses it before anything is simulated.
///
/// With stages in an image, Python is the image's, and only the native engine is surely here too.
pub(crate) fn before_run(run: &LocalRun, in_image: bool) -> Result<(), Report> {
    let settings = &run.runtime;
    let Some(exp_id) = settings.exp_id.as_ref().map(|exp_id| &exp_id.value) else {
        return Ok(());
    };
    let output = settings.output_config_file.as_ref().map(|file| &file.value);
    let sources = data_sources(settings);
    let is_elsewhere = in_image && settings.engine.value == EngineName::Python;
    let here = (!is_elsewhere).then(|| engine(settings, &sources));
    // Where the engine isn't in this program but in an image, the builder there reads the files.
    let Some(Ok(engine)) = here else {
        return discover(&sources.repository, exp_id, output)
            .map(drop)
            .map_err(missing);
    };
    let faults = match discover(&sources.repository, exp_id, output) {
        Ok(files) => engine.check(&files, &sources, CheckDepth::Files)?.faults,
        // What else is wrong is told as well.
        Err(DiscoveryError::Invalid { .. }) => {
            let survey =
                Survey::of_experiment(&sources.repository, exp_id, output).map_err(missing)?;
            let depth = CheckDepth::Files;
            validation::validate(&survey, exp_id, engine.as_ref(), &sources, depth)?.faults
        }
        Err(error) => return Err(missing(error)),
    };
    if faults
        .iter()
        .all(|fault| fault.severity == Severity::Warning)
    {
        return Ok(());
    }
    Err(CliError::Invalid {
        experiment: exp_id.to_string(),
        faults: faults.iter().map(Fault::to_string).collect(),
    }
    .into())
}

fn missing(error: DiscoveryError) -> Report {
    StageError::Discovery {
        source: Box::new(error),
    }
    .into()
}
