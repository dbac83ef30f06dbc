//! Summing simulated data as they come, and giving up what has no chance.

use std::ops::ControlFlow;

use epycloud_kernel::{Plan, Sink};

use super::distance::Distance;
use super::error::CalibrationError;
use crate::simulation::{Grid, pair_names};

/// The cells of a step's moves, `[K, G]`, whose sum is compared with the observations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compared(Vec<usize>);

impl Compared {
    /// The cells of columns such as `I_to_R_total` and `I_to_R_0-4`.
    pub(super) fn new(
        columns: &[String],
        plan: &Plan,
        compartments: &[String],
        groups: &[String],
    ) -> Result<Self, CalibrationError> {
        let pairs = pair_names(plan.transition_pairs(), compartments);
        let mut cells = Vec::new();
        for column in columns {
            let found = pairs.iter().enumerate().find_map(|(row, pair)| {
                let group = column.strip_prefix(pair.as_str())?.strip_prefix('_')?;
                let first = row * groups.len();
                if group == "total" {
                    return Some(first..first + groups.len());
                }
                let at = groups.iter().position(|known| known == group)?;
                Some(first + at..first + at + 1)
            });
            cells.extend(found.ok_or_else(|| CalibrationError::NoColumn {
                column: column.clone(),
            })?);
        }
        Ok(Self(cells))
    }

    fn sum(&self, moves: &[f64]) -> f64 {
        self.0.iter().map(|&cell| moves[cell]).sum()
    }
}

/// Sums what is compared over the steps of each row, and ends the simulation as soon as its
/// distance is certain to be too great.
pub(super) struct Comparing<'a> {
    compared: &'a Compared,
    grid: &'a Grid,
    observation_of_row: &'a [Option<usize>],
    distance: &'a Distance,
    limit: f64,
    /// The row being summed.
    row: usize,
    sum: f64,
    /// The sum of the distance's terms so far.
    partial: f64,
    /// One value an observation; zeros before the simulation's start.
    data: Vec<f64>,
    has_given_up: bool,
}

impl<'a> Comparing<'a> {
    pub(super) fn new(
        compared: &'a Compared,
        grid: &'a Grid,
        observation_of_row: &'a [Option<usize>],
        distance: &'a Distance,
        epsilon: f64,
    ) -> Self {
        let n = distance.observed().len();
        let first = observation_of_row.iter().flatten().next();
        let before = 0..first.copied().unwrap_or(n);
        Self {
            compared,
            grid,
            observation_of_row,
            distance,
            limit: distance.limit(epsilon),
            row: 0,
            sum: 0.0,
            partial: before.map(|index| distance.term(index, 0.0)).sum(),
            data: vec![0.0; n],
            has_given_up: false,
        }
    }

    /// Whether there is no use in simulating at all.
    pub(super) fn is_hopeless(&self) -> bool {
        self.partial > self.limit
    }

    /// Takes the row that has been summed.
    fn close(&mut self) -> ControlFlow<()> {
        let sum = std::mem::take(&mut self.sum);
        if let Some(index) = self.observation_of_row[self.row] {
            self.data[index] = sum;
            self.partial += self.distance.term(index, sum);
            if self.is_hopeless() {
                self.has_given_up = true;
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    /// The simulated data, or nothing if the simulation was given up.
    pub(super) fn finish(mut self) -> Option<Vec<f64>> {
        let is_open = !self.has_given_up && self.row < self.observation_of_row.len();
        if is_open && self.close().is_break() {
            return None;
        }
        (!self.has_given_up).then_some(self.data)
    }
}

impl Sink for Comparing<'_> {
    fn step(&mut self, t: usize, _people: &[f64], moves: &[f64]) -> ControlFlow<()> {
        let row = self.grid.row(t);
        while self.row < row {
            self.close()?;
            self.row += 1;
        }
        self.sum += self.compared.sum(moves);
        ControlFlow::Continue(())
    }
}
