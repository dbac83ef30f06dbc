//! What all simulations that begin on the same day share.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::model::{Assembler, ModelError, Timeline};
use crate::simulation::{Frequency, Grid};

/// Time, contacts, doses, and the rows of resampled trajectories.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    pub(super) timeline: Timeline,
    pub(super) grid: Grid,
}

impl Setting {
    /// The setting of simulations between two days counted from 1970-01-01.
    pub(super) fn new(
        assembler: &Assembler<'_>,
        frequency: Option<Frequency>,
        first_day: i64,
        last_day: i64,
    ) -> Result<Self, ModelError> {
        let timeline = assembler.timeline(first_day, last_day)?;
        let instants: Vec<i64> = timeline.steps.instants().collect();
        let grid = match frequency {
            None => Grid::every_step(instants),
            Some(frequency) => Grid::resampled(&instants, frequency),
        };
        Ok(Self { timeline, grid })
    }

    /// For each row the observation of its day, if there is one; both rise.
    pub(super) fn observation_of_row(&self, observed: &[i64]) -> Vec<Option<usize>> {
        self.grid
            .labels()
            .iter()
            .map(|label| observed.binary_search(label).ok())
            .collect()
    }
}

/// Settings by their first day, each made once.
#[derive(Debug)]
pub(super) struct Settings<T>(BTreeMap<i64, T>);

impl<T> Default for Settings<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Settings<T> {
    /// What belongs to a first day, made if it isn't there.
    pub(super) fn of(
        &mut self,
        first_day: i64,
        make: impl FnOnce() -> Result<T, ModelError>,
    ) -> Result<&T, ModelError> {
        Ok(match self.0.entry(first_day) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(make()?),
        })
    }
}
