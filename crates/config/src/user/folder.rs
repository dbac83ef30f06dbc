//! The folder of a user's configuration and the files in it.

use std::path::{Path, PathBuf};

use crate::identifier::{Refusal, identifier, is_segment};
use crate::settings::Environment;

/// The folder's name below `~/.config`, the original's.
const FOLDER: &str = "epymodelingsuite-cloud";

/// The environment that holds where none is chosen.
const DEFAULT_ENVIRONMENT: &str = "default";

identifier! {
    /// The name of an environment or a profile: 1 to 64 of `A-Z a-z 0-9 . _ -` (not `.` or `..`),
    /// since it is a file's name and part of paths.
    LayerName("the name of an environment or profile", check_layer)
}

fn check_layer(text: &str) -> Result<&str, Refusal> {
    if text.len() <= 64 && is_segment(text) {
        Ok(text)
    } else {
        Err(Refusal::new(
            "1 to 64 of A-Z a-z 0-9 . _ - (not `.` or `..`)",
        ))
    }
}

impl Default for LayerName {
    /// `default`, the environment of the original's code.
    fn default() -> Self {
        Self(DEFAULT_ENVIRONMENT.to_owned())
    }
}

/// The folder of a user's configuration: `EPYCLOUD_CONFIG_DIR`, else `epymodelingsuite-cloud` in
/// `XDG_CONFIG_HOME`, else in `~/.config`.
///
/// Files end with `.yaml` or `.yml`; the first wins where there are both.
///
/// ```
/// use epycloud_config::Environment;
/// use epycloud_config::user::ConfigFolder;
///
/// let environment = Environment::from_pairs([("EPYCLOUD_CONFIG_DIR", "/lab/epycloud")]);
/// let folder = ConfigFolder::locate(&environment).unwrap();
/// assert!(folder.config_file().ends_with("epycloud/config.yaml"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFolder {
    path: PathBuf,
}

impl ConfigFolder {
    /// The folder; `None` where nothing says where the user's home is. It need not exist.
    #[must_use]
    pub fn locate(caller: &Environment) -> Option<Self> {
        let variable = |name: &str| caller.get(name).map(PathBuf::from);
        let home = || variable("HOME").or_else(|| variable("USERPROFILE"));
        // A relative XDG_CONFIG_HOME is to be passed over, says the specification.
        let xdg = variable("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
        let path = variable("EPYCLOUD_CONFIG_DIR").or_else(|| {
            let base = xdg.or_else(|| home().map(|home| home.join(".config")))?;
            Some(base.join(FOLDER))
        })?;
        Some(Self { path })
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `config.yaml`.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        yaml_file(&self.path, "config")
    }

    /// `secrets.yaml`.
    #[must_use]
    pub fn secrets_file(&self) -> PathBuf {
        yaml_file(&self.path, "secrets")
    }

    /// The file that names the active profile.
    #[must_use]
    pub fn active_profile_file(&self) -> PathBuf {
        self.path.join("active_profile")
    }

    /// `environments/{name}.yaml`.
    #[must_use]
    pub fn environment_file(&self, name: &LayerName) -> PathBuf {
        yaml_file(&self.path.join("environments"), name.as_str())
    }

    /// `profiles/{name}.yaml`.
    #[must_use]
    pub fn profile_file(&self, name: &LayerName) -> PathBuf {
        yaml_file(&self.path.join("profiles"), name.as_str())
    }

    /// The environments that have a file, by name.
    #[must_use]
    pub fn environments(&self) -> Vec<LayerName> {
        names_in(&self.path.join("environments"))
    }

    /// The profiles that have a file, by name.
    #[must_use]
    pub fn profiles(&self) -> Vec<LayerName> {
        names_in(&self.path.join("profiles"))
    }

    /// The name in the file `active_profile`; `None` where there is none or it is empty.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn active_profile(&self) -> std::io::Result<Option<String>> {
        match std::fs::read_to_string(self.active_profile_file()) {
            Ok(text) => Ok(Some(text.trim().to_owned()).filter(|name| !name.is_empty())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A YAML file of a name, with the ending that is there.
pub(crate) fn yaml_file(folder: &Path, name: &str) -> PathBuf {
    let [yaml, yml] = ["yaml", "yml"].map(|ending| folder.join(format!("{name}.{ending}")));
    if !yaml.exists() && yml.exists() {
        yml
    } else {
        yaml
    }
}

/// A warning where a name has both endings.
pub(crate) fn twice(file: &Path) -> Option<String> {
    let other = file.with_extension("yml");
    (file.extension()? == "yaml" && file.exists() && other.exists()).then(|| {
        format!(
            "`{}` is not read, since there is `{}`",
            other.display(),
            file.display()
        )
    })
}

fn names_in(folder: &Path) -> Vec<LayerName> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<LayerName> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let ending = path.extension()?;
            let is_yaml = ending == "yaml" || ending == "yml";
            path.file_stem()?.to_str()?.parse().ok().filter(|_| is_yaml)
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locate(pairs: &[(&str, &str)]) -> Option<PathBuf> {
        let environment = Environment::from_pairs(pairs.iter().copied());
        ConfigFolder::locate(&environment).map(|folder| folder.path)
    }

    #[test]
    fn the_folder_is_the_originals_unless_a_variable_names_another() {
        let home = ("HOME", "/u");
        let expected = [
            (vec![home], Some("/u/.config/epymodelingsuite-cloud")),
            (
                vec![home, ("XDG_CONFIG_HOME", "/x")],
                Some("/x/epymodelingsuite-cloud"),
            ),
            (
                vec![home, ("XDG_CONFIG_HOME", "x")],
                Some("/u/.config/epymodelingsuite-cloud"),
            ),
            (
                vec![
                    home,
                    ("XDG_CONFIG_HOME", "/x"),
                    ("EPYCLOUD_CONFIG_DIR", "/c"),
                ],
                Some("/c"),
            ),
            (
                vec![("XDG_CONFIG_HOME", "/x")],
                Some("/x/epymodelingsuite-cloud"),
            ),
            (vec![], None),
        ];
        for (pairs, path) in expected {
            assert_eq!(locate(&pairs).as_deref(), path.map(Path::new), "{pairs:?}");
        }
    }

    #[test]
    fn names_are_those_of_files_with_either_ending() {
        let folder = tempfile::tempdir().unwrap();
        let environments = folder.path().join("environments");
        std::fs::create_dir(&environments).unwrap();
        for name in ["b.yml", "a.yaml", "a.yml", "c.txt", ".hidden"] {
            #[expect(clippy::disallowed_methods, reason = "a test's own input")]
            std::fs::write(environments.join(name), "").unwrap();
        }
        let folder = ConfigFolder {
            path: folder.path().to_owned(),
        };
        let names: Vec<_> = folder
            .environments()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(names, ["a", "b"]);
        let file = |name: &str| folder.environment_file(&name.parse().unwrap());
        assert!(file("a").ends_with("a.yaml") && twice(&file("a")).is_some());
        assert!(file("b").ends_with("b.yml") && twice(&file("b")).is_none());
        assert!(folder.profiles().is_empty());
    }
}
