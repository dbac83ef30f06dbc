//! The files of a folder that an image is built from elsewhere, as one archive.

mod secrets;

use std::path::{Path, PathBuf};

use epycloud_errors::Secret;
use flate2::Compression;
use flate2::write::GzEncoder;
use ignore::{DirEntry, WalkBuilder};
use tar::{Builder, HeaderMode};

use crate::error::ImagesError;

/// Says what is left out, as `gcloud builds submit` reads it.
const IGNORE_FILE: &str = ".gcloudignore";
/// The line of it that has what git leaves out left out too.
const INCLUDE_GITIGNORE: &str = "#!include:.gitignore";
/// More than this is surely not meant, in bytes.
const LARGEST: u64 = 1 << 30;

/// The files of a folder, without git's own, what is ignored, and what secrets are kept in.
///
/// A `.gcloudignore` says what is ignored, and `.gitignore` where there is none or where it
/// includes that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    folder: PathBuf,
    /// Below the folder, sorted.
    files: Vec<PathBuf>,
    bytes: u64,
}

impl Sources {
    /// Finds the files. None may hold one of the secrets that are known, or a private key.
    ///
    /// # Errors
    /// The folder or a file can't be read, they are too many, or one holds a secret.
    pub fn of(folder: &Path, known: &[Secret]) -> Result<Self, ImagesError> {
        let mut files = Vec::new();
        let mut bytes = 0;
        for entry in walk(folder)? {
            let entry = entry.map_err(|source| ImagesError::Walk {
                folder: folder.to_owned(),
                source,
            })?;
            if entry.file_type().is_none_or(|kind| kind.is_dir()) {
                continue;
            }
            if let Some(secret) = secrets::within(&entry, known)? {
                return Err(ImagesError::SecretInSources {
                    file: below(folder, entry.path()),
                    secret,
                });
            }
            bytes += entry.metadata().map_or(0, |metadata| metadata.len());
            files.push(below(folder, entry.path()));
        }
        if bytes > LARGEST {
            return Err(ImagesError::TooLarge {
                folder: folder.to_owned(),
                bytes,
            });
        }
        files.sort_unstable();
        Ok(Self {
            folder: folder.to_owned(),
            files,
            bytes,
        })
    }

    /// Whether a file is among them, by its path below the folder.
    #[must_use]
    pub fn has(&self, file: &Path) -> bool {
        self.files.iter().any(|known| known == file)
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.files.len()
    }

    /// How large they are together, in bytes.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// All of them as a `.tar.gz`. It holds neither times nor owners: the same files give the same
    /// bytes.
    ///
    /// # Errors
    /// One can't be read.
    pub fn archive(&self) -> Result<Vec<u8>, ImagesError> {
        let mut archive = Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
        archive.mode(HeaderMode::Deterministic);
        archive.follow_symlinks(false);
        for file in &self.files {
            let path = self.folder.join(file);
            archive
                .append_path_with_name(&path, file)
                .map_err(|source| ImagesError::Read { file: path, source })?;
        }
        archive
            .into_inner()
            .and_then(GzEncoder::finish)
            .map_err(|source| ImagesError::Read {
                file: self.folder.clone(),
                source,
            })
    }
}

fn walk(folder: &Path) -> Result<ignore::Walk, ImagesError> {
    let own = folder.join(IGNORE_FILE);
    let text = match std::fs::read_to_string(&own) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(source) => return Err(ImagesError::Read { file: own, source }),
    };
    let includes = |text: String| text.lines().any(|line| line.trim() == INCLUDE_GITIGNORE);
    Ok(WalkBuilder::new(folder)
        // Files that begin with a dot are files like others; the folder stands for itself, whatever
        // is around it.
        .standard_filters(false)
        .require_git(false)
        .git_ignore(text.is_none_or(includes))
        .add_custom_ignore_filename(IGNORE_FILE)
        .filter_entry(|entry| !is_left_out(entry))
        .build())
}

fn is_left_out(entry: &DirEntry) -> bool {
    entry.depth() > 0 && secrets::is_kept_in(&entry.file_name().to_string_lossy())
}

fn below(folder: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(folder).unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            #[expect(clippy::disallowed_methods, reason = "a test's own input")]
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn packed(archive: &[u8]) -> BTreeSet<String> {
        let mut archive = tar::Archive::new(GzDecoder::new(archive));
        let entries = archive.entries().unwrap();
        entries
            .map(|entry| {
                let mut entry = entry.unwrap();
                entry.read_to_end(&mut Vec::new()).unwrap();
                entry.path().unwrap().display().to_string()
            })
            .collect()
    }

    fn names(files: &[(&str, &str)]) -> Vec<String> {
        let folder = folder(files);
        let sources = Sources::of(folder.path(), &[]).unwrap();
        let archive = sources.archive().unwrap();
        assert_eq!(archive, sources.archive().unwrap());
        packed(&archive).into_iter().collect()
    }

    const FILES: [(&str, &str); 8] = [
        (".gitignore", "/target\n*.log\n"),
        (
            ".git/config",
            "[remote]\nurl = https://x:hunter2@github.com/a/b\n",
        ),
        ("target/large", "x"),
        ("a.log", "x"),
        (".cargo/config.toml", "x"),
        ("docker/Dockerfile", "FROM scratch\n"),
        ("docker/notes/a.txt", "x"),
        ("docker/.gitignore", "notes\n"),
    ];

    #[test]
    fn what_git_ignores_is_left_out() {
        let expected = [
            ".cargo/config.toml",
            ".gitignore",
            "docker/.gitignore",
            "docker/Dockerfile",
        ];
        assert_eq!(names(&FILES), expected);
    }

    #[test]
    fn a_gcloudignore_decides_alone_unless_it_includes_the_other() {
        let with = |text| [&FILES[..], &[(".gcloudignore", text)]].concat();
        let alone = names(&with("target\n.cargo\n"));
        assert!(alone.contains(&"a.log".to_owned()), "{alone:?}");
        assert!(!alone.iter().any(|name| name.starts_with("target")));
        assert!(!alone.iter().any(|name| name.starts_with(".git/")));
        let both = names(&with("#!include:.gitignore\n.cargo\n"));
        assert!(!both.contains(&"a.log".to_owned()), "{both:?}");
        assert!(!both.contains(&".cargo/config.toml".to_owned()));
    }

    #[test]
    fn what_secrets_are_kept_in_is_left_out() {
        let kept = [
            ("secrets.yaml", "x"),
            (".env", "x"),
            (".env.production", "x"),
            ("deploy/x.tfstate.backup", "x"),
            ("deploy/x.tfvars", "x"),
            ("id_ed25519", "x"),
            ("a.p12", "x"),
            (".terraform/x", "x"),
            (".netrc", "x"),
            ("Dockerfile", "x"),
            ("environment.md", "x"),
        ];
        assert_eq!(names(&kept), ["Dockerfile", "environment.md"]);
    }

    #[test]
    fn a_secret_in_another_file_is_refused() {
        let token = Secret::new("ghp_hunter2".into());
        // Put together here, so that this file may be sent.
        let begin = |kind: &str| format!("-----BEGIN {kind}-----");
        for text in [
            "token = ghp_hunter2".to_owned(),
            format!("{{\"private_key\": \"{}\\nabc\"}}", begin("PRIVATE KEY")),
            format!("{}\nabc", begin("OPENSSH PRIVATE KEY")),
        ] {
            let folder = folder(&[("src/notes.txt", &text)]);
            let error = Sources::of(folder.path(), std::slice::from_ref(&token)).unwrap_err();
            let told = error.to_string();
            assert!(told.contains("src/notes.txt"), "{told}");
            assert!(!told.contains("hunter2"), "{told}");
        }
    }

    #[test]
    fn a_text_about_keys_and_a_certificate_are_sent() {
        let files = [
            ("ca.pem", "-----BEGIN CERTIFICATE-----\nabc"),
            ("notes.md", "It begins with `-----BEGIN PRIVATE KEY-----`."),
        ];
        assert_eq!(names(&files), ["ca.pem", "notes.md"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_packed_as_links() {
        let folder = folder(&[("a", "x")]);
        std::os::unix::fs::symlink("a", folder.path().join("b")).unwrap();
        let sources = Sources::of(folder.path(), &[]).unwrap();
        let archive = sources.archive().unwrap();
        let mut archive = tar::Archive::new(GzDecoder::new(archive.as_slice()));
        let last = archive.entries().unwrap().last().unwrap().unwrap();
        assert_eq!(last.link_name().unwrap().unwrap(), Path::new("a"));
    }
}
