//! A small epidemic that both sides of the comparisons simulate: `tests/oracle/epydemix_abc.py`
//! has the same one.
#![allow(dead_code, reason = "each test binary uses its own part")]

use epycloud_engine::calibration::Distance;
use epycloud_engine::calibration::abc::{Simulated, Simulator};
use epycloud_engine::priors::Prior;
use epycloud_engine::schema::modelset::Distribution;
use epycloud_kernel::random::Pcg64;

/// People.
const N: i64 = 1000;
/// Days an observation is the sum of.
const DAYS: usize = 5;
/// Probability of recovering in a day.
const P_RECOVER: f64 = 0.2;
/// New infections of five days each.
pub(crate) const OBSERVED: [f64; 6] = [12.0, 41.0, 118.0, 196.0, 172.0, 95.0];

/// Priors of the transmission rate and of the number of people infected at first.
pub(crate) fn priors() -> Vec<Prior> {
    [("uniform", [0.2, 0.6]), ("randint", [1.0, 20.0])]
        .into_iter()
        .map(|(name, args)| {
            let distribution = Distribution {
                name: name.into(),
                args: args.to_vec(),
                kwargs: vec![],
            };
            Prior::new(&distribution).unwrap()
        })
        .collect()
}

fn binomial(rng: &mut Pcg64, n: i64, p: f64) -> i64 {
    epycloud_kernel::random::binomial(rng, n, p).unwrap()
}

/// Chain-binomial SIR.
pub(crate) struct SmallEpidemic {
    pub(crate) distance: Distance,
    /// Whether hopeless simulations are given up.
    pub(crate) gives_up: bool,
}

impl Simulator for SmallEpidemic {
    type Scratch = ();

    fn scratch(&self) {}

    fn simulate(
        &self,
        parameters: &[f64],
        rng: &mut Pcg64,
        epsilon: f64,
        (): &mut (),
    ) -> Simulated {
        let (beta, mut infected) = (parameters[0], parameters[1] as i64);
        let mut susceptible = N - infected;
        let limit = self.distance.limit(epsilon);
        let mut sum = 0.0;
        let mut data = Vec::new();
        for index in 0..OBSERVED.len() {
            let mut new = 0;
            for _ in 0..DAYS {
                let p_infected = 1.0 - (-beta * infected as f64 / N as f64).exp();
                let infections = binomial(rng, susceptible, p_infected);
                let recoveries = binomial(rng, infected, P_RECOVER);
                susceptible -= infections;
                infected += infections - recoveries;
                new += infections;
            }
            sum += self.distance.term(index, new as f64);
            if self.gives_up && sum > limit {
                return Simulated::TooFar;
            }
            data.push(new as f64);
        }
        Simulated::Finished {
            distance: self.distance.of(&data),
            data,
            failed: false,
        }
    }
}

/// An outbreak among few people, of which only the size is observed, so that simulations often
/// match it exactly.
pub(crate) struct Outbreak {
    pub(crate) distance: Distance,
}

impl Outbreak {
    /// People infected within twelve days, of forty.
    pub(crate) fn size(parameters: &[f64], rng: &mut Pcg64) -> f64 {
        const PEOPLE: i64 = 40;
        let (beta, first) = (parameters[0], parameters[1] as i64);
        let (mut susceptible, mut infected) = (PEOPLE - first, first);
        for _ in 0..12 {
            let p_infected = 1.0 - (-beta * infected as f64 / PEOPLE as f64).exp();
            let infections = binomial(rng, susceptible, p_infected);
            let recoveries = binomial(rng, infected, 0.5);
            susceptible -= infections;
            infected += infections - recoveries;
        }
        (PEOPLE - susceptible) as f64
    }
}

impl Simulator for Outbreak {
    type Scratch = ();

    fn scratch(&self) {}

    fn simulate(&self, parameters: &[f64], rng: &mut Pcg64, _: f64, (): &mut ()) -> Simulated {
        let data = vec![Self::size(parameters, rng)];
        Simulated::Finished {
            distance: self.distance.of(&data),
            data,
            failed: false,
        }
    }
}
