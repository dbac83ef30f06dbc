//! Where a secret could have got to.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use epycloud_config::Environment;
use epycloud_storage::{LoadOptions, Storage, StoragePath};

use super::rows::IN_ARGUMENTS;
use super::scene::{Given, IN_THE_PROJECT, INSIDE, OF_SECRET_MANAGER, Scene, VARIABLES};
use crate::lab::GITHUB_TOKEN;

impl Scene {
    /// Every secret, in every form in which it could be met.
    fn secrets(&self) -> Vec<String> {
        let variables = VARIABLES.iter().map(|(_, value)| *value);
        let tokens = variables.chain([GITHUB_TOKEN, OF_SECRET_MANAGER, IN_ARGUMENTS]);
        let mut all = Vec::new();
        for token in tokens {
            all.push(BASE64_STANDARD.encode(format!("x-access-token:{token}")));
            all.push(token.to_owned());
        }
        all.extend([INSIDE, IN_THE_PROJECT, "ya29."].map(str::to_owned));
        all.extend(self.key.clone());
        for request in self.lab.google.requests() {
            let header = request.header("authorization");
            let token = header.and_then(|header| header.strip_prefix("Bearer "));
            all.extend(token.map(str::to_owned));
        }
        all.sort();
        all.dedup();
        all
    }

    /// Fails the test if a text holds a secret.
    #[track_caller]
    pub(super) fn assert_clean(&self, text: &str, what: &str) {
        for secret in self.secrets() {
            assert!(!text.contains(&secret), "{secret} in {what}:\n{text}");
        }
    }

    /// What was sent: a secret is in the one header for it, or nowhere.
    pub(super) fn assert_requests_are_clean(&self) {
        let google = self.lab.google.requests();
        assert!(google.len() > 20, "{}", google.len());
        for request in google {
            self.assert_clean(&request.without_authorization(), &request.path);
        }
        let git = self.lab.forecasts.as_ref().unwrap().git.recorded();
        let bucket = self.lab.bucket.as_ref().unwrap().recorded();
        assert!(!git.is_empty() && !bucket.is_empty());
        for request in git.into_iter().chain(bucket) {
            let others = |header: &&String| !header.starts_with("authorization: ");
            let headers: Vec<&String> = request.headers.iter().filter(others).collect();
            let body = String::from_utf8_lossy(&request.body_start);
            let text = format!("{}\n{headers:?}\n{body}", request.line);
            self.assert_clean(&text, &request.line);
        }
    }

    /// Programs see a secret in a variable that the user has set, and in the one that is theirs.
    pub(super) fn assert_programs_are_told_nothing(&self) {
        let record = fs::read_to_string(self.record()).unwrap();
        for program in ["docker", "git", "terraform", "an-editor"] {
            assert!(record.contains(&format!("{program} argument")), "{program}");
        }
        let is_given = |line: &&str| {
            let variable = line.split_once(" variable ").map(|(_, variable)| variable);
            let given = self.given == Given::Everywhere
                && VARIABLES
                    .iter()
                    .any(|(name, value)| variable == Some(&format!("{name}={value}")));
            let own = [
                "docker variable GITHUB_PAT=",
                "git variable GIT_CONFIG_VALUE_0=",
            ];
            given || own.iter().any(|own| line.starts_with(own))
        };
        for line in record.lines().filter(|line| !is_given(line)) {
            self.assert_clean(line, "what a program was told");
        }
    }

    /// Files that were written: the run's, downloads, the configuration's, logs.
    pub(super) fn assert_files_are_clean(&self) {
        let written: Vec<PathBuf> = files(self.lab.path())
            .into_iter()
            .filter(|file| !self.is_the_users_own(file))
            .collect();
        let runs = |file: &&PathBuf| file.to_string_lossy().contains("/local/bucket/");
        assert!(written.iter().filter(runs).count() > 20);
        for file in written {
            let text = unpacked(&fs::read(&file).unwrap());
            self.assert_clean(&text, &file.display().to_string());
        }
    }

    fn is_the_users_own(&self, file: &Path) -> bool {
        let own = [
            "secrets.yaml",
            "key.json",
            "record",
            "project/.env",
            "project/ignored/notes",
            "project/.git/config",
        ];
        own.iter().any(|own| file.ends_with(own))
    }

    /// The objects that were put into the bucket.
    pub(super) fn assert_bucket_is_clean(&self) {
        let url = self.lab.bucket.as_ref().unwrap().url();
        let environment = Environment::from_pairs([
            ("GOOGLE_BASE_URL", url.as_str()),
            ("GOOGLE_SKIP_SIGNATURE", "true"),
        ]);
        let storage = Storage::open_with("gs://my-bucket", &environment).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let folder: StoragePath = "source".parse().unwrap();
        let objects = runtime.block_on(async {
            let listed = storage.list(&folder).await.unwrap();
            let mut objects = Vec::new();
            for object in listed {
                let options = LoadOptions::as_is();
                objects.push(storage.load_bytes(&object.path, &options).await.unwrap());
            }
            objects
        });
        assert!(!objects.is_empty());
        for object in objects {
            let text = unpacked(&object);
            assert!(text.contains("FROM scratch"), "the archive is whole");
            self.assert_clean(&text, "the archive that is built from");
        }
    }
}

/// A text, whether it is compressed or not.
fn unpacked(bytes: &[u8]) -> String {
    let mut text = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut decoder = flate2::read::MultiGzDecoder::new(bytes);
        decoder.read_to_end(&mut text).unwrap();
    } else {
        text.extend_from_slice(bytes);
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}
