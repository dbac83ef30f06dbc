//! Stages in an Apptainer image, as clusters have them.
//!
//! Folders are seen under the paths that they have outside. The container sees none of the
//! caller's environment but what begins with `APPTAINERENV_`, so that no value is in a command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use epycloud_config::{Environment, RuntimeSettings};
use tokio::process::Command;
use tokio::task::spawn_blocking;

use super::error::ContainerError;
use super::passed;
use crate::data_files::FileState;
use crate::error::OrchestratorError;
use crate::record::RunRecord;

/// The program, here and on the nodes.
const PROGRAM: &str = "apptainer";
/// What Apptainer gives a container without the prefix.
const PREFIX: &str = "APPTAINERENV_";
/// The stages' program in the images.
const DISPATCHER: &str = "/usr/local/bin/epycloud-dispatcher";

/// An image, and how its containers see a run.
#[derive(Debug, Clone)]
pub struct Apptainer {
    image: PathBuf,
    /// Folders that a container sees, and whether it may write there.
    folders: Vec<(PathBuf, bool)>,
    engine: String,
}

impl Apptainer {
    /// Looks for the program and the image.
    ///
    /// # Errors
    /// When one of them isn't there.
    pub async fn find(image: &Path, settings: &RuntimeSettings) -> Result<Self, ContainerError> {
        let image = std::fs::canonicalize(image).map_err(|source| ContainerError::NoImageFile {
            image: image.to_owned(),
            source,
        })?;
        let asked = Command::new(PROGRAM)
            .arg("--version")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .await;
        match asked {
            Ok(_) => Ok(Self::new(image, settings)),
            Err(source) => Err(ContainerError::NoApptainer { source }),
        }
    }

    pub(crate) fn new(image: PathBuf, settings: &RuntimeSettings) -> Self {
        let data = &settings.local_data_path.value;
        let read: [Option<&Path>; 3] = [
            Some(settings.forecast_repo_dir.value.as_path()),
            settings
                .population_data
                .as_ref()
                .map(|path| path.value.as_path()),
            settings
                .data_tables
                .as_ref()
                .map(|path| path.value.as_path()),
        ];
        let others = read
            .into_iter()
            .flatten()
            .filter(|path| !path.starts_with(data));
        Self {
            image,
            // The run's folder last: it may lie in the repository, which mustn't hide it.
            folders: others
                .map(|path| (path.to_owned(), false))
                .chain(std::iter::once((data.clone(), true)))
                .collect(),
            engine: settings.engine.value.to_string(),
        }
    }

    /// The image's file.
    #[must_use]
    pub fn image(&self) -> &Path {
        &self.image
    }

    /// The state of the image's file; none of an image that is a folder. A file that looks as it did
    /// in an earlier session isn't read again.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn file(
        &self,
        earlier: Option<&RunRecord>,
    ) -> Result<Option<FileState>, OrchestratorError> {
        if !self.image.is_file() {
            return Ok(None);
        }
        let earlier = earlier
            .map(|record| &record.provenance)
            .filter(|known| known.image.as_deref().map(Path::new) == Some(&self.image))
            .and_then(|known| known.image_file.clone());
        let image = self.image.clone();
        let read = spawn_blocking(move || FileState::read(&image, earlier.as_ref()));
        let read = read.await.unwrap_or_else(|panic| Err(panic.into()));
        read.map(Some).map_err(|source| {
            OrchestratorError::Containers(ContainerError::NoImageFile {
                image: self.image.clone(),
                source,
            })
        })
    }

    /// The program and its arguments, up to the program of the stages.
    pub(crate) fn command(&self) -> (PathBuf, Vec<OsString>) {
        let mut arguments: Vec<OsString> = ["exec", "--cleanenv", "--no-home", "--pwd", "/app"]
            .map(Into::into)
            .into();
        for (folder, writable) in &self.folders {
            let mut bind = folder.as_os_str().to_owned();
            if !writable {
                bind.push(":");
                bind.push(folder);
                bind.push(":ro");
            }
            arguments.extend(["--bind".into(), bind]);
        }
        arguments.extend([self.image.clone().into_os_string(), DISPATCHER.into()]);
        (PROGRAM.into(), arguments)
    }

    /// An environment, with what a container is to see of it.
    pub(crate) fn environment(&self, environment: &Environment) -> Environment {
        // The image's default is another.
        let environment = environment.clone().with("EPYCLOUD_ENGINE", &self.engine);
        passed(&environment).fold(environment.clone(), |outer, name| {
            let value = environment.get(name).unwrap_or_default();
            outer.with(Self::variable(name), value)
        })
    }

    /// The name of a variable outside of the container, which gives it to it.
    pub(crate) fn variable(name: &str) -> String {
        format!("{PREFIX}{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_given_what_the_stages_read_and_no_more() {
        let environment = Environment::from_pairs([
            ("EXECUTION_MODE", "local"),
            ("EXP_ID", "flu"),
            ("GITHUB_PAT", "hunter2"),
            ("HOME", "/srv/me"),
            ("LOCAL_DATA_PATH", "/srv/local"),
            ("FORECAST_REPO_DIR", "/srv"),
        ]);
        let settings = RuntimeSettings::from_environment(&environment).unwrap();
        let apptainer = Apptainer::new("/images/suite.sif".into(), &settings);
        let environment = apptainer.environment(&environment);
        let get = |name| environment.get(name);
        assert_eq!(get("APPTAINERENV_GITHUB_PAT"), Some("hunter2"));
        assert_eq!(get("APPTAINERENV_EPYCLOUD_ENGINE"), Some("native"));
        assert_eq!(get("APPTAINERENV_HOME"), None);
    }
}
