//! Checking the experiment that is about to be run.

use std::path::Path;

use epycloud_config::{
    DiscoveryError, EngineName, ExpId, Fault, FileName, RuntimeSettings, Severity, Survey, discover,
};
use epycloud_errors::Report;
use epycloud_stages::engine::{CheckDepth, DataSources, engine};
use epycloud_stages::{StageError, data_sources, validation};

use crate::error::CliError;
use crate::settings::LocalRun;

/// What is about to be run.
pub(crate) struct Candidate<'a> {
    /// The experiment.
    pub(crate) exp_id: &'a ExpId,
    /// Its output configuration, if one was named.
    pub(crate) output: Option<&'a FileName>,
    /// The forecast repository's folder.
    pub(crate) repository: &'a Path,
    /// The engine, and its data.
    pub(crate) settings: &'a RuntimeSettings,
    /// Whether stages run in an image: Python is then the image's, and only the native engine is
    /// surely here too.
    pub(crate) in_image: bool,
    /// Whether the repository was fetched, to a folder that nobody knows.
    pub(crate) is_fetched: bool,
    /// How `epycloud validate` is told of it.
    pub(crate) options: String,
}

/// Refuses an experiment of this machine that can't work.
pub(crate) fn before_run(run: &LocalRun, in_image: bool) -> Result<(), Report> {
    let settings = &run.runtime;
    let Some(exp_id) = settings.exp_id.as_ref().map(|exp_id| &exp_id.value) else {
        return Ok(());
    };
    let sources = data_sources(settings);
    Candidate {
        exp_id,
        output: settings.output_config_file.as_ref().map(|file| &file.value),
        repository: &sources.repository,
        settings,
        in_image,
        is_fetched: false,
        options: format!("--exp-id {exp_id}"),
    }
    .check()
}

impl Candidate<'_> {
    /// Refuses it if it can't work. Only its files are read: stage A, which comes next, reads the
    /// data that they name, and refuses it before anything is simulated.
    pub(crate) fn check(&self) -> Result<(), Report> {
        let (repository, exp_id, output) = (self.repository, self.exp_id, self.output);
        let sources = DataSources {
            repository: repository.to_owned(),
            ..data_sources(self.settings)
        };
        let is_elsewhere = self.in_image && self.settings.engine.value == EngineName::Python;
        let here = (!is_elsewhere).then(|| engine(self.settings, &sources));
        // Where the engine isn't in this program but in an image, the builder there reads the files.
        let Some(Ok(engine)) = here else {
            return match discover(repository, exp_id, output) {
                Ok(_) => Ok(()),
                Err(DiscoveryError::Invalid { faults }) => self.refuse(faults),
                Err(error) => Err(self.missing(error)),
            };
        };
        let depth = CheckDepth::Files;
        let faults = match discover(repository, exp_id, output) {
            Ok(files) => engine.check(&files, &sources, depth)?.faults,
            // What else is wrong is told as well.
            Err(DiscoveryError::Invalid { .. }) => {
                let survey = Survey::of_experiment(repository, exp_id, output)
                    .map_err(|error| self.missing(error))?;
                validation::validate(&survey, exp_id, engine.as_ref(), &sources, depth)?.faults
            }
            Err(error) => return Err(self.missing(error)),
        };
        self.refuse(faults)
    }

    /// Warnings alone refuse nothing.
    fn refuse(&self, mut faults: Vec<Fault>) -> Result<(), Report> {
        if faults
            .iter()
            .all(|fault| fault.severity == Severity::Warning)
        {
            return Ok(());
        }
        for fault in &mut faults {
            if let Ok(file) = fault.file.strip_prefix(self.repository) {
                fault.file = file.to_owned();
            }
        }
        Err(CliError::Invalid {
            experiment: self.exp_id.to_string(),
            faults: faults.iter().map(Fault::to_string).collect(),
            options: self.options.clone(),
        }
        .into())
    }

    fn missing(&self, error: DiscoveryError) -> Report {
        let source = if self.is_fetched {
            error.from_root(self.repository)
        } else {
            error
        };
        StageError::Discovery {
            source: Box::new(source),
        }
        .into()
    }
}
