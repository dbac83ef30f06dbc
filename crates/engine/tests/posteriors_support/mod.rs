//! What the comparison of posteriors consists of.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

pub(crate) mod native;
pub(crate) mod suite;
pub(crate) mod two_samples;

use std::collections::BTreeMap;

/// What a calibration comes to, by name: moments and quantiles of parameters, quantiles of a
/// projection.
pub(crate) type Numbers = BTreeMap<String, f64>;

/// Levels of the quantiles.
pub(crate) const LEVELS: [f64; 5] = [0.1, 0.25, 0.5, 0.75, 0.9];
