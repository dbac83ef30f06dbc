//! A repository on GitHub at an exact ref, in a temporary folder.

use std::path::Path;
use std::process::{Command, Stdio};

use epycloud_config::{GitRef, GithubRepository};
use epycloud_errors::{Secret, redact};

use crate::error::CliError;

/// Fetches the one commit that a ref names; the default branch's without one.
///
/// The token reaches git as a header in its environment: neither its arguments nor its
/// configuration files ever have it.
pub(super) fn fetch(
    repository: &GithubRepository,
    git_ref: Option<&GitRef>,
    token: Option<&Secret>,
    into: &Path,
) -> Result<(), CliError> {
    let url = format!("https://github.com/{repository}.git");
    let wanted = git_ref.map_or("HEAD", GitRef::as_str);
    let run = |arguments: &[&str]| {
        git(into, token, arguments).map_err(|reason| CliError::Fetch {
            repository: repository.to_string(),
            git_ref: wanted.to_owned(),
            reason,
            has_token: token.is_some(),
        })
    };
    run(&["init", "--quiet"])?;
    run(&[
        "fetch",
        "--quiet",
        "--depth",
        "1",
        "--no-tags",
        &url,
        wanted,
    ])?;
    run(&["checkout", "--quiet", "--detach", "FETCH_HEAD"])
}

/// Runs git without a terminal to ask on and without the user's hooks.
fn git(folder: &Path, token: Option<&Secret>, arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new("git");
    command
        .args([
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "advice.detachedHead=false",
        ])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null());
    if let Some(token) = token {
        let credentials = base64(format!("x-access-token:{}", token.expose()).as_bytes());
        command
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "http.https://github.com/.extraHeader")
            .env(
                "GIT_CONFIG_VALUE_0",
                format!("Authorization: Basic {credentials}"),
            );
    }
    let output = command
        .output()
        .map_err(|error| format!("git can't be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let secrets: Vec<Secret> = token.cloned().into_iter().collect();
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    Err(redact(
        last.unwrap_or("git failed without a word").trim(),
        &secrets,
    ))
}

/// Base64 with padding (RFC 4648), which basic authentication needs.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .chain(&[0, 0])
            .take(3)
            .fold(0_u32, |group, byte| group << 8 | u32::from(*byte));
        for digit in 0..4 {
            let letter = LETTERS[(group >> (18 - 6 * digit) & 63) as usize];
            text.push(if digit <= chunk.len() {
                letter as char
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    /// Source: RFC 4648, section 10.
    #[test]
    fn base64_is_that_of_its_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
