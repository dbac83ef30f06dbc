//! The influenza model of the `flu-calibration` experiment.

use epycloud_kernel::math::exp;

use super::parameter::{Parameter, Value};
use super::{Case, CaseKind, CaseTransition};

const GROUPS: usize = 5;
/// 2024-09-15 (the prior's reference date) to 2025-05-31, both included.
const STEPS: usize = 259;
/// People of 0-4, 5-17, 18-49, 50-64 and 65+ in an invented state of seven million.
const SIZES: [f64; GROUPS] = [
    352_410.0,
    1_038_275.0,
    3_012_860.0,
    1_361_940.0,
    1_234_515.0,
];
/// Contacts a day outside school, reciprocal up to rounding for these sizes; invented.
const AROUND: [[f64; GROUPS]; GROUPS] = [
    [1.62, 0.88, 3.41, 0.66, 0.35],
    [0.30, 2.45, 3.52, 0.92, 0.41],
    [0.40, 1.21, 7.36, 1.94, 0.68],
    [0.17, 0.70, 4.29, 2.63, 0.97],
    [0.10, 0.34, 1.66, 1.07, 1.58],
];
/// Contacts a day in school.
const SCHOOL: [[f64; GROUPS]; GROUPS] = [
    [0.92, 0.35, 0.31, 0.05, 0.01],
    [0.12, 6.58, 0.84, 0.15, 0.02],
    [0.04, 0.29, 0.62, 0.04, 0.01],
    [0.01, 0.11, 0.09, 0.03, 0.01],
    [0.00, 0.02, 0.02, 0.01, 0.00],
];
/// What is left of school contacts on closed days.
const CLOSED_SCHOOLS: f64 = 0.344;
const P_HOSPITAL: [f64; GROUPS] = [0.007, 0.0027, 0.0056, 0.011, 0.0909];
const HOSPITAL_DAYS: [f64; GROUPS] = [2.7, 3.6, 5.8, 7.5, 5.1];
const DELAY_DAYS: [f64; GROUPS] = [1.26, 1.21, 1.91, 2.03, 1.5];
const P_ASYMPTOMATIC: f64 = 0.45;

/// Compartments of either branch; the vaccinated one stands right behind the other.
const STAGES: [&str; 11] = [
    "S",
    "L",
    "I_symp",
    "I_asymp",
    "Home_sev",
    "Home_mild",
    "Home_asymp",
    "Hosp",
    "R_sev",
    "R_mild",
    "R_asymp",
];
const IMMUNE: usize = 22;

/// The model of `flu-calibration`: 23 compartments, 27 transitions (the four infections of a branch
/// share a row of the record, which leaves 21), 5 age groups, 259 days.
///
/// Structure and fixed parameters are the experiment's. What it calibrates stands in the middle of
/// its priors: `L` 0.00055 of 0.0001–0.0010, `Initial_immune` 0.185 of 0.02–0.35, `Rt` 1.5 of
/// 1–2, `seasonality_min` 0.75 of 0.65–0.85. The start is the reference date of its prior
/// (2024-09-15 plus 0 to 79 days), so that the whole season is simulated. Population, contacts and
/// doses are invented.
#[must_use]
pub fn flu() -> Case {
    let contact_matrices = vec![contacts(1.0), contacts(CLOSED_SCHOOLS)];
    Case {
        name: "flu".to_owned(),
        seed: 42,
        dt: 1.0,
        linear_approximation: false,
        n_steps: STEPS,
        n_compartments: 23,
        group_sizes: SIZES.to_vec(),
        initial: initial(),
        parameters: parameters(&contact_matrices[0]),
        transitions: transitions(),
        contact_matrices,
        column_major: false,
        contact_of_step: (0..STEPS)
            .map(|day| u32::from(schools_are_closed(day)))
            .collect(),
        doses: vec![doses()],
    }
}

fn contacts(school: f64) -> Vec<f64> {
    AROUND
        .iter()
        .flatten()
        .zip(SCHOOL.iter().flatten())
        .map(|(a, s)| a + school * s)
        .collect()
}

/// Weekends (day 0 is a Sunday), a winter break and a week in April.
fn schools_are_closed(day: usize) -> bool {
    matches!(day % 7, 0 | 6) || (99..=108).contains(&day) || (211..=217).contains(&day)
}

fn compartment(stage: &str, vaccinated: bool) -> usize {
    let index = STAGES
        .iter()
        .position(|&known| known == stage)
        .expect("a stage of the model");
    2 * index + usize::from(vaccinated)
}

fn initial() -> Vec<i64> {
    let mut people = vec![0; 23 * GROUPS];
    for (group, &size) in SIZES.iter().enumerate() {
        let latent = (size * 0.000_55) as i64;
        let immune = (size * 0.185) as i64;
        people[compartment("L", false) * GROUPS + group] = latent;
        people[IMMUNE * GROUPS + group] = immune;
        people[group] = size as i64 - latent - immune;
    }
    people
}

/// Indices of [`parameters`].
mod index {
    pub(super) const BETA: usize = 0;
    pub(super) const BETA_ASYMPTOMATIC: usize = 1;
    pub(super) const BETA_VACCINATED: usize = 2;
    pub(super) const BETA_ASYMPTOMATIC_VACCINATED: usize = 3;
    pub(super) const ONSET_SYMPTOMATIC: usize = 4;
    pub(super) const ONSET_ASYMPTOMATIC: usize = 5;
    pub(super) const HOME_SEVERE: usize = 6;
    pub(super) const HOME_MILD: usize = 7;
    pub(super) const MU: usize = 8;
    pub(super) const DELTA: usize = 9;
    pub(super) const ETA: usize = 10;
    pub(super) const MU_HOSPITAL: usize = 11;
}

fn parameters(contacts: &[f64]) -> Vec<Parameter> {
    let mu = 1.0 / 1.5;
    let eps = 1.0 / 1.5;
    let beta =
        1.5 * mu / (largest_eigenvalue(contacts) * (1.0 - P_ASYMPTOMATIC + P_ASYMPTOMATIC * 0.5));
    let seasonality = seasonality();
    let by_step = |factor: f64| {
        Value::ByStep(
            seasonality
                .iter()
                .map(|season| beta * season * factor)
                .collect(),
        )
    };
    let by_group = |values: [f64; GROUPS], rate: fn(f64) -> f64| {
        Value::ByGroup(values.into_iter().map(rate).collect())
    };
    [
        by_step(1.0),
        by_step(0.5),
        by_step(0.7),
        by_step(0.5 * 0.5),
        Value::Scalar(eps * (1.0 - P_ASYMPTOMATIC)),
        Value::Scalar(eps * P_ASYMPTOMATIC),
        by_group(P_HOSPITAL, |p| p / 1.5),
        by_group(P_HOSPITAL, |p| (1.0 - p) / 1.5),
        Value::Scalar(mu),
        by_group(DELAY_DAYS, |days| 1.0 / days),
        Value::Scalar(1.0 / 3.5),
        by_group(HOSPITAL_DAYS, |days| 1.0 / days),
    ]
    .map(Parameter::new)
    .to_vec()
}

/// Balcan et al. 2010, equation 25, for every day: 1 on October 1 (day 16), 0.75 half a year
/// later. Turns a vector by a day at a time, because the sine of the host's C library may differ.
fn seasonality() -> Vec<f64> {
    const COSINE_OF_A_DAY: f64 = 0.999_851_839_209_116_2;
    const SINE_OF_A_DAY: f64 = 0.017_213_356_155_834_685;
    let (mut cosine, mut sine) = (1.0, 0.0);
    let turn = |cosine: f64, sine: f64, by: f64| {
        (
            cosine * COSINE_OF_A_DAY - sine * by,
            sine * COSINE_OF_A_DAY + cosine * by,
        )
    };
    for _ in 0..16 {
        (cosine, sine) = turn(cosine, sine, -SINE_OF_A_DAY);
    }
    (0..STEPS)
        .map(|_| {
            let factor = (0.25 * cosine + 1.75) / 2.0;
            (cosine, sine) = turn(cosine, sine, SINE_OF_A_DAY);
            factor
        })
        .collect()
}

/// By power iteration.
fn largest_eigenvalue(matrix: &[f64]) -> f64 {
    let mut vector = [1.0; GROUPS];
    let mut value = 0.0;
    for _ in 0..200 {
        let mut next = [0.0; GROUPS];
        for (row, entry) in matrix.chunks_exact(GROUPS).zip(&mut next) {
            *entry = row.iter().zip(&vector).map(|(m, v)| m * v).sum();
        }
        value = next.iter().copied().fold(0.0, f64::max);
        vector = next.map(|entry| entry / value);
    }
    value
}

fn transitions() -> Vec<CaseTransition> {
    let mut transitions = Vec::new();
    for vaccinated in [false, true] {
        infections(&mut transitions, vaccinated);
        progression(&mut transitions, vaccinated);
    }
    let eligible = [
        "S",
        "L",
        "I_asymp",
        "Home_asymp",
        "R_sev",
        "R_mild",
        "R_asymp",
    ]
    .map(|stage| compartment(stage, false))
    .into_iter()
    .chain([IMMUNE])
    .collect();
    transitions.push(CaseTransition {
        source: compartment("S", false),
        target: compartment("S", true),
        kind: CaseKind::Vaccination {
            schedule: 0,
            origin: compartment("S", false),
            eligible,
        },
    });
    transitions
}

fn infections(transitions: &mut Vec<CaseTransition>, vaccinated: bool) {
    let (symptomatic, asymptomatic) = if vaccinated {
        (index::BETA_VACCINATED, index::BETA_ASYMPTOMATIC_VACCINATED)
    } else {
        (index::BETA, index::BETA_ASYMPTOMATIC)
    };
    for by_vaccinated in [vaccinated, !vaccinated] {
        for (stage, parameter) in [("I_symp", symptomatic), ("I_asymp", asymptomatic)] {
            let mediator = compartment(stage, by_vaccinated);
            transitions.push(CaseTransition {
                source: compartment("S", vaccinated),
                target: compartment("L", vaccinated),
                kind: CaseKind::Mediated {
                    parameter,
                    mediator,
                },
            });
        }
    }
}

fn progression(transitions: &mut Vec<CaseTransition>, vaccinated: bool) {
    for (source, target, parameter) in [
        ("L", "I_symp", index::ONSET_SYMPTOMATIC),
        ("L", "I_asymp", index::ONSET_ASYMPTOMATIC),
        ("I_symp", "Home_sev", index::HOME_SEVERE),
        ("I_symp", "Home_mild", index::HOME_MILD),
        ("I_asymp", "Home_asymp", index::MU),
        ("Home_sev", "Hosp", index::DELTA),
        ("Home_mild", "R_mild", index::ETA),
        ("Home_asymp", "R_asymp", index::ETA),
        ("Hosp", "R_sev", index::MU_HOSPITAL),
    ] {
        transitions.push(CaseTransition {
            source: compartment(source, vaccinated),
            target: compartment(target, vaccinated),
            kind: CaseKind::Spontaneous { parameter },
        });
    }
}

/// A campaign that peaks in the middle of October, a third of the people in all.
fn doses() -> Vec<f64> {
    const COVERAGE: [f64; GROUPS] = [0.42, 0.38, 0.24, 0.37, 0.62];
    let wave = |day: usize| exp(-((day as f64 - 32.0) / 25.0) * ((day as f64 - 32.0) / 25.0));
    let total: f64 = (0..STEPS).map(wave).sum();
    (0..STEPS)
        .flat_map(|day| {
            (0..GROUPS)
                .map(move |group| (SIZES[group] * COVERAGE[group] * wave(day) / total).floor())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_experiments_shape() {
        let case = flu();
        case.with_kernel(|plan, _| {
            assert_eq!(plan.n_compartments(), 23);
            assert_eq!(plan.transition_pairs().len(), 21);
        });
        assert_eq!(case.transitions.len(), 27);
        let season = seasonality();
        assert!((season[16] - 1.0).abs() < 1e-12);
        assert!((season[16 + 182] - 0.75).abs() < 1e-4);
        let people: i64 = case.initial.iter().sum();
        assert_eq!(people as f64, SIZES.iter().sum::<f64>());
    }
}
