//! A configuration folder of a test's own, in a project of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::project::{Project, Ran};

/// A token that no output may hold.
pub(crate) const TOKEN: &str = "ghp_hunter2hunter2hunter2";

/// A project whose `config` folder is the user's configuration.
pub(crate) struct Home {
    pub(crate) project: Project,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            project: Project::quickstart(),
        }
    }

    /// One with everything filled in: `config init`, a project, a bucket, a token.
    pub(crate) fn filled() -> Self {
        let home = Self::new();
        home.run(&["config", "init"]).ended(0);
        for (key, value) in [
            ("google_cloud.project_id", "lab-project"),
            ("google_cloud.bucket_name", "lab-forecasts"),
        ] {
            home.run(&["config", "set", key, value]).ended(0);
        }
        home.run_with(
            &["config", "set", "github.personal_access_token", "-"],
            TOKEN,
        )
        .ended(0);
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.project.path().join("config").join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test's own input")]
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.command(arguments);
        command.env("EPYCLOUD_CONFIG_DIR", self.path(""));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// With a text on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &str) -> Ran {
        use std::io::Write as _;
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(stdin.as_bytes())
            .unwrap();
        Ran::from(child.wait_with_output().unwrap())
    }

    /// What a command printed, without the paths of this test.
    pub(crate) fn shown(&self, ran: &Ran) -> String {
        let text = format!("{}{}", ran.stdout, ran.stderr);
        let real = std::fs::canonicalize(self.project.path()).unwrap();
        text.replace(&*self.path("").to_string_lossy(), "[CONFIG]/")
            .replace(&*real.to_string_lossy(), "[PROJECT]")
            .replace(&*self.project.path().to_string_lossy(), "[PROJECT]")
    }

    /// A program of a name, first on `PATH`, which is a shell script.
    #[cfg(unix)]
    pub(crate) fn program(&self, name: &str, script: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = self.project.path().join("bin");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        #[expect(clippy::disallowed_methods, reason = "a test's own program")]
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }
}

/// The mode of a file's access.
#[cfg(unix)]
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
