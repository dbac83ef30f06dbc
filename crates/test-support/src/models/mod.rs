//! Models to simulate: random ones for comparisons with epydemix, and the shape of a real one for
//! measurements.
//!
//! A [`Case`] holds a whole simulation as plain numbers. Its JSON, one line a case, is what
//! `tests/oracle/epydemix_models.py` rebuilds an `EpiModel` from; every number survives that trip
//! unchanged.

mod flu;
mod parameter;
mod random;

use epycloud_kernel::{
    DosesId, Inputs, Kind, MatrixOrder, Model, Plan, RateId, Series, Transition,
};
use serde::Serialize;

pub use flu::flu;
pub use parameter::{Override, Parameter, Value};
pub use random::random;

/// A model with everything that one simulation of it needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// Tells cases apart in answers and messages.
    pub name: String,
    /// Seed of the stream.
    pub seed: u64,
    /// Step in days.
    pub dt: f64,
    /// Probabilities `rate * dt` instead of `1 - exp(-rate * dt)`.
    pub linear_approximation: bool,
    /// Number of steps, T.
    pub n_steps: usize,
    /// Number of compartments, C.
    pub n_compartments: usize,
    /// People in each group, `[G]`.
    pub group_sizes: Vec<f64>,
    /// People at the start, row-major `[C, G]`.
    pub initial: Vec<i64>,
    /// Parameters before overrides; the kernel's rates have the same indices.
    pub parameters: Vec<Parameter>,
    /// Transitions in registration order.
    pub transitions: Vec<CaseTransition>,
    /// Contact matrices, each row-major `[G, G]`.
    pub contact_matrices: Vec<Vec<f64>>,
    /// Whether numpy holds the matrices with contiguous columns.
    pub column_major: bool,
    /// Matrix of each step, `[T]`.
    pub contact_of_step: Vec<u32>,
    /// Dose schedules, each row-major `[T, G]`.
    pub doses: Vec<Vec<f64>>,
}

/// A transition of a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseTransition {
    /// Compartment that people leave.
    pub source: usize,
    /// Compartment that people enter.
    pub target: usize,
    /// What drives it.
    #[serde(flatten)]
    pub kind: CaseKind,
}

/// What drives a transition; the kernel's [`Kind`] in a form that serializes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CaseKind {
    /// At the rate of a parameter.
    Spontaneous {
        /// Index of the parameter.
        parameter: usize,
    },
    /// By contact with a compartment.
    Mediated {
        /// Index of the parameter.
        parameter: usize,
        /// The compartment.
        mediator: usize,
    },
    /// By doses, with the suite's formula.
    Vaccination {
        /// Index of the schedule.
        schedule: usize,
        /// Compartment of the formula.
        origin: usize,
        /// Compartments that share the doses.
        eligible: Vec<usize>,
    },
    /// By doses, with epydemix's formula.
    Scheduled {
        /// Index of the schedule.
        schedule: usize,
        /// Compartments that share the doses, if it is not the source alone.
        eligible: Option<Vec<usize>>,
    },
}

impl Case {
    /// Number of groups, G.
    #[must_use]
    pub fn n_groups(&self) -> usize {
        self.group_sizes.len()
    }

    /// The case as one line of JSON, without the line's end.
    ///
    /// # Panics
    /// Never: a case holds nothing that JSON can't.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a case is plain data")
    }

    /// The kernel's model.
    #[must_use]
    pub fn model(&self) -> Model {
        Model {
            n_compartments: self.n_compartments,
            n_groups: self.n_groups(),
            transitions: self
                .transitions
                .iter()
                .map(|transition| Transition {
                    source: transition.source,
                    target: transition.target,
                    kind: transition.kind.to_kernel(),
                })
                .collect(),
        }
    }

    /// Calls `use_them` with the compiled plan and the inputs, overrides applied.
    ///
    /// # Panics
    /// When the case's model doesn't compile, which would be a mistake in the case.
    pub fn with_kernel<R>(&self, use_them: impl FnOnce(&Plan, &Inputs<'_>) -> R) -> R {
        let groups = self.n_groups();
        let plan = Plan::compile(&self.model()).expect("a case's model compiles");
        let rates: Vec<_> = self
            .parameters
            .iter()
            .map(|parameter| parameter.rows(self.n_steps, groups))
            .collect();
        let series = |values: &'_ Vec<f64>| values.len() / groups;
        let rates: Vec<_> = rates
            .iter()
            .map(|values| Series {
                steps: series(values),
                values,
            })
            .collect();
        let doses: Vec<_> = self
            .doses
            .iter()
            .map(|values| Series {
                steps: series(values),
                values,
            })
            .collect();
        let order = if self.column_major {
            MatrixOrder::ColumnMajor
        } else {
            MatrixOrder::RowMajor
        };
        use_them(
            &plan,
            &Inputs {
                dt: self.dt,
                linear_approximation: self.linear_approximation,
                n_steps: self.n_steps,
                group_sizes: &self.group_sizes,
                initial: &self.initial,
                rates: &rates,
                contact_matrices: &self.contact_matrices.concat(),
                matrix_order: order,
                contact_of_step: &self.contact_of_step,
                doses: &doses,
            },
        )
    }
}

impl CaseKind {
    fn to_kernel(&self) -> Kind {
        match self {
            Self::Spontaneous { parameter } => Kind::Spontaneous {
                rate: RateId(*parameter),
            },
            Self::Mediated {
                parameter,
                mediator,
            } => Kind::Mediated {
                rate: RateId(*parameter),
                mediator: *mediator,
            },
            Self::Vaccination {
                schedule,
                origin,
                eligible,
            } => Kind::Vaccination {
                doses: DosesId(*schedule),
                origin: *origin,
                eligible: eligible.clone(),
            },
            Self::Scheduled { schedule, eligible } => Kind::Scheduled {
                doses: DosesId(*schedule),
                eligible: eligible.clone(),
            },
        }
    }
}
