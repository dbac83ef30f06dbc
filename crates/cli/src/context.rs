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

    /// The token for repositories on GitHub that aren't public, by one rule for every command:
    ///
    /// 1. `GITHUB_PAT`, as containers have it;
    /// 2. `EPYCLOUD_GITHUB_PAT`;
    /// 3. `github.personal_access_token` of the configuration;
    /// 4. `GITHUB_TOKEN`, which may be there for other programs' sake.
    ///
    /// What is empty or blank counts as not there.
    pub(crate) fn github_token(&self, configuration: &Configuration) -> Option<Secret> {
        github_token(&self.caller, configuration)
    }
}

fn github_token(caller: &Environment, configuration: &Configuration) -> Option<Secret> {
    let variable = |name: &str| {
        let token = caller.get(name)?.trim();
        (!token.is_empty()).then(|| Secret::new(token.to_owned()))
    };
    let configured = || configuration.values().github.personal_access_token.clone();
    variable("GITHUB_PAT")
        .or_else(|| variable("EPYCLOUD_GITHUB_PAT"))
        .or_else(configured)
        .or_else(|| variable("GITHUB_TOKEN"))
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

    #[test]
    fn the_token_is_the_first_that_is_there() {
        let ways = [
            ("GITHUB_PAT", "one"),
            ("EPYCLOUD_GITHUB_PAT", "two"),
            ("EPYCLOUD_GITHUB__PERSONAL_ACCESS_TOKEN", "three"),
            ("GITHUB_TOKEN", "four"),
        ];
        for first in 0..ways.len() {
            let caller = Environment::from_pairs(ways[first..].to_vec()).with("GITHUB_PATH", "/x");
            let caller = if first > 0 {
                caller.with("GITHUB_PAT", " ")
            } else {
                caller
            };
            let loaded = Configuration::load(&caller, &Selection::default()).unwrap();
            let token = github_token(&caller, &loaded).unwrap();
            assert_eq!(token.expose(), ways[first].1);
        }
        let loaded = Configuration::load(&Environment::default(), &Selection::default()).unwrap();
        assert_eq!(github_token(&Environment::default(), &loaded), None);
    }
}
