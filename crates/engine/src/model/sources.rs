//! Where the data of an experiment is.

use std::path::PathBuf;

use epycloud_config::SuiteBehaviour;

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
