//! Draws whose probabilities are the same at every step: computed once a run.

use super::probabilities::{self, Probabilities};
use super::rates::Rates;
use crate::inputs::Inputs;
use crate::plan::{Plan, Source, TermRate};
use crate::random::{Conditional, InvalidDraw};

/// The draws of all sources that only have spontaneous transitions at constant rates.
#[derive(Debug, Clone, Default)]
pub(super) struct FixedDraws {
    /// For each source of the plan, its place in the other vectors.
    places: Vec<Option<Place>>,
    /// Probabilities, `[groups, categories]` for every such source.
    probabilities: Vec<f64>,
    /// Conditional probabilities, `[groups, drawn categories]` for every such source.
    conditionals: Vec<Conditional>,
    /// What is wrong with a group's probabilities, `[groups]` for every such source.
    errors: Vec<Option<InvalidDraw>>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    first_probability: usize,
    first_conditional: usize,
    first_group: usize,
    n_drawn: usize,
}

impl FixedDraws {
    pub(super) fn prepare(
        &mut self,
        plan: &Plan,
        inputs: &Inputs<'_>,
        rates: &mut Rates,
        people: &[f64],
    ) {
        self.places.clear();
        self.probabilities.clear();
        self.conditionals.clear();
        self.errors.clear();
        let mut probabilities = Probabilities::default();
        for source in &plan.sources {
            let place = is_fixed(source, inputs).then(|| {
                rates.update(source, inputs, 0, people);
                self.add(source, inputs, &rates.sums, &mut probabilities)
            });
            self.places.push(place);
        }
    }

    fn add(
        &mut self,
        source: &Source,
        inputs: &Inputs<'_>,
        rates: &[f64],
        probabilities: &mut Probabilities,
    ) -> Place {
        let place = Place {
            first_probability: self.probabilities.len(),
            first_conditional: self.conditionals.len(),
            first_group: self.errors.len(),
            n_drawn: source.drawn.len(),
        };
        for group in 0..inputs.group_sizes.len() {
            let p = probabilities.of_group(source, inputs, group, rates);
            self.errors
                .push(probabilities::check(p, &source.compartments).err());
            self.probabilities.extend_from_slice(p);
            let mut remaining = 1.0;
            for p in &p[..place.n_drawn] {
                self.conditionals.push(Conditional::new(p / remaining));
                remaining -= p;
            }
        }
        place
    }

    /// The draws of the plan's source of that index, if they are fixed.
    #[inline]
    pub(super) fn of_source(&self, index: usize) -> Option<SourceDraws<'_>> {
        self.places[index].map(|place| SourceDraws { draws: self, place })
    }
}

fn is_fixed(source: &Source, inputs: &Inputs<'_>) -> bool {
    source.terms.iter().all(|term| match term.rate {
        TermRate::Spontaneous(rate) => inputs.rates[rate.0].steps == 1,
        _ => false,
    })
}

/// The fixed draws of one source.
pub(super) struct SourceDraws<'a> {
    draws: &'a FixedDraws,
    place: Place,
}

impl<'a> SourceDraws<'a> {
    #[inline]
    pub(super) fn of_group(&self, group: usize) -> FixedDraw<'a> {
        let Place {
            first_probability,
            first_conditional,
            first_group,
            n_drawn,
        } = self.place;
        let n_categories = n_drawn + 1;
        FixedDraw {
            probabilities: &self.draws.probabilities[first_probability + group * n_categories..]
                [..n_categories],
            conditionals: &self.draws.conditionals[first_conditional + group * n_drawn..]
                [..n_drawn],
            error: &self.draws.errors[first_group + group],
        }
    }
}

/// One group's fixed draw.
pub(super) struct FixedDraw<'a> {
    pub(super) probabilities: &'a [f64],
    pub(super) conditionals: &'a [Conditional],
    error: &'a Option<InvalidDraw>,
}

impl FixedDraw<'_> {
    #[inline]
    pub(super) fn check(&self) -> Result<(), InvalidDraw> {
        self.error.as_ref().map_or(Ok(()), |&error| Err(error))
    }
}
