//! What a stage is told by its environment, typed and checked.

use std::path::PathBuf;

use epycloud_errors::Secret;

use super::reader::Reader;
use super::{Environment, Setting, SettingError, SettingsErrors, Source, unknown};
use crate::{
    ArtifactTrust, BucketName, DirPrefix, EngineName, ExecutionMode, ExpId, FileName, GitRef,
    GithubRepository, GithubServer, LogLevel, ProjectId, RunAs, RunId, SecretName, Stage,
    SuiteBehaviour, TaskIndex,
};

/// Where a task's index is looked for, first to last.
pub(crate) const TASK_INDEX_VARIABLES: [&str; 5] = [
    "TASK_INDEX",
    "BATCH_TASK_INDEX",
    "SLURM_ARRAY_TASK_ID",
    "JOB_COMPLETION_INDEX",
    "AWS_BATCH_JOB_ARRAY_INDEX",
];

/// What a stage is told by its environment, each value with its source.
///
/// Names and defaults are the original pipeline's but for one: partial results must be asked for
/// (`ALLOW_PARTIAL_RESULTS` is false unless set). [`variables`](crate::variables) is the table.
///
/// ```
/// use epycloud_config::{Environment, RuntimeSettings, Stage};
///
/// let environment = Environment::from_pairs([
///     ("STAGE", "B"),
///     ("EXECUTION_MODE", "local"),
///     ("EXP_ID", "202547/smc_rmse"),
///     ("RUN_ID", "20261123-143052-0a1b2c3d"),
///     ("BATCH_TASK_INDEX", "3"),
/// ]);
/// let settings = RuntimeSettings::from_environment(&environment)?;
/// assert_eq!(settings.stage.unwrap().value, Stage::Runner);
/// assert_eq!(settings.task_index.unwrap().source.to_string(), "environment variable BATCH_TASK_INDEX");
/// assert_eq!(settings.forecast_repo_dir.value.to_str(), Some("/data/forecast"));
/// # Ok::<(), epycloud_config::SettingsErrors>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeSettings {
    /// `STAGE`.
    pub stage: Option<Setting<Stage>>,
    /// `EXECUTION_MODE`.
    pub mode: Setting<ExecutionMode>,
    /// `EXP_ID`.
    pub exp_id: Option<Setting<ExpId>>,
    /// `RUN_ID`.
    pub run_id: Option<Setting<RunId>>,
    /// `LOG_LEVEL`.
    pub log_level: Setting<LogLevel>,
    /// `GCS_BUCKET`; always there in cloud mode.
    pub bucket: Option<Setting<BucketName>>,
    /// `DIR_PREFIX`.
    pub dir_prefix: Setting<DirPrefix>,
    /// `GITHUB_FORECAST_REPO`.
    pub github_forecast_repo: Option<Setting<GithubRepository>>,
    /// `FORECAST_REPO_REF`.
    pub forecast_repo_ref: Option<Setting<GitRef>>,
    /// `FORECAST_REPO_REFETCH`.
    pub forecast_repo_refetch: Setting<bool>,
    /// `EPYCLOUD_CLEANUP`.
    pub cleanup: Setting<bool>,
    /// `GITHUB_SERVER_URL`.
    pub github_server: Setting<GithubServer>,
    /// `GCLOUD_PROJECT_ID`.
    pub gcloud_project_id: Option<Setting<ProjectId>>,
    /// `GITHUB_PAT_SECRET`.
    pub github_pat_secret: Setting<SecretName>,
    /// `GITHUB_PAT`.
    pub github_pat: Option<Setting<Secret>>,
    /// `FORECAST_REPO_DIR`, else `forecast` in `LOCAL_DATA_PATH`.
    pub forecast_repo_dir: Setting<PathBuf>,
    /// `TASK_INDEX`, or what the scheduler sets.
    pub task_index: Option<Setting<TaskIndex>>,
    /// `NUM_TASKS`; at least 1.
    pub num_tasks: Option<Setting<u32>>,
    /// `OUTPUT_CONFIG_FILE`.
    pub output_config_file: Option<Setting<FileName>>,
    /// `ALLOW_PARTIAL_RESULTS`.
    pub allow_partial_results: Setting<bool>,
    /// `STORAGE_VERBOSE`.
    pub storage_verbose: Setting<bool>,
    /// `LOCAL_DATA_PATH`.
    pub local_data_path: Setting<PathBuf>,
    /// `EPYCLOUD_ENGINE`.
    pub engine: Setting<EngineName>,
    /// `EPYCLOUD_POPULATION_DATA`.
    pub population_data: Option<Setting<PathBuf>>,
    /// `EPYCLOUD_DATA_TABLES`.
    pub data_tables: Option<Setting<PathBuf>>,
    /// `EPYCLOUD_SUITE_BEHAVIOUR`.
    pub suite_behaviour: Setting<SuiteBehaviour>,
    /// `EPYCLOUD_THREADS`; at least 1.
    pub threads: Option<Setting<u32>>,
    /// `EPYCLOUD_PYTHON`.
    pub python: Option<Setting<PathBuf>>,
    /// `VIRTUAL_ENV`.
    pub virtual_env: Option<Setting<PathBuf>>,
    /// `EPYCLOUD_TRUST_ARTIFACTS`.
    pub trust_artifacts: Setting<ArtifactTrust>,
    /// `EPYCLOUD_RUN_AS`.
    pub run_as: Setting<RunAs>,
    pub(crate) warnings: Vec<String>,
}

impl RuntimeSettings {
    /// Reads all settings.
    ///
    /// A stage's own needs ([`RuntimeSettings::check_for`]) are checked as well when `STAGE` is
    /// set. Whether files and folders exist isn't looked at.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, not only the first.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingsErrors> {
        let mut reader = Reader::new(environment);
        let settings = Self::read(&mut reader, environment);
        let mut errors = reader.errors;
        errors.extend(settings.across(&errors));
        SettingsErrors::from_list(errors)?;
        Ok(settings)
    }

    /// What stays wrong is in the reader's errors; its values here are then defaults.
    pub(crate) fn read(reader: &mut Reader<'_>, environment: &Environment) -> Self {
        let stage = reader.parse("STAGE");
        let mode = or_default(reader.parse("EXECUTION_MODE"), ExecutionMode::Cloud);
        let exp_id = reader.parse("EXP_ID");
        let run_id = reader.parse("RUN_ID");
        let log_level = or_default(reader.parse("LOG_LEVEL"), LogLevel::Info);
        let bucket = reader.parse("GCS_BUCKET");
        let dir_prefix = or_default(reader.parse("DIR_PREFIX"), DirPrefix::default());
        let github_forecast_repo = reader.parse("GITHUB_FORECAST_REPO");
        let forecast_repo_ref = reader.parse("FORECAST_REPO_REF");
        let forecast_repo_refetch = or_default(reader.boolean("FORECAST_REPO_REFETCH"), false);
        let cleanup = or_default(reader.boolean("EPYCLOUD_CLEANUP"), false);
        let github_server = or_default(reader.parse("GITHUB_SERVER_URL"), GithubServer::default());
        let gcloud_project_id = reader.parse("GCLOUD_PROJECT_ID");
        let github_pat_secret =
            or_default(reader.parse("GITHUB_PAT_SECRET"), SecretName::default());
        let github_pat = reader.secret("GITHUB_PAT");
        let forecast_repo_dir = reader.path("FORECAST_REPO_DIR");
        let task_index = task_index(reader, environment);
        let num_tasks = reader.count("NUM_TASKS");
        let output_config_file = reader.parse("OUTPUT_CONFIG_FILE");
        let allow_partial_results = or_default(reader.boolean("ALLOW_PARTIAL_RESULTS"), false);
        let storage_verbose = or_default(
            reader.boolean("STORAGE_VERBOSE"),
            mode.value == ExecutionMode::Local,
        );
        let local_data_path = or_default(reader.path("LOCAL_DATA_PATH"), PathBuf::from("/data"));
        let forecast_repo_dir = forecast_repo_dir.unwrap_or_else(|| {
            let source = match &local_data_path.source {
                Source::Default => Source::Default,
                _ => Source::Derived("LOCAL_DATA_PATH".to_owned()),
            };
            Setting::new(local_data_path.value.join("forecast"), source)
        });
        Self {
            stage,
            mode,
            exp_id,
            run_id,
            log_level,
            bucket,
            dir_prefix,
            github_forecast_repo,
            forecast_repo_ref,
            forecast_repo_refetch,
            cleanup,
            github_server,
            gcloud_project_id,
            github_pat_secret,
            github_pat,
            forecast_repo_dir,
            task_index,
            num_tasks,
            output_config_file,
            allow_partial_results,
            storage_verbose,
            local_data_path,
            engine: or_default(reader.parse("EPYCLOUD_ENGINE"), EngineName::Native),
            population_data: reader.path("EPYCLOUD_POPULATION_DATA"),
            data_tables: reader.path("EPYCLOUD_DATA_TABLES"),
            suite_behaviour: or_default(
                reader.parse("EPYCLOUD_SUITE_BEHAVIOUR"),
                SuiteBehaviour::Latest,
            ),
            threads: reader.count("EPYCLOUD_THREADS"),
            python: reader.path("EPYCLOUD_PYTHON"),
            virtual_env: reader.path("VIRTUAL_ENV"),
            trust_artifacts: or_default(
                reader.parse("EPYCLOUD_TRUST_ARTIFACTS"),
                ArtifactTrust::Own,
            ),
            run_as: or_default(reader.parse("EPYCLOUD_RUN_AS"), RunAs::AsStarted),
            warnings: unknown::warnings(environment),
        }
    }

    /// What is wrong with settings that are right each by itself; a setting that `already` has an
    /// error is not called missing.
    fn across(&self, already: &[SettingError]) -> Vec<SettingError> {
        let mut errors = Vec::new();
        // A mode that can't be read doesn't stand for the default.
        let mode_is_known = already.iter().all(|error| error.name != "EXECUTION_MODE");
        if self.mode.value == ExecutionMode::Cloud && self.bucket.is_none() && mode_is_known {
            errors.push(missing(
                "GCS_BUCKET",
                format!(
                    "not set, and cloud mode ({}) needs a bucket",
                    self.mode.source
                ),
                Some("set EXECUTION_MODE=local to work on local files"),
            ));
        }
        if let (Some(index), Some(n_tasks)) = (&self.task_index, &self.num_tasks)
            && index.value.get() >= n_tasks.value
        {
            errors.push(missing(
                "TASK_INDEX",
                format!(
                    "`{}` ({}) is not below the number of tasks, `{}` ({})",
                    index.value, index.source, n_tasks.value, n_tasks.source
                ),
                Some("tasks are counted from 0"),
            ));
        }
        if let Some(stage) = &self.stage {
            errors.extend(self.missing_for(stage.value));
        }
        // What can't be read isn't missing as well; a task's index has several names.
        let same = |known: &SettingError, error: &SettingError| {
            let index = |name: &str| TASK_INDEX_VARIABLES.contains(&name);
            known.name == error.name || (index(&known.name) && index(&error.name))
        };
        errors.retain(|error| !already.iter().any(|known| same(known, error)));
        errors
    }

    /// Whether all that a stage needs is there: every stage needs `EXP_ID`; B and C need `RUN_ID`
    /// (A generates it); B needs a task index, which is never guessed.
    ///
    /// # Errors
    ///
    /// Everything that is missing.
    pub fn check_for(&self, stage: Stage) -> Result<(), SettingsErrors> {
        SettingsErrors::from_list(self.missing_for(stage))
    }

    fn missing_for(&self, stage: Stage) -> Vec<SettingError> {
        let mut errors = Vec::new();
        let needs = format!("not set, and stage {} ({stage}) needs it", stage.letter());
        if self.exp_id.is_none() {
            errors.push(missing(
                "EXP_ID",
                needs.clone(),
                Some("it is the experiment's folder under `experiments/`"),
            ));
        }
        if self.run_id.is_none() && stage != Stage::Builder {
            errors.push(missing(
                "RUN_ID",
                needs,
                Some("stage A says which run ID it generated"),
            ));
        }
        if self.task_index.is_none() && stage == Stage::Runner {
            errors.push(missing(
                "TASK_INDEX",
                format!(
                    "not set, and stage B (runner) needs a task index; looked at {}",
                    TASK_INDEX_VARIABLES.join(", ")
                ),
                Some("set TASK_INDEX=0 for the first task"),
            ));
        }
        errors
    }

    /// What is probably not meant, such as an `EPYCLOUD_…` variable that nothing reads.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

fn or_default<T>(setting: Option<Setting<T>>, default: T) -> Setting<T> {
    setting.unwrap_or_else(|| Setting::default_value(default))
}

/// The first that is set counts; a value that can't be read is an error, never a reason to go on.
fn task_index(reader: &mut Reader<'_>, environment: &Environment) -> Option<Setting<TaskIndex>> {
    reader.asked.extend(TASK_INDEX_VARIABLES);
    let name = TASK_INDEX_VARIABLES
        .into_iter()
        .find(|name| environment.get(name).is_some() || environment.is_unreadable(name))?;
    reader.parse(name)
}

fn missing(name: &str, message: String, hint: Option<&str>) -> SettingError {
    SettingError {
        name: name.to_owned(),
        message,
        hint: hint.map(str::to_owned),
    }
}
