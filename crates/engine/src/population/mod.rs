//! Who lives where and who meets whom: population data in epydemix-data's layout.
//!
//! ```text
//! {folder}/locations.csv                             location, primary_contact_source, …
//! {folder}/data/{location}/demographic/age_distribution.csv          group_name, value
//! {folder}/data/{location}/contact_matrices/{source}/contacts_matrix_{layer}.csv
//! ```
//!
//! Sizes and contact matrices are aggregated to an experiment's age groups as epydemix 1.5 does it
//! (`population/population.py`), in the same order of operations, so that every number is the same
//! to the last bit.

mod age_groups;
mod contacts;
mod demography;
mod error;
mod folder;
mod source;

use epycloud_config::SuiteBehaviour;

pub(crate) use age_groups::{AgeGroup, OLDEST_AGE};
pub use error::PopulationError;
pub(crate) use folder::{Place, PopulationFolder};

/// The contact layers, in the order in which epydemix loads and sums them.
pub const LAYERS: [&str; 4] = ["school", "work", "home", "community"];

/// A location's people and their contacts in the age groups of an experiment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Population {
    /// Where it is.
    pub(crate) place: Place,
    /// The age groups, in index order (G of them).
    pub(crate) groups: Vec<AgeGroup>,
    /// People in each group: `[G]`.
    pub(crate) sizes: Vec<f64>,
    /// People of each single age from 0, the last being 84 and older: `[85]`.
    pub(crate) single_ages: Vec<f64>,
    /// Contacts a day in each layer of [`LAYERS`]: `[G, G]`, row-major, row `i` being the contacts
    /// of one person of group `i`.
    pub(crate) contacts: [Vec<f64>; LAYERS.len()],
}

impl Population {
    /// Loads a location's people and contacts.
    ///
    /// `contacts_of` is another location whose contact matrices are used instead of its own; they
    /// are aggregated with that location's demography.
    ///
    /// # Errors
    /// When a file is missing or has something in it that no population has.
    pub(crate) fn load(
        folder: &PopulationFolder,
        place: Place,
        contacts_of: Option<&Place>,
        groups: &[AgeGroup],
        behaviour: SuiteBehaviour,
    ) -> Result<Self, PopulationError> {
        let demography = demography::read(folder, &place, behaviour)?;
        let sizes = demography.group_sizes(groups)?;
        let contacts = match contacts_of {
            None => contacts::load(folder, &place, &demography, groups, behaviour)?,
            Some(other) => {
                let demography = demography::read(folder, other, behaviour)?;
                contacts::load(folder, other, &demography, groups, behaviour)?
            }
        };
        Ok(Self {
            place,
            groups: groups.to_vec(),
            sizes,
            single_ages: demography.ages,
            contacts,
        })
    }

    /// Number of age groups.
    pub(crate) fn n_groups(&self) -> usize {
        self.groups.len()
    }
}
