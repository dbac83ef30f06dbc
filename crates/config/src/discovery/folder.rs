//! The experiment's folder and the YAML files in it.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use epycloud_errors::nearest;

use super::DiscoveryError;
use super::kind::YamlFile;
use crate::ExpId;
use crate::yaml;

/// How deep experiments are searched for names to suggest.
const SEARCH_DEPTH: usize = 4;
/// How many folders are searched for names to suggest.
const SEARCH_LIMIT: usize = 2_000;

/// The experiment's `config` folder, which lies in the repository.
pub(super) fn locate(repository: &Path, exp_id: &ExpId) -> Result<PathBuf, DiscoveryError> {
    let experiments = repository.join("experiments");
    if !experiments.is_dir() {
        return Err(DiscoveryError::NoRepository {
            repository: repository.to_owned(),
        });
    }
    let experiment = experiments.join(exp_id.as_str());
    let folder = experiment.join("config");
    if !folder.is_dir() {
        return Err(if experiment.is_dir() {
            let n_files_beside = yaml_files(&experiment).map_or(0, |files| files.len());
            DiscoveryError::NoConfigFolder {
                exp_id: exp_id.clone(),
                folder: experiment,
                n_files_beside,
            }
        } else {
            missing(&experiments, exp_id, folder)
        });
    }
    inside(repository, &folder)?;
    Ok(folder)
}

/// Every YAML file of the folder, by name.
pub(super) fn read(repository: &Path, folder: &Path) -> Result<Vec<YamlFile>, DiscoveryError> {
    let mut files = Vec::new();
    for path in yaml_files(folder).map_err(|source| unreadable(folder, source))? {
        inside(repository, &path)?;
        let bytes = read_file(&path).map_err(|source| unreadable(&path, source))?;
        files.push(YamlFile::of(&path, bytes));
    }
    Ok(files)
}

/// Reads a file, but no further than where the parser refuses it anyway.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = yaml::MAX_BYTES as u64 + 1;
    io::Read::read_to_end(
        &mut io::Read::take(fs::File::open(path)?, limit),
        &mut bytes,
    )?;
    Ok(bytes)
}

/// The YAML files of a folder, sorted by name; hidden files are left out (editors and archives
/// leave some).
fn yaml_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_yaml = matches!(
            path.extension().and_then(OsStr::to_str),
            Some("yml" | "yaml")
        );
        if is_yaml && !is_hidden(&path) && !path.is_dir() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Refuses a path that leads out of the repository.
fn inside(repository: &Path, path: &Path) -> Result<(), DiscoveryError> {
    let real = |path: &Path| {
        path.canonicalize()
            .map_err(|source| unreadable(path, source))
    };
    let target = real(path)?;
    if target.starts_with(real(repository)?) {
        return Ok(());
    }
    Err(DiscoveryError::Outside {
        path: path.to_owned(),
        target,
    })
}

fn unreadable(path: &Path, source: io::Error) -> DiscoveryError {
    DiscoveryError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

fn missing(experiments: &Path, exp_id: &ExpId, folder: PathBuf) -> DiscoveryError {
    let known = experiment_ids(experiments);
    let name = last_segment(exp_id.as_str());
    let elsewhere: Vec<String> = known
        .iter()
        .filter(|id| last_segment(id) == name)
        .cloned()
        .collect();
    let nearest = nearest(exp_id.as_str(), known.iter().map(String::as_str)).map(str::to_owned);
    DiscoveryError::Missing {
        exp_id: exp_id.clone(),
        folder,
        elsewhere,
        nearest,
    }
}

/// IDs of the experiments below the folder `experiments`, sorted.
pub(super) fn experiment_ids(experiments: &Path) -> Vec<String> {
    let mut known = Vec::new();
    collect(experiments, String::new(), SEARCH_DEPTH, &mut known);
    known.sort();
    known
}

fn last_segment(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// IDs of the experiments below a folder: what has a folder `config`.
fn collect(folder: &Path, id: String, depth: usize, known: &mut Vec<String>) {
    if !id.is_empty() && folder.join("config").is_dir() {
        known.push(id);
        return;
    }
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten().take(SEARCH_LIMIT) {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let path = entry.path();
        if depth == 0 || !is_folder || is_hidden(&path) || known.len() >= SEARCH_LIMIT {
            continue;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        let below = if id.is_empty() {
            name
        } else {
            format!("{id}/{name}")
        };
        collect(&path, below, depth - 1, known);
    }
}
