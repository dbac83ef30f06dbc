//! Moving people by conditional binomial draws.

use super::resize;
use crate::plan::{Category, Plan, Source};
use crate::random::{Conditional, Pcg64, binomial};

/// People at the end of a step and those that moved during it.
#[derive(Debug, Clone, Default)]
pub(super) struct Flows {
    /// `[C, G]`.
    pub(super) people: Vec<f64>,
    /// `[K, G]`.
    pub(super) moved: Vec<f64>,
    n_groups: usize,
}

impl Flows {
    pub(super) fn prepare(&mut self, plan: &Plan) {
        self.n_groups = plan.n_groups;
        resize(&mut self.people, plan.n_compartments * plan.n_groups);
        resize(
            &mut self.moved,
            plan.transition_pairs().len() * plan.n_groups,
        );
    }

    /// Starts a step: everybody where they are, nobody moved.
    pub(super) fn start(&mut self, people: &[f64]) {
        self.people.copy_from_slice(people);
        self.moved.fill(0.0);
    }

    /// The people of one source and group, to be distributed.
    #[inline]
    pub(super) fn of<'a>(
        &'a mut self,
        source: &'a Source,
        group: usize,
        people: i64,
        rng: &'a mut Pcg64,
    ) -> Flow<'a> {
        Flow {
            flows: self,
            source,
            group,
            left: people,
            rng,
        }
    }
}

/// A draw in progress.
pub(super) struct Flow<'a> {
    flows: &'a mut Flows,
    source: &'a Source,
    group: usize,
    left: i64,
    rng: &'a mut Pcg64,
}

impl Flow<'_> {
    /// Distributes by probabilities of the drawn categories (more are not read).
    #[inline]
    pub(super) fn draw(&mut self, probabilities: &[f64]) {
        let mut remaining = 1.0;
        for (category, p) in self.source.drawn.iter().zip(probabilities) {
            let count = binomial(self.rng, self.left, p / remaining);
            if self.take(category, count) {
                return;
            }
            remaining -= p;
        }
        self.take(&self.source.remainder, self.left);
    }

    /// Distributes by conditional probabilities of the drawn categories.
    #[inline]
    pub(super) fn draw_fixed(&mut self, conditionals: &[Conditional]) {
        for (category, conditional) in self.source.drawn.iter().zip(conditionals) {
            let count = conditional.draw(self.rng, self.left);
            if self.take(category, count) {
                return;
            }
        }
        self.take(&self.source.remainder, self.left);
    }

    /// Moves people and says whether nobody is left.
    #[inline]
    fn take(&mut self, category: &Category, count: i64) -> bool {
        let groups = self.flows.n_groups;
        let people = count as f64;
        if category.compartment != self.source.compartment {
            self.flows.people[self.source.compartment * groups + self.group] -= people;
            self.flows.people[category.compartment * groups + self.group] += people;
        }
        if let Some(row) = category.row {
            self.flows.moved[row * groups + self.group] = people;
        }
        self.left -= count;
        self.left <= 0
    }
}
