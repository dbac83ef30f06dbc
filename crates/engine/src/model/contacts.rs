//! Overall contact matrices, step by step.

use nalgebra::DMatrix;

use super::community::Community;
use super::error::ModelError;
use super::steps::{Period, Steps};
use crate::population::LAYERS;
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
    community: &Community,
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
                matrices.extend(overall(community, &active));
                known.push(key);
                known.len() - 1
            });
        of_step.push(u32::try_from(at).unwrap_or(u32::MAX));
    }
    ContactSchedule { matrices, of_step }
}

fn overall(community: &Community, active: &[&Scaling]) -> Vec<f64> {
    let n_groups = community.n_groups();
    let mut sum = vec![0.0; n_groups * n_groups];
    for (layer, contacts) in community.contacts.iter().enumerate() {
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
pub(crate) fn eigenvalue(community: &Community) -> Result<f64, ModelError> {
    let n_groups = community.n_groups();
    let matrix = DMatrix::from_row_slice(n_groups, n_groups, &overall(community, &[]));
    let largest = matrix
        .complex_eigenvalues()
        .iter()
        .map(|eigenvalue| eigenvalue.re)
        .fold(f64::NEG_INFINITY, f64::max);
    if largest.is_finite() {
        Ok(largest)
    } else {
        Err(ModelError::Eigenvalue {
            population: community.name.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;
    use crate::model::test_support::community;

    fn people() -> Community {
        let mut community = community(&[300.0, 1000.0]);
        for (layer, factor) in community
            .contacts
            .iter_mut()
            .zip([1.0, 10.0, 100.0, 1000.0])
        {
            *layer = [1.0, 2.0, 3.0, 4.0]
                .map(|contacts| contacts * factor)
                .to_vec();
        }
        community
    }

    fn intervention(layer: &str, scaling_factor: f64, days: (i8, i8)) -> Intervention {
        Intervention::ContactMatrix {
            layer: layer.to_owned(),
            scaling_factor,
            start_date: Date::constant(2024, 9, days.0),
            end_date: Date::constant(2024, 9, days.1),
        }
    }

    #[test]
    fn layers_are_scaled_in_their_periods_and_equal_days_share_a_matrix() {
        let steps =
            Steps::new(Date::constant(2024, 9, 1), Date::constant(2024, 9, 6), 1.0).unwrap();
        let interventions = [
            intervention("school", 0.5, (2, 3)),
            intervention("work", 0.0, (3, 4)),
            intervention("school", 0.5, (6, 9)),
        ];
        let schedule = schedule(&people(), &scalings(&interventions).unwrap(), &steps);
        assert_eq!(schedule.of_step, [0, 1, 2, 3, 0, 1]);
        let first_contacts: Vec<f64> = schedule
            .matrices
            .chunks_exact(4)
            .map(|matrix| matrix[0])
            .collect();
        assert_eq!(first_contacts, [1111.0, 1110.5, 1100.5, 1101.0]);
    }

    #[test]
    fn scalings_of_the_same_layer_multiply() {
        let steps =
            Steps::new(Date::constant(2024, 9, 1), Date::constant(2024, 9, 1), 1.0).unwrap();
        let interventions = [
            intervention("home", 0.5, (1, 1)),
            intervention("home", 0.25, (1, 1)),
        ];
        let schedule = schedule(&people(), &scalings(&interventions).unwrap(), &steps);
        assert_eq!(schedule.matrices[3], 4.0 + 40.0 + 400.0 * 0.125 + 4000.0);
    }

    #[test]
    fn an_unknown_layer_lists_the_layers() {
        let error = scalings(&[intervention("gym", 0.5, (1, 1))]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "an intervention scales contact layer `gym`, which is not one of school, work, home, \
             community"
        );
    }

    #[test]
    fn the_eigenvalue_is_the_largest_of_the_summed_matrix() {
        // [[1, 2], [3, 4]] has (5 + sqrt(33)) / 2.
        let expected = 1111.0 * (5.0 + 33.0_f64.sqrt()) / 2.0;
        let found = eigenvalue(&people()).unwrap();
        assert!((found / expected - 1.0).abs() < 1e-14, "{found} {expected}");
    }
}
