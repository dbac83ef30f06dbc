//! A distribution as an experiment names it.

use serde::{Deserialize, Serialize};

/// A distribution of `scipy.stats` with its arguments, as the YAML has them.
///
/// What the arguments mean depends on the workflow: a calibration's prior means what scipy means
/// ([`crate::priors`]), a sampling modelset takes `args` as the two ends of a range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distribution {
    /// scipy's name (`uniform`, `randint`, …).
    pub name: String,
    /// Positional arguments.
    pub args: Vec<f64>,
    /// Keyword arguments, in document order.
    pub kwargs: Vec<(String, f64)>,
}
