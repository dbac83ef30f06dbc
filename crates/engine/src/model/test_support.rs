//! What the unit tests of building share: made-up people and model parts.

use super::community::Community;
use crate::population::LAYERS;
use crate::schema::basemodel::{Compartment, InitialCondition, Rate, Transition, TransitionKind};

/// Two age groups of a place that no table knows, without contacts.
pub(super) fn community(sizes: &[f64]) -> Community {
    let groups = vec!["0-17".to_owned(), "18+".to_owned()];
    assert_eq!(sizes.len(), groups.len());
    Community {
        name: "Harbour_Island".into(),
        groups,
        sizes: sizes.to_vec(),
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
