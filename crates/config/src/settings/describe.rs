//! The resolved settings as lines for a person.

use std::fmt::Display;

use super::{RuntimeSettings, Setting};

/// One resolved setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingLine {
    /// The variable.
    pub name: &'static str,
    /// Its value, masked if it is a secret, or `not set`.
    pub value: String,
    /// Where the value is from.
    pub source: String,
    /// Whether it is from a configuration file, or a variable that stands for one of its keys.
    pub configured: bool,
}

impl RuntimeSettings {
    /// All settings in the order of [`variables`](crate::variables), for `--check`. The
    /// schedulers' task indices are shown as `TASK_INDEX`, with their source.
    #[must_use]
    pub fn describe(&self) -> Vec<SettingLine> {
        vec![
            optional("STAGE", self.stage.as_ref()),
            line("EXECUTION_MODE", &self.mode),
            optional("EXP_ID", self.exp_id.as_ref()),
            optional("RUN_ID", self.run_id.as_ref()),
            line("LOG_LEVEL", &self.log_level),
            optional("GCS_BUCKET", self.bucket.as_ref()),
            line(
                "DIR_PREFIX",
                &self.dir_prefix.clone().map(|prefix| format!("{prefix}/")),
            ),
            optional("GITHUB_FORECAST_REPO", self.github_forecast_repo.as_ref()),
            optional("FORECAST_REPO_REF", self.forecast_repo_ref.as_ref()),
            line("FORECAST_REPO_REFETCH", &self.forecast_repo_refetch),
            line("EPYCLOUD_CLEANUP", &self.cleanup),
            line("GITHUB_SERVER_URL", &self.github_server),
            optional("GCLOUD_PROJECT_ID", self.gcloud_project_id.as_ref()),
            line("GITHUB_PAT_SECRET", &self.github_pat_secret),
            optional("GITHUB_PAT", self.github_pat.as_ref()),
            path("FORECAST_REPO_DIR", Some(&self.forecast_repo_dir)),
            optional("TASK_INDEX", self.task_index.as_ref()),
            optional("NUM_TASKS", self.num_tasks.as_ref()),
            optional("OUTPUT_CONFIG_FILE", self.output_config_file.as_ref()),
            line("ALLOW_PARTIAL_RESULTS", &self.allow_partial_results),
            line("STORAGE_VERBOSE", &self.storage_verbose),
            path("LOCAL_DATA_PATH", Some(&self.local_data_path)),
            line("EPYCLOUD_ENGINE", &self.engine),
            path("EPYCLOUD_POPULATION_DATA", self.population_data.as_ref()),
            path("EPYCLOUD_DATA_TABLES", self.data_tables.as_ref()),
            line("EPYCLOUD_SUITE_BEHAVIOUR", &self.suite_behaviour),
            optional("EPYCLOUD_THREADS", self.threads.as_ref()),
            path("EPYCLOUD_PYTHON", self.python.as_ref()),
            path("VIRTUAL_ENV", self.virtual_env.as_ref()),
            line("EPYCLOUD_TRUST_ARTIFACTS", &self.trust_artifacts),
            line("EPYCLOUD_RUN_AS", &self.run_as),
        ]
    }
}

fn line<T: Display>(name: &'static str, setting: &Setting<T>) -> SettingLine {
    SettingLine {
        name,
        value: setting.value.to_string(),
        source: setting.source.to_string(),
        configured: setting.source.is_configuration(),
    }
}

fn optional<T: Display>(name: &'static str, setting: Option<&Setting<T>>) -> SettingLine {
    setting.map_or_else(
        || SettingLine {
            name,
            value: "not set".to_owned(),
            source: "default".to_owned(),
            configured: false,
        },
        |setting| line(name, setting),
    )
}

/// A path's text is anything the user typed, so it is made fit to be shown.
fn path(name: &'static str, setting: Option<&Setting<std::path::PathBuf>>) -> SettingLine {
    let shown = setting.map(|setting| {
        setting
            .clone()
            .map(|path| crate::shown::shown(&path.to_string_lossy()))
    });
    optional(name, shown.as_ref())
}
