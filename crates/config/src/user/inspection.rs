//! A configuration as it was found, right or wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use figment::value::{Dict, Value};
use figment::{Figment, Profile, Provider as _};

use super::error::UserConfigError;
use super::file::{ConfigFile, ProfileMetadata, Role};
use super::folder::{ConfigFolder, LayerName, twice, yaml_file};
use super::key::{Key, keys};
use super::layer::{Entry, Layer};
use super::permissions;
use super::reader::{Reader, is_placeholder};
use super::selection::{Named, Selection};
use super::text::{Line, document};
use super::values::UserConfig;
use super::variables::Variables;
use crate::settings::{Environment, SettingError, Source};

/// The built-in defaults, as they are compiled in.
pub(crate) const DEFAULTS: &str = include_str!("defaults.yaml");

/// A configuration as it was found, right or wrong: what `config show` and `config validate` tell.
#[derive(Debug)]
pub struct Inspection {
    pub(crate) resolved: BTreeMap<&'static str, Entry>,
    pub(crate) values: Option<UserConfig>,
    pub(crate) faults: Vec<SettingError>,
    warnings: Vec<String>,
    files: Vec<PathBuf>,
    environment: Named,
    profile: Option<Named>,
    metadata: ProfileMetadata,
}

/// Layers as they are found, lowest first.
#[derive(Default)]
struct Stack {
    layers: Vec<Layer>,
    older: Vec<Layer>,
    warnings: Vec<String>,
    faults: Vec<SettingError>,
    files: Vec<PathBuf>,
    metadata: ProfileMetadata,
}

impl Stack {
    fn file(&mut self, path: &Path, role: Role) -> Result<bool, UserConfigError> {
        let Some(file) = ConfigFile::read(path, role)? else {
            return Ok(false);
        };
        self.warnings.extend(twice(path));
        if role == Role::Secrets {
            self.warnings.extend(permissions::warning(path));
        }
        self.warnings.extend(file.warnings);
        self.faults.extend(file.faults);
        self.layers.push(file.layer);
        self.older.push(file.older);
        self.files.push(file.path);
        if role == Role::Profile {
            self.metadata = file.metadata;
        }
        Ok(true)
    }

    fn variables(&mut self, caller: &Environment) {
        let found = Variables::read(caller);
        self.layers.push(found.layer);
        self.older.push(found.older);
        self.warnings.extend(found.warnings);
        self.faults.extend(found.faults);
    }
}

impl Inspection {
    /// Reads all layers that the selection and the caller's environment name.
    ///
    /// # Errors
    /// A file that can't be read or isn't YAML, and an environment, profile or `--config` file that
    /// isn't there. Wrong values are [`Inspection::faults`].
    pub fn read(caller: &Environment, selection: &Selection) -> Result<Self, UserConfigError> {
        let folder = ConfigFolder::locate(caller);
        let environment = selection.environment(caller, folder.as_ref())?;
        let profile = selection.profile(caller, folder.as_ref())?;
        let defaults = defaults()?;
        let mut stack = Stack::default();
        base(&mut stack, folder.as_ref(), selection)?;
        if let Some(folder) = &folder {
            stack.file(&folder.environment_file(&environment.name), Role::Settings)?;
            if let Some(profile) = &profile {
                stack.file(&folder.profile_file(&profile.name), Role::Profile)?;
            }
        }
        if !selection.project_dir.as_os_str().is_empty() {
            let file = yaml_file(&selection.project_dir, "epycloud");
            stack.file(&file, Role::Settings)?;
        }
        if let Some(folder) = &folder {
            stack.file(&folder.secrets_file(), Role::Secrets)?;
        }
        stack.variables(caller);
        Ok(Self::merge(defaults, stack, environment, profile))
    }

    fn merge(defaults: Layer, stack: Stack, environment: Named, profile: Option<Named>) -> Self {
        let profile_name = profile.as_ref().map(|profile| profile.name.as_str());
        // Older names stand below every current one: the original's code knows the latter alone.
        let mut layers = vec![defaults];
        layers.extend(stack.older);
        layers.extend(stack.layers);
        for layer in &mut layers {
            layer.fill_in(environment.name.as_str(), profile_name);
        }
        let resolved = resolve(&layers);
        let mut reader = Reader::new(&resolved, &layers[0]);
        let values = reader.read();
        let mut faults = stack.faults;
        faults.extend(reader.errors);
        Self {
            values,
            faults,
            resolved,
            warnings: stack.warnings,
            files: stack.files,
            environment,
            profile,
            metadata: stack.metadata,
        }
    }

    /// What is wrong with single values, with file, line, key and value.
    #[must_use]
    pub fn faults(&self) -> &[SettingError] {
        &self.faults
    }

    /// What is probably not meant: unknown keys with the nearest, older names, secrets that others
    /// can read.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The files that were read, lowest layer first.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The environment.
    #[must_use]
    pub fn environment(&self) -> &LayerName {
        &self.environment.name
    }

    /// Who named the environment.
    #[must_use]
    pub fn environment_source(&self) -> &Source {
        &self.environment.origin
    }

    /// The profile, if any.
    #[must_use]
    pub fn profile(&self) -> Option<&LayerName> {
        self.profile.as_ref().map(|profile| &profile.name)
    }

    /// Who named the profile.
    #[must_use]
    pub fn profile_source(&self) -> Option<&Source> {
        self.profile.as_ref().map(|profile| &profile.origin)
    }

    /// What the profile says of itself.
    #[must_use]
    pub fn profile_metadata(&self) -> &ProfileMetadata {
        &self.metadata
    }

    /// Where a key's value is from; `None` for a key that has none.
    #[must_use]
    pub fn source_of(&self, key: &str) -> Option<&Source> {
        self.resolved.get(key).map(|resolved| &resolved.source)
    }

    /// A key's text, templates filled in; `None` where it has none. A secret is never given.
    #[must_use]
    pub fn text_of(&self, key: &str) -> Option<&str> {
        let is_secret = Key::find(key).is_none_or(Key::is_secret);
        let text = self.resolved.get(key)?.text.as_deref()?;
        (!is_secret).then_some(text)
    }

    /// The keys that have a value as YAML, secrets masked; `remark` says what stands behind one.
    pub fn to_yaml(&self, remark: impl Fn(&Source) -> Option<String>) -> String {
        let lines: Vec<Line<'_>> = keys()
            .iter()
            .filter_map(|key| {
                let entry = self.resolved.get(key.name)?;
                Some(Line {
                    key,
                    text: entry.text.as_deref(),
                    remark: remark(&entry.source),
                })
            })
            .collect();
        document(&lines)
    }

    /// Whether a key has a value that isn't empty, secret or not.
    #[must_use]
    pub fn is_set(&self, key: &str) -> bool {
        let text = self
            .resolved
            .get(key)
            .and_then(|found| found.text.as_deref());
        text.is_some_and(|text| !text.is_empty())
    }

    /// Whether a key has a template's placeholder in the place of a value.
    #[must_use]
    pub fn is_placeholder(&self, key: &str) -> bool {
        let text = self
            .resolved
            .get(key)
            .and_then(|found| found.text.as_deref());
        text.is_some_and(|text| is_placeholder(key, text))
    }
}

/// `--config`, which must be there, or `config.yaml`, which need not.
fn base(
    stack: &mut Stack,
    folder: Option<&ConfigFolder>,
    selection: &Selection,
) -> Result<(), UserConfigError> {
    if let Some(file) = &selection.config_file {
        if stack.file(file, Role::Settings)? {
            return Ok(());
        }
        return Err(UserConfigError::NoFile {
            file: file.clone(),
            origin: Source::Flag("--config".to_owned()),
        });
    }
    if let Some(folder) = folder {
        stack.file(&folder.config_file(), Role::Settings)?;
    }
    Ok(())
}

/// The built-in defaults as a layer.
pub(crate) fn defaults() -> Result<Layer, UserConfigError> {
    let path = Path::new("built-in defaults");
    let mut layer = ConfigFile::parse(path, DEFAULTS.as_bytes().to_vec(), Role::Defaults)?.layer;
    for entry in layer.entries.values_mut() {
        entry.source = Source::Default;
    }
    Ok(layer)
}

/// Merges the layers, lowest first, and tells of each key's value which layer it is from.
fn resolve(layers: &[Layer]) -> BTreeMap<&'static str, Entry> {
    let figment = layers
        .iter()
        .cloned()
        .fold(Figment::new(), |merged, layer| merged.merge(layer));
    let merged = figment
        .data()
        .ok()
        .and_then(|mut data| data.remove(&Profile::Default))
        .unwrap_or_default();
    keys()
        .iter()
        .filter_map(|key| {
            let value = find(&merged, key.name)?;
            let layer = figment.get_metadata(value.tag())?;
            let Entry { source, .. } = layers
                .iter()
                .find(|known| known.name == layer.name)?
                .entries
                .get(key.name)?;
            let text = value.as_str().map(str::to_owned);
            let source = source.clone();
            Some((key.name, Entry { text, source }))
        })
        .collect()
}

fn find<'a>(dict: &'a Dict, path: &str) -> Option<&'a Value> {
    match path.split_once('.') {
        None => dict.get(path),
        Some((section, rest)) => find(dict.get(section)?.as_dict()?, rest),
    }
}
