//! `epycloud validate`: experiments checked before anything is spent on them.

mod before;
mod outcome;
mod show;
mod target;

use std::path::PathBuf;

use epycloud_config::user::Configuration;
use epycloud_config::{EngineName, GithubRepository, RuntimeSettings};
use epycloud_errors::{ExitCode, Report};
use epycloud_repository::{Origin, Tokens};
use epycloud_stages::engine::{CheckDepth, DataSources, engine};
use epycloud_stages::{data_sources, validation};

pub(crate) use self::before::{Candidate, before_run};
use self::outcome::{Outcome, Summary};
use self::target::Target;
use crate::arguments::Validate;
use crate::commands::forecasts::Forecasts;
use crate::commands::runtime::Ended;
use crate::context::Context;
use crate::error::CliError;
use crate::settings;

pub(crate) fn run(arguments: &Validate, context: &Context) -> Result<ExitCode, Report> {
    let printer = &context.printer;
    if arguments.github_token.is_some() {
        return Err(CliError::TokenInArguments.into());
    }
    let settings = settings::without_stage(
        &context.stage_environment()?,
        settings::modelling_flags(&arguments.modelling),
    )?;
    let Some(place) = Place::of(arguments, &settings, context)? else {
        return Ok(ExitCode::Interrupted);
    };
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
    // The suite's loaders read the files alone.
    let data_checked = depth == CheckDepth::Data && settings.engine.value == EngineName::Native;
    Ok(Outcome::of(
        target,
        name,
        validation,
        arguments.strict,
        data_checked,
    ))
}

/// Where the experiments are.
enum Place {
    /// In folders that are named one by one.
    Paths,
    /// In a repository on this machine.
    Here(PathBuf),
    /// In a repository on GitHub.
    Fetched {
        name: GithubRepository,
        forecasts: Forecasts,
    },
}

impl Place {
    /// `None` if somebody stopped it.
    fn of(
        arguments: &Validate,
        settings: &RuntimeSettings,
        context: &Context,
    ) -> Result<Option<Self>, Report> {
        if !arguments.path.is_empty() {
            return Ok(Some(Self::Paths));
        }
        let here = settings::forecast_repository(context.project_directory());
        let is_elsewhere = arguments.repo.is_some() || arguments.git_ref.is_some();
        if let (false, Ok(repository)) = (is_elsewhere, &here) {
            return Ok(Some(Self::Here(repository.clone())));
        }
        let configuration = Configuration::load(context.caller(), context.selection())?;
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
        let origin = Origin {
            server: settings.github_server.value.clone(),
            repository: repository.clone(),
            reference: arguments.git_ref.as_ref().or(of_configuration).cloned(),
        };
        let tokens = context
            .github_token(&configuration)
            .map_or_else(Tokens::none, Tokens::known);
        match Forecasts::fetch(&origin, &tokens, context)? {
            Ended::Itself(fetched) => {
                let forecasts = fetched?;
                let (name, commit) = (&origin.repository, &forecasts.commit);
                context.printer.say(&format!("{name} at {commit}"));
                Ok(Some(Self::Fetched {
                    name: origin.repository,
                    forecasts,
                }))
            }
            Ended::Stopped(_) => Ok(None),
        }
    }

    fn targets(&self, arguments: &Validate) -> Result<Vec<Target>, Report> {
        let output = arguments.output_config.as_ref();
        match self {
            Self::Paths => Ok(target::of_paths(&arguments.path, output)?),
            Self::Here(root) => target::of_repository(root, &arguments.exp_id, None, output),
            Self::Fetched { name, forecasts } => {
                target::of_repository(&forecasts.root, &arguments.exp_id, Some(name), output)
            }
        }
    }
}
