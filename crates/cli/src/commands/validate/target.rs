//! What is to be checked: folders of this machine, or experiments of a repository.

use std::path::{Path, PathBuf};

use epycloud_config::{DiscoveryError, ExpId, FileName, GithubRepository, Survey, experiment_ids};
use epycloud_errors::{Report, nearest};

use crate::error::CliError;
use crate::patterns::Pattern;

/// One folder to check.
pub(super) struct Target {
    /// What it is called in the outcome.
    pub(super) name: String,
    /// Where it is, for people.
    pub(super) directory: String,
    /// Its ID.
    pub(super) exp_id: ExpId,
    /// The repository it lies in: what its data's paths are relative to.
    pub(super) repository: Option<PathBuf>,
    /// What it holds.
    pub(super) survey: Result<Survey, DiscoveryError>,
}

/// The folders that are named one by one.
pub(super) fn of_paths(
    paths: &[PathBuf],
    output: Option<&FileName>,
) -> Result<Vec<Target>, CliError> {
    paths.iter().map(|path| of_path(path, output)).collect()
}

fn of_path(path: &Path, output: Option<&FileName>) -> Result<Target, CliError> {
    let folder = std::path::absolute(path)
        .and_then(std::fs::canonicalize)
        .map_err(|source| CliError::ConfigFolder {
            folder: path.to_owned(),
            source: Some(source),
        })?;
    if !folder.is_dir() {
        return Err(CliError::ConfigFolder {
            folder: path.to_owned(),
            source: None,
        });
    }
    let repository = repository_of(&folder);
    Ok(Target {
        name: path.display().to_string(),
        directory: path.display().to_string(),
        exp_id: exp_id_of(&folder, repository.as_deref()),
        survey: Survey::of(&folder, repository.as_deref(), output),
        repository,
    })
}

/// The folder above the innermost `experiments` that the folder lies in.
fn repository_of(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .skip(1)
        .find(|above| above.file_name().is_some_and(|name| name == "experiments"))
        .and_then(Path::parent)
        .map(Path::to_owned)
}

/// The ID that the folder would have in its repository; a folder elsewhere is called by its name.
fn exp_id_of(folder: &Path, repository: Option<&Path>) -> ExpId {
    let experiment = match folder.file_name() {
        Some(name) if name == "config" => folder.parent().unwrap_or(folder),
        _ => folder,
    };
    let below = repository
        .and_then(|repository| experiment.strip_prefix(repository.join("experiments")).ok());
    let name = experiment.file_name().map(Path::new);
    [below, name]
        .into_iter()
        .flatten()
        .find_map(|path| path.to_str()?.parse().ok())
        .unwrap_or_else(|| "experiment".parse().expect("letters are an ID"))
}

/// The experiments of a repository that are named, or match a pattern.
pub(super) fn of_repository(
    repository: &Path,
    asked: &[String],
    shown_as: Option<&GithubRepository>,
    output: Option<&FileName>,
) -> Result<Vec<Target>, Report> {
    let mut ids: Vec<ExpId> = Vec::new();
    for text in asked {
        for id in expand(repository, text)? {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    Ok(ids
        .into_iter()
        .map(|exp_id| {
            let folder = format!("experiments/{exp_id}/config");
            Target {
                name: exp_id.to_string(),
                directory: match shown_as {
                    Some(name) => format!("{name}/{folder}"),
                    None => repository.join(folder).display().to_string(),
                },
                survey: Survey::of_experiment(repository, &exp_id, output).map_err(|error| {
                    match shown_as {
                        Some(_) => error.from_root(repository),
                        None => error,
                    }
                }),
                repository: Some(repository.to_owned()),
                exp_id,
            }
        })
        .collect())
}

fn expand(repository: &Path, text: &str) -> Result<Vec<ExpId>, Report> {
    if !Pattern::is_pattern(text) {
        let id = text
            .parse()
            .map_err(|source| CliError::ExperimentId { source })?;
        return Ok(vec![id]);
    }
    let pattern = Pattern::new(text);
    let known = experiment_ids(repository);
    let found: Vec<ExpId> = known
        .iter()
        .filter(|id| pattern.matches(id))
        .filter_map(|id| id.parse().ok())
        .collect();
    if found.is_empty() {
        return Err(CliError::NoMatch {
            pattern: text.to_owned(),
            nearest: nearest(text, known.iter().map(String::as_str)).map(str::to_owned),
        }
        .into());
    }
    Ok(found)
}
