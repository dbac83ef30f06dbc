//! What a build is told about the network.

use std::io::Write as _;
use std::path::Path;

use epycloud_config::Environment;

use crate::error::ImagesError;

/// Variables of the network that builds need; those that are set go into the secret `network`, as a
/// registry's address can hold a password.
const NETWORK: [&str; 4] = [
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "CARGO_INDEX",
    "DEBIAN_MIRROR",
];

/// Docker's own build arguments: they stay out of the history, and their values out of the command
/// line, as only their names are passed.
const PROXIES: [&str; 6] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// The names of the proxies' variables that are set.
pub(crate) fn proxies(caller: &Environment) -> impl Iterator<Item = &'static str> {
    PROXIES
        .into_iter()
        .filter(|name| caller.get(name).is_some())
}

/// The file of the secret `network`: what is set of the variables that builds need to reach
/// registries. It is readable for nobody else, and deleted with this.
#[derive(Debug)]
pub struct NetworkFile(Option<tempfile::NamedTempFile>);

impl NetworkFile {
    /// Writes the file, if any of the variables is set.
    ///
    /// # Errors
    /// It can't be written.
    pub fn of(caller: &Environment) -> Result<Self, ImagesError> {
        let lines: String = NETWORK
            .iter()
            .filter_map(|name| Some(format!("{name}={}\n", caller.get(name)?)))
            .collect();
        if lines.is_empty() {
            return Ok(Self(None));
        }
        let failed = |source| ImagesError::SecretFile { source };
        let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
        file.write_all(lines.as_bytes()).map_err(failed)?;
        Ok(Self(Some(file)))
    }

    /// Where it is, if there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.as_ref().map(tempfile::NamedTempFile::path)
    }
}
