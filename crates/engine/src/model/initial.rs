//! Who is in which compartment at the start.

use super::choice::Choice;
use super::community::Community;
use super::error::ModelError;
use crate::numpy_sum::numpy_sum;
use crate::schema::basemodel::{Compartment, InitialCondition, Transition, TransitionKind};

/// Share of everybody that epydemix puts into infectious compartments when an experiment says
/// nothing about the start.
const DEFAULT_SHARE_INFECTIOUS: f64 = 0.0005;

/// People in each compartment and group at the start, before they are cut to whole people.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InitialCounts {
    /// For each compartment its name and `[G]` people; `None` where the experiment says nothing.
    compartments: Vec<(String, Option<Vec<f64>>)>,
    /// Whether any compartment says who is in it.
    is_given: bool,
}

impl InitialCounts {
    /// Places people as the experiment says (the suite's `calculate_compartment_initial_conditions`).
    ///
    /// A count is spread over the groups by their size, a proportion is of every group, and what is
    /// left over in each group is shared equally among the default compartments. What is chosen for
    /// a compartment takes the place of what the experiment says, except in default compartments.
    ///
    /// # Errors
    /// When more people are placed in a group than it has, or nothing is chosen for a compartment
    /// that is sampled or calibrated.
    pub(crate) fn place(
        compartments: &[Compartment],
        community: &Community,
        choice: &Choice<'_>,
    ) -> Result<Self, ModelError> {
        let sizes = &community.sizes;
        let mut left = sizes.clone();
        let mut placed = Vec::with_capacity(compartments.len());
        let is_default =
            |compartment: &Compartment| matches!(compartment.init, Some(InitialCondition::Default));
        for compartment in compartments {
            let chosen = choice.compartment(&compartment.id);
            let people = match (&compartment.init, chosen) {
                (Some(InitialCondition::Default), _) | (None, None) => None,
                (_, Some(value)) => {
                    let condition = InitialCondition::Scalar(value);
                    Some(people(compartment, &condition, sizes)?)
                }
                (Some(condition), None) => Some(people(compartment, condition, sizes)?),
            };
            for (left, people) in left.iter_mut().zip(people.iter().flatten()) {
                *left -= people;
            }
            placed.push((compartment.id.clone(), people));
        }
        let n_default = compartments
            .iter()
            .filter(|&compartment| is_default(compartment))
            .count();
        if n_default > 0 {
            if let Some(group) = left.iter().position(|&people| people < 0.0) {
                return Err(ModelError::TooManyPeople {
                    group: community.groups[group].clone(),
                    placed: sizes[group] - left[group],
                    people: sizes[group],
                });
            }
            #[expect(clippy::cast_precision_loss, reason = "compartments are few")]
            let share: Vec<f64> = left
                .iter()
                .map(|people| people / n_default as f64)
                .collect();
            for (compartment, (_, people)) in compartments.iter().zip(&mut placed) {
                if is_default(compartment) {
                    *people = Some(share.clone());
                }
            }
        }
        let is_given = placed.iter().any(|(_, people)| people.is_some());
        Ok(Self {
            compartments: placed,
            is_given,
        })
    }

    /// The share of everybody in a compartment that says who is in it.
    pub(crate) fn share(&self, compartment: &str, sizes: &[f64]) -> Option<f64> {
        let (_, people) = self
            .compartments
            .iter()
            .find(|(name, _)| name == compartment)?;
        people
            .as_ref()
            .map(|people| numpy_sum(people) / numpy_sum(sizes))
    }

    /// Whole people, `[C, G]` row-major: fractions are cut off.
    ///
    /// When no compartment says anything, epydemix's default is used: 0.05 % of every group in the
    /// infectious compartments and everybody else in those where infection starts.
    pub(crate) fn whole(
        &self,
        transitions: &[Transition],
        sizes: &[f64],
    ) -> Result<Vec<i64>, ModelError> {
        let n_groups = sizes.len();
        if !self.is_given {
            let names: Vec<&str> = self
                .compartments
                .iter()
                .map(|(name, _)| name.as_str())
                .collect();
            return default_counts(&names, transitions, sizes);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "fractions of people are cut off"
        )]
        let whole = |people: &Option<Vec<f64>>| {
            people.as_ref().map_or_else(
                || vec![0; n_groups],
                |people| people.iter().map(|&people| people as i64).collect(),
            )
        };
        Ok(self
            .compartments
            .iter()
            .flat_map(|(_, people)| whole(people))
            .collect())
    }
}

fn people(
    compartment: &Compartment,
    condition: &InitialCondition,
    sizes: &[f64],
) -> Result<Vec<f64>, ModelError> {
    let invalid = |value: f64| ModelError::InitialCondition {
        compartment: compartment.id.clone(),
        value,
    };
    let not_chosen = |kind| ModelError::NotChosen {
        kind,
        name: compartment.id.clone(),
    };
    match condition {
        InitialCondition::Scalar(value) if *value >= 1.0 && value.is_finite() => {
            let everybody = numpy_sum(sizes);
            Ok(sizes.iter().map(|size| value * size / everybody).collect())
        }
        InitialCondition::Scalar(share) if (0.0..1.0).contains(share) => {
            Ok(sizes.iter().map(|size| size * share).collect())
        }
        InitialCondition::Scalar(value) => Err(invalid(*value)),
        InitialCondition::ByGroup(values) if values.len() == sizes.len() => values
            .iter()
            .zip(sizes)
            .map(|(&value, size)| match value {
                count if count >= 1.0 && count.is_finite() => Ok(count),
                share if (0.0..1.0).contains(&share) => Ok(size * share),
                _ => Err(invalid(value)),
            })
            .collect(),
        InitialCondition::ByGroup(values) => Err(ModelError::ParameterGroups {
            parameter: compartment.id.clone(),
            found: values.len(),
            n_groups: sizes.len(),
        }),
        InitialCondition::Default => Ok(vec![0.0; sizes.len()]),
        InitialCondition::Sampled => Err(not_chosen("sampled")),
        InitialCondition::Calibrated => Err(not_chosen("calibrated")),
    }
}

/// epydemix's `create_default_initial_conditions`.
fn default_counts(
    compartments: &[&str],
    transitions: &[Transition],
    sizes: &[f64],
) -> Result<Vec<i64>, ModelError> {
    let infectious = distinct(transitions.iter().filter_map(mediator));
    if infectious.is_empty() {
        return Err(ModelError::NoInitialCondition);
    }
    let susceptible = residual_compartments(transitions);
    let n_groups = sizes.len();
    let mut counts = vec![0_i64; compartments.len() * n_groups];
    #[expect(
        clippy::cast_possible_truncation,
        reason = "fractions of people are cut off"
    )]
    #[expect(clippy::cast_possible_wrap, reason = "compartments are few")]
    for (group, size) in sizes.iter().enumerate() {
        let each_infectious = (size * DEFAULT_SHARE_INFECTIOUS) as i64 / infectious.len() as i64;
        let left = size - (each_infectious * infectious.len() as i64) as f64;
        let each_susceptible = (left / susceptible.len() as f64).floor() as i64;
        for (at, name) in compartments.iter().enumerate() {
            let count = &mut counts[at * n_groups + group];
            if infectious.contains(name) {
                *count = each_infectious;
            }
            if susceptible.contains(name) {
                *count = each_susceptible;
            }
        }
    }
    Ok(counts)
}

/// Compartments that hold everybody who isn't infectious: sources of infection that nobody enters.
/// Where everyone of them is entered (as in SIRS), the ones with most infections leaving, of these
/// those that no infection enters, and of these those that none of the others feeds.
fn residual_compartments(transitions: &[Transition]) -> Vec<&str> {
    let mediated = || {
        transitions
            .iter()
            .filter(|transition| mediator(transition).is_some())
    };
    let sources = distinct(mediated().map(|transition| transition.source.as_str()));
    let entered = |compartment: &&str| transitions.iter().any(|t| t.target == **compartment);
    let unentered = keep(&sources, |source| !entered(source));
    if !unentered.is_empty() {
        return unentered;
    }
    let n_infections = |source: &&str| mediated().filter(|t| t.source == **source).count();
    let most = sources.iter().map(n_infections).max().unwrap_or(0);
    let candidates = keep(&sources, |source| n_infections(source) == most);
    let candidates = prefer(candidates, |candidate| {
        !mediated().any(|t| t.target == **candidate)
    });
    let others = candidates.clone();
    prefer(candidates, |candidate| {
        !transitions.iter().any(|t| {
            t.target == **candidate && t.source != t.target && others.contains(&t.source.as_str())
        })
    })
}

fn mediator(transition: &Transition) -> Option<&str> {
    match &transition.kind {
        TransitionKind::Mediated { mediator, .. } => Some(mediator),
        _ => None,
    }
}

fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut distinct: Vec<&str> = Vec::new();
    for name in names {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    distinct
}

fn keep<'a>(names: &[&'a str], condition: impl Fn(&&'a str) -> bool) -> Vec<&'a str> {
    names
        .iter()
        .copied()
        .filter(|name| condition(name))
        .collect()
}

/// The names that meet a condition, or all of them when none does.
fn prefer<'a>(names: Vec<&'a str>, condition: impl Fn(&&'a str) -> bool) -> Vec<&'a str> {
    let preferred = keep(&names, condition);
    if preferred.is_empty() {
        names
    } else {
        preferred
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::{community, compartment, mediated, spontaneous};

    fn whole(
        compartments: &[Compartment],
        transitions: &[Transition],
        sizes: &[f64],
    ) -> Result<Vec<i64>, ModelError> {
        InitialCounts::place(compartments, &community(sizes), &Choice::default())?
            .whole(transitions, sizes)
    }

    #[test]
    fn counts_are_spread_proportions_are_taken_and_the_rest_is_shared() {
        let compartments = [
            compartment("S", Some(InitialCondition::Default)),
            compartment("T", Some(InitialCondition::Default)),
            compartment("I", Some(InitialCondition::Scalar(10.0))),
            compartment("R", Some(InitialCondition::Scalar(0.25))),
            compartment("M", Some(InitialCondition::ByGroup(vec![7.0, 0.5]))),
            compartment("D", None),
        ];
        // 10 of 1300 spread: 2.3 and 7.7; a quarter: 75 and 250; by group: 7 and 500; left: 215.7
        // and 242.3, halved; fractions are cut off.
        let counts = whole(&compartments, &[], &[300.0, 1000.0]).unwrap();
        assert_eq!(counts, [107, 121, 107, 121, 2, 7, 75, 250, 7, 500, 0, 0]);
    }

    #[test]
    fn what_is_chosen_takes_the_place_of_what_is_left_open() {
        let compartments = [
            compartment("S", Some(InitialCondition::Default)),
            compartment("I", Some(InitialCondition::Calibrated)),
            compartment("R", Some(InitialCondition::Scalar(0.25))),
        ];
        let chosen = [("I", 13.0), ("R", 0.5), ("S", 0.9)].map(|(id, v)| (id.to_owned(), v));
        let choice = Choice {
            compartments: &chosen,
            ..Choice::default()
        };
        let community = community(&[300.0, 1000.0]);
        let placed = InitialCounts::place(&compartments, &community, &choice).unwrap();
        let counts = placed.whole(&[], &community.sizes).unwrap();
        assert_eq!(counts, [147, 490, 3, 10, 150, 500]);
        let error = InitialCounts::place(&compartments, &community, &Choice::default());
        assert_eq!(
            error.unwrap_err().to_string(),
            "nothing is chosen for `I`, which is calibrated"
        );
    }

    #[test]
    fn more_people_than_there_are_name_the_group() {
        let compartments = [
            compartment("S", Some(InitialCondition::Default)),
            compartment("I", Some(InitialCondition::ByGroup(vec![0.0, 900.0]))),
            compartment("R", Some(InitialCondition::Scalar(0.2))),
        ];
        let error = whole(&compartments, &[], &[300.0, 1000.0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the compartments start with 1100 people in age group `18+`, which has 1000"
        );
    }

    #[test]
    fn without_any_initial_condition_epydemix_has_a_default() {
        let compartments = ["S", "I", "R"].map(|id| compartment(id, None));
        let sir = [mediated("S", "I", "I"), spontaneous("I", "R")];
        let sizes = [3000.0, 10_000.0];
        assert_eq!(
            whole(&compartments, &sir, &sizes).unwrap(),
            [2999, 9995, 1, 5, 0, 0]
        );
        // In SIRS, S is entered too, and still the one where infection starts.
        let sirs = [sir[0].clone(), sir[1].clone(), spontaneous("R", "S")];
        assert_eq!(
            whole(&compartments, &sirs, &sizes).unwrap(),
            [2999, 9995, 1, 5, 0, 0]
        );
        let error = whole(&compartments, &[spontaneous("S", "I")], &sizes).unwrap_err();
        assert!(matches!(error, ModelError::NoInitialCondition));
    }

    #[test]
    fn shares_are_of_everybody_and_before_fractions_are_cut() {
        let compartments = [
            compartment("S", Some(InitialCondition::Default)),
            compartment("R", Some(InitialCondition::ByGroup(vec![0.1, 0.3]))),
            compartment("D", None),
        ];
        let sizes = [305.0, 1000.0];
        let community = community(&sizes);
        let counts = InitialCounts::place(&compartments, &community, &Choice::default()).unwrap();
        assert_eq!(counts.share("R", &sizes), Some((30.5 + 300.0) / 1305.0));
        assert_eq!(counts.share("D", &sizes), None);
        assert_eq!(counts.share("X", &sizes), None);
    }
}
