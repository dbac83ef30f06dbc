//! `epycloud validate`: experiments checked before anything is spent on them.

mod before;
mod fetch;
mod outcome;
mod show;
mod target;

use std::path::{Path, PathBuf};

use epycloud_config::{Environment, GitRef, GithubRepository, RuntimeSettings};
use epycloud_errors::{ExitCode, Report, Secret};
use epycloud_stages::engine::{CheckDepth, DataSources, engine};
use epycloud_stages::{data_sources, head_commit, validation};
use tempfile::TempDir;

pub(crate) use self::before::before_run;
use self::outcome::{Outcome, Summary};
use self::target::Target;
use crate::arguments::Validate;
use crate::context::Context;
use crate::error::CliError;
use crate::printer::Printer;
use crate::settings::{self, Flag};

pub(crate) fn run(arguments: &Validate, context: &Context) -> Result<ExitCode, Report> {
    let printer = &context.printer;
    if arguments.github_token.is_some() {
        return Err(CliError::TokenInArguments.into());
    }
    let settings = engine_settings(arguments, &context.stage_environment()?)?;
    let place = Place::of(arguments, context)?;
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
    let sources = DataSources {
        repository: target
            .repository
            .clone()
            .unwrap_or_else(|| survey.folder.clone()),
        ..data_sources(settings)
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
    fn of(arguments: &Validate, context: &Context) -> Result<Self, Report> {
        if !arguments.path.is_empty() {
            return Ok(Self::Paths);
        }
        let here = settings::forecast_repository(context.project_directory());
        if arguments.repo.is_none()
            && arguments.git_ref.is_none()
            && let Ok(repository) = here
        {
            return Ok(Self::Here(repository));
        }
        let configuration = context.configuration()?;
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
        let token = context
            .github_token(&configuration)
            .or_else(|| token(context.caller()));
        Ok(Self::Fetched(
            repository.clone(),
            fetched(repository, git_ref, token.as_ref(), &context.printer)?,
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

/// The token in the variable that other programs know it by.
fn token(caller: &Environment) -> Option<Secret> {
    let token = caller.get("GITHUB_TOKEN")?.trim();
    (!token.is_empty()).then(|| Secret::new(token.to_owned()))
}

/// Which engine, and where its data is.
fn engine_settings(
    arguments: &Validate,
    environment: &Environment,
) -> Result<RuntimeSettings, CliError> {
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
    settings::without_stage(environment, flags.into_iter().flatten())
}
