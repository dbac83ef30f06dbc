//! A compartmental model as plain numbers.

/// Compartments, groups and the transitions between compartments.
///
/// Compartments and groups are indices; rates and doses are references into the arrays that
/// [`Inputs`](crate::Inputs) brings, so that one model serves any number of parameter sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Number of compartments, C.
    pub n_compartments: usize,
    /// Number of population groups (ages), G.
    pub n_groups: usize,
    /// Transitions in registration order, which decides the order in which rates are summed.
    pub transitions: Vec<Transition>,
}

/// People moving from one compartment to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Compartment that people leave.
    pub source: usize,
    /// Compartment that people enter; the source itself records who stays.
    pub target: usize,
    /// What drives the transition.
    pub kind: Kind,
}

/// Index into [`Inputs::rates`](crate::Inputs::rates).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateId(pub usize);

/// Index into [`Inputs::doses`](crate::Inputs::doses).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DosesId(pub usize);

/// What drives a transition. Every kind reads the population at the start of the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// At a rate of its own: `rate`.
    Spontaneous {
        /// Rate per day.
        rate: RateId,
    },
    /// By contact: group g has the rate `rate * sum over h of (C[g, h] * mediator[h]) / N[h]`.
    Mediated {
        /// Rate per contact and day.
        rate: RateId,
        /// The infectious compartment.
        mediator: usize,
    },
    /// By doses, as `epymodelingsuite` shares them out: everybody eligible receives the same, and
    /// the people of `origin` move at the rate `(doses * (origin / eligible)) / origin`, at least
    /// zero; zero where nobody is eligible or in the origin.
    Vaccination {
        /// Doses per day.
        doses: DosesId,
        /// Compartment of the formula, as a rule the transition's source.
        origin: usize,
        /// Compartments whose people receive doses.
        eligible: Vec<usize>,
    },
    /// By doses, as epydemix's own `scheduled` kind shares them out: at the rate
    /// `min(doses / max(eligible, 1), 0.999)`. Without a list, the source's people are eligible,
    /// and an empty source has the rate zero.
    Scheduled {
        /// Doses per day.
        doses: DosesId,
        /// Compartments whose people receive doses; an empty list is as good as none.
        eligible: Option<Vec<usize>>,
    },
}
