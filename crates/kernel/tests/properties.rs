//! What holds for every model and every stream, epydemix or not.

use std::ops::ControlFlow;

use epycloud_kernel::random::{Pcg64, Pcg64State, SeedSequence};
use epycloud_kernel::{Scratch, Sink, Trajectory, run};
use epycloud_test_support::models::{Case, random};
use proptest::prelude::*;

/// Checks every step as it comes.
struct Balance<'a> {
    case: &'a Case,
    pairs: &'a [(usize, usize)],
    people: Vec<f64>,
}

impl Sink for Balance<'_> {
    fn step(&mut self, t: usize, compartments: &[f64], transitions: &[f64]) -> ControlFlow<()> {
        let groups = self.case.n_groups();
        let name = &self.case.name;
        assert!(
            compartments.iter().all(|&people| people >= 0.0),
            "{name}, step {t}"
        );
        assert!(
            compartments.iter().all(|people| people.fract() == 0.0),
            "{name}, step {t}"
        );
        for group in 0..groups {
            let total = |people: &[f64]| people.iter().skip(group).step_by(groups).sum::<f64>();
            assert_eq!(total(compartments), total(&self.people), "{name}, step {t}");
        }
        let mut expected = self.people.clone();
        for (row, &(source, target)) in self.pairs.iter().enumerate() {
            for group in 0..groups {
                let moved = transitions[row * groups + group];
                if source != target {
                    expected[source * groups + group] -= moved;
                    expected[target * groups + group] += moved;
                }
                assert!(
                    moved <= self.people[source * groups + group],
                    "{name}, step {t}"
                );
            }
        }
        // Rounding may leave somebody over for the last compartment, whom no record has.
        let last = (self.case.n_compartments - 1) * groups;
        for (index, (expected, &people)) in expected.iter().zip(compartments).enumerate() {
            assert!(
                expected == &people || index >= last || people < *expected,
                "{name}, step {t}"
            );
        }
        self.people.copy_from_slice(compartments);
        ControlFlow::Continue(())
    }
}

fn config() -> ProptestConfig {
    // A failure prints its input; files beside the tests would only repeat it.
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn property_nobody_appears_or_disappears(seed in any::<u64>()) {
        let case = random(seed);
        case.with_kernel(|plan, inputs| {
            let people = case.initial.iter().map(|&people| people as f64).collect();
            let mut balance = Balance { case: &case, pairs: plan.transition_pairs(), people };
            // A refused step ends the run; what came before it counts.
            let _ = run(plan, inputs, &mut Pcg64::new(seed), &mut Scratch::default(), &mut balance);
        });
    }

    #[test]
    fn property_scratch_carries_nothing_from_run_to_run(seed in any::<u64>()) {
        let mut scratch = Scratch::default();
        for case in [random(seed), random(seed ^ 1), random(seed)] {
            case.with_kernel(|plan, inputs| {
                let simulate = |scratch: &mut Scratch| {
                    let mut rng = Pcg64::new(case.seed);
                    let mut trajectory = Trajectory::default();
                    let outcome = run(plan, inputs, &mut rng, scratch, &mut trajectory);
                    (outcome, rng.state(), trajectory)
                };
                let (used, fresh) = (simulate(&mut scratch), simulate(&mut Scratch::default()));
                // Compared as text, because a refused probability may not be a number.
                assert_eq!(format!("{used:?}"), format!("{fresh:?}"));
            });
        }
    }

    #[test]
    fn property_a_stream_continues_from_its_recorded_state(
        seed in any::<u64>(),
        before in 0..50_usize,
        halves in 0..3_usize,
    ) {
        let mut rng = Pcg64::new(seed);
        (0..before).for_each(|_| { rng.next_u64(); });
        (0..halves).for_each(|_| { rng.next_u32(); });
        let mut copy = Pcg64::from_state(rng.state());
        prop_assert_eq!(&copy, &rng);
        for _ in 0..20 {
            prop_assert_eq!(copy.next_u32(), rng.next_u32());
            prop_assert_eq!(copy.next_double().to_bits(), rng.next_double().to_bits());
        }
    }

    #[test]
    fn property_any_state_is_kept_whole(state in any::<u128>(), increment in any::<u128>(), half in any::<Option<u32>>()) {
        let position = Pcg64State { state, increment: increment | 1, buffered: half };
        prop_assert_eq!(Pcg64::from_state(position).state(), position);
    }

    #[test]
    fn property_integers_stay_in_their_range(seed in any::<u64>(), low in any::<i64>(), high in any::<i64>()) {
        let mut rng = Pcg64::new(seed);
        match rng.integers(low, high) {
            Some(drawn) => prop_assert!((low..high).contains(&drawn)),
            None => prop_assert!(low >= high),
        }
        let max = seed >> (seed % 64);
        prop_assert!(rng.bounded(max) <= max);
        prop_assert!(rng.masked(max) <= max);
    }

    #[test]
    fn property_children_of_a_seed_are_the_same_however_they_are_spawned(seed in any::<u128>(), n in 1..6_u32) {
        let mut at_once = SeedSequence::from_u128(seed);
        let mut one_by_one = at_once.clone();
        let children = at_once.spawn(n);
        let others: Vec<_> = (0..n).flat_map(|_| one_by_one.spawn(1)).collect();
        prop_assert_eq!(&children, &others);
        let mut words: Vec<_> = children.iter().map(|child| child.generate_u64(2)).collect();
        words.sort();
        words.dedup();
        prop_assert_eq!(words.len(), n as usize);
    }
}
