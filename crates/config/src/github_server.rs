//! The server of repositories.

use std::fmt;
use std::str::FromStr;

use epycloud_errors::{Diagnose, ExitCode};
use url::{Host, Url};

/// A server of repositories: GitHub's own, or a GitHub Enterprise server (`GITHUB_SERVER_URL`).
///
/// `https` alone, but for this machine: a token goes there.
///
/// ```
/// use epycloud_config::GithubServer;
///
/// assert_eq!(GithubServer::default().to_string(), "https://github.com");
/// assert!("https://github.example.org".parse::<GithubServer>().is_ok());
/// assert!("http://github.example.org".parse::<GithubServer>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GithubServer(String);

impl Default for GithubServer {
    fn default() -> Self {
        Self("https://github.com".to_owned())
    }
}

impl fmt::Display for GithubServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no server's address. It isn't repeated: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the address, which is not shown, is not accepted: {reason}")]
pub struct GithubServerError {
    reason: &'static str,
}

impl Diagnose for GithubServerError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn hint(&self) -> Option<String> {
        Some("write https:// and the server's name, such as https://github.com".to_owned())
    }
}

impl FromStr for GithubServer {
    type Err = GithubServerError;

    fn from_str(text: &str) -> Result<Self, GithubServerError> {
        let refused = |reason| GithubServerError { reason };
        let url: Url = text.parse().map_err(|_| refused("it is no URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("it holds a user or a password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused("it has a query or a fragment"));
        }
        let is_here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => {}
            "http" if is_here => {}
            "http" => return Err(refused("plain http is for this machine alone")),
            _ => return Err(refused("its scheme is neither https nor http")),
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_over_tls_and_into_no_address() {
        for text in [
            "https://github.com/",
            "https://ghe.example.org/base",
            "http://127.0.0.1:1",
        ] {
            let server: GithubServer = text.parse().unwrap();
            assert_eq!(server.to_string(), text.trim_end_matches('/'));
        }
        for text in [
            "",
            "github.com",
            "http://github.com",
            "ssh://git@github.com",
            "file:///srv/git",
            "https://hunter2@github.com",
            "https://github.com?x",
        ] {
            let error = text.parse::<GithubServer>().unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
