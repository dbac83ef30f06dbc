//! The strategies.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::perturbation::Perturbation;
use super::round::{Attempt, Round, Threshold};
use super::simulator::Simulator;
use super::state::{Generation, SearchError, State};
use super::strategy::{Smc, Strategy, TopFraction};
use super::workers::in_order;
use crate::numpy_sum::numpy_sum;
use crate::outputs::quantile_of_sorted;
use crate::priors::Prior;

/// Finds the parameters whose simulations are near the observations.
#[derive(Debug, Clone, Copy)]
pub struct Sampler<'a, S> {
    /// What to simulate.
    pub simulator: &'a S,
    /// One prior a parameter.
    pub priors: &'a [Prior],
    /// How to search.
    pub strategy: &'a Strategy,
    /// Threads to simulate on.
    pub n_threads: NonZeroUsize,
    /// Whether to keep the simulated data of every generation, not of the last one only.
    pub keeps_all_data: bool,
}

/// Why a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It did all it was asked for.
    Complete,
    /// The last generation's threshold was below the least one allowed.
    MinimumEpsilon,
    /// The time was up.
    OutOfTime,
    /// The budget of simulations was spent.
    OutOfSimulations,
    /// No particle of the last generation has any weight, so that nothing can follow it.
    Degenerate,
    /// The observer asked for it; the state resumes where it stands.
    Interrupted,
}

/// How far a search is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// The generation being filled or just finished, from 0.
    pub generation: u32,
    /// Generations to make at most.
    pub num_generations: u32,
    /// Its threshold.
    pub epsilon: f64,
    /// Particles found for it.
    pub found: u32,
    /// Particles wanted; for [`TopFraction`], simulations.
    pub wanted: u32,
    /// Simulations of all generations so far.
    pub n_simulations: u64,
    /// Whether the generation is finished and the state's newest.
    pub is_finished: bool,
}

/// Called after every proposal and every generation.
type Observer<'o> = dyn FnMut(&State, &Progress) -> ControlFlow<()> + 'o;

impl<S: Simulator> Sampler<'_, S> {
    /// Searches from a state on ([`State::new`] to begin with), and leaves the outcome in it.
    ///
    /// The observer is called after every proposal, in their order, and after every generation; the
    /// state it sees can be stored at any time, and a search resumed from it gives the same
    /// particles as one that was never interrupted. What it returns may interrupt the search.
    ///
    /// # Errors
    /// When the state is of another calibration, or a proposal makes no model.
    pub fn run(&self, state: &mut State, observe: &mut Observer<'_>) -> Result<End, SearchError> {
        self.check(state)?;
        let clock = Clock::start(state, self.strategy);
        let end = match self.strategy {
            Strategy::Smc(options) => self.run_smc(options, state, &clock, observe)?,
            Strategy::Rejection(options) => {
                let threshold = Threshold::Below(options.epsilon);
                let end = self.fill(
                    state,
                    &clock,
                    threshold,
                    options.num_particles,
                    None,
                    observe,
                )?;
                self.finish_single(state, end, observe)
            }
            Strategy::TopFraction(options) => {
                self.run_top_fraction(options, state, &clock, observe)?
            }
        };
        clock.stop(state);
        Ok(end)
    }

    fn check(&self, state: &State) -> Result<(), SearchError> {
        let most = self.strategy.num_generations() as usize;
        if state.generations.len() > most {
            let found = state.generations.len();
            return Err(SearchError::Mismatch(format!(
                "it has {found} generations, not at most {most}"
            )));
        }
        let generations = state.generations.iter().chain([&state.current]);
        let particle = generations
            .flat_map(|generation| &generation.particles)
            .find(|particle| particle.parameters.len() != self.priors.len());
        particle.map_or(Ok(()), |particle| {
            let (found, expected) = (particle.parameters.len(), self.priors.len());
            Err(SearchError::Mismatch(format!(
                "its particles have {found} parameters, not {expected}"
            )))
        })
    }

    fn run_smc(
        &self,
        options: &Smc,
        state: &mut State,
        clock: &Clock,
        observe: &mut Observer<'_>,
    ) -> Result<End, SearchError> {
        while state.generations.len() < options.num_generations as usize {
            let (threshold, before) = match state.generations.last() {
                None => (Threshold::AtMost(options.first_epsilon()), None),
                Some(last) => {
                    if let Some(end) = self.ends_after(options, last, state, clock) {
                        return Ok(end);
                    }
                    let Some(before) = Perturbation::new(self.priors, last) else {
                        return Ok(End::Degenerate);
                    };
                    let generation = state.generations.len();
                    (
                        Threshold::Below(options.epsilon(generation, last)),
                        Some(before),
                    )
                }
            };
            let end = self.fill(
                state,
                clock,
                threshold,
                options.num_particles,
                before,
                observe,
            )?;
            if end == End::Interrupted {
                return Ok(end);
            }
            let filled = std::mem::take(&mut state.current);
            if end != End::Complete {
                return Ok(end); // a generation that isn't full is dropped
            }
            self.push(state, filled);
            let progress = self.progress(state, threshold, options.num_particles, true);
            if observe(state, &progress).is_break() {
                return Ok(End::Interrupted);
            }
        }
        Ok(End::Complete)
    }

    /// Whether nothing follows a generation.
    fn ends_after(
        &self,
        options: &Smc,
        last: &Generation,
        state: &State,
        clock: &Clock,
    ) -> Option<End> {
        let is_below = |minimum| last.epsilon.is_some_and(|epsilon| epsilon < minimum);
        if options.minimum_epsilon.is_some_and(is_below) {
            return Some(End::MinimumEpsilon);
        }
        self.out_of_budget(state, clock)
    }

    fn run_top_fraction(
        &self,
        options: &TopFraction,
        state: &mut State,
        clock: &Clock,
        observe: &mut Observer<'_>,
    ) -> Result<End, SearchError> {
        let threshold = Threshold::AtMost(f64::INFINITY);
        let end = self.fill(
            state,
            clock,
            threshold,
            options.n_simulations,
            None,
            observe,
        )?;
        if end == End::Complete && state.generations.is_empty() {
            let distances = std::mem::take(&mut state.distances);
            state.current.epsilon = options.select(&mut state.current.particles, &distances);
        }
        Ok(self.finish_single(state, end, observe))
    }

    /// Ends a strategy that has one generation, which counts however full it is.
    fn finish_single(&self, state: &mut State, end: End, observe: &mut Observer<'_>) -> End {
        if end == End::Interrupted || !state.generations.is_empty() {
            return end;
        }
        let filled = std::mem::take(&mut state.current);
        let found = filled.particles.len() as u32;
        self.push(state, filled);
        let threshold = Threshold::AtMost(f64::INFINITY);
        let progress = self.progress(state, threshold, found, true);
        match observe(state, &progress) {
            ControlFlow::Continue(()) => end,
            ControlFlow::Break(()) => End::Interrupted,
        }
    }

    /// Normalises a generation's weights and makes it the newest.
    fn push(&self, state: &mut State, mut filled: Generation) {
        let total = numpy_sum(&filled.weights());
        if total > 0.0 {
            for particle in &mut filled.particles {
                particle.weight /= total;
            }
        }
        if !self.keeps_all_data
            && let Some(last) = state.generations.last_mut()
        {
            for particle in &mut last.particles {
                particle.data = Vec::new();
            }
        }
        state.generations.push(filled);
    }

    /// Fills the current generation.
    fn fill(
        &self,
        state: &mut State,
        clock: &Clock,
        threshold: Threshold,
        wanted: u32,
        before: Option<Perturbation>,
        observe: &mut Observer<'_>,
    ) -> Result<End, SearchError> {
        if !state.generations.is_empty() && self.strategy.num_generations() == 1 {
            return Ok(End::Complete); // resumed after its end
        }
        let epsilon = threshold.epsilon();
        state.current.epsilon = epsilon.is_finite().then_some(epsilon);
        let first = u32::try_from(state.current.counts.proposals).unwrap_or(u32::MAX);
        if self.found(state) >= wanted {
            return Ok(End::Complete); // resumed after its last proposal
        }
        let round = Round {
            simulator: self.simulator,
            priors: self.priors,
            seed: state.seed,
            generation: state.generations.len() as u32,
            threshold,
            before,
        };
        let take = |_, attempt| {
            if let Some(end) = self.out_of_budget(state, clock) {
                return ControlFlow::Break(Ok(end));
            }
            if let Attempt::Invalid { parameters, reason } = attempt {
                return ControlFlow::Break(Err(SearchError::Invalid { parameters, reason }));
            }
            self.take(state, attempt);
            clock.note(state);
            let progress = self.progress(state, threshold, wanted, false);
            if observe(state, &progress).is_break() {
                ControlFlow::Break(Ok(End::Interrupted))
            } else if progress.found >= wanted {
                ControlFlow::Break(Ok(End::Complete))
            } else {
                ControlFlow::Continue(())
            }
        };
        let scratch = || self.simulator.scratch();
        let evaluate = |proposal, scratch: &mut S::Scratch| round.evaluate(proposal, scratch);
        in_order(self.n_threads, first, scratch, evaluate, take)
            .unwrap_or(Ok(End::OutOfSimulations))
    }

    fn take(&self, state: &mut State, attempt: Attempt) {
        attempt.count(&mut state.current.counts);
        let Attempt::Accepted { particle, .. } = attempt else {
            return;
        };
        let particles = &mut state.current.particles;
        if let Strategy::TopFraction(options) = self.strategy {
            state.distances.push(particle.distance);
            particles.push(particle);
            options.prune(particles);
        } else {
            particles.push(particle);
        }
    }

    /// Particles found for the current generation, or simulations made for it.
    fn found(&self, state: &State) -> u32 {
        let found = match self.strategy {
            Strategy::TopFraction(_) => state.distances.len(),
            Strategy::Smc(_) | Strategy::Rejection(_) => state.current.particles.len(),
        };
        found as u32
    }

    fn progress(
        &self,
        state: &State,
        threshold: Threshold,
        wanted: u32,
        is_finished: bool,
    ) -> Progress {
        Progress {
            generation: state.generations.len() as u32 - u32::from(is_finished),
            num_generations: self.strategy.num_generations(),
            epsilon: threshold.epsilon(),
            found: if is_finished {
                wanted
            } else {
                self.found(state)
            },
            wanted,
            n_simulations: state.n_simulations(),
            is_finished,
        }
    }

    fn out_of_budget(&self, state: &State, clock: &Clock) -> Option<End> {
        if self
            .strategy
            .max_seconds()
            .is_some_and(|most| clock.seconds() > most)
        {
            return Some(End::OutOfTime);
        }
        if self
            .strategy
            .budget()
            .is_some_and(|budget| state.n_simulations() > budget)
        {
            return Some(End::OutOfSimulations);
        }
        None
    }
}

impl Smc {
    fn first_epsilon(&self) -> f64 {
        let schedule = self.epsilon_schedule.as_deref().unwrap_or_default();
        schedule.first().copied().unwrap_or(f64::INFINITY)
    }

    /// The threshold of a generation after the first.
    fn epsilon(&self, generation: usize, last: &Generation) -> f64 {
        let scheduled = self
            .epsilon_schedule
            .as_ref()
            .and_then(|schedule| schedule.get(generation));
        scheduled.copied().unwrap_or_else(|| {
            let mut distances = last.distances();
            distances.sort_unstable_by(f64::total_cmp);
            quantile_of_sorted(&distances, self.epsilon_quantile_level).unwrap_or(f64::INFINITY)
        })
    }
}

/// The time taken, over interruptions, where it matters: a state without it stays the same whatever
/// the machine.
struct Clock {
    started: Instant,
    before: f64,
    is_limited: bool,
}

impl Clock {
    fn start(state: &State, strategy: &Strategy) -> Self {
        let is_limited = strategy.max_seconds().is_some();
        Self {
            started: Instant::now(),
            before: state.seconds.unwrap_or(0.0),
            is_limited,
        }
    }

    fn seconds(&self) -> f64 {
        self.before + self.started.elapsed().as_secs_f64()
    }

    fn note(&self, state: &mut State) {
        if self.is_limited {
            state.seconds = Some(self.seconds());
        }
    }

    fn stop(&self, state: &mut State) {
        self.note(state);
    }
}
