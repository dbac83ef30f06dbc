//! What every command is given: the printer, the caller's environment, the configuration.

use std::path::Path;

use epycloud_config::user::{ConfigFolder, Configuration, Inspection, Selection};
use epycloud_config::{Environment, Source};
use epycloud_errors::{Report, Secret};

use crate::arguments::Arguments;
use crate::printer::Printer;
use crate::user_file_error::UserFileError;

/// Keys of the configuration and the stage variables that they stand for, where those aren't set.
/// The token isn't among them: what runs on this machine needs none.
const STAGE_VARIABLES: [(&str, &str); 12] = [
    ("storage.dir_prefix", "DIR_PREFIX"),
    ("logging.level", "LOG_LEVEL"),
    ("logging.storage_verbose", "STORAGE_VERBOSE"),
    ("github.forecast_repo", "GITHUB_FORECAST_REPO"),
    ("github.forecast_repo_ref", "FORECAST_REPO_REF"),
    ("google_cloud.project_id", "GCLOUD_PROJECT_ID"),
    ("google_cloud.bucket_name", "GCS_BUCKET"),
    ("google_cloud.github_pat_secret", "GITHUB_PAT_SECRET"),
    ("engine.name", "EPYCLOUD_ENGINE"),
    ("engine.suite_behaviour", "EPYCLOUD_SUITE_BEHAVIOUR"),
    ("engine.population_data", "EPYCLOUD_POPULATION_DATA"),
    ("engine.data_tables", "EPYCLOUD_DATA_TABLES"),
];

/// What every command is given.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) printer: Printer,
    selection: Selection,
    caller: Environment,
}

impl Context {
    pub(crate) fn new(arguments: &Arguments) -> Self {
        Self {
            printer: Printer::new(arguments),
            selection: arguments.global.selection(),
            caller: Environment::from_process(),
        }
    }

    /// The caller's environment, as it is.
    pub(crate) const fn caller(&self) -> &Environment {
        &self.caller
    }

    /// What the command line says about the configuration.
    pub(crate) const fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The project's folder, as the command line has it.
    pub(crate) fn project_directory(&self) -> &Path {
        &self.selection.project_dir
    }

    /// The folder of the user's configuration, for what can't do without.
    pub(crate) fn folder(&self) -> Result<ConfigFolder, UserFileError> {
        ConfigFolder::locate(&self.caller).ok_or(UserFileError::NoHome)
    }

    /// The configuration as it was found, right or wrong.
    pub(crate) fn inspection(&self) -> Result<Inspection, Report> {
        Ok(Inspection::read(&self.caller, &self.selection)?)
    }

    /// The configuration; its warnings are told.
    pub(crate) fn configuration(&self) -> Result<Configuration, Report> {
        let configuration = Configuration::load(&self.caller, &self.selection)?;
        for warning in configuration.warnings() {
            self.printer.warning(warning);
        }
        Ok(configuration)
    }

    /// The caller's environment with what the configuration says of stages where the caller says
    /// nothing; defaults that are built in stay the stages' own.
    pub(crate) fn stage_environment(&self) -> Result<Environment, Report> {
        Ok(with_configuration(&self.caller, &self.configuration()?))
    }

    /// The GitHub token: `GITHUB_PAT`, `EPYCLOUD_GITHUB_PAT`, or the configuration's.
    pub(crate) fn github_token(&self, configuration: &Configuration) -> Option<Secret> {
        ["GITHUB_PAT", "EPYCLOUD_GITHUB_PAT"]
            .into_iter()
            .find_map(|name| self.caller.get(name))
            .map(|token| Secret::new(token.to_owned()))
            .or_else(|| configuration.values().github.personal_access_token.clone())
    }
}

/// Puts what a configuration says of stages below an environment's own variables.
fn with_configuration(caller: &Environment, configuration: &Configuration) -> Environment {
    let found = configuration.inspection();
    let mut environment = caller.clone();
    for (key, variable) in STAGE_VARIABLES {
        let (Some(source), Some(text)) = (found.source_of(key), found.text_of(key)) else {
            continue;
        };
        if *source != Source::Default && !found.is_placeholder(key) {
            environment = environment.with_fallback(variable, text, source.clone());
        }
    }
    environment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_own_variables_win_and_defaults_stay_the_stages() {
        let caller = Environment::from_pairs([
            ("LOG_LEVEL", "error"),
            ("EPYCLOUD_LOGGING__LEVEL", "debug"),
            ("EPYCLOUD_STORAGE__DIR_PREFIX", "pipeline/{environment}/x/"),
            ("EPYCLOUD_GOOGLE_CLOUD__PROJECT_ID", "your-gcp-project-id"),
        ]);
        let loaded = Configuration::load(&caller, &Selection::default()).unwrap();
        let environment = with_configuration(&caller, &loaded);
        assert_eq!(environment.get("LOG_LEVEL"), Some("error"));
        assert_eq!(environment.get("DIR_PREFIX"), Some("pipeline/default/x/"));
        for name in [
            "GCLOUD_PROJECT_ID",
            "STORAGE_VERBOSE",
            "GITHUB_PAT",
            "EPYCLOUD_ENGINE",
        ] {
            assert_eq!(environment.get(name), None, "{name}");
        }
    }
}
