//! Overall contact matrices, step by step.

use nalgebra::DMatrix;

use super::error::ModelError;
use super::steps::{Period, Steps};
use crate::population::{LAYERS, Population};
use crate::schema::basemodel::Intervention;

/// A contact layer's scaling during a period.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scaling {
    /// Index into [`LAYERS`].
    pub(crate) layer: usize,
    /// Factor.
    pub(crate) factor: f64,
    /// When.
    pub(crate) period: Period,
}

/// The different overall matrices and the one that each step uses.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ContactSchedule {
    /// `[M, G, G]`, row-major.
    pub(crate) matrices: Vec<f64>,
    /// `[T]`.
    pub(crate) of_step: Vec<u32>,
}

/// The contact-matrix interventions, in document order.
pub(crate) fn scalings(interventions: &[Intervention]) -> Result<Vec<Scaling>, ModelError> {
    interventions
        .iter()
        .filter_map(|intervention| match intervention {
            Intervention::ContactMatrix {
                layer,
                scaling_factor,
                start_date,
                end_date,
            } => {
                let period = Period::of_dates(*start_date, *end_date);
                Some(layer_index(layer).map(|layer| Scaling {
                    layer,
                    factor: *scaling_factor,
                    period,
                }))
            }
            _ => None,
        })
        .collect()
}

fn layer_index(layer: &str) -> Result<usize, ModelError> {
    LAYERS
        .iter()
        .position(|&known| known == layer)
        .ok_or_else(|| ModelError::NoLayer {
            layer: layer.to_owned(),
        })
}

/// Scales the layers at every step and adds them up (epydemix's `compute_contact_reductions`).
///
/// Scalings multiply one after the other, in the order given; layers are added in the order of
/// [`LAYERS`].
pub(crate) fn schedule(
    population: &Population,
    scalings: &[Scaling],
    steps: &Steps,
) -> ContactSchedule {
    let mut matrices = Vec::new();
    let mut known: Vec<Vec<(usize, u64)>> = Vec::new();
    let mut of_step = Vec::with_capacity(steps.n);
    for instant in steps.instants() {
        let active: Vec<&Scaling> = scalings
            .iter()
            .filter(|scaling| scaling.period.contains(instant))
            .collect();
        let key: Vec<(usize, u64)> = active
            .iter()
            .map(|scaling| (scaling.layer, scaling.factor.to_bits()))
            .collect();
        let at = known
            .iter()
            .position(|other| *other == key)
            .unwrap_or_else(|| {
                matrices.extend(overall(population, &active));
                known.push(key);
                known.len() - 1
            });
        of_step.push(u32::try_from(at).unwrap_or(u32::MAX));
    }
    ContactSchedule { matrices, of_step }
}

fn overall(population: &Population, active: &[&Scaling]) -> Vec<f64> {
    let n_groups = population.n_groups();
    let mut sum = vec![0.0; n_groups * n_groups];
    for (layer, contacts) in population.contacts.iter().enumerate() {
        for (sum, &contacts) in sum.iter_mut().zip(contacts) {
            let scaled = active
                .iter()
                .filter(|scaling| scaling.layer == layer)
                .fold(contacts, |contacts, scaling| contacts * scaling.factor);
            *sum += scaled;
        }
    }
    sum
}

/// The largest real part of an eigenvalue of the overall contact matrix without interventions.
pub(crate) fn eigenvalue(population: &Population) -> Result<f64, ModelError> {
    let n_groups = population.n_groups();
    let matrix = DMatrix::from_row_slice(n_groups, n_groups, &overall(population, &[]));
    let largest = matrix
        .complex_eigenvalues()
        .iter()
        .map(|eigenvalue| eigenvalue.re)
        .fold(f64::NEG_INFINITY, f64::max);
    if largest.is_finite() {
        Ok(largest)
    } else {
        Err(ModelError::Eigenvalue {
            population: population.place.name.clone(),
        })
    }
}
