//! A task's transitions as the kernel takes them.

use epycloud_kernel::{DosesId, Kind, Model, RateId, Transition};

use super::task::TaskTransition;

/// The kernel's model; all vaccinations share the doses, and the people of `eligible` share them.
pub(crate) fn kernel_model(
    transitions: &[TaskTransition],
    eligible: &[u32],
    n_compartments: usize,
    n_groups: usize,
) -> Model {
    let kind = |transition: &TaskTransition| match (transition.rate, transition.mediator) {
        (Some(rate), Some(mediator)) => Kind::Mediated {
            rate: RateId(rate as usize),
            mediator: mediator as usize,
        },
        (Some(rate), None) => Kind::Spontaneous {
            rate: RateId(rate as usize),
        },
        (None, _) => Kind::Vaccination {
            doses: DosesId(0),
            origin: transition.source as usize,
            eligible: eligible.iter().map(|&index| index as usize).collect(),
        },
    };
    Model {
        n_compartments,
        n_groups,
        transitions: transitions
            .iter()
            .map(|transition| Transition {
                source: transition.source as usize,
                target: transition.target as usize,
                kind: kind(transition),
            })
            .collect(),
    }
}

/// `{source}_to_{target}` of each of a plan's pairs.
pub(crate) fn pair_names(pairs: &[(usize, usize)], compartments: &[String]) -> Vec<String> {
    pairs
        .iter()
        .map(|&(source, target)| format!("{}_to_{}", compartments[source], compartments[target]))
        .collect()
}
