//! Which Python to embed.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::PythonError;

/// Where the images keep the suite's virtual environment.
const IMAGE_ENVIRONMENT: &str = "/opt/epymodelingsuite/.venv";
/// What a Python that is no virtual environment's is asked.
const QUERY: &str =
    "import sys; print(sys.executable, sys.prefix, sys.version.split()[0], sep='\\n')";

/// The Python whose packages the engine uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PythonEnvironment {
    /// Its interpreter, absolute.
    pub(super) executable: PathBuf,
    /// What `sys.prefix` has to be once it runs.
    pub(super) prefix: PathBuf,
    /// Its version, `3.11.7`.
    pub(super) version: String,
    /// How it was found.
    pub(super) origin: Origin,
}

/// How a Python was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// `EPYCLOUD_PYTHON`.
    Setting,
    /// `VIRTUAL_ENV`.
    Activated,
    /// The images' folder.
    Image,
    /// `python3` on `PATH`.
    Path,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Setting => "EPYCLOUD_PYTHON",
            Self::Activated => "VIRTUAL_ENV",
            Self::Image => IMAGE_ENVIRONMENT,
            Self::Path => "python3 on PATH",
        })
    }
}

impl PythonEnvironment {
    /// The Python that `EPYCLOUD_PYTHON` names, else the active virtual environment's, else the
    /// images', else `python3` on `PATH`. What is named and isn't there is an error, never passed
    /// over.
    pub(super) fn locate(
        python: Option<PathBuf>,
        virtual_env: Option<PathBuf>,
        path: Option<OsString>,
    ) -> Result<Self, PythonError> {
        if let Some(python) = python {
            return Self::of_executable(&python, Origin::Setting);
        }
        if let Some(folder) = virtual_env {
            return Self::of_executable(&folder.join("bin/python"), Origin::Activated);
        }
        let image = Path::new(IMAGE_ENVIRONMENT).join("bin/python");
        if image.exists() {
            return Self::of_executable(&image, Origin::Image);
        }
        match on_path("python3", path) {
            Some(python) => Self::of_executable(&python, Origin::Path),
            None => Err(PythonError::NotFound),
        }
    }

    fn of_executable(python: &Path, origin: Origin) -> Result<Self, PythonError> {
        let broken = |reason: String| PythonError::Environment {
            python: python.to_owned(),
            origin: origin.to_string(),
            reason,
        };
        if !python.is_file() {
            return Err(broken("is not there".to_owned()));
        }
        // Not the target of the link: that is the base installation's Python.
        let executable = std::path::absolute(python).map_err(|error| broken(error.to_string()))?;
        match virtual_environment(&executable) {
            Some((prefix, settings)) => {
                Self::of_settings(executable, prefix, &settings, origin).map_err(broken)
            }
            None => Self::of_answer(&executable, origin).map_err(broken),
        }
    }

    /// A virtual environment says in `pyvenv.cfg` what it stands on.
    fn of_settings(
        executable: PathBuf,
        prefix: PathBuf,
        settings: &str,
        origin: Origin,
    ) -> Result<Self, String> {
        let setting = |names: &[&str]| {
            settings
                .lines()
                .filter_map(|line| line.split_once('='))
                .find_map(|(name, value)| {
                    names
                        .contains(&name.trim())
                        .then(|| value.trim().to_owned())
                })
        };
        let home = setting(&["home"]).ok_or("has a pyvenv.cfg without `home`")?;
        if !Path::new(&home).is_dir() {
            return Err(format!(
                "stands on the Python in `{home}`, which is not there"
            ));
        }
        let version = setting(&["version", "version_info"])
            .ok_or("has a pyvenv.cfg without `version` or `version_info`")?;
        Ok(Self {
            executable,
            prefix,
            version,
            origin,
        })
    }

    /// Another Python (or a script that starts one) has to be asked.
    fn of_answer(python: &Path, origin: Origin) -> Result<Self, String> {
        let output = Command::new(python)
            .args(["-c", QUERY])
            .output()
            .map_err(|error| format!("can't be started: {error}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("failed ({}): {}", output.status, said.trim()));
        }
        let answer = String::from_utf8_lossy(&output.stdout);
        match answer.lines().collect::<Vec<_>>()[..] {
            [executable, prefix, version] => Ok(Self {
                executable: executable.into(),
                prefix: prefix.into(),
                version: version.to_owned(),
                origin,
            }),
            _ => Err("didn't say which Python it is".to_owned()),
        }
    }
}

/// The folder and the settings of the virtual environment whose Python this is.
fn virtual_environment(executable: &Path) -> Option<(PathBuf, String)> {
    let prefix = executable.parent()?.parent()?;
    let settings = std::fs::read_to_string(prefix.join("pyvenv.cfg")).ok()?;
    Some((prefix.to_owned(), settings))
}

fn on_path(name: &str, path: Option<OsString>) -> Option<PathBuf> {
    std::env::split_paths(&path?)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "plain files of a test")]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn folder_with(settings: Option<&str>) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("bin")).unwrap();
        let python = folder.path().join("bin/python");
        fs::write(&python, "").unwrap();
        if let Some(settings) = settings {
            fs::write(folder.path().join("pyvenv.cfg"), settings).unwrap();
        }
        (folder, python)
    }

    fn setting(python: &Path) -> Result<PythonEnvironment, String> {
        PythonEnvironment::locate(Some(python.to_owned()), None, None)
            .map_err(|error| error.to_string())
    }

    fn activated(folder: &Path) -> Result<PythonEnvironment, String> {
        PythonEnvironment::locate(None, Some(folder.to_owned()), None)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_virtual_environment_is_read_without_starting_it() {
        for (key, version) in [("version", "3.11.7"), ("version_info", "3.11.9")] {
            let (folder, python) = folder_with(Some(&format!(
                "home = /usr\n{key} = {version}\nprompt = x\n"
            )));
            let found = setting(&python).unwrap();
            assert_eq!(found.version, version);
            assert_eq!(found.prefix, folder.path());
            assert_eq!(found.executable, python);
            let active = activated(folder.path()).unwrap();
            assert_eq!(
                (active.executable, active.origin),
                (python, Origin::Activated)
            );
        }
    }

    #[test]
    fn what_is_named_and_unusable_is_an_error() {
        let (_gone, homeless) = folder_with(Some("home = /nowhere/bin\nversion = 3.11.7\n"));
        let (_bare, bare) = folder_with(Some("version = 3.11.7\n"));
        let (_odd, odd) = folder_with(Some("home = /usr\n"));
        let cases = [
            (
                Path::new("/nowhere/python"),
                "`/nowhere/python` (EPYCLOUD_PYTHON) is not there",
            ),
            (
                &homeless,
                "stands on the Python in `/nowhere/bin`, which is not there",
            ),
            (&bare, "has a pyvenv.cfg without `home`"),
            (&odd, "has a pyvenv.cfg without `version`"),
        ];
        for (python, expected) in cases {
            let error = setting(python).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        let error = activated(Path::new("/nowhere")).unwrap_err();
        assert!(
            error.contains("`/nowhere/bin/python` (VIRTUAL_ENV) is not there"),
            "{error}"
        );
    }

    #[test]
    fn a_python_of_no_virtual_environment_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("bin")).unwrap();
        let python = folder.path().join("bin/python3");
        let answer = "#!/bin/sh\nprintf '/real/python\\n/real\\n3.11.7\\n'\n";
        for (script, expected) in [
            (answer, Ok("/real/python")),
            (
                "#!/bin/sh\necho broken >&2; exit 3\n",
                Err("failed (exit status: 3): broken"),
            ),
            (
                "#!/bin/sh\necho hello\n",
                Err("didn't say which Python it is"),
            ),
        ] {
            fs::write(&python, script).unwrap();
            fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
            let path = python.parent().unwrap().into();
            let found = PythonEnvironment::locate(None, None, Some(path));
            match (found, expected) {
                (Ok(found), Ok(executable)) => {
                    assert_eq!(found.executable, Path::new(executable));
                    assert_eq!(found.origin, Origin::Path);
                }
                (Err(error), Err(reason)) => assert!(error.to_string().contains(reason), "{error}"),
                (found, _) => panic!("{found:?}"),
            }
        }
    }

    #[test]
    fn without_any_python_it_says_so() {
        let found = PythonEnvironment::locate(None, None, Some("/nowhere".into()));
        assert_eq!(found.unwrap_err().to_string(), "no Python was found");
    }
}
