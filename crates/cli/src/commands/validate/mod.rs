//! `epycloud validate`: experiments checked before anything is spent on them.

mod fetch;
mod outcome;
mod show;
mod target;

use std::path::{Path, PathBuf};

use epycloud_config::user::{Configuration, Selection};
use epycloud_config::{Environment, GitRef, GithubRepository, RuntimeSettings};
use epycloud_errors::{ExitCode, Report, Secret};
use epycloud_stages::engine::{CheckDepth, DataSources, engine};
use epycloud_stages::{head_commit, validation};
use tempfile::TempDir;

use self::outcome::{Outcome, Summary};
use self::target::Target;
use crate::arguments::Validate;
use crate::error::CliError;
use crate::printer::Printer;
use crate::settings::{self, Flag};

pub(crate) fn run(arguments: &Validate, printer: &Printer) -> Result<ExitCode, Report> {
    if arguments.github_token.is_some() {
        return Err(CliError::TokenInArguments.into());
    }
    let settings = engine_settings(arguments)?;
    let place = Place::of(arguments, printer)?;
    let targets = place.targets(arguments)?;
    if printer.dry_run {
        for target in &targets {
            printer.say(&format!("Would check {}", target.directory));
        }
        return Ok(ExitCode::Done);
    }
    let outcomes = targets
        .iter()
        .map(|target| check(target, arguments, &settings))
        .collect::<Result<Vec<Outcome>, Report>>()?;
    show::show(&outcomes, arguments.format, printer)?;
    Ok(exit_code(Summary::of(&outcomes)))
}

/// As the original has them: what is wrong with an experiment is 1, what can't be read 2.
fn exit_code(summary: Summary) -> ExitCode {
    match (summary.failed, summary.errored) {
        (0, 0) => ExitCode::Done,
        (0, _) => ExitCode::Usage,
        _ => ExitCode::Failed,
    }
}

/// Has the engine check one folder.
fn check(
    target: &Target,
    arguments: &Validate,
    settings: &RuntimeSettings,
) -> Result<Outcome, Report> {
    let name = settings.engine.value.as_str();
    let survey = match &target.survey {
        Ok(survey) => survey,
        Err(error) => return Ok(Outcome::unreadable(target, name, error)),
    };
    let path = |path: &Option<epycloud_config::Setting<PathBuf>>| {
        path.as_ref()
            .map(|path| std::path::absolute(&path.value).unwrap_or_else(|_| path.value.clone()))
    };
    let sources = DataSources {
        repository: target
            .repository
            .clone()
            .unwrap_or_else(|| survey.folder.clone()),
        population_data: path(&settings.population_data),
        data_tables: path(&settings.data_tables),
        suite_behaviour: settings.suite_behaviour.value,
    };
    // Outside of a repository nobody knows what the paths of data are relative to.
    let depth = if arguments.files_only || target.repository.is_none() {
        CheckDepth::Files
    } else {
        CheckDepth::Data
    };
    let engine = engine(settings, &sources)?;
    let validation =
        validation::validate(survey, &target.exp_id, engine.as_ref(), &sources, depth)?;
    Ok(Outcome::of(
        target,
        name,
        validation,
        arguments.strict,
        depth == CheckDepth::Data,
    ))
}

/// Where the experiments are.
enum Place {
    /// In folders that are named one by one.
    Paths,
    /// In a repository on this machine.
    Here(PathBuf),
    /// In a repository on GitHub, fetched into a folder that goes with this value.
    Fetched(GithubRepository, TempDir),
}

impl Place {
    fn of(arguments: &Validate, printer: &Printer) -> Result<Self, Report> {
        if !arguments.path.is_empty() {
            return Ok(Self::Paths);
        }
        let here = settings::forecast_repository(&arguments.project_directory);
        if arguments.repo.is_none()
            && arguments.git_ref.is_none()
            && let Ok(repository) = here
        {
            return Ok(Self::Here(repository));
        }
        let selection = Selection {
            project_dir: arguments.project_directory.clone(),
            ..Selection::default()
        };
        let caller = Environment::from_process();
        let configuration = Configuration::load(&caller, &selection)?;
        let github = &configuration.values().github;
        let Some(repository) = arguments.repo.as_ref().or(github.forecast_repo.as_ref()) else {
            here?;
            return Err(CliError::NoGithubRepository.into());
        };
        // The configuration's ref is its own repository's.
        let of_configuration = github
            .forecast_repo_ref
            .as_ref()
            .filter(|_| arguments.repo.is_none());
        let git_ref = arguments.git_ref.as_ref().or(of_configuration);
        let token = github
            .personal_access_token
            .clone()
            .or_else(|| token(&caller));
        Ok(Self::Fetched(
            repository.clone(),
            fetched(repository, git_ref, token.as_ref(), printer)?,
        ))
    }

    fn targets(&self, arguments: &Validate) -> Result<Vec<Target>, Report> {
        let output = arguments.output_config.as_ref();
        match self {
            Self::Paths => Ok(target::of_paths(&arguments.path, output)?),
            Self::Here(repository) => {
                target::of_repository(repository, &arguments.exp_id, None, output)
            }
            Self::Fetched(name, folder) => {
                // As the experiments' files will be shown: temporary folders may be links.
                let folder = std::fs::canonicalize(folder.path())
                    .unwrap_or_else(|_| folder.path().to_owned());
                target::of_repository(&folder, &arguments.exp_id, Some(name), output)
            }
        }
    }
}

fn fetched(
    repository: &GithubRepository,
    git_ref: Option<&GitRef>,
    token: Option<&Secret>,
    printer: &Printer,
) -> Result<TempDir, CliError> {
    let folder = tempfile::Builder::new()
        .prefix("epycloud-")
        .tempdir()
        .map_err(|source| CliError::Temporary { source })?;
    fetch::fetch(repository, git_ref, token, folder.path())?;
    let commit = head_commit(folder.path()).unwrap_or_default();
    printer.say(&format!("{repository} at {commit}"));
    Ok(folder)
}

/// The token in the variables that other programs know it by.
fn token(caller: &Environment) -> Option<Secret> {
    ["GITHUB_TOKEN", "GITHUB_PAT"]
        .into_iter()
        .filter_map(|name| caller.get(name))
        .find(|value| !value.trim().is_empty())
        .map(|value| Secret::new(value.trim().to_owned()))
}

/// Which engine, and where its data is.
fn engine_settings(arguments: &Validate) -> Result<RuntimeSettings, CliError> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let flags: [Option<Flag>; 4] = [
        arguments
            .engine
            .map(|engine| ("EPYCLOUD_ENGINE", "--engine", engine.to_string())),
        arguments
            .population_data
            .as_deref()
            .map(|path| ("EPYCLOUD_POPULATION_DATA", "--population-data", text(path))),
        arguments
            .data_tables
            .as_deref()
            .map(|path| ("EPYCLOUD_DATA_TABLES", "--data-tables", text(path))),
        arguments.suite_behaviour.map(|behaviour| {
            (
                "EPYCLOUD_SUITE_BEHAVIOUR",
                "--suite-behaviour",
                behaviour.to_string(),
            )
        }),
    ];
    settings::without_stage(&Environment::from_process(), flags.into_iter().flatten())
}
