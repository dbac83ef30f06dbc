//! A model prepared for stepping: destinations sorted, records and mediators numbered.

use crate::error::PlanError;
use crate::model::{DosesId, Kind, Model, RateId, Transition};

/// A compiled [`Model`]. Compile once, run as often as you like.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) n_compartments: usize,
    pub(crate) n_groups: usize,
    pub(crate) sources: Vec<Source>,
    /// Compartments whose interaction with every group is needed, in the order of their slots.
    pub(crate) mediators: Vec<usize>,
    pub(crate) n_rates: usize,
    pub(crate) n_doses: usize,
    pairs: Vec<(usize, usize)>,
}

/// A compartment that people leave.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) compartment: usize,
    /// Where numpy draws for: destinations and the source itself in index order, without the last
    /// compartment, whose draw is the remainder.
    pub(crate) drawn: Vec<Category>,
    pub(crate) remainder: Category,
    /// The categories' compartments, the remainder's last.
    pub(crate) compartments: Vec<usize>,
    /// Rates in registration order.
    pub(crate) terms: Vec<Term>,
    /// Number of compartments other than the source that people can reach.
    pub(crate) n_destinations: usize,
}

/// One category of a source's multinomial draw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Category {
    pub(crate) compartment: usize,
    pub(crate) role: Role,
    /// Row of the transitions' record.
    pub(crate) row: Option<usize>,
}

/// What a category stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Stay,
    /// Position among the source's destinations in index order.
    Leave(usize),
    /// The last compartment when nobody is sent there: it takes what rounding leaves over.
    Rest,
}

/// One transition's contribution to a rate.
#[derive(Debug, Clone)]
pub(crate) struct Term {
    pub(crate) destination: usize,
    pub(crate) rate: TermRate,
}

#[derive(Debug, Clone)]
pub(crate) enum TermRate {
    Spontaneous(RateId),
    /// Rate and the mediator's slot.
    Mediated(RateId, usize),
    Vaccination {
        doses: DosesId,
        origin: usize,
        eligible: Vec<usize>,
    },
    Scheduled {
        doses: DosesId,
        eligible: Vec<usize>,
    },
}

impl Plan {
    /// Prepares a model.
    ///
    /// # Errors
    /// When the model has no compartments, groups or transitions, or a transition names a
    /// compartment that isn't there.
    pub fn compile(model: &Model) -> Result<Self, PlanError> {
        check(model)?;
        let mut pairs = Vec::new();
        for transition in &model.transitions {
            let pair = (transition.source, transition.target);
            if !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
        let mut mediators = Vec::new();
        let sources = (0..model.n_compartments)
            .filter_map(|source| compile_source(model, source, &pairs, &mut mediators))
            .collect();
        let mut plan = Self {
            n_compartments: model.n_compartments,
            n_groups: model.n_groups,
            sources,
            mediators,
            n_rates: 0,
            n_doses: 0,
            pairs,
        };
        for transition in &model.transitions {
            match transition.kind {
                Kind::Spontaneous { rate } | Kind::Mediated { rate, .. } => {
                    plan.n_rates = plan.n_rates.max(rate.0 + 1);
                }
                Kind::Vaccination { doses, .. } | Kind::Scheduled { doses, .. } => {
                    plan.n_doses = plan.n_doses.max(doses.0 + 1);
                }
            }
        }
        Ok(plan)
    }

    /// Number of compartments, C.
    #[must_use]
    pub const fn n_compartments(&self) -> usize {
        self.n_compartments
    }

    /// Number of groups, G.
    #[must_use]
    pub const fn n_groups(&self) -> usize {
        self.n_groups
    }

    /// The K different (source, target) pairs, in the order of their first registration: the rows
    /// of a step's transitions. epydemix's own array has as many rows as transitions; those beyond
    /// K stay zero.
    #[must_use]
    pub fn transition_pairs(&self) -> &[(usize, usize)] {
        &self.pairs
    }
}

fn check(model: &Model) -> Result<(), PlanError> {
    let parts = [
        (model.n_compartments, "compartments"),
        (model.n_groups, "groups"),
        (model.transitions.len(), "transitions"),
    ];
    if let Some(&(_, what)) = parts.iter().find(|(count, _)| *count == 0) {
        return Err(PlanError::Empty(what));
    }
    for (index, transition) in model.transitions.iter().enumerate() {
        let unknown = compartments_of(transition)
            .into_iter()
            .find(|&compartment| compartment >= model.n_compartments);
        if let Some(compartment) = unknown {
            return Err(PlanError::UnknownCompartment {
                transition: index,
                compartment,
                n_compartments: model.n_compartments,
            });
        }
    }
    Ok(())
}

fn compartments_of(transition: &Transition) -> Vec<usize> {
    let mut named = vec![transition.source, transition.target];
    match &transition.kind {
        Kind::Spontaneous { .. } => {}
        Kind::Mediated { mediator, .. } => named.push(*mediator),
        Kind::Vaccination {
            origin, eligible, ..
        } => {
            named.push(*origin);
            named.extend(eligible);
        }
        Kind::Scheduled { eligible, .. } => named.extend(eligible.iter().flatten()),
    }
    named
}

fn compile_source(
    model: &Model,
    source: usize,
    pairs: &[(usize, usize)],
    mediators: &mut Vec<usize>,
) -> Option<Source> {
    let transitions: Vec<&Transition> = model
        .transitions
        .iter()
        .filter(|transition| transition.source == source)
        .collect();
    if transitions.is_empty() {
        return None;
    }
    let mut destinations: Vec<usize> = transitions
        .iter()
        .map(|transition| transition.target)
        .filter(|&target| target != source)
        .collect();
    destinations.sort_unstable();
    destinations.dedup();
    let category = |compartment| Category {
        compartment,
        role: match destinations.binary_search(&compartment) {
            _ if compartment == source => Role::Stay,
            Ok(destination) => Role::Leave(destination),
            Err(_) => Role::Rest,
        },
        row: pairs.iter().position(|&pair| pair == (source, compartment)),
    };
    let last = model.n_compartments - 1;
    let drawn: Vec<Category> = (0..last)
        .filter(|&compartment| compartment == source || destinations.contains(&compartment))
        .map(category)
        .collect();
    let terms: Vec<Term> = transitions
        .iter()
        .filter_map(|transition| {
            let destination = destinations.binary_search(&transition.target).ok()?;
            Some(Term {
                destination,
                rate: compile_rate(&transition.kind, mediators),
            })
        })
        .collect();
    Some(Source {
        compartment: source,
        compartments: drawn
            .iter()
            .map(|category| category.compartment)
            .chain([last])
            .collect(),
        drawn,
        remainder: category(last),
        terms,
        n_destinations: destinations.len(),
    })
}

fn compile_rate(kind: &Kind, mediators: &mut Vec<usize>) -> TermRate {
    match kind {
        Kind::Spontaneous { rate } => TermRate::Spontaneous(*rate),
        Kind::Mediated { rate, mediator } => {
            let slot = mediators
                .iter()
                .position(|known| known == mediator)
                .unwrap_or_else(|| {
                    mediators.push(*mediator);
                    mediators.len() - 1
                });
            TermRate::Mediated(*rate, slot)
        }
        Kind::Vaccination {
            doses,
            origin,
            eligible,
        } => TermRate::Vaccination {
            doses: *doses,
            origin: *origin,
            eligible: eligible.clone(),
        },
        Kind::Scheduled { doses, eligible } => TermRate::Scheduled {
            doses: *doses,
            eligible: eligible.clone().unwrap_or_default(),
        },
    }
}
