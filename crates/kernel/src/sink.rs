//! Where a simulation's numbers go.

use std::ops::ControlFlow;

/// Receives every step of a simulation.
pub trait Sink {
    /// Takes step `t`, counted from 0.
    ///
    /// `compartments` holds the people after the step, row-major `[C, G]`; `transitions` those
    /// that moved during it, row-major `[K, G]` in the order of
    /// [`Plan::transition_pairs`](crate::Plan::transition_pairs). All are whole numbers.
    ///
    /// A sink that breaks has seen enough: the simulation ends there, and nothing of its other steps
    /// is drawn.
    fn step(&mut self, t: usize, compartments: &[f64], transitions: &[f64]) -> ControlFlow<()>;

    /// Takes the probabilities of a draw before it is made, for those who check them: `p[i]` is
    /// that of moving to, or staying in, compartment `compartments[i]`; all others have none.
    ///
    /// Does nothing unless it is overridden.
    fn probabilities(&mut self, t: usize, group: usize, compartments: &[usize], p: &[f64]) {
        let _ = (t, group, compartments, p);
    }
}

/// Drops everything, for a run of which only the stream matters.
impl Sink for () {
    fn step(&mut self, _t: usize, _compartments: &[f64], _transitions: &[f64]) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Keeps everything.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trajectory {
    /// People after each step, row-major `[T, C, G]`.
    pub compartments: Vec<f64>,
    /// People that moved during each step, row-major `[T, K, G]`.
    pub transitions: Vec<f64>,
}

impl Trajectory {
    /// Empties both arrays and keeps their memory for the next run.
    pub fn clear(&mut self) {
        self.compartments.clear();
        self.transitions.clear();
    }
}

impl Sink for Trajectory {
    fn step(&mut self, _t: usize, compartments: &[f64], transitions: &[f64]) -> ControlFlow<()> {
        self.compartments.extend_from_slice(compartments);
        self.transitions.extend_from_slice(transitions);
        ControlFlow::Continue(())
    }
}
