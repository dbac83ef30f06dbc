//! What a calibration simulates.

use epycloud_kernel::random::Pcg64;

/// Simulates with given parameters and compares the outcome with the observations.
pub trait Simulator: Sync {
    /// Memory that a thread reuses from simulation to simulation.
    type Scratch;

    /// Memory for a thread.
    fn scratch(&self) -> Self::Scratch;

    /// Simulates with `parameters`, in the order of the sampler's priors, drawing from `rng` only.
    ///
    /// A simulation whose distance is certainly greater than `epsilon` may be given up at any time;
    /// that must depend on nothing but the parameters, the stream and `epsilon`.
    fn simulate(
        &self,
        parameters: &[f64],
        rng: &mut Pcg64,
        epsilon: f64,
        scratch: &mut Self::Scratch,
    ) -> Simulated;
}

/// The outcome of a simulation.
#[derive(Debug, Clone, PartialEq)]
pub enum Simulated {
    /// It went to its end.
    Finished {
        /// Its distance from the observations.
        distance: f64,
        /// The simulated data, one value an observation.
        data: Vec<f64>,
        /// Whether the simulation failed, so that the data are zeros in place of an outcome.
        failed: bool,
    },
    /// It was given up: the distance is greater than `epsilon`.
    TooFar,
    /// The parameters make no model, so that there is nothing to simulate; why. This ends the
    /// search: the priors are wrong.
    Invalid(String),
}
