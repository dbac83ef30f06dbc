//! Who lives in a model and who meets whom, as plain numbers.

use crate::population::LAYERS;

/// A population in the age groups of an experiment, without where it is from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Community {
    /// epydemix name of the population.
    pub(crate) name: String,
    /// Names of the age groups, in index order (G of them).
    pub(crate) groups: Vec<String>,
    /// People in each group: `[G]`.
    pub(crate) sizes: Vec<f64>,
    /// Contacts a day in each layer of [`LAYERS`]: `[G, G]`, row-major.
    pub(crate) contacts: [Vec<f64>; LAYERS.len()],
}

impl Community {
    /// Number of age groups.
    pub(crate) fn n_groups(&self) -> usize {
        self.groups.len()
    }
}
