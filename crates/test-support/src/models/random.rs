//! Random models that reach the corners: empty and huge compartments, parallel and self
//! transitions, leave probabilities of nearly one, steps that aren't days, many groups.

use epycloud_kernel::random::Pcg64;

use super::parameter::{Override, Parameter, Value};
use super::{Case, CaseKind, CaseTransition};

/// The random model of a seed: the same on every machine and at every time.
#[must_use]
pub fn random(seed: u64) -> Case {
    Generator {
        rng: Pcg64::new(seed),
    }
    .case(seed)
}

struct Generator {
    rng: Pcg64,
}

impl Generator {
    fn case(&mut self, seed: u64) -> Case {
        let n_compartments = self.between(2, 12);
        let n_groups = self.n_groups();
        let n_steps = if n_groups > 50 {
            self.between(2, 6)
        } else {
            self.between(2, 40)
        };
        let initial = self.initial(n_compartments, n_groups);
        let n_matrices = self.between(1, 4);
        let mut case = Case {
            name: format!("random-{seed}"),
            seed: self.seed(),
            dt: self.pick(&[1.0, 1.0, 0.5, 0.2, 1.0 / 3.0, 2.0, 1.0 / 24.0]),
            linear_approximation: self.chance(0.12),
            n_steps,
            n_compartments,
            group_sizes: self.group_sizes(&initial, n_groups),
            initial,
            parameters: Vec::new(),
            transitions: Vec::new(),
            contact_matrices: (0..n_matrices)
                .map(|_| self.contact_matrix(n_groups))
                .collect(),
            column_major: self.chance(0.2),
            contact_of_step: self.contact_of_step(n_steps, n_matrices),
            doses: Vec::new(),
        };
        let n_parameters = self.between(1, 5);
        for _ in 0..n_parameters {
            let parameter = self.parameter(&case);
            case.parameters.push(parameter);
        }
        let n_transitions = self.between(1, 2 * n_compartments);
        for _ in 0..n_transitions {
            let transition = self.transition(&mut case);
            case.transitions.push(transition);
        }
        case
    }

    fn transition(&mut self, case: &mut Case) -> CaseTransition {
        let last = case.n_compartments - 1;
        // A parallel transition now and then: the same pair again.
        let (source, target) = match case.transitions.last() {
            Some(previous) if self.chance(0.15) => (previous.source, previous.target),
            _ => {
                let source = self.between(0, last);
                let other = (source + self.between(1, last)) % (last + 1);
                (source, if self.chance(0.05) { source } else { other })
            }
        };
        CaseTransition {
            source,
            target,
            kind: self.kind(case, source),
        }
    }

    fn kind(&mut self, case: &mut Case, source: usize) -> CaseKind {
        let parameter = self.between(0, case.parameters.len() - 1);
        let roll = self.rng.next_double();
        if roll < 0.45 {
            return CaseKind::Spontaneous { parameter };
        }
        if roll < 0.8 {
            let mediator = self.between(0, case.n_compartments - 1);
            return CaseKind::Mediated {
                parameter,
                mediator,
            };
        }
        case.doses
            .push(self.schedule(case.n_steps, case.n_groups()));
        let schedule = case.doses.len() - 1;
        let eligible = (0..case.n_compartments)
            .filter(|&compartment| compartment == source || self.chance(0.3))
            .collect();
        if roll < 0.92 {
            let origin = if self.chance(0.9) {
                source
            } else {
                self.between(0, case.n_compartments - 1)
            };
            CaseKind::Vaccination {
                schedule,
                origin,
                eligible,
            }
        } else {
            let eligible = if self.chance(0.5) {
                Some(eligible)
            } else {
                None
            };
            CaseKind::Scheduled { schedule, eligible }
        }
    }

    fn parameter(&mut self, case: &Case) -> Parameter {
        let (steps, groups) = (case.n_steps, case.n_groups());
        let roll = self.rng.next_double();
        let value = if roll < 0.2 {
            return Parameter::new(Value::Literal(self.rate()));
        } else if roll < 0.45 {
            Value::Scalar(self.rate())
        } else if roll < 0.6 {
            Value::ByStep(self.rates(steps))
        } else if roll < 0.85 {
            Value::ByGroup(self.rates(groups))
        } else {
            Value::ByStepAndGroup(self.rates(steps * groups))
        };
        let n_overrides = if self.chance(0.3) {
            self.between(1, 2)
        } else {
            0
        };
        let overrides = (0..n_overrides)
            .map(|_| {
                let first = self.between(0, steps - 1);
                Override {
                    first,
                    last: self.between(first, steps - 1),
                    value: self.rate(),
                }
            })
            .collect();
        Parameter { value, overrides }
    }

    fn rates(&mut self, count: usize) -> Vec<f64> {
        let base = self.rate();
        (0..count)
            .map(|_| {
                if self.chance(0.1) {
                    self.rate()
                } else {
                    base * self.rng.next_double()
                }
            })
            .collect()
    }

    /// Rates per day, mostly of an epidemic's size, sometimes zero, round or enormous; rarely
    /// negative, which epydemix refuses or takes for zero.
    fn rate(&mut self) -> f64 {
        let roll = self.rng.next_double();
        if roll < 0.05 {
            0.0
        } else if roll < 0.12 {
            self.pick(&[0.1, 0.25, 0.5, 1.0, 1.0 / 3.0])
        } else if roll < 0.17 {
            self.pick(&[35.0, 200.0, 800.0])
        } else if roll < 0.175 {
            -0.1
        } else {
            self.log_uniform(1e-4, 2.0)
        }
    }

    fn schedule(&mut self, n_steps: usize, n_groups: usize) -> Vec<f64> {
        let scale = self.log_uniform(0.1, 1e6);
        (0..n_steps * n_groups)
            .map(|_| {
                if self.chance(0.2) {
                    0.0
                } else {
                    (scale * self.rng.next_double()).floor()
                }
            })
            .collect()
    }

    fn initial(&mut self, n_compartments: usize, n_groups: usize) -> Vec<i64> {
        (0..n_compartments)
            .flat_map(|_| {
                let kind = self.rng.next_double();
                (0..n_groups).map(|_| self.people(kind)).collect::<Vec<_>>()
            })
            .collect()
    }

    fn people(&mut self, kind: f64) -> i64 {
        let highest = if kind < 0.2 {
            return 0;
        } else if kind < 0.3 {
            1
        } else if kind < 0.45 {
            10
        } else if kind < 0.7 {
            1_000
        } else if kind < 0.95 {
            1_000_000
        } else {
            1_000_000_000_000
        };
        if self.chance(0.05) {
            0
        } else {
            self.rng.bounded(highest) as i64
        }
    }

    fn group_sizes(&mut self, initial: &[i64], n_groups: usize) -> Vec<f64> {
        (0..n_groups)
            .map(|group| {
                let people: i64 = initial.iter().skip(group).step_by(n_groups).sum();
                // A group of nobody makes contacts 0/0, which numpy refuses as a probability.
                if people == 0 && !self.chance(0.05) {
                    1.0
                } else {
                    people as f64
                }
            })
            .collect()
    }

    fn contact_matrix(&mut self, n_groups: usize) -> Vec<f64> {
        (0..n_groups * n_groups)
            .map(|_| self.log_uniform(0.01, 10.0))
            .collect()
    }

    fn contact_of_step(&mut self, n_steps: usize, n_matrices: usize) -> Vec<u32> {
        let mut current = 0;
        (0..n_steps)
            .map(|_| {
                if self.chance(0.2) {
                    current = self.between(0, n_matrices - 1) as u32;
                }
                current
            })
            .collect()
    }

    fn n_groups(&mut self) -> usize {
        let roll = self.rng.next_double();
        if roll < 0.2 {
            1
        } else if roll < 0.6 {
            self.between(2, 7)
        } else if roll < 0.96 {
            self.between(8, 20)
        } else {
            self.between(129, 150)
        }
    }

    /// Small seeds as people write them, and large ones.
    fn seed(&mut self) -> u64 {
        if self.chance(0.5) {
            self.rng.bounded(1000)
        } else {
            self.rng.next_u64()
        }
    }

    fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.rng.bounded((high - low) as u64) as usize
    }

    fn chance(&mut self, p: f64) -> bool {
        self.rng.next_double() < p
    }

    fn pick(&mut self, values: &[f64]) -> f64 {
        values[self.between(0, values.len() - 1)]
    }

    fn log_uniform(&mut self, low: f64, high: f64) -> f64 {
        let exponent = self.rng.next_double() * epycloud_kernel::math::log(high / low);
        low * epycloud_kernel::math::exp(exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_model_again_and_another_seed_another() {
        assert_eq!(random(3), random(3));
        assert_ne!(random(3).to_json(), random(4).to_json());
    }

    #[test]
    fn the_corners_are_reached() {
        let cases: Vec<Case> = (0..300).map(random).collect();
        let count = |what: &dyn Fn(&Case) -> bool| cases.iter().filter(|case| what(case)).count();
        assert!(count(&|case| case.n_groups() == 1) > 20);
        assert!(count(&|case| case.n_groups() > 128) > 3);
        assert!(count(&|case| case.column_major && case.n_groups() >= 8) > 10);
        assert!(count(&|case| case.linear_approximation) > 10);
        assert!(count(&|case| case.initial.iter().any(|&people| people > 1 << 32)) > 10);
        let kinds = |wanted: &str| {
            count(&|case| case.to_json().contains(&format!("\"kind\":\"{wanted}\"")))
        };
        for kind in ["spontaneous", "mediated", "vaccination", "scheduled"] {
            assert!(kinds(kind) > 50, "{kind}");
        }
        assert!(count(&|case| case.transitions.iter().any(|t| t.source == t.target)) > 20);
    }
}
