//! Approximate Bayesian computation: rejection, the top fraction, and sequential Monte Carlo, with
//! the semantics of epydemix 1.5's `ABCSampler`.
//!
//! A [`Sampler`] proposes parameters, has a [`Simulator`] compare them with the observations, and
//! keeps those near enough. Every proposal has a stream of its own, derived from the seed, the
//! generation and the proposal's number, and proposals are accepted in the order of their numbers;
//! so results depend neither on the number of threads nor on interruptions.

mod perturbation;
mod round;
mod sampler;
mod simulator;
mod state;
mod strategy;
mod streams;
mod top_fraction;
mod weighted;
mod workers;

pub use sampler::{End, Progress, Sampler};
pub use simulator::{Simulated, Simulator};
pub use state::{Counts, Generation, Particle, SearchError, State};
pub use strategy::{Rejection, Smc, Strategy, TopFraction};
pub use streams::{projection_stream, simulation_stream};
pub use weighted::{WeightedChoice, effective_sample_size};
pub(super) use workers::in_order;
