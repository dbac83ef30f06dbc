//! A home of a test's own.

use std::path::{Path, PathBuf};

use epycloud_config::Environment;
use epycloud_config::user::{Configuration, Inspection, Selection, UserConfigError};
use tempfile::TempDir;

/// A folder of configuration and a project, with variables of their own.
pub(crate) struct Home {
    folder: TempDir,
    variables: Vec<(String, String)>,
    pub(crate) selection: Selection,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config");
        let project = folder.path().join("project");
        for path in [
            &config.join("environments"),
            &config.join("profiles"),
            &project,
        ] {
            std::fs::create_dir_all(path).unwrap();
        }
        Self {
            variables: vec![(
                "EPYCLOUD_CONFIG_DIR".into(),
                config.to_string_lossy().into_owned(),
            )],
            selection: Selection {
                project_dir: project,
                ..Selection::default()
            },
            folder,
        }
    }

    /// With a file of the configuration's folder, or `project/epycloud.yaml`.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        #[expect(clippy::disallowed_methods, reason = "a test's own input")]
        std::fs::write(&path, text).unwrap();
        if name == "secrets.yaml" {
            restrict(&path);
        }
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    pub(crate) fn environment(mut self, name: &str) -> Self {
        self.selection.environment = Some(name.into());
        self
    }

    pub(crate) fn profile(mut self, name: &str) -> Self {
        self.selection.profile = Some(name.into());
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        if name.starts_with("project/") {
            self.folder.path().join(name)
        } else {
            self.folder.path().join("config").join(name)
        }
    }

    fn caller(&self) -> Environment {
        Environment::from_pairs(self.variables.iter().cloned())
    }

    pub(crate) fn load(&self) -> Result<Configuration, UserConfigError> {
        Configuration::load(&self.caller(), &self.selection)
    }

    pub(crate) fn inspect(&self) -> Result<Inspection, UserConfigError> {
        Inspection::read(&self.caller(), &self.selection)
    }

    /// A text without the folder's path, which differs from test to test.
    pub(crate) fn redacted(&self, text: &str) -> String {
        text.replace(&*self.folder.path().to_string_lossy(), "HOME")
    }
}

#[cfg(unix)]
fn restrict(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn restrict(_path: &Path) {}
