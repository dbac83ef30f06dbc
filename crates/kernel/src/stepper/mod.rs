//! One simulation, step by step, as epydemix's `stochastic_simulation` runs it.

mod contacts;
mod draw;
mod fixed;
mod probabilities;
mod rates;

use crate::error::SimulationError;
use crate::inputs::Inputs;
use crate::plan::{Plan, Source};
use crate::random::{InvalidDraw, Pcg64};
use crate::sink::Sink;
use draw::Flows;
use fixed::FixedDraws;
use probabilities::Probabilities;
use rates::Rates;

/// Working memory of [`run`], reused from run to run.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// People at the start of the step, `[C, G]`.
    people: Vec<f64>,
    flows: Flows,
    rates: Rates,
    fixed: FixedDraws,
    probabilities: Probabilities,
}

impl Scratch {
    fn prepare(&mut self, plan: &Plan, inputs: &Inputs<'_>) {
        self.people.clear();
        self.people
            .extend(inputs.initial.iter().map(|&people| people as f64));
        self.flows.prepare(plan);
        self.rates.prepare(plan);
        self.fixed
            .prepare(plan, inputs, &mut self.rates, &self.people);
    }
}

/// Runs one simulation and hands every step to the sink, until it breaks.
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
        scratch.flows.start(&scratch.people);
        scratch.rates.meet(plan, inputs, t, &scratch.people);
        for (index, source) in plan.sources.iter().enumerate() {
            leave(index, source, inputs, t, rng, scratch, sink)?;
        }
        if sink
            .step(t, &scratch.flows.people, &scratch.flows.moved)
            .is_break()
        {
            break;
        }
        std::mem::swap(&mut scratch.people, &mut scratch.flows.people);
    }
    Ok(())
}

/// Draws who leaves a source in each group.
#[inline]
fn leave(
    index: usize,
    source: &Source,
    inputs: &Inputs<'_>,
    t: usize,
    rng: &mut Pcg64,
    scratch: &mut Scratch,
    sink: &mut impl Sink,
) -> Result<(), SimulationError> {
    let groups = inputs.group_sizes.len();
    let row = source.compartment * groups;
    let Scratch {
        people,
        flows,
        rates,
        fixed,
        probabilities,
    } = scratch;
    let leaving = &people[row..row + groups];
    if leaving.iter().all(|&people| people == 0.0) {
        return Ok(());
    }
    let fixed = fixed.of_source(index);
    if fixed.is_none() {
        rates.update(source, inputs, t, people);
    }
    for (group, &people) in leaving.iter().enumerate() {
        // A count below zero draws nothing, as in epydemix.
        if people <= 0.0 {
            continue;
        }
        let failed = |cause: InvalidDraw| SimulationError::Probabilities {
            step: t,
            source_compartment: source.compartment,
            group,
            cause,
        };
        let flow = flows.of(source, group, people, rng);
        if let Some(fixed) = &fixed {
            let draw = fixed.of_group(group);
            sink.probabilities(t, group, &source.compartments, draw.probabilities);
            draw.check().map_err(failed)?;
            flow.draw_fixed(draw.conditionals);
        } else {
            let p = probabilities.of_group(source, inputs, group, &rates.sums);
            sink.probabilities(t, group, &source.compartments, p);
            probabilities::check(p, &source.compartments).map_err(failed)?;
            flow.draw(p);
        }
    }
    Ok(())
}

fn resize(values: &mut Vec<f64>, length: usize) {
    values.clear();
    values.resize(length, 0.0);
}
