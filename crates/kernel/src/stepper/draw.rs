//! Moving people by conditional binomial draws.

use super::resize;
use crate::plan::{Category, Plan, Role, Source};
use crate::random::{Conditional, Pcg64, draw_binomial};

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
        people: f64,
        rng: &'a mut Pcg64,
    ) -> Flow<'a> {
        Flow {
            flows: self,
            source,
            group,
            left: people,
            n_leaving: 0.0,
            rng,
        }
    }
}

/// A draw in progress.
pub(super) struct Flow<'a> {
    flows: &'a mut Flows,
    source: &'a Source,
    group: usize,
    left: f64,
    n_leaving: f64,
    rng: &'a mut Pcg64,
}

impl Flow<'_> {
    /// Distributes by probabilities of the drawn categories (more are not read).
    #[inline]
    pub(super) fn draw(mut self, probabilities: &[f64]) {
        let mut remaining = 1.0;
        for (category, p) in self.source.drawn.iter().zip(probabilities) {
            let count = draw_binomial(self.rng, self.left, p / remaining);
            self.take(category, count);
            if self.left <= 0.0 {
                return self.finish();
            }
            remaining -= p;
        }
        self.take(&self.source.remainder, self.left);
        self.finish();
    }

    /// Distributes by conditional probabilities of the drawn categories.
    #[inline]
    pub(super) fn draw_fixed(mut self, conditionals: &[Conditional]) {
        for (category, conditional) in self.source.drawn.iter().zip(conditionals) {
            let count = conditional.draw(self.rng, self.left);
            self.take(category, count);
            if self.left <= 0.0 {
                return self.finish();
            }
        }
        self.take(&self.source.remainder, self.left);
        self.finish();
    }

    #[inline]
    fn take(&mut self, category: &Category, count: f64) {
        let groups = self.flows.n_groups;
        self.left -= count;
        if category.role != Role::Stay {
            self.n_leaving += count;
            self.flows.people[category.compartment * groups + self.group] += count;
        }
        if let Some(row) = category.row {
            self.flows.moved[row * groups + self.group] = count;
        }
    }

    #[inline]
    fn finish(self) {
        let index = self.source.compartment * self.flows.n_groups + self.group;
        self.flows.people[index] -= self.n_leaving;
    }
}
