//! How Google's services are reached: whose credentials, and in tests which server.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use epycloud_errors::{Diagnose, ExitCode};
use url::{Host, Url};

use crate::Environment;

/// The variable that puts one server in the place of all of Google's.
const ENDPOINT: &str = "EPYCLOUD_GOOGLE_ENDPOINT";
/// Where `gcloud auth application-default login` keeps its file, below gcloud's folder.
const WELL_KNOWN: &str = "application_default_credentials.json";

/// How Google's services are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoogleSettings {
    /// A server that stands for all services; Google's own if none.
    pub endpoint: Option<GoogleEndpoint>,
    /// Whose credentials.
    pub credentials: CredentialsSource,
}

/// Where application default credentials are found.
///
/// Source of the order: <https://cloud.google.com/docs/authentication/application-default-credentials>
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialsSource {
    /// A file of a service account, a user or a federated identity.
    File {
        /// Its path.
        path: PathBuf,
        /// Whether a variable names it (otherwise gcloud has put it there).
        named: bool,
    },
    /// The metadata server of the machine.
    Metadata {
        /// Its host and port, where it isn't Google's usual one.
        host: Option<String>,
    },
}

impl GoogleSettings {
    /// Reads `EPYCLOUD_GOOGLE_ENDPOINT`, `GOOGLE_APPLICATION_CREDENTIALS`, `CLOUDSDK_CONFIG` and
    /// `GCE_METADATA_HOST`, and looks whether gcloud's file is there.
    ///
    /// # Errors
    ///
    /// The endpoint isn't one.
    pub fn from_environment(environment: &Environment) -> Result<Self, GoogleEndpointError> {
        Ok(Self {
            endpoint: environment.get(ENDPOINT).map(str::parse).transpose()?,
            credentials: credentials(environment),
        })
    }
}

fn credentials(environment: &Environment) -> CredentialsSource {
    if let Some(path) = environment.get("GOOGLE_APPLICATION_CREDENTIALS") {
        return CredentialsSource::File {
            path: path.into(),
            named: true,
        };
    }
    match gcloud_folder(environment).map(|folder| folder.join(WELL_KNOWN)) {
        Some(path) if path.is_file() => CredentialsSource::File { path, named: false },
        _ => CredentialsSource::Metadata {
            host: environment.get("GCE_METADATA_HOST").map(str::to_owned),
        },
    }
}

fn gcloud_folder(environment: &Environment) -> Option<PathBuf> {
    if let Some(folder) = environment.get("CLOUDSDK_CONFIG") {
        return Some(folder.into());
    }
    if cfg!(windows) {
        return Some(Path::new(environment.get("APPDATA")?).join("gcloud"));
    }
    Some(Path::new(environment.get("HOME")?).join(".config/gcloud"))
}

/// A server that stands for Google's: `https`, or `http` on this machine alone, since a token goes
/// over it.
///
/// ```
/// use epycloud_config::GoogleEndpoint;
///
/// assert!("http://127.0.0.1:8080".parse::<GoogleEndpoint>().is_ok());
/// assert!("http://10.0.0.7:8080".parse::<GoogleEndpoint>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoogleEndpoint(Url);

impl GoogleEndpoint {
    /// The address, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }
}

impl fmt::Display for GoogleEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for GoogleEndpoint {
    type Err = GoogleEndpointError;

    fn from_str(text: &str) -> Result<Self, GoogleEndpointError> {
        let refused = |reason| GoogleEndpointError { reason };
        let url: Url = text.parse().map_err(|_| refused("it is no URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("it holds a user or a password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused("it has a query or a fragment"));
        }
        let is_loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback => Ok(Self(url)),
            "http" => Err(refused("plain http is for this machine alone")),
            _ => Err(refused("its scheme is neither https nor http")),
        }
    }
}

/// An endpoint that isn't accepted. Its text is not repeated: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{ENDPOINT}` is not accepted: {reason}")]
pub struct GoogleEndpointError {
    reason: &'static str,
}

impl Diagnose for GoogleEndpointError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn hint(&self) -> Option<String> {
        Some(
            "it is meant for tests: `https://host`, or `http://127.0.0.1:PORT`; without it, \
              Google's own servers are used"
                .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_loopback_alone() {
        for text in [
            "https://example.org",
            "http://127.0.0.1:1",
            "http://127.3.2.1:1/",
            "http://[::1]:1",
            "http://localhost:8080",
        ] {
            let endpoint: GoogleEndpoint = text.parse().unwrap();
            assert_eq!(endpoint.as_str(), text.trim_end_matches('/'));
        }
        for text in [
            "",
            "127.0.0.1:1",
            "http://10.0.0.1",
            "http://localhost.example.org",
            "http://127.0.0.1.example.org",
            "ftp://127.0.0.1",
            "https://user:secret@example.org",
            "https://example.org?key=secret",
        ] {
            let error = text.parse::<GoogleEndpoint>().unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn credentials_are_found_in_google_s_order() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_string_lossy().into_owned();
        let found = |pairs: &[(&str, &str)]| {
            let environment = Environment::from_pairs(pairs.iter().copied());
            GoogleSettings::from_environment(&environment)
                .unwrap()
                .credentials
        };
        let metadata = |host: Option<&str>| CredentialsSource::Metadata {
            host: host.map(str::to_owned),
        };
        assert_eq!(found(&[("HOME", &home)]), metadata(None));
        assert_eq!(
            found(&[("HOME", &home), ("GCE_METADATA_HOST", "127.0.0.1:1")]),
            metadata(Some("127.0.0.1:1"))
        );
        let gcloud = folder.path().join(".config/gcloud");
        std::fs::create_dir_all(&gcloud).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test's own input")]
        std::fs::write(gcloud.join(WELL_KNOWN), "{}").unwrap();
        assert_eq!(
            found(&[("HOME", &home), ("GCE_METADATA_HOST", "127.0.0.1:1")]),
            CredentialsSource::File {
                path: gcloud.join(WELL_KNOWN),
                named: false
            }
        );
        let named = [
            ("HOME", home.as_str()),
            ("GOOGLE_APPLICATION_CREDENTIALS", "/k.json"),
        ];
        assert_eq!(
            found(&named),
            CredentialsSource::File {
                path: "/k.json".into(),
                named: true
            }
        );
    }
}
