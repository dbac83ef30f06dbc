//! Which files make up a configuration: the environment, the profile, and who named them.

use std::path::PathBuf;

use epycloud_errors::nearest;

use super::error::UserConfigError;
use super::folder::{ConfigFolder, LayerName};
use crate::settings::{Environment, Source};

/// What the command line says about the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// `--env`; without it `EPYCLOUD_ENV`, else `default`.
    pub environment: Option<String>,
    /// `--profile`; without it `EPYCLOUD_PROFILE`, else the active one.
    pub profile: Option<String>,
    /// `--config`, in the place of `config.yaml`.
    pub config_file: Option<PathBuf>,
    /// `--project-dir`: the folder whose `epycloud.yaml` is read; empty for none.
    pub project_dir: PathBuf,
}

/// A name and who gave it.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) name: LayerName,
    pub(crate) origin: Source,
}

impl Selection {
    /// The environment: the flag's, the variable's, else `default`, which needs no file.
    pub(crate) fn environment(
        &self,
        caller: &Environment,
        folder: Option<&ConfigFolder>,
    ) -> Result<Named, UserConfigError> {
        let given = given(self.environment.as_deref(), "--env", caller, "EPYCLOUD_ENV");
        let Some((name, origin)) = given else {
            return Ok(Named {
                name: LayerName::default(),
                origin: Source::Default,
            });
        };
        let name = parse("environment", &name, &origin)?;
        let there = folder.is_some_and(|folder| folder.environment_file(&name).is_file());
        if !there && name != LayerName::default() {
            let available = folder.map(ConfigFolder::environments).unwrap_or_default();
            return Err(absent("environment", &name, origin, &available));
        }
        Ok(Named { name, origin })
    }

    /// The profile: the flag's, the variable's, else the active one, if any.
    pub(crate) fn profile(
        &self,
        caller: &Environment,
        folder: Option<&ConfigFolder>,
    ) -> Result<Option<Named>, UserConfigError> {
        let given = given(
            self.profile.as_deref(),
            "--profile",
            caller,
            "EPYCLOUD_PROFILE",
        );
        let found = match (given, folder) {
            (Some(given), _) => Some(given),
            (None, Some(folder)) => active(folder)?,
            (None, None) => None,
        };
        let Some((name, origin)) = found else {
            return Ok(None);
        };
        let name = parse("profile", &name, &origin)?;
        if folder.is_some_and(|folder| folder.profile_file(&name).is_file()) {
            return Ok(Some(Named { name, origin }));
        }
        let available = folder.map(ConfigFolder::profiles).unwrap_or_default();
        Err(absent("profile", &name, origin, &available))
    }
}

fn given(
    flag: Option<&str>,
    flag_name: &str,
    caller: &Environment,
    variable: &str,
) -> Option<(String, Source)> {
    if let Some(name) = flag {
        return Some((name.to_owned(), Source::Flag(flag_name.to_owned())));
    }
    let name = caller.get(variable)?;
    Some((name.to_owned(), Source::Environment(variable.to_owned())))
}

fn active(folder: &ConfigFolder) -> Result<Option<(String, Source)>, UserConfigError> {
    let file = folder.active_profile_file();
    let name = folder
        .active_profile()
        .map_err(|source| UserConfigError::Read {
            file: file.clone(),
            source,
        })?;
    Ok(name.map(|name| (name, Source::File { file, line: 1 })))
}

fn parse(what: &'static str, name: &str, origin: &Source) -> Result<LayerName, UserConfigError> {
    name.parse().map_err(|source| UserConfigError::Name {
        what,
        origin: origin.clone(),
        source: Box::new(source),
    })
}

/// That there is no environment or profile of a name, with the nearest that is there.
pub(crate) fn absent(
    what: &'static str,
    name: &LayerName,
    origin: Source,
    available: &[LayerName],
) -> UserConfigError {
    let names = || available.iter().map(LayerName::as_str);
    UserConfigError::NoLayer {
        what,
        name: name.to_string(),
        origin: Some(Box::new(origin)),
        nearest: nearest(name.as_str(), names()).map(str::to_owned),
        available: names().map(str::to_owned).collect(),
    }
}
