//! Docker: its client and its daemon.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use epycloud_config::Environment;

use crate::error::ImagesError;

/// The last major version of the client that builds with BuildKit without the plugin buildx.
const LAST_WITHOUT_PLUGIN: u32 = 22;

/// A client that can build with BuildKit, and a daemon that answers it.
#[derive(Debug, Clone)]
pub struct Engine {
    client: PathBuf,
}

impl Engine {
    /// Looks on `PATH` for a client that can build. There may be several: a new one without buildx
    /// can't.
    ///
    /// # Errors
    ///
    /// What is missing: a client, BuildKit, or the daemon.
    pub fn find(caller: &Environment) -> Result<Self, ImagesError> {
        let clients = clients_on_path(caller);
        let Some(first) = clients.first() else {
            return Err(ImagesError::NoClient);
        };
        answers(first)?;
        match clients.iter().find(|client| builds(client)) {
            Some(client) => Ok(Self {
                client: client.clone(),
            }),
            None => Err(ImagesError::NoBuildKit),
        }
    }

    /// A command of the client.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.client);
        command.env("DOCKER_BUILDKIT", "1");
        command
    }

    /// A Go template's value for an image, or `None` where there is no such image.
    #[must_use]
    pub fn inspect(&self, image: &str, template: &str) -> Option<String> {
        let output = self
            .command()
            .args(["image", "inspect", "--format", template, image])
            .stderr(Stdio::null())
            .output()
            .ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// An image's size in bytes.
    ///
    /// # Errors
    ///
    /// There is no such image.
    pub fn size(&self, image: &str) -> Result<u64, ImagesError> {
        let answer = self.inspect(image, "{{.Size}}").unwrap_or_default();
        answer.parse().map_err(|_| ImagesError::Answer {
            command: format!("docker image inspect {image}"),
            answer,
        })
    }
}

/// Every `docker` on `PATH`, first to last.
fn clients_on_path(caller: &Environment) -> Vec<PathBuf> {
    std::env::split_paths(caller.get("PATH").unwrap_or_default())
        .map(|folder| folder.join("docker"))
        .filter(|file| file.is_file())
        .collect()
}

fn answers(client: &Path) -> Result<(), ImagesError> {
    let asked = Command::new(client)
        .args(["version", "--format", "{{.Server.Version}}"])
        .output();
    match asked {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let line = said.lines().next().unwrap_or("no answer");
            Err(ImagesError::NoDaemon {
                answer: line.to_owned(),
            })
        }
        Err(source) => Err(ImagesError::Start {
            program: client.display().to_string(),
            source,
        }),
    }
}

fn builds(client: &Path) -> bool {
    let succeeds = |arguments: &[&str]| {
        Command::new(client)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    succeeds(&["buildx", "version"])
        || Command::new(client)
            .args(["version", "--format", "{{.Client.Version}}"])
            .output()
            .ok()
            .and_then(|output| major(&String::from_utf8_lossy(&output.stdout)))
            .is_some_and(|major| major <= LAST_WITHOUT_PLUGIN)
}

fn major(version: &str) -> Option<u32> {
    version.trim().split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn majors() {
        assert_eq!(major("20.10.24+dfsg1\n"), Some(20));
        assert_eq!(major("28.2.2"), Some(28));
        assert_eq!(major(""), None);
    }
}
