//! An experiment as typed values.

use epycloud_config::Fault;

use super::basemodel::BaseModel;
use super::modelset::Modelset;
use super::output::OutputConfig;
use crate::locations;

/// A valid experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// The base model.
    pub base: BaseModel,
    /// The populations to run it in and what to vary, where there is a modelset.
    pub modelset: Option<Modelset>,
    /// What to write; without it nothing is written.
    pub output: Option<OutputConfig>,
    /// What is probably not meant: unknown keys, values without effect.
    pub warnings: Vec<Fault>,
}

impl Experiment {
    /// The population of each task, in task order: its epydemix name where the table of
    /// [`locations`] has it, otherwise the name as written (a population of the user's own).
    #[must_use]
    pub fn populations(&self) -> Vec<String> {
        let names: &[String] = match &self.modelset {
            Some(modelset) => &modelset.population_names,
            None => self.base.population.name.as_slice(),
        };
        names
            .iter()
            .map(|name| match locations::find(name) {
                Some(location) => location.epydemix.to_owned(),
                None => name.clone(),
            })
            .collect()
    }
}
