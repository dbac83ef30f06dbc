//! Rates of a step from the population at its start.

use super::contacts::interactions;
use super::resize;
use crate::inputs::Inputs;
use crate::plan::{Plan, Source, TermRate};

/// Memory for the rates of one source at one step.
#[derive(Debug, Clone, Default)]
pub(super) struct Rates {
    /// Rates to the source's destinations, `[destinations, G]`.
    pub(super) sums: Vec<f64>,
    /// Contacts with each mediator, `[mediators, G]`.
    interactions: Vec<f64>,
    /// One row of a contact matrix.
    products: Vec<f64>,
}

impl Rates {
    pub(super) fn prepare(&mut self, plan: &Plan) {
        resize(&mut self.interactions, plan.mediators.len() * plan.n_groups);
        resize(&mut self.products, plan.n_groups);
    }

    /// Contacts of every group with every mediating compartment.
    pub(super) fn meet(&mut self, plan: &Plan, inputs: &Inputs<'_>, t: usize, people: &[f64]) {
        let groups = plan.n_groups;
        let Some(&matrix) = inputs.contact_of_step.get(t) else {
            return;
        };
        let matrix = &inputs.contact_matrices[matrix as usize * groups * groups..];
        let rows = self.interactions.chunks_exact_mut(groups);
        for (&mediator, result) in plan.mediators.iter().zip(rows) {
            interactions(
                &matrix[..groups * groups],
                inputs.matrix_order,
                &people[mediator * groups..][..groups],
                inputs.group_sizes,
                &mut self.products,
                result,
            );
        }
    }

    /// Sums a source's rates by destination, in registration order.
    #[inline]
    pub(super) fn update(
        &mut self,
        source: &Source,
        inputs: &Inputs<'_>,
        t: usize,
        people: &[f64],
    ) {
        let groups = inputs.group_sizes.len();
        resize(&mut self.sums, source.n_destinations * groups);
        let population = Population { people, groups };
        for term in &source.terms {
            let sums = &mut self.sums[term.destination * groups..][..groups];
            match &term.rate {
                TermRate::Spontaneous(id) => {
                    let rates = inputs.rates[id.0].at(t, groups);
                    sums.iter_mut()
                        .zip(rates)
                        .for_each(|(sum, rate)| *sum += rate);
                }
                TermRate::Mediated(id, slot) => {
                    let rates = inputs.rates[id.0].at(t, groups);
                    let interactions = &self.interactions[slot * groups..][..groups];
                    for ((sum, rate), interaction) in sums.iter_mut().zip(rates).zip(interactions) {
                        *sum += rate * interaction;
                    }
                }
                TermRate::Vaccination {
                    doses,
                    origin,
                    eligible,
                } => {
                    let doses = inputs.doses[doses.0].at(t, groups);
                    for (group, (sum, &doses)) in sums.iter_mut().zip(doses).enumerate() {
                        let origin = population.of(*origin, group);
                        *sum += vaccination_rate(doses, origin, population.of_all(eligible, group));
                    }
                }
                TermRate::Scheduled { doses, eligible } => {
                    let doses = inputs.doses[doses.0].at(t, groups);
                    for (group, (sum, &doses)) in sums.iter_mut().zip(doses).enumerate() {
                        *sum += scheduled_rate(doses, population, source, eligible, group);
                    }
                }
            }
        }
    }
}

/// People at the start of a step, `[C, G]`.
#[derive(Clone, Copy)]
struct Population<'a> {
    people: &'a [f64],
    groups: usize,
}

impl Population<'_> {
    fn of(self, compartment: usize, group: usize) -> f64 {
        self.people[compartment * self.groups + group]
    }

    fn of_all(self, compartments: &[usize], group: usize) -> f64 {
        compartments
            .iter()
            .map(|&compartment| self.of(compartment, group))
            .sum()
    }
}

/// `epymodelingsuite`'s `make_vaccination_rate_function`, in its order of operations.
fn vaccination_rate(doses: f64, origin: f64, eligible: f64) -> f64 {
    let fraction = if eligible > 0.0 {
        origin / eligible
    } else {
        0.0
    };
    let effective = doses * fraction;
    let rate = if origin > 0.0 {
        effective / origin
    } else {
        0.0
    };
    // Not `max`, which would hide doses that aren't a number.
    if rate < 0.0 { 0.0 } else { rate }
}

/// epydemix's `compute_scheduled_transition_rate`.
fn scheduled_rate(
    doses: f64,
    population: Population<'_>,
    source: &Source,
    eligible: &[usize],
    group: usize,
) -> f64 {
    let people = if eligible.is_empty() {
        population.of(source.compartment, group)
    } else {
        population.of_all(eligible, group)
    };
    if eligible.is_empty() && people <= 0.0 {
        return 0.0;
    }
    let rate = doses / people.max(1.0);
    if rate > 0.999 { 0.999 } else { rate }
}
