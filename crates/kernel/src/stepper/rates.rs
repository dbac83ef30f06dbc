//! Rates of a step from the population at its start.

use super::Scratch;
use super::contacts::interactions;
use crate::inputs::Inputs;
use crate::plan::{Plan, Source, TermRate};

/// Contacts of every group with every mediating compartment.
pub(super) fn update_interactions(
    plan: &Plan,
    inputs: &Inputs<'_>,
    t: usize,
    scratch: &mut Scratch,
) {
    let groups = plan.n_groups;
    let Some(&matrix) = inputs.contact_of_step.get(t) else {
        return;
    };
    let first = matrix as usize * groups * groups;
    let rows = scratch.interactions.chunks_exact_mut(groups);
    for (&mediator, result) in plan.mediators.iter().zip(rows) {
        interactions(
            &inputs.contact_matrices[first..first + groups * groups],
            inputs.matrix_order,
            &scratch.people[mediator * groups..(mediator + 1) * groups],
            inputs.group_sizes,
            &mut scratch.products,
            result,
        );
    }
}

/// Sums a source's rates by destination, in registration order.
pub(super) fn update_rates(source: &Source, inputs: &Inputs<'_>, t: usize, scratch: &mut Scratch) {
    let groups = inputs.group_sizes.len();
    scratch.rates.clear();
    scratch.rates.resize(source.n_destinations * groups, 0.0);
    for term in &source.terms {
        term_rates(source, &term.rate, inputs, t, scratch);
        let row = &mut scratch.rates[term.destination * groups..][..groups];
        for (rate, term) in row.iter_mut().zip(&scratch.term) {
            *rate += term;
        }
    }
}

fn term_rates(
    source: &Source,
    rate: &TermRate,
    inputs: &Inputs<'_>,
    t: usize,
    scratch: &mut Scratch,
) {
    let groups = inputs.group_sizes.len();
    let people = |compartment: usize, group: usize| scratch.people[compartment * groups + group];
    let eligible_people = |eligible: &[usize], group: usize| {
        eligible
            .iter()
            .fold(0.0, |sum, &compartment| sum + people(compartment, group))
    };
    match rate {
        TermRate::Spontaneous(id) => {
            scratch
                .term
                .copy_from_slice(inputs.rates[id.0].at(t, groups));
        }
        TermRate::Mediated(id, slot) => {
            let interactions = &scratch.interactions[slot * groups..][..groups];
            let rates = inputs.rates[id.0].at(t, groups);
            for ((term, rate), interaction) in scratch.term.iter_mut().zip(rates).zip(interactions)
            {
                *term = rate * interaction;
            }
        }
        TermRate::Vaccination {
            doses,
            origin,
            eligible,
        } => {
            let doses = inputs.doses[doses.0].at(t, groups);
            for (group, (term, doses)) in scratch.term.iter_mut().zip(doses).enumerate() {
                *term = vaccination_rate(
                    *doses,
                    people(*origin, group),
                    eligible_people(eligible, group),
                );
            }
        }
        TermRate::Scheduled { doses, eligible } => {
            let doses = inputs.doses[doses.0].at(t, groups);
            for (group, (term, doses)) in scratch.term.iter_mut().zip(doses).enumerate() {
                *term = if eligible.is_empty() {
                    let people = people(source.compartment, group);
                    if people > 0.0 {
                        scheduled_rate(*doses, people)
                    } else {
                        0.0
                    }
                } else {
                    scheduled_rate(*doses, eligible_people(eligible, group))
                };
            }
        }
    }
}

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
    // Not `max`, which would hide a dose that isn't a number.
    if rate < 0.0 { 0.0 } else { rate }
}

fn scheduled_rate(doses: f64, people: f64) -> f64 {
    let rate = doses / people.max(1.0);
    if rate > 0.999 { 0.999 } else { rate }
}
