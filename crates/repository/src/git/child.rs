//! The git process.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use epycloud_config::{Environment, GithubServer};
use epycloud_errors::{Secret, redact};
use tokio::process::Command;

use super::said::Said;
use crate::Result;
use crate::error::RepositoryError;

/// What of the caller's environment git gets: where programs are, and how the network is reached.
const PASSED: [&str; 16] = [
    "PATH",
    "TMPDIR",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "GIT_EXEC_PATH",
    "SYSTEMROOT",
];

/// What git gets besides: nobody is asked, nobody's configuration counts, large files are left to
/// their pointers, messages are the ones that are understood here, and a server that sends less
/// than 1,000 bytes a second for a minute has failed.
const SET: [(&str, &str); 8] = [
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_LFS_SKIP_SMUDGE", "1"),
    ("GIT_ALLOW_PROTOCOL", "https:http"),
    ("GIT_HTTP_LOW_SPEED_LIMIT", "1000"),
    ("GIT_HTTP_LOW_SPEED_TIME", "60"),
    ("LC_ALL", "C"),
];

/// Runs git in one folder.
pub(super) struct Git {
    environment: Vec<(String, String)>,
    folder: PathBuf,
}

impl Git {
    pub(super) fn new(environment: &Environment, folder: &Path) -> Self {
        let passed = PASSED
            .iter()
            .filter_map(|name| Some((*name, environment.get(name)?)));
        Self {
            environment: passed
                .chain(SET)
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            folder: folder.to_owned(),
        }
    }

    /// Runs a command and gives what it printed, or what it said against it. A token goes into one
    /// header of requests to one server, through the process's environment: its arguments and
    /// files can be seen by others.
    pub(super) async fn run(
        &self,
        arguments: &[&str],
        server: &GithubServer,
        token: Option<&Secret>,
    ) -> Result<Result<String, Said>> {
        let mut command = Command::new("git");
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let header = token.map(header);
        if let Some(header) = &header {
            command
                .env("GIT_CONFIG_COUNT", "1")
                .env("GIT_CONFIG_KEY_0", format!("http.{server}/.extraHeader"))
                .env("GIT_CONFIG_VALUE_0", header.expose());
        }
        let output = command
            .output()
            .await
            .map_err(|source| RepositoryError::NoGit { source })?;
        if output.status.success() {
            return Ok(Ok(String::from_utf8_lossy(&output.stdout).into_owned()));
        }
        let secrets: Vec<Secret> = token.cloned().into_iter().chain(header).collect();
        let text = redact(&String::from_utf8_lossy(&output.stderr), &secrets);
        Ok(Err(Said::new(&text)))
    }
}

/// As GitHub takes tokens over git's protocol.
fn header(token: &Secret) -> Secret {
    let pair = BASE64_STANDARD.encode(format!("x-access-token:{}", token.expose()));
    Secret::new(format!("Authorization: Basic {pair}"))
}
