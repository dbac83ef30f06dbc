//! The names of the images that the Dockerfile starts from, as it says them.

use crate::failure::Failure;
use crate::workspace;

/// The base images.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BaseImages {
    pub(super) python: String,
    pub(super) rust: String,
    pub(super) uv: String,
    pub(super) gcloud: String,
}

impl BaseImages {
    /// Reads them from the Dockerfile's `ARG` lines.
    pub(super) fn read() -> Result<Self, Failure> {
        let path = workspace::root().join("docker/Dockerfile");
        let text = std::fs::read_to_string(&path).map_err(|source| Failure::File {
            path: path.clone(),
            source,
        })?;
        Self::parse(&text)
    }

    fn parse(dockerfile: &str) -> Result<Self, Failure> {
        let default = |name: &str| {
            dockerfile
                .lines()
                .find_map(|line| line.strip_prefix(&format!("ARG {name}=")))
                .map(|value| value.trim().to_owned())
                .ok_or_else(|| Failure::missing(format!("docker/Dockerfile has no `ARG {name}=`")))
        };
        Ok(Self {
            python: default("PYTHON_IMAGE")?,
            rust: default("RUST_IMAGE")?,
            uv: default("UV_IMAGE")?,
            gcloud: default("GCLOUD_IMAGE")?,
        })
    }

    /// The Python version that is named, such as `3.11`.
    pub(super) fn python_version(&self) -> &str {
        tag(&self.python).split('-').next().unwrap_or_default()
    }

    /// The uv version that is named.
    pub(super) fn uv_version(&self) -> &str {
        tag(&self.uv)
    }
}

fn tag(image: &str) -> &str {
    image.rsplit_once(':').map_or("latest", |(_, tag)| tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dockerfile_names_every_base() {
        let images = BaseImages::read().unwrap();
        assert_eq!(images.python_version(), "3.11");
        assert!(images.uv_version().starts_with(char::is_numeric));
    }

    #[test]
    fn an_image_that_is_built_without_this_task_has_the_right_version() {
        let path = workspace::root().join("docker/Dockerfile");
        let text = std::fs::read_to_string(path).unwrap();
        let line = concat!("\nARG VERSION=", env!("CARGO_PKG_VERSION"), "\n");
        assert!(
            text.contains(line),
            "docker/Dockerfile has no `{}`",
            line.trim()
        );
    }

    #[test]
    fn a_base_that_is_not_named_is_an_error() {
        let error = BaseImages::parse("ARG PYTHON_IMAGE=python:3.11\n").unwrap_err();
        assert!(error.to_string().contains("RUST_IMAGE"), "{error}");
    }
}
