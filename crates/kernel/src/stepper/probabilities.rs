//! Probabilities of leaving for each destination, as epydemix's `_multinomial_probs` has them.

use crate::inputs::Inputs;
use crate::math::expm1;
use crate::plan::{Role, Source};
use crate::random::{InvalidDraw, check_probabilities};

/// Memory for one draw's probabilities.
#[derive(Debug, Clone, Default)]
pub(super) struct Probabilities(Vec<f64>);

impl Probabilities {
    /// Probabilities of the drawn categories and of the remainder, from rates `[destinations, G]`.
    #[inline]
    pub(super) fn of_group(
        &mut self,
        source: &Source,
        inputs: &Inputs<'_>,
        group: usize,
        rates: &[f64],
    ) -> &[f64] {
        let groups = inputs.group_sizes.len();
        // The hazard grows in the order of the compartments: addition isn't associative.
        let mut hazard = 0.0;
        for rate in rates.iter().skip(group).step_by(groups) {
            hazard += rate * inputs.dt;
        }
        let leave = Leave::new(hazard, inputs.linear_approximation);
        self.0.clear();
        self.0.extend(
            source
                .drawn
                .iter()
                .chain([&source.remainder])
                .map(|category| match category.role {
                    Role::Stay => leave.p_stay,
                    Role::Rest => 0.0,
                    Role::Leave(destination) => {
                        leave.probability(rates[destination * groups + group] * inputs.dt)
                    }
                }),
        );
        &self.0
    }
}

/// How a total hazard becomes probabilities.
struct Leave {
    p_stay: f64,
    scale: Option<f64>,
}

impl Leave {
    fn new(hazard: f64, linear_approximation: bool) -> Self {
        // A hazard that isn't a number goes on, so that its probabilities are refused.
        if hazard <= 0.0 {
            Self {
                p_stay: 1.0,
                scale: None,
            }
        } else if linear_approximation {
            Self {
                p_stay: 1.0 - hazard,
                scale: Some(1.0),
            }
        } else {
            let p_leave = -expm1(-hazard);
            Self {
                p_stay: 1.0 - p_leave,
                scale: Some(p_leave / hazard),
            }
        }
    }

    fn probability(&self, hazard: f64) -> f64 {
        self.scale.map_or(0.0, |scale| hazard * scale)
    }
}

/// numpy's checks, naming the compartment.
///
/// numpy also sums the zeros of compartments that aren't destinations, which can't lift a sum over
/// its limit.
#[inline]
pub(super) fn check(p: &[f64], compartments: &[usize]) -> Result<(), InvalidDraw> {
    check_probabilities(p).map_err(|error| match error {
        InvalidDraw::ProbabilityOutOfRange { category, value } => {
            InvalidDraw::ProbabilityOutOfRange {
                category: compartments[category],
                value,
            }
        }
        other => other,
    })
}
