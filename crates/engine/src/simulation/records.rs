//! Resampled trajectories.

use std::ops::ControlFlow;

use epycloud_kernel::{Plan, Sink};

use super::resample::Grid;

/// The resampled trajectories of all simulations, filled step by step.
pub(crate) struct Records<'a> {
    grid: &'a Grid,
    /// Counts of a row: compartments times groups.
    n_people: usize,
    /// Counts of a row: transitions times groups.
    n_moves: usize,
    n_done: usize,
    /// `[n_sims, D, C, G]`.
    people: Vec<i64>,
    /// `[n_sims, D, K, G]`.
    moves: Vec<i64>,
}

impl<'a> Records<'a> {
    pub(crate) fn new(plan: &Plan, grid: &'a Grid, n_sims: u32) -> Self {
        let n_people = plan.n_compartments() * plan.n_groups();
        let n_moves = plan.transition_pairs().len() * plan.n_groups();
        let n_rows = n_sims as usize * grid.n_rows();
        Self {
            grid,
            n_people,
            n_moves,
            n_done: 0,
            people: vec![0; n_rows * n_people],
            moves: vec![0; n_rows * n_moves],
        }
    }

    /// Carries the people of the last row with steps into rows without any.
    pub(crate) fn finish_simulation(&mut self) {
        let simulation = self.n_done * self.grid.n_rows();
        for row in self.grid.empty_rows().filter(|&row| row > 0) {
            let start = (simulation + row - 1) * self.n_people;
            self.people
                .copy_within(start..start + self.n_people, start + self.n_people);
        }
        self.n_done += 1;
    }

    /// All counts: of people `[n_sims, D, C, G]`, and of moves `[n_sims, D, K, G]`.
    pub(crate) fn into_counts(self) -> (Vec<i64>, Vec<i64>) {
        (self.people, self.moves)
    }
}

impl Sink for Records<'_> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the kernel's counts are whole numbers"
    )]
    fn step(&mut self, t: usize, compartments: &[f64], transitions: &[f64]) -> ControlFlow<()> {
        let row = self.n_done * self.grid.n_rows() + self.grid.row(t);
        let people = &mut self.people[row * self.n_people..][..self.n_people];
        for (count, &people) in people.iter_mut().zip(compartments) {
            *count = people as i64;
        }
        let moves = &mut self.moves[row * self.n_moves..][..self.n_moves];
        for (count, &moved) in moves.iter_mut().zip(transitions) {
            *count += moved as i64;
        }
        ControlFlow::Continue(())
    }
}
