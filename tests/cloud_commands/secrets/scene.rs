//! A user who has given secrets in every way, and programs that write down what they were told.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;

use super::rows::ACTIVE;
use crate::forecasts::quickstart;
use crate::lab::{GITHUB_TOKEN, Lab, Ran, check_out};

/// Variables that hold a secret, each another.
pub(super) const VARIABLES: [(&str, &str); 8] = [
    ("GITHUB_PAT", "ghp_one0123456789abcdefABCDEF0123456789ab"),
    (
        "EPYCLOUD_GITHUB_PAT",
        "ghp_two0123456789abcdefABCDEF0123456789ab",
    ),
    (
        "EPYCLOUD_GITHUB__PERSONAL_ACCESS_TOKEN",
        "ghp_three0123456789abcdefABCDEF0123456789",
    ),
    ("GITHUB_TOKEN", "ghp_four0123456789abcdefABCDEF0123456789a"),
    ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMIhunter2"),
    ("AZURE_STORAGE_ACCOUNT_KEY", "YXp1cmVodW50ZXIy"),
    ("UV_DEFAULT_INDEX", "https://me:hunter3@example.org/simple"),
    ("TF_TOKEN_app_terraform_io", "atlasv1.hunter4"),
];
/// What the variables' secrets are inside of addresses.
pub(super) const INSIDE: &str = "hunter3";
/// The token that stage A would use.
pub(super) const OF_SECRET_MANAGER: &str = "ghp_kept0123456789abcdefABCDEF0123456789a";
/// What stands in a file that is nobody's business.
pub(super) const IN_THE_PROJECT: &str = "hunter5-of-the-project";

/// Where secrets are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// In `secrets.yaml` and the file of a service account's key, which the configuration names.
    InFiles,
    /// In the environment as well.
    Everywhere,
}

pub(super) struct Scene {
    pub(super) lab: Lab,
    pub(super) given: Given,
    /// A line of the private key.
    pub(super) key: Option<String>,
}

impl Scene {
    /// One in whose name the key of a service account signs.
    pub(super) fn with_a_key(given: Given) -> Self {
        let mut scene = Self::new(given);
        scene.key = key_file(&scene.lab);
        scene
    }

    /// One whose token the metadata server gives.
    pub(super) fn without_a_key() -> Self {
        Self::new(Given::Everywhere)
    }

    fn new(given: Given) -> Self {
        let token = match given {
            Given::InFiles => GITHUB_TOKEN,
            Given::Everywhere => VARIABLES[0].1,
        };
        let lab = Lab::with_forecasts(Some(token)).and_bucket("my-bucket");
        let google = &lab.google;
        google.take_signed_tokens();
        google.put_secret("github-pat", OF_SECRET_MANAGER);
        lab.execution("ended", "FAILED", "my-flu", "try-0");
        lab.execution(ACTIVE, "ACTIVE", "my-flu", "try-1");
        lab.job("stage-b-1", "RUNNING", "runner", ("my-flu", "try-1"));
        lab.log("1", "12:00:01", "builder", "building");
        google.play("/executions/00000", vec![json!({ "state": "SUCCEEDED" })]);
        let succeeded = json!({ "status": { "state": "SUCCEEDED" } });
        google.play("/jobs/stage-a-manual", vec![succeeded]);
        let key = None;
        let scene = Self { lab, given, key };
        scene.project();
        for (name, more) in [
            ("docker", "[ \"$1\" = version ] && echo 20.10.0\nexit 0"),
            ("terraform", "exit 0"),
            ("an-editor", "exit 0"),
        ] {
            scene.program(name, more);
        }
        let git = on_path("git");
        scene.program("git", &format!("exec {} \"$@\"", git.display()));
        scene
    }

    /// A checkout whose address, and whose files that are left out, hold secrets.
    fn project(&self) {
        let folder = self.folder();
        copy_tree(&quickstart(), &folder);
        for (name, text) in [
            ("docker/Dockerfile", "FROM scratch\n"),
            ("deploy/terraform/main.tf", "\n"),
            (".env", IN_THE_PROJECT),
            ("ignored/notes", IN_THE_PROJECT),
            (".gitignore", "ignored\nlocal\ndownloads\n"),
        ] {
            self.lab.write(&format!("project/{name}"), text);
        }
        let model = folder.join("experiments/quickstart/config/basemodel.yaml");
        let text = fs::read_to_string(&model).unwrap();
        let text = text.replace("n_sims: 200", "n_sims: 4");
        self.lab.write(
            "project/experiments/quickstart/config/basemodel.yaml",
            &text,
        );
        check_out(&folder);
    }

    /// A program that writes down its arguments and its environment before it does its work.
    fn program(&self, name: &str, work: &str) {
        let record = self.record();
        let script = format!(
            "#!/bin/sh\n{{ for word in \"$@\"; do echo \"{name} argument $word\"; done\n\
             /usr/bin/env | sed 's/^/{name} variable /'; }} >> '{}'\n{work}\n",
            record.display()
        );
        let file = format!("bin/{name}");
        self.lab.write(&file, &script);
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.lab.path().join(file), mode).unwrap();
    }

    /// What programs have written down.
    pub(super) fn record(&self) -> PathBuf {
        self.lab.path().join("record")
    }

    fn folder(&self) -> PathBuf {
        self.lab.path().join("project")
    }

    pub(super) fn run(&self, words: &[&str]) -> Ran {
        let mut command = self.lab.command(words);
        let path = std::env::var("PATH").unwrap();
        let own = self.lab.path().join("bin");
        command
            .current_dir(self.folder())
            .env("PATH", format!("{}:{path}", own.display()))
            .env("EDITOR", "an-editor")
            .env("AWS_ACCESS_KEY_ID", "me")
            .stdin(Stdio::null());
        if self.key.is_some() {
            command.env_remove("GOOGLE_SKIP_SIGNATURE");
        }
        if self.given == Given::Everywhere {
            command.envs(VARIABLES);
            if self.key.is_some() {
                command.env("GOOGLE_APPLICATION_CREDENTIALS", key_path(&self.lab));
            }
        }
        Ran::from(command.output().unwrap())
    }
}

/// A service account's key in a file, where there is a program to make one; a line of it.
fn key_file(lab: &Lab) -> Option<String> {
    let made = Command::new("openssl")
        .args(["genpkey", "-quiet", "-algorithm", "RSA"])
        .output();
    let Some(made) = made.ok().filter(|made| made.status.success()) else {
        #[expect(clippy::print_stderr, reason = "says what is left out")]
        {
            eprintln!("without a service account's key: there is no openssl to make one with");
        }
        return None;
    };
    let key = String::from_utf8(made.stdout).unwrap();
    let account = json!({
        "type": "service_account", "client_email": "me@my-project.iam.gserviceaccount.com",
        "private_key_id": "0a1b", "private_key": key, "project_id": "my-project",
        "token_uri": "https://oauth2.googleapis.com/token"
    });
    lab.write("keys/key.json", &account.to_string());
    let text = fs::read_to_string(config(lab)).unwrap();
    let line = format!(
        "google_cloud:\n  service_account_key_path: {}",
        key_path(lab).display()
    );
    lab.configure(&text.replacen("google_cloud:", &line, 1));
    Some(key.lines().nth(3).unwrap().to_owned())
}

fn key_path(lab: &Lab) -> PathBuf {
    lab.path().join("keys/key.json")
}

fn config(lab: &Lab) -> PathBuf {
    lab.path()
        .join(".config/epymodelingsuite-cloud/config.yaml")
}

fn on_path(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .unwrap()
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_name() == "local" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
