//! Checking the experiment before it is submitted, at the commit that then runs.

use epycloud_config::{CommitId, EngineName, GitRef, GithubRepository, RuntimeSettings};
use epycloud_errors::Report;
use epycloud_google::secret_manager;
use epycloud_repository::{Origin, RepositoryError, Tokens};

use super::error::CheckError;
use super::resolve::Shared;
use crate::arguments::Common;
use crate::cloud::Cloud;
use crate::commands::forecasts::Forecasts;
use crate::commands::runtime::{Ended, block_on};
use crate::commands::validate::Candidate;
use crate::context::Context;
use crate::settings::{self, Flag};

/// What is known of the experiment that is to be submitted.
pub(super) enum Checked {
    /// Nothing speaks against it, at this commit. It is the one that runs: a branch may have moved
    /// on until stage A asks for it.
    Commit {
        commit: CommitId,
        /// What the commit was found by; the default branch if nothing was asked for.
        asked: Option<GitRef>,
        /// Who would run it.
        engine: EngineName,
    },
    /// Nobody looked, for a reason.
    Not(&'static str),
}

impl Checked {
    /// The ref that stages are given.
    pub(super) fn reference(&self, asked: Option<GitRef>) -> Option<GitRef> {
        self.commit()
            .and_then(|commit| commit.parse().ok())
            .or(asked)
    }

    /// The commit that was checked.
    pub(super) fn commit(&self) -> Option<&str> {
        match self {
            Self::Commit { commit, .. } => Some(commit.as_str()),
            Self::Not(_) => None,
        }
    }

    /// What was checked, for people.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Not(reason) => format!("no: {reason}"),
            Self::Commit {
                commit,
                asked,
                engine,
            } => {
                let branch = match asked {
                    None => " of the default branch".to_owned(),
                    Some(asked) if asked.as_str() == commit.as_str() => String::new(),
                    Some(asked) => format!(" of {asked}"),
                };
                let how = match engine {
                    EngineName::Native => "",
                    // The rest is stage A's.
                    EngineName::Python => ", without Python",
                };
                format!("its files at that commit{branch}{how}")
            }
        }
    }
}

/// Refuses an experiment that can't work, or can't be looked at. A dry run fetches nothing.
pub(super) fn experiment(
    common: &Common,
    shared: &Shared,
    cloud: &Cloud,
    context: &Context,
) -> Result<Ended<Checked>, Report> {
    if common.no_validate {
        return Ok(Ended::Itself(Checked::Not("as `--no-validate` says")));
    }
    if context.printer.dry_run {
        return Ok(Ended::Itself(Checked::Not("a dry run fetches nothing")));
    }
    let configured = &cloud.configuration.values().github.forecast_repo;
    let repository = configured.as_ref().ok_or(CheckError::NoRepository)?;
    let settings = stage_settings(shared, context)?;
    let origin = Origin {
        server: settings.github_server.value.clone(),
        repository: repository.clone(),
        reference: shared.forecast_ref.clone(),
    };
    context
        .printer
        .say(&format!("Checking {} in {repository}", common.exp_id));
    let forecasts = match fetch(&origin, shared, cloud, context)? {
        Ended::Itself(fetched) => fetched.map_err(|source| CheckError::Unchecked {
            experiment: common.exp_id.to_string(),
            source,
        })?,
        Ended::Stopped(code) => return Ok(Ended::Stopped(code)),
    };
    Candidate {
        exp_id: &common.exp_id,
        output: common.output_config.as_ref(),
        repository: &forecasts.root,
        settings: &settings,
        in_image: true,
        is_fetched: true,
        options: options(common, repository, &forecasts.commit),
    }
    .check()?;
    Ok(Ended::Itself(Checked::Commit {
        commit: forecasts.commit.clone(),
        asked: origin.reference,
        engine: settings.engine.value,
    }))
}

/// How `epycloud validate` finds the same.
fn options(common: &Common, repository: &GithubRepository, commit: &CommitId) -> String {
    let exp_id = &common.exp_id;
    format!("--repo {repository} --ref {commit} --exp-id {exp_id}")
}

/// The engine as stages will have it: what they aren't told is the image's, whose engine is Python.
fn stage_settings(shared: &Shared, context: &Context) -> Result<RuntimeSettings, Report> {
    let told = |name: &'static str, default: Option<&str>| -> Option<Flag> {
        let value = shared.variables.get(name).map(String::as_str).or(default)?;
        Some((name, "the configuration", value.to_owned()))
    };
    let flags = [
        told("EPYCLOUD_ENGINE", Some(EngineName::Python.as_str())),
        told("EPYCLOUD_SUITE_BEHAVIOUR", None),
    ];
    Ok(settings::without_stage(
        context.caller(),
        flags.into_iter().flatten(),
    )?)
}

/// Fetches the commit with the user's token, or else with the one that stage A would use, which
/// only who may read that secret gets.
fn fetch(
    origin: &Origin,
    shared: &Shared,
    cloud: &Cloud,
    context: &Context,
) -> Result<Ended<Result<Forecasts, RepositoryError>>, Report> {
    let own = context
        .github_token(&cloud.configuration)
        .map_or_else(Tokens::none, Tokens::known);
    let first = Forecasts::fetch(origin, &own, context)?;
    if !matches!(first, Ended::Itself(Err(RepositoryError::Denied { .. }))) {
        return Ok(first);
    }
    match stage_token(shared, cloud)? {
        Ended::Itself(Some(token)) => Forecasts::fetch(origin, &token, context),
        Ended::Itself(None) => Ok(first),
        Ended::Stopped(code) => Ok(Ended::Stopped(code)),
    }
}

/// The token that stage A would use, if this user may read it.
fn stage_token(shared: &Shared, cloud: &Cloud) -> Result<Ended<Option<Tokens>>, Report> {
    let client = cloud.client()?;
    let secret = secret_manager::fetch(&client, &cloud.place.project, &shared.token_secret);
    Ok(match block_on(secret)? {
        Ended::Itself(secret) => Ended::Itself(secret.ok().map(Tokens::known)),
        Ended::Stopped(code) => Ended::Stopped(code),
    })
}
