//! That the token of a build is nowhere in the image.

use std::io::Read;
use std::process::Stdio;

use super::server::base64;
use crate::failure::Failure;
use crate::process::{capture, say};
use epycloud_images::Engine;

/// How much of the saved image is searched at a time.
const CHUNK: usize = 4 << 20;

/// Searches everything that `docker save` writes (layers, history, environment) for the token, as it
/// is and as git sends it.
pub(super) fn search(engine: &Engine, image: &str, token: &str) -> Result<(), Failure> {
    let forms = [token.to_owned(), base64(&format!("x-access-token:{token}"))];
    let history = capture(engine.command().args(["history", "--no-trunc", image]))?;
    let configuration = capture(engine.command().args(["image", "inspect", image]))?;
    let mut saving = engine
        .command()
        .args(["save", image])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|source| Failure::Start {
            program: "docker save".into(),
            source,
        })?;
    let unread = |reason: String| Failure::Output {
        command: format!("docker save {image}"),
        reason,
    };
    let archive = saving.stdout.take();
    let archive = archive.ok_or_else(|| unread("no output".into()))?;
    let searched = find(archive, &forms).map_err(|error| unread(error.to_string()));
    let status = saving.wait().map_err(|error| unread(error.to_string()))?;
    let (bytes, found) = searched?;
    if !status.success() || bytes == 0 {
        return Err(unread(format!("{status}, {bytes} bytes")));
    }
    let elsewhere = forms
        .iter()
        .any(|form| history.contains(form) || configuration.contains(form));
    if found || elsewhere {
        return Err(Failure::unmet(format!("the build's token is in {image}")));
    }
    say(&format!(
        "token: not in history, configuration and {} MB of saved layers",
        bytes / 1_000_000
    ));
    Ok(())
}

/// How many bytes there were, and whether one of the texts was among them.
fn find(mut archive: impl Read, texts: &[String]) -> std::io::Result<(u64, bool)> {
    let finders: Vec<_> = texts.iter().map(memchr::memmem::Finder::new).collect();
    let overlap = texts.iter().map(String::len).max().unwrap_or(1) - 1;
    let mut buffer = vec![0; CHUNK + overlap];
    let (mut total, mut kept) = (0, 0);
    loop {
        let n = archive.read(&mut buffer[kept..])?;
        if n == 0 {
            return Ok((total, false));
        }
        total += n as u64;
        let end = kept + n;
        if finders
            .iter()
            .any(|finder| finder.find(&buffer[..end]).is_some())
        {
            return Ok((total, true));
        }
        // A text can lie across two reads.
        kept = overlap.min(end);
        buffer.copy_within(end - kept..end, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let n = self.0.len().min(buffer.len()).min(3);
            buffer[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    #[test]
    fn a_token_is_found_wherever_reads_end() {
        let texts = ["secret".to_owned(), "c2VjcmV0".to_owned()];
        for planted in ["secret", "..secret..", ".....c2VjcmV0", "secre secret"] {
            assert!(
                find(Drip(planted.as_bytes()), &texts).unwrap().1,
                "{planted}"
            );
        }
        let clean = find(Drip(b"secre-t c2VjcmV"), &texts).unwrap();
        assert_eq!(clean, (15, false));
    }
}
