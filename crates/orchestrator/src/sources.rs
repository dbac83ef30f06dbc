//! What an experiment is made of: its files, and the data that they name.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use epycloud_config::yaml::{Node, Value};
use epycloud_config::{EngineName, ExperimentFiles, SuiteBehaviour, discover};
use epycloud_stages::{Sha256, StageError, StageRun};
use serde::{Deserialize, Serialize};

/// What the tasks of an experiment are built from. Two that are equal give the same tasks, if the
/// experiment has a seed and its population data, which counts by its folder's name only, is the
/// same: [`DataFiles`](crate::DataFiles) says whether it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    /// The engine that builds.
    pub engine: EngineName,
    /// Hash of the model configuration, as the manifest has it.
    pub config_sha256: Sha256,
    /// The files of the model configuration.
    pub config: BTreeMap<String, Sha256>,
    /// The repository's files that the configuration names, by their paths there.
    pub data: BTreeMap<String, Sha256>,
    /// Folder of population data, where one was named.
    pub population_data: Option<PathBuf>,
    /// Folder of the suite's tables, where one was named.
    pub data_tables: Option<PathBuf>,
    /// Which version of the suite is agreed with.
    pub suite_behaviour: SuiteBehaviour,
    /// Hash of the output configuration.
    pub output_config_sha256: Option<Sha256>,
}

impl Sources {
    /// Reads what the experiment is made of now.
    ///
    /// # Errors
    /// When the experiment can't be found or read.
    pub fn read(run: &StageRun) -> Result<Self, StageError> {
        let settings = &run.settings;
        let experiment = discover(
            &settings.sources.repository,
            &settings.exp_id,
            settings.output_config_file.as_ref(),
        )
        .map_err(|source| StageError::Discovery {
            source: Box::new(source),
        })?;
        let output = experiment.output.as_ref();
        Ok(Self {
            engine: run.engine.name(),
            config_sha256: Sha256::of_files(files(&experiment)),
            config: files(&experiment)
                .map(|(name, bytes)| (name.to_owned(), Sha256::of(bytes)))
                .collect(),
            data: data(&experiment, &settings.sources.repository),
            population_data: settings.sources.population_data.clone(),
            data_tables: settings.sources.data_tables.clone(),
            suite_behaviour: settings.sources.suite_behaviour,
            output_config_sha256: output.map(|document| Sha256::of(&document.bytes)),
        })
    }

    /// What differs from `earlier` in what the tasks are built from, in words; `None` if nothing
    /// does.
    #[must_use]
    pub fn difference(&self, earlier: &Self) -> Option<String> {
        let mut differences = Vec::new();
        let mut differs = |what: &str, differs: bool| {
            if differs {
                differences.push(what.to_owned());
            }
        };
        differs("the engine", self.engine != earlier.engine);
        differs(
            "the folder of population data",
            self.population_data != earlier.population_data,
        );
        differs(
            "the folder of data tables",
            self.data_tables != earlier.data_tables,
        );
        differs(
            "the suite's behaviour",
            self.suite_behaviour != earlier.suite_behaviour,
        );
        for (now, then) in [(&self.config, &earlier.config), (&self.data, &earlier.data)] {
            let names: std::collections::BTreeSet<&String> =
                now.keys().chain(then.keys()).collect();
            for name in names {
                differs(&format!("`{name}`"), now.get(name) != then.get(name));
            }
        }
        have_changed(&differences)
    }
}

/// That what is named has changed, if anything is.
pub(crate) fn have_changed(named: &[String]) -> Option<String> {
    match named {
        [] => None,
        [one] => Some(format!("{one} has changed")),
        several => Some(format!("{} have changed", several.join(", "))),
    }
}

/// The model configuration by name, with its bytes.
fn files(experiment: &ExperimentFiles) -> impl Iterator<Item = (&str, &[u8])> {
    experiment.model_configs().map(|document| {
        let name = document.file.file_name().and_then(|name| name.to_str());
        (name.unwrap_or_default(), document.bytes.as_slice())
    })
}

/// The files of the repository that any text of the model configuration names.
fn data(experiment: &ExperimentFiles, repository: &Path) -> BTreeMap<String, Sha256> {
    let mut found = BTreeMap::new();
    for document in experiment.model_configs() {
        name_files(&document.root, repository, &mut found);
    }
    found
}

fn name_files(node: &Node, repository: &Path, found: &mut BTreeMap<String, Sha256>) {
    match &node.value {
        Value::Mapping(entries) => {
            for (_, value) in entries {
                name_files(value, repository, found);
            }
        }
        Value::Sequence(items) => {
            for item in items {
                name_files(item, repository, found);
            }
        }
        _ => {
            if let Some(text) = node.as_str().filter(|text| is_relative(text)) {
                let file = repository.join(text);
                if file.is_file()
                    && let Ok(bytes) = std::fs::read(&file)
                {
                    found.insert(text.to_owned(), Sha256::of(&bytes));
                }
            }
        }
    }
}

/// Whether a text may be the path of a file inside of the repository.
fn is_relative(text: &str) -> bool {
    !text.is_empty()
        && Path::new(text)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Sources {
        Sources {
            engine: EngineName::Native,
            config_sha256: Sha256::of(b"a"),
            config: BTreeMap::from([("model.yaml".to_owned(), Sha256::of(b"a"))]),
            data: BTreeMap::new(),
            population_data: None,
            data_tables: None,
            suite_behaviour: SuiteBehaviour::Latest,
            output_config_sha256: None,
        }
    }

    #[test]
    fn what_differs_is_named() {
        let earlier = sources();
        assert_eq!(sources().difference(&earlier), None);
        let mut now = sources();
        now.data
            .insert("data/vaccination.csv".into(), Sha256::of(b"x"));
        assert_eq!(
            now.difference(&earlier).unwrap(),
            "`data/vaccination.csv` has changed"
        );
        now.suite_behaviour = SuiteBehaviour::V0_1_0;
        assert_eq!(
            now.difference(&earlier).unwrap(),
            "the suite's behaviour, `data/vaccination.csv` have changed"
        );
        let outputs_only = Sources {
            output_config_sha256: Some(Sha256::of(b"o")),
            ..sources()
        };
        assert_eq!(outputs_only.difference(&earlier), None);
    }

    #[test]
    fn only_paths_inside_the_repository_are_looked_at() {
        assert!(is_relative("data/a.csv"));
        for text in ["", "/etc/passwd", "../secrets", "a/../../b"] {
            assert!(!is_relative(text), "{text}");
        }
    }
}
