//! What the command line means: the environment that the stages of a run are given.
//!
//! A flag becomes the variable that a container would be given, so that there is one reader of
//! settings (`RuntimeSettings`) and one set of rules, wherever a stage runs.

use std::path::{Path, PathBuf};

use epycloud_config::{DirPrefix, Environment, LocalProject, RunId, RuntimeSettings, Stage};

use crate::arguments::{Common, Executor, Modelling};
use crate::error::CliError;

/// Variables that say what a single stage does; the command line decides them, never the caller's
/// environment.
const STAGE_VARIABLES: &[&str] = &[
    "STAGE",
    "EXP_ID",
    "RUN_ID",
    "TASK_INDEX",
    "BATCH_TASK_INDEX",
    "SLURM_ARRAY_TASK_ID",
    "JOB_COMPLETION_INDEX",
    "AWS_BATCH_JOB_ARRAY_INDEX",
    "NUM_TASKS",
    "OUTPUT_CONFIG_FILE",
    "EXECUTION_MODE",
    "FORECAST_REPO_DIR",
    "LOCAL_DATA_PATH",
];

/// A run on this machine, resolved.
#[derive(Debug, Clone)]
pub(crate) struct LocalRun {
    /// The environment of its stages.
    pub(crate) environment: Environment,
    /// The same, typed.
    pub(crate) runtime: RuntimeSettings,
    /// The project's folders.
    pub(crate) project: LocalProject,
    /// The run.
    pub(crate) run_id: RunId,
}

impl LocalRun {
    /// Puts the flags over the caller's environment. `more` are the variables of one stage.
    pub(crate) fn resolve(
        common: &Common,
        caller: &Environment,
        stage: Option<Stage>,
        more: Vec<Flag>,
    ) -> Result<Self, CliError> {
        require_local(common)?;
        let project = locate(&common.project_directory)?;
        let run_id = common.run_id.clone().unwrap_or_else(RunId::generate);
        let mut environment = caller.clone().without(STAGE_VARIABLES.iter().copied());
        for (name, flag, value) in flags(common, &project, &run_id).into_iter().chain(more) {
            environment = environment.with_flag(name, flag, value);
        }
        if let Some(stage) = stage {
            environment = environment.with_flag("STAGE", "--stage", stage.to_string());
        }
        let runtime = RuntimeSettings::from_environment(&environment)
            .map_err(|source| CliError::Settings { source })?;
        Ok(Self {
            environment,
            runtime,
            project,
            run_id,
        })
    }

    /// Where the run's files are.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder_of(&self.run_id)
    }

    /// Where another run's of the same experiment are.
    pub(crate) fn folder_of(&self, run_id: &RunId) -> PathBuf {
        self.project
            .bucket
            .join(self.runtime.dir_prefix.value.as_str())
            .join(self.experiment())
            .join(run_id.as_str())
    }

    /// The bucket it lies in.
    pub(crate) fn bucket(&self) -> Bucket {
        Bucket {
            folder: self.project.bucket.clone(),
            prefix: self.runtime.dir_prefix.value.clone(),
        }
    }

    /// The experiment.
    pub(crate) fn experiment(&self) -> String {
        self.runtime
            .exp_id
            .as_ref()
            .map_or_else(String::new, |exp_id| exp_id.value.to_string())
    }
}

/// Where runs on this machine lie.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    /// The folder that stands for the bucket.
    pub(crate) folder: PathBuf,
    /// The folders in it under which experiments lie.
    pub(crate) prefix: DirPrefix,
}

impl Bucket {
    /// The bucket of a project.
    pub(crate) fn locate(directory: &Path, caller: &Environment) -> Result<Self, CliError> {
        let project = locate(directory)?;
        let runtime = without_stage(caller, [])?;
        Ok(Self {
            folder: project.bucket,
            prefix: runtime.dir_prefix.value,
        })
    }
}

/// The settings of work on this machine that is no stage's, with flags over the caller's environment.
pub(crate) fn without_stage(
    caller: &Environment,
    flags: impl IntoIterator<Item = Flag>,
) -> Result<RuntimeSettings, CliError> {
    let mut environment = caller
        .clone()
        .without(STAGE_VARIABLES.iter().copied())
        .with_flag("EXECUTION_MODE", "--local", "local");
    for (name, flag, value) in flags {
        environment = environment.with_flag(name, flag, value);
    }
    RuntimeSettings::from_environment(&environment).map_err(|source| CliError::Settings { source })
}

/// The forecast repository of a project directory.
pub(crate) fn forecast_repository(directory: &Path) -> Result<PathBuf, CliError> {
    locate(directory).map(|project| project.forecast)
}

fn require_local(common: &Common) -> Result<(), CliError> {
    match common.executor {
        Some(Executor::Local | Executor::Docker | Executor::Slurm) => Ok(()),
        None if common.local => Ok(()),
        None => Err(CliError::NoProject),
        Some(executor) => Err(CliError::Executor { executor }),
    }
}

/// The project's folders, absolute, since workers may be started elsewhere.
fn locate(directory: &Path) -> Result<LocalProject, CliError> {
    let absolute = std::path::absolute(directory)
        .and_then(std::fs::canonicalize)
        .map_err(|source| CliError::Project {
            directory: directory.to_owned(),
            source,
        })?;
    let project = LocalProject::locate(&absolute);
    if project.forecast.join("experiments").is_dir() {
        Ok(project)
    } else {
        Err(CliError::NoForecastRepository {
            directory: absolute,
        })
    }
}

/// A variable, the flag that sets it, and its value.
pub(crate) type Flag = (&'static str, &'static str, String);

/// The flags of an engine and its data.
pub(crate) fn modelling_flags(modelling: &Modelling) -> impl Iterator<Item = Flag> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let optional = [
        (
            "EPYCLOUD_ENGINE",
            "--engine",
            modelling.engine.map(|engine| engine.to_string()),
        ),
        (
            "EPYCLOUD_POPULATION_DATA",
            "--population-data",
            modelling.population_data.as_deref().map(text),
        ),
        (
            "EPYCLOUD_DATA_TABLES",
            "--data-tables",
            modelling.data_tables.as_deref().map(text),
        ),
        (
            "EPYCLOUD_SUITE_BEHAVIOUR",
            "--suite-behaviour",
            modelling
                .suite_behaviour
                .map(|behaviour| behaviour.to_string()),
        ),
    ];
    given(optional)
}

/// The flags that have a value.
fn given<const N: usize>(
    optional: [(&'static str, &'static str, Option<String>); N],
) -> impl Iterator<Item = Flag> {
    optional
        .into_iter()
        .filter_map(|(name, flag, value)| Some((name, flag, value?)))
}

fn flags(common: &Common, project: &LocalProject, run_id: &RunId) -> Vec<Flag> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let data_path = project.bucket.parent().unwrap_or(&project.bucket);
    let mut flags = vec![
        ("EXECUTION_MODE", "--local", "local".to_owned()),
        ("EXP_ID", "--exp-id", common.exp_id.to_string()),
        ("RUN_ID", "--run-id", run_id.to_string()),
        ("LOCAL_DATA_PATH", "--project-directory", text(data_path)),
        (
            "FORECAST_REPO_DIR",
            "--project-directory",
            text(&project.forecast),
        ),
    ];
    let optional = [
        (
            "OUTPUT_CONFIG_FILE",
            "--output-config",
            common.output_config.as_ref().map(ToString::to_string),
        ),
        (
            "ALLOW_PARTIAL_RESULTS",
            "--allow-partial",
            common.allow_partial.then(|| "true".to_owned()),
        ),
    ];
    flags.extend(given(optional).chain(modelling_flags(&common.modelling)));
    flags
}
