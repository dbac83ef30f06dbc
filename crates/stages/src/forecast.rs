//! The forecast repository of a stage in the cloud.
//!
//! Stage A fetches one commit and keeps its files with the run, as one archive by the commit's name;
//! the stages after it unpack that archive, so that all of them see the same files, whatever
//! happens to the branch meanwhile. `tasks.json` says which commit it is. Stage C can be asked to
//! remove the archive at its end.

use std::path::{Path, PathBuf};

use epycloud_config::{
    CommitId, EngineName, Environment, ExecutionMode, GithubRepository, RuntimeSettings, Stage,
};
use epycloud_errors::chain;
use epycloud_repository::{Origin, RepositoryError, Tokens, pack, place};
use epycloud_storage::{LoadOptions, Patience, SaveOptions, StorageError};
use tracing::{info, warn};

use crate::blocking::blocking;
use crate::error::StageError;
use crate::manifest::Tasks;
use crate::output::OutputReport;
use crate::run::StageRun;

/// Puts the forecast repository where the run's stage looks for it.
///
/// In local mode, and without `GITHUB_FORECAST_REPO` and an archive, it is the folder that is there
/// already. The native engine's runner needs none.
///
/// # Errors
/// When it can't be fetched, stored, loaded or unpacked, or its archive is gone and it isn't to be
/// fetched again.
pub async fn obtain(
    run: &StageRun,
    settings: &RuntimeSettings,
    environment: &Environment,
    stage: Stage,
) -> Result<(), StageError> {
    if settings.mode.value == ExecutionMode::Local {
        return Ok(());
    }
    let forecast = Forecast {
        run,
        settings,
        environment,
        folder: &run.settings.sources.repository,
    };
    match stage {
        Stage::Builder => forecast.fetch_and_keep().await,
        Stage::Runner if run.engine.name() == EngineName::Native => Ok(()),
        Stage::Runner | Stage::Output => forecast.unpack().await,
    }
}

/// Removes the run's archive of the repository, if that is asked for, once stage C has all results in
/// its outputs. As long as some are missing it is kept: they are still to be had. That it can't be
/// removed is no failure of a run that is done.
pub async fn clean_up(run: &StageRun, settings: &RuntimeSettings, report: &OutputReport) {
    if !settings.cleanup.value || settings.mode.value == ExecutionMode::Local {
        return;
    }
    if report.is_partial() {
        info!("kept the repository: results are missing");
        return;
    }
    match remove_archive(run).await {
        Ok(Some(commit)) => info!("removed the archive of the repository at commit {commit}"),
        Ok(None) => {}
        Err(error) => warn!(
            "the archive of the repository stays: {}",
            chain(&error).join(": ")
        ),
    }
}

async fn remove_archive(run: &StageRun) -> Result<Option<CommitId>, StageError> {
    let Some(commit) = commit_of(run).await? else {
        return Ok(None);
    };
    run.storage
        .delete(&run.layout.repository(&commit))
        .await
        .map_err(StageError::storage("remove the repository"))?;
    Ok(Some(commit))
}

/// The commit that stage A ran, if it says one. That it hasn't finished is the stage's to say.
async fn commit_of(run: &StageRun) -> Result<Option<CommitId>, StageError> {
    let tasks: Tasks = match run.storage.load_json(&run.layout.tasks()).await {
        Ok(tasks) => tasks,
        Err(StorageError::Missing { .. }) => return Ok(None),
        Err(error) => return Err(StageError::storage("load the number of tasks")(error)),
    };
    Ok(tasks.commit.and_then(|commit| commit.parse().ok()))
}

struct Forecast<'a> {
    run: &'a StageRun,
    settings: &'a RuntimeSettings,
    environment: &'a Environment,
    folder: &'a Path,
}

impl Forecast<'_> {
    async fn fetch_and_keep(&self) -> Result<(), StageError> {
        let Some(repository) = self.repository() else {
            return Ok(());
        };
        let reference = self.settings.forecast_repo_ref.as_ref();
        let commit = self
            .fetch(
                repository,
                reference.map(|reference| reference.value.clone()),
            )
            .await?;
        let packed = self.folder.to_owned();
        let archive = in_thread("packing the repository", move || pack(&packed)).await?;
        let path = self.run.layout.repository(&commit);
        // Its name ends in `.gz`, so it is compressed on the way.
        let saved = self
            .run
            .storage
            .save_bytes(&path, archive, &SaveOptions::default())
            .await
            .map_err(StageError::storage("keep the repository"))?;
        info!(
            "kept the repository for the stages to come ({} bytes)",
            saved.bytes
        );
        Ok(())
    }

    async fn unpack(&self) -> Result<(), StageError> {
        let Some(commit) = commit_of(self.run).await? else {
            return Ok(());
        };
        let path = self.run.layout.repository(&commit);
        let options = LoadOptions::default();
        match self.run.storage.load_bytes(&path, &options).await {
            Ok(archive) => {
                let folder: PathBuf = self.folder.to_owned();
                in_thread("unpacking the repository", move || {
                    place(&archive, &commit, &folder)
                })
                .await
            }
            Err(StorageError::Missing { path }) => match self.repository() {
                None => Ok(()),
                Some(repository) if self.settings.forecast_repo_refetch.value => self
                    .fetch(repository, commit.as_str().parse().ok())
                    .await
                    .map(drop),
                Some(_) => Err(StageError::NoArchive {
                    path,
                    commit: commit.to_string(),
                }),
            },
            Err(error) => Err(StageError::storage("load the repository")(error)),
        }
    }

    fn repository(&self) -> Option<&GithubRepository> {
        let repository = self.settings.github_forecast_repo.as_ref();
        repository.map(|repository| &repository.value)
    }

    async fn fetch(
        &self,
        repository: &GithubRepository,
        reference: Option<epycloud_config::GitRef>,
    ) -> Result<CommitId, StageError> {
        let origin = Origin {
            server: self.settings.github_server.value.clone(),
            repository: repository.clone(),
            reference,
        };
        let (tokens, patience) = (self.tokens(), Patience::default());
        epycloud_repository::obtain(&origin, &tokens, self.environment, &patience, self.folder)
            .await
            .map_err(|source| StageError::Repository { source })
    }

    fn tokens(&self) -> Tokens {
        let settings = self.settings;
        match (&settings.github_pat, &settings.gcloud_project_id) {
            (Some(token), _) => Tokens::known(token.value.clone()),
            (None, Some(project)) => {
                let secret = settings.github_pat_secret.value.clone();
                Tokens::kept_in(project.value.clone(), secret, self.environment)
            }
            (None, None) => Tokens::none(),
        }
    }
}

async fn in_thread<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> Result<T, RepositoryError> + Send + 'static,
) -> Result<T, StageError> {
    blocking(doing, work)
        .await?
        .map_err(|source| StageError::Repository { source })
}
