//! What a task has in place of what the experiment leaves to sampling or calibration.

use crate::sampling::ParameterSet;

/// Chosen values, by name.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Choice<'a> {
    /// Parameters, in the order in which the suite adds them to the model. `seasonality_min` is
    /// also the trough of the seasonality.
    pub(crate) parameters: &'a [(String, f64)],
    /// People in compartments at the start: counts or proportions.
    pub(crate) compartments: &'a [(String, f64)],
}

impl<'a> Choice<'a> {
    /// The value of a parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<f64> {
        find(self.parameters, name)
    }

    /// The value of a compartment.
    pub(crate) fn compartment(&self, id: &str) -> Option<f64> {
        find(self.compartments, id)
    }
}

impl<'a> From<&'a ParameterSet> for Choice<'a> {
    fn from(set: &'a ParameterSet) -> Self {
        Self {
            parameters: &set.parameters,
            compartments: &set.compartments,
        }
    }
}

fn find(values: &[(String, f64)], name: &str) -> Option<f64> {
    values
        .iter()
        .find(|(known, _)| known == name)
        .map(|&(_, value)| value)
}
