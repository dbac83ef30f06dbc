//! What the unit tests of building share: a made-up population and model parts.

use crate::population::{AgeGroup, LAYERS, Place, Population};
use crate::schema::basemodel::{Compartment, InitialCondition, Rate, Transition, TransitionKind};

/// Two age groups of a place that no table knows, without contacts.
pub(super) fn population(sizes: &[f64]) -> Population {
    let groups: Vec<AgeGroup> = ["0-17", "18+"]
        .into_iter()
        .map(|label| label.parse().unwrap())
        .collect();
    assert_eq!(sizes.len(), groups.len());
    Population {
        place: Place {
            name: "Harbour_Island".into(),
            location: None,
            folder: "Harbour_Island".into(),
            contact_source: "mistry_2021".into(),
        },
        groups,
        sizes: sizes.to_vec(),
        single_ages: vec![10.0; 85],
        contacts: [(); LAYERS.len()].map(|()| vec![0.0; sizes.len() * sizes.len()]),
    }
}

pub(super) fn compartment(id: &str, init: Option<InitialCondition>) -> Compartment {
    Compartment {
        id: id.into(),
        label: None,
        init,
    }
}

pub(super) fn mediated(source: &str, target: &str, mediator: &str) -> Transition {
    let kind = TransitionKind::Mediated {
        rate: Rate::Number(0.1),
        mediator: mediator.into(),
    };
    Transition {
        source: source.into(),
        target: target.into(),
        kind,
    }
}

pub(super) fn spontaneous(source: &str, target: &str) -> Transition {
    let kind = TransitionKind::Spontaneous {
        rate: Rate::Number(0.1),
    };
    Transition {
        source: source.into(),
        target: target.into(),
        kind,
    }
}
