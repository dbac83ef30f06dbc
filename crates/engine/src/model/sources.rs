//! Where the data of an experiment is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use epycloud_config::SuiteBehaviour;

use super::closures::CALENDARS;
use crate::population::PopulationFolder;

/// Where building looks for data, and which version of the suite it agrees with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSources {
    /// The forecast repository: what an experiment's paths are relative to.
    pub repository: PathBuf,
    /// Population data in epydemix-data's layout (`EPYCLOUD_POPULATION_DATA`). Without it, the
    /// repository's `epydemix-data` and `data/epydemix-data` are looked in.
    pub population_data: Option<PathBuf>,
    /// Folder of the suite's data tables (`EPYCLOUD_DATA_TABLES`). Without it, the repository's
    /// `data-tables` and `data` are looked in.
    pub data_tables: Option<PathBuf>,
    /// Which version of `epymodelingsuite` the tasks agree with, where versions differ:
    ///
    /// | | newest | 0.1.0 |
    /// |---|---|---|
    /// | school closures | applied | dropped |
    /// | a day's doses, when steps are shorter than a day | given at the same rate by all the day's steps | given by the step that falls on midnight |
    /// | doses of a last age group that holds several of the coverage table's | of all of them | of the oldest only |
    /// | coverage outside 0 to 100 % | an error | taken as it is |
    /// | a preprocessed schedule | held from its days to the steps | one row a step |
    /// | `population.contact_matrix` | used | ignored |
    /// | a compartment's name in a calculated parameter | its share of everybody at the start | no such parameter |
    /// | decimal numbers in tables | rounded correctly (pandas 3) | as pandas 2 reads them, off by a unit in the last place here and there |
    pub suite_behaviour: SuiteBehaviour,
}

impl DataSources {
    /// The sources of a repository with nothing configured.
    #[must_use]
    pub fn of_repository(repository: impl Into<PathBuf>) -> Self {
        Self {
            repository: repository.into(),
            population_data: None,
            data_tables: None,
            suite_behaviour: SuiteBehaviour::Latest,
        }
    }

    /// The files outside of the experiment that tasks of these populations may be built from, as
    /// many of them as are there, in order: population data and the calendars of schools.
    #[must_use]
    pub fn files(&self, populations: &BTreeSet<String>) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = self.table(CALENDARS).into_iter().collect();
        if let Ok(folder) = PopulationFolder::open(&self.population_folders()) {
            files.push(folder.list());
            for place in populations.iter().filter_map(|name| folder.of(name)) {
                files_below(&place, &mut files);
            }
        }
        files.sort();
        files.dedup();
        files
    }

    /// The folders that may have population data.
    pub(crate) fn population_folders(&self) -> Vec<PathBuf> {
        self.population_data.clone().map_or_else(
            || {
                ["epydemix-data", "data/epydemix-data"]
                    .map(|folder| self.repository.join(folder))
                    .to_vec()
            },
            |folder| vec![folder],
        )
    }

    /// The folders that may have the suite's data tables.
    pub(crate) fn table_folders(&self) -> Vec<PathBuf> {
        self.data_tables.clone().map_or_else(
            || {
                ["data-tables", "data"]
                    .map(|folder| self.repository.join(folder))
                    .to_vec()
            },
            |folder| vec![folder],
        )
    }

    /// A data table, in the first folder that has it.
    pub(crate) fn table(&self, name: &str) -> Option<PathBuf> {
        self.table_folders()
            .into_iter()
            .map(|folder| folder.join(name))
            .find(|path| path.is_file())
    }
}

/// Adds the files below a folder; one that can't be read has none.
fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            files_below(&path, files);
        } else {
            files.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_population_are_its_own_and_the_list() {
        let quickstart = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/quickstart");
        let sources = DataSources::of_repository(&quickstart);
        let names = |populations: &[&str]| -> Vec<String> {
            let populations = populations.iter().map(|&name| name.to_owned()).collect();
            let files = sources.files(&populations);
            let below = quickstart.join("epydemix-data");
            let names = files.iter().map(|file| file.strip_prefix(&below).unwrap());
            names.map(|name| name.display().to_string()).collect()
        };
        assert_eq!(names(&["Nowhere"]), ["locations.csv"]);
        let found = names(&["Harbour_Island"]);
        assert!(
            found.contains(&"data/Harbour_Island/demographic/age_distribution.csv".to_owned()),
            "{found:?}"
        );
        assert!(
            found.iter().all(|name| !name.contains("Meadow")),
            "{found:?}"
        );
    }
}
