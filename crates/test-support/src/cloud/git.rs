//! Repositories over HTTP, by git's own server program.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

use crate::http::{Answer, Asked, Recorded, Server};

/// A server of the bare repositories in a folder, `{folder}/{owner}/{name}.git`.
pub struct GitServer {
    server: Server,
    folder: PathBuf,
}

impl GitServer {
    /// Starts one over an empty folder. With a token, who doesn't bear it is turned away as GitHub
    /// does it.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub fn start(folder: &Path, token: Option<&str>) -> io::Result<Self> {
        let root = folder.to_owned();
        let wanted = token.map(|token| {
            let pair = BASE64_STANDARD.encode(format!("x-access-token:{token}"));
            format!("Basic {pair}")
        });
        let served = Arc::new((root, wanted));
        let server = Server::start(Arc::new(move |asked| {
            let served = Arc::clone(&served);
            Box::pin(async move {
                let (root, wanted) = &*served;
                if wanted
                    .as_deref()
                    .is_some_and(|wanted| asked.header("authorization") != Some(wanted))
                {
                    return Answer::status(401).with("www-authenticate", "Basic realm=\"git\"");
                }
                let root = root.clone();
                let answered = tokio::task::spawn_blocking(move || backend(&root, &asked)).await;
                answered
                    .ok()
                    .and_then(Result::ok)
                    .unwrap_or_else(|| Answer::status(500))
            })
        }))?;
        Ok(Self {
            server,
            folder: folder.to_owned(),
        })
    }

    /// The server.
    #[must_use]
    pub const fn server(&self) -> &Server {
        &self.server
    }

    /// Every request so far.
    #[must_use]
    pub fn recorded(&self) -> Vec<Recorded> {
        self.server.recorded()
    }

    /// Makes a repository of a folder's files, as one commit on the branch `main`, or adds a commit
    /// to it; its hash.
    ///
    /// # Errors
    ///
    /// When git fails.
    pub fn commit(&self, repository: &str, files: &Path) -> io::Result<String> {
        let bare = self.bare(repository);
        if !bare.exists() {
            std::fs::create_dir_all(&bare)?;
            git(
                &bare,
                &["init", "--quiet", "--bare", "--initial-branch=main"],
            )?;
            // As GitHub has it: any commit can be asked for.
            git(&bare, &["config", "uploadpack.allowAnySHA1InWant", "true"])?;
        }
        let work = files.to_string_lossy();
        let inside = ["--git-dir", ".", "--work-tree", &work];
        git(
            &bare,
            &[&inside[..], &["add", "--all", "--force", "."]].concat(),
        )?;
        let message = [
            "commit",
            "--quiet",
            "--allow-empty",
            "--message",
            "Change the files",
        ];
        git(&bare, &[&inside[..], &message].concat())?;
        git(&bare, &["rev-parse", "HEAD"]).map(|text| text.trim().to_owned())
    }

    /// Runs git in a repository, to make branches and tags.
    ///
    /// # Errors
    ///
    /// When git fails.
    pub fn git(&self, repository: &str, arguments: &[&str]) -> io::Result<String> {
        git(&self.bare(repository), arguments)
    }

    fn bare(&self, repository: &str) -> PathBuf {
        self.folder.join(format!("{repository}.git"))
    }
}

/// Runs git with a name and without anybody's configuration.
fn git(folder: &Path, arguments: &[&str]) -> io::Result<String> {
    let mut command = Command::new("git");
    command
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.org"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.output()?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(io::Error::other(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ))
    }
}

/// Answers by `git http-backend`, a CGI program.
fn backend(root: &Path, asked: &Asked) -> io::Result<Answer> {
    let mut command = Command::new("git");
    command
        .args(["-c", "safe.directory=*", "http-backend"])
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("REQUEST_METHOD", &asked.method)
        .env("PATH_INFO", &asked.path)
        .env("QUERY_STRING", &asked.raw_query)
        .env("CONTENT_LENGTH", asked.body.len().to_string());
    for (header, variable) in [
        ("content-type", "CONTENT_TYPE"),
        ("content-encoding", "HTTP_CONTENT_ENCODING"),
        ("git-protocol", "GIT_PROTOCOL"),
    ] {
        if let Some(value) = asked.header(header) {
            command.env(variable, value);
        }
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(&asked.body)?;
    }
    let output = child.wait_with_output()?;
    Ok(parsed(output.stdout))
}

/// Headers, an empty line, a body.
fn parsed(output: Vec<u8>) -> Answer {
    let end = output.windows(4).position(|four| four == b"\r\n\r\n");
    let Some(end) = end else {
        return Answer::status(500);
    };
    let output = Bytes::from(output);
    let mut answer = Answer::status(200);
    for line in String::from_utf8_lossy(&output[..end]).lines() {
        match line.split_once(": ") {
            Some(("Status", status)) => {
                answer.status = status
                    .get(..3)
                    .and_then(|code| code.parse().ok())
                    .unwrap_or(500);
            }
            Some((name, value)) => answer = answer.with(name, value),
            None => {}
        }
    }
    Answer {
        body: output.slice(end + 4..),
        ..answer
    }
}
