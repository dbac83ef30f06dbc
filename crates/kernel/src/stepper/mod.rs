//! One simulation, step by step, as epydemix's `stochastic_simulation` runs it.

mod contacts;
mod rates;

use crate::error::SimulationError;
use crate::inputs::Inputs;
use crate::math::expm1;
use crate::plan::{Category, Plan, Source};
use crate::random::{Pcg64, binomial, check_probabilities};
use crate::sink::Sink;

/// Working memory of [`run`], reused from run to run.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// People at the start of the step, `[C, G]`.
    people: Vec<f64>,
    /// People at its end.
    next: Vec<f64>,
    /// People that moved, `[K, G]`.
    moved: Vec<f64>,
    /// Contacts with each mediator, `[mediators, G]`.
    interactions: Vec<f64>,
    /// One row of a contact matrix.
    products: Vec<f64>,
    /// Rates to a source's destinations, `[destinations, G]`.
    rates: Vec<f64>,
    /// One transition's rates, `[G]`.
    term: Vec<f64>,
    /// Probabilities of one draw.
    probabilities: Vec<f64>,
}

impl Scratch {
    fn prepare(&mut self, plan: &Plan, inputs: &Inputs<'_>) {
        let groups = plan.n_groups;
        self.people.clear();
        self.people
            .extend(inputs.initial.iter().map(|&people| people as f64));
        resize(&mut self.next, self.people.len());
        resize(&mut self.moved, plan.transition_pairs().len() * groups);
        resize(&mut self.interactions, plan.mediators.len() * groups);
        resize(&mut self.products, groups);
        resize(&mut self.term, groups);
    }
}

fn resize(values: &mut Vec<f64>, length: usize) {
    values.clear();
    values.resize(length, 0.0);
}

/// Runs one simulation and hands every step to the sink.
///
/// Reads and advances `rng`; afterwards, also after an error, it stands where numpy's stream would.
///
/// # Errors
/// When the inputs don't fit the plan (nothing has been drawn then), or the rates of a step give
/// no probabilities.
pub fn run(
    plan: &Plan,
    inputs: &Inputs<'_>,
    rng: &mut Pcg64,
    scratch: &mut Scratch,
    sink: &mut impl Sink,
) -> Result<(), SimulationError> {
    inputs.check(plan)?;
    scratch.prepare(plan, inputs);
    for t in 0..inputs.n_steps {
        step(plan, inputs, t, rng, scratch)?;
        sink.step(t, &scratch.next, &scratch.moved);
        std::mem::swap(&mut scratch.people, &mut scratch.next);
    }
    Ok(())
}

fn step(
    plan: &Plan,
    inputs: &Inputs<'_>,
    t: usize,
    rng: &mut Pcg64,
    scratch: &mut Scratch,
) -> Result<(), SimulationError> {
    let groups = plan.n_groups;
    scratch.next.copy_from_slice(&scratch.people);
    scratch.moved.fill(0.0);
    rates::update_interactions(plan, inputs, t, scratch);
    for source in &plan.sources {
        let row = source.compartment * groups;
        if scratch.people[row..row + groups]
            .iter()
            .all(|&people| people == 0.0)
        {
            continue;
        }
        rates::update_rates(source, inputs, t, scratch);
        for group in 0..groups {
            let people = scratch.people[row + group];
            if people > 0.0 {
                let drawn = draw(source, inputs, group, people as i64, rng, scratch, groups);
                drawn.map_err(|cause| SimulationError::Probabilities {
                    step: t,
                    source_compartment: source.compartment,
                    group,
                    cause,
                })?;
            }
        }
    }
    Ok(())
}

fn draw(
    source: &Source,
    inputs: &Inputs<'_>,
    group: usize,
    people: i64,
    rng: &mut Pcg64,
    scratch: &mut Scratch,
    groups: usize,
) -> Result<(), crate::random::InvalidProbabilities> {
    probabilities(source, inputs, group, scratch, groups);
    check_probabilities(&scratch.probabilities)?;
    let mut left = people;
    let mut remaining = 1.0;
    for (category, &p) in source.drawn.iter().zip(&scratch.probabilities) {
        let count = binomial(rng, left, p / remaining);
        move_people(
            source,
            category,
            group,
            count,
            &mut scratch.next,
            &mut scratch.moved,
            groups,
        );
        left -= count;
        if left <= 0 {
            return Ok(());
        }
        remaining -= p;
    }
    move_people(
        source,
        &source.remainder,
        group,
        left,
        &mut scratch.next,
        &mut scratch.moved,
        groups,
    );
    Ok(())
}

fn move_people(
    source: &Source,
    category: &Category,
    group: usize,
    count: i64,
    next: &mut [f64],
    moved: &mut [f64],
    groups: usize,
) {
    let count = count as f64;
    if category.compartment != source.compartment {
        next[source.compartment * groups + group] -= count;
        next[category.compartment * groups + group] += count;
    }
    if let Some(row) = category.row {
        moved[row * groups + group] = count;
    }
}

/// Probabilities of the drawn categories and of the remainder.
fn probabilities(
    source: &Source,
    inputs: &Inputs<'_>,
    group: usize,
    scratch: &mut Scratch,
    groups: usize,
) {
    let rate = |destination: usize| scratch.rates[destination * groups + group];
    let mut hazard = 0.0;
    for destination in 0..source.n_destinations {
        hazard += rate(destination) * inputs.dt;
    }
    let is_leaving = !(hazard <= 0.0);
    let (stay, scale) = if !is_leaving {
        (1.0, 0.0)
    } else if inputs.linear_approximation {
        (1.0 - hazard, 1.0)
    } else {
        let p_leave = -expm1(-hazard);
        (1.0 - p_leave, p_leave / hazard)
    };
    scratch.probabilities.clear();
    for category in source.drawn.iter().chain([&source.remainder]) {
        let p = match category.destination {
            Some(destination) if is_leaving => rate(destination) * inputs.dt * scale,
            Some(_) => 0.0,
            None if category.compartment == source.compartment => stay,
            None => 0.0,
        };
        scratch.probabilities.push(p);
    }
}
