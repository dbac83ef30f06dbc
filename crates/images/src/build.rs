//! `docker build`, as a command.

use std::path::PathBuf;
use std::process::Command;

use epycloud_config::Environment;
use epycloud_errors::Secret;

use crate::engine::Engine;
use crate::error::ImagesError;
use crate::network::{NetworkFile, proxies};

/// The variable that the client reads the token from.
const TOKEN: &str = "GITHUB_PAT";

/// An image to build.
#[derive(Debug, Clone, Default)]
pub struct ImageBuild {
    /// The folder that it is built from.
    pub context: PathBuf,
    /// The Dockerfile; `docker/Dockerfile` of the context if none.
    pub dockerfile: Option<PathBuf>,
    /// The Dockerfile's stage that it is.
    pub target: String,
    /// Its name and tag.
    pub image: String,
    /// Build arguments, in order; none of them may be a secret.
    pub arguments: Vec<(&'static str, String)>,
    /// Whether earlier layers are used.
    pub cache: bool,
    /// How progress is shown: `auto`, `plain` or `tty`.
    pub progress: String,
    /// The GitHub token, for a private suite.
    pub token: Option<Secret>,
    /// Certificates (PEM) to be trusted during the build; not kept in the image.
    pub certificates: Option<PathBuf>,
    /// Further arguments for `docker build`.
    pub more: Vec<String>,
}

impl ImageBuild {
    /// The Dockerfile.
    #[must_use]
    pub fn dockerfile(&self) -> PathBuf {
        let own = || self.context.join("docker/Dockerfile");
        self.dockerfile.clone().unwrap_or_else(own)
    }

    /// That there is a Dockerfile.
    ///
    /// # Errors
    /// There is none.
    pub fn check(&self) -> Result<(), ImagesError> {
        let file = self.dockerfile();
        if file.is_file() {
            Ok(())
        } else {
            Err(ImagesError::NoDockerfile { file })
        }
    }

    /// The command, without any secret in its arguments: the token is in its environment.
    #[must_use]
    pub fn command(&self, engine: &Engine, caller: &Environment, network: &NetworkFile) -> Command {
        let mut command = engine.command();
        command
            .args(["build", "--file"])
            .arg(self.dockerfile())
            .args(["--target", &self.target])
            .args(["--tag", &self.image])
            .args(["--progress", &self.progress]);
        if !self.cache {
            command.arg("--no-cache");
        }
        for (name, value) in &self.arguments {
            command.args(["--build-arg", &format!("{name}={value}")]);
        }
        for name in proxies(caller) {
            command.args(["--build-arg", name]);
        }
        if let Some(token) = &self.token {
            command.env(TOKEN, token.expose());
            command.args(["--secret", &format!("id=github_pat,env={TOKEN}")]);
        }
        if let Some(path) = network.path() {
            command.args(["--secret", &format!("id=network,src={}", path.display())]);
        }
        if let Some(path) = self.certificates.as_ref().filter(|path| path.is_file()) {
            command.args(["--secret", &format!("id=ca,src={}", path.display())]);
        }
        command.args(&self.more).arg(&self.context);
        command
    }
}
