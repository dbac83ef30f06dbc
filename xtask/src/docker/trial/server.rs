//! A private git repository on this machine: what GitHub is to a build that needs a token.
//!
//! git's plain HTTP protocol needs a server of files only; this one wants the token with each
//! request, and serves on the loopback address until it is dropped.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use crate::failure::Failure;
use crate::process::run as run_shown;

/// The repository's name.
pub(super) const NAME: &str = "lab/suite";

/// A repository that is served to whoever has its token.
pub(super) struct PrivateRepository {
    address: SocketAddr,
    token: String,
    counts: Arc<Counts>,
    _folder: TempDir,
}

#[derive(Default)]
struct Counts {
    served: AtomicUsize,
    refused: AtomicUsize,
}

impl PrivateRepository {
    /// Commits a folder and serves it.
    pub(super) fn serve(sources: &Path) -> Result<Self, Failure> {
        let failed = |source| Failure::File {
            path: PathBuf::from("the private repository"),
            source,
        };
        let folder = TempDir::new().map_err(failed)?;
        commit(sources, folder.path())?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        // Not a token's form, so that nothing takes it for one; random, so that it is found nowhere
        // by chance.
        let token = format!("trial-token-{}", random_text());
        let counts = Arc::new(Counts::default());
        let serving = Serving {
            root: folder.path().to_owned(),
            authorization: format!("Basic {}", base64(&format!("x-access-token:{token}"))),
            counts: Arc::clone(&counts),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away is no concern of ours.
                let _ = serving.answer(stream);
            }
        });
        Ok(Self {
            address,
            token,
            counts,
            _folder: folder,
        })
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    pub(super) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// That the build really came here, and never without the token.
    pub(super) fn was_asked_for_its_token(&self) -> Result<(), Failure> {
        let served = self.counts.served.load(Ordering::Relaxed);
        let refused = self.counts.refused.load(Ordering::Relaxed);
        if served == 0 || refused > 0 {
            return Err(Failure::unmet(format!(
                "the private repository was read {served} times and refused {refused} times"
            )));
        }
        Ok(())
    }
}

fn commit(sources: &Path, folder: &Path) -> Result<(), Failure> {
    let bare = folder.join(format!("{NAME}.git"));
    let work = folder.join("work");
    run_shown(Command::new("cp").arg("-r").arg(sources).arg(&work))?;
    let git = |folder: &Path, arguments: &[&str]| {
        run_shown(
            Command::new("git")
                .arg("-C")
                .arg(folder)
                .args(["-c", "user.name=trial", "-c", "user.email=trial@localhost"])
                .args([
                    "-c",
                    "init.defaultBranch=main",
                    "-c",
                    "commit.gpgSign=false",
                ])
                .args(arguments),
        )
    };
    git(&work, &["init", "--quiet"])?;
    git(&work, &["add", "--all"])?;
    git(&work, &["commit", "--quiet", "--message", "The suite"])?;
    run_shown(
        Command::new("git")
            .args(["clone", "--quiet", "--bare"])
            .arg(&work)
            .arg(&bare),
    )?;
    git(&bare, &["update-server-info"])
}

struct Serving {
    root: PathBuf,
    authorization: String,
    counts: Arc<Counts>,
}

impl Serving {
    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let request = lines.next().transpose()?.unwrap_or_default();
        let mut authorized = false;
        for line in lines {
            let line = line?;
            if line.is_empty() {
                break;
            }
            let header = line.split_once(": ");
            authorized |= header.is_some_and(|(name, value)| {
                name.eq_ignore_ascii_case("authorization") && value == self.authorization
            });
        }
        let (status, body) = self.respond(&request, authorized);
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        )?;
        stream.write_all(&body)
    }

    fn respond(&self, request: &str, authorized: bool) -> (&'static str, Vec<u8>) {
        if !authorized {
            self.counts.refused.fetch_add(1, Ordering::Relaxed);
            return ("401 Unauthorized", Vec::new());
        }
        let target = request.split(' ').nth(1).unwrap_or_default();
        let path = Path::new(target.split('?').next().unwrap_or_default());
        let parts: PathBuf = path
            .components()
            .filter(|part| matches!(part, Component::Normal(_)))
            .collect();
        match std::fs::read(self.root.join(parts)) {
            Ok(body) => {
                self.counts.served.fetch_add(1, Ordering::Relaxed);
                ("200 OK", body)
            }
            Err(_) => ("404 Not Found", Vec::new()),
        }
    }
}

fn random_text() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    let mut text = String::new();
    for part in 0..2_u8 {
        let _ = write!(text, "{:016x}", RandomState::new().hash_one(part));
    }
    text
}

/// Base64 of a text.
pub(super) fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text.as_bytes()
        .chunks(3)
        .flat_map(|chunk| {
            let bits = chunk
                .iter()
                .chain([0, 0].iter())
                .take(3)
                .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
            (0..4).map(move |place| {
                if place <= chunk.len() {
                    char::from(LETTERS[bits >> (18 - 6 * place) & 63])
                } else {
                    '='
                }
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        assert_eq!(base64("a"), "YQ==");
        assert_eq!(base64("ab"), "YWI=");
        assert_eq!(base64("abc"), "YWJj");
        assert_eq!(base64("x-access-token:t"), "eC1hY2Nlc3MtdG9rZW46dA==");
    }
}
