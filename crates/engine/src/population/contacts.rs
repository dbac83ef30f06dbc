//! Contact matrices of a location, aggregated to an experiment's age groups.

use epycloud_config::SuiteBehaviour;

use super::LAYERS;
use super::age_groups::AgeGroup;
use super::demography::Demography;
use super::error::PopulationError;
use super::folder::{Place, PopulationFolder};
use super::source;
use crate::tables::Table;

/// Loads the matrices of every layer of [`LAYERS`] and aggregates each to `[G, G]`.
pub(super) fn load(
    folder: &PopulationFolder,
    place: &Place,
    demography: &Demography,
    groups: &[AgeGroup],
    behaviour: SuiteBehaviour,
) -> Result<[Vec<f64>; LAYERS.len()], PopulationError> {
    let bins = source::bins(&place.contact_source).ok_or_else(|| PopulationError::Source {
        source_name: place.contact_source.clone(),
        location: place.name.clone(),
    })?;
    let aggregation = Aggregation {
        group_of_bins: source::group_of_bins(&place.contact_source, &bins, groups)?,
        bin_sizes: bins
            .iter()
            .map(|&(first, last)| demography.people(first, last))
            .collect(),
        group_sizes: demography.group_sizes(groups)?,
    };
    let mut layers: [Vec<f64>; LAYERS.len()] = Default::default();
    for (layer, name) in layers.iter_mut().zip(LAYERS) {
        let matrix = read(folder, place, name, bins.len(), behaviour)?;
        *layer = aggregation.apply(&matrix);
    }
    Ok(layers)
}

/// Reads one layer's matrix, `[n_bins, n_bins]` row-major.
fn read(
    folder: &PopulationFolder,
    place: &Place,
    layer: &'static str,
    n_bins: usize,
    behaviour: SuiteBehaviour,
) -> Result<Vec<f64>, PopulationError> {
    let path = folder.contact_matrix(place, layer);
    if !path.is_file() {
        return Err(PopulationError::NoContactMatrix {
            location: place.name.clone(),
            source_name: place.contact_source.clone(),
            layer,
            path,
        });
    }
    let table = Table::read_without_header(&path)?;
    let shape = (
        table.rows().len(),
        table.rows().next().map_or(0, |row| row.len()),
    );
    if shape != (n_bins, n_bins) {
        return Err(PopulationError::MatrixShape {
            path,
            rows: shape.0,
            columns: shape.1,
            source_name: place.contact_source.clone(),
            expected: n_bins,
        });
    }
    let mut matrix = Vec::with_capacity(n_bins * n_bins);
    for row in table.rows() {
        for column in 0..n_bins {
            let contacts = row.number(column, behaviour)?;
            if !contacts.is_finite() || contacts < 0.0 {
                return Err(row.invalid(column, "a number of contacts").into());
            }
            matrix.push(contacts);
        }
    }
    Ok(matrix)
}

/// How a matrix of bins becomes a matrix of groups.
struct Aggregation {
    /// The group of each bin: `[B]`.
    group_of_bins: Vec<usize>,
    /// People in each bin: `[B]`.
    bin_sizes: Vec<f64>,
    /// People in each group: `[G]`.
    group_sizes: Vec<f64>,
}

impl Aggregation {
    /// Contacts of one person of each bin become contacts of the whole bin, these are added up in
    /// row order, and the sums are divided by the groups' people (epydemix's `aggregate_matrix`).
    fn apply(&self, matrix: &[f64]) -> Vec<f64> {
        let (n_bins, n_groups) = (self.bin_sizes.len(), self.group_sizes.len());
        let mut aggregated = vec![0.0; n_groups * n_groups];
        for (bin, row) in matrix.chunks_exact(n_bins).enumerate() {
            let group = self.group_of_bins[bin];
            for (contacts, &other) in row.iter().zip(&self.group_of_bins) {
                aggregated[group * n_groups + other] += contacts * self.bin_sizes[bin];
            }
        }
        for (row, size) in aggregated.chunks_exact_mut(n_groups).zip(&self.group_sizes) {
            row.iter_mut().for_each(|contacts| *contacts /= size);
        }
        aggregated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_are_averaged_over_the_people_of_a_group() {
        let aggregation = Aggregation {
            group_of_bins: vec![0, 0, 1],
            bin_sizes: vec![10.0, 30.0, 5.0],
            group_sizes: vec![40.0, 5.0],
        };
        let matrix = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
        // (10·(1+2) + 30·(4+5)) / 40, (10·3 + 30·6) / 40; (5·(7+8)) / 5, 9
        assert_eq!(aggregation.apply(&matrix), [7.5, 5.25, 15.0, 9.0]);
    }
}
