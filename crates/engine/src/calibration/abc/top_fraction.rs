//! The nearest of many simulations, without keeping all of them.

use super::state::Particle;
use super::strategy::TopFraction;
use crate::outputs::quantile_of_sorted;

impl TopFraction {
    /// How many of the nearest simulations may be selected, ties aside: those up to the upper
    /// neighbour of the quantile.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of simulations"
    )]
    fn most(&self) -> usize {
        let last = f64::from(self.n_simulations.saturating_sub(1));
        (last * self.top_fraction) as usize + 2
    }

    /// Drops what can't be among the nearest any more, once that is half of what is kept.
    pub(super) fn prune(&self, particles: &mut Vec<Particle>) {
        let most = self.most();
        if particles.len() < 2 * most + 64 {
            return;
        }
        let mut distances: Vec<f64> = particles.iter().map(|particle| particle.distance).collect();
        let (_, farthest, _) = distances.select_nth_unstable_by(most - 1, f64::total_cmp);
        let farthest = *farthest;
        particles.retain(|particle| particle.distance <= farthest);
    }

    /// Selects the particles at most as far as the fraction's quantile of all distances, and
    /// returns that quantile.
    pub(super) fn select(&self, particles: &mut Vec<Particle>, distances: &[f64]) -> Option<f64> {
        let mut sorted = distances.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let threshold = quantile_of_sorted(&sorted, self.top_fraction)?;
        particles.retain(|particle| particle.distance <= threshold);
        Some(threshold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pruning_on_the_way_selects_what_selecting_from_all_does() {
        let options = TopFraction {
            top_fraction: 0.05,
            n_simulations: 3000,
        };
        let distances: Vec<f64> = (0..3000_u32).map(|i| f64::from(i * 7919 % 997)).collect();
        let particle = |(proposal, &distance): (usize, &f64)| Particle {
            parameters: vec![],
            weight: 1.0,
            distance,
            proposal: proposal as u32,
            data: vec![],
        };
        let all: Vec<Particle> = distances.iter().enumerate().map(particle).collect();
        let mut pruned = Vec::new();
        let mut most = 0;
        for particle in &all {
            pruned.push(particle.clone());
            options.prune(&mut pruned);
            most = most.max(pruned.len());
        }
        let mut selected = all;
        let threshold = options.select(&mut selected, &distances);
        assert_eq!(options.select(&mut pruned, &distances), threshold);
        assert_eq!(pruned, selected);
        assert!(
            selected.len() >= 150 && most < 400,
            "{} of {most}",
            selected.len()
        );
    }
}
