//! What all simulations that begin on the same day share.

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
