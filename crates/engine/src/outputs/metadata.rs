//! The model metadata table: one row a task, with its parameters and initial conditions.
//!
//! The suite writes `str(value)`, which numpy cuts short for long arrays. Here a scalar is a
//! number as Python writes it, and an array is its whole JSON list, nested as the array is
//! (`[0.4,0.3]` for one value a step, `[[0.4,0.3]]` for one a group).

use std::ops::Range;

use super::column::check_distinct;
use super::counts::CheckedResult;
use super::error::{OutputError, ResultFault};
use super::float::write_float;
use super::rows::{ColumnType, ColumnValues, Rows, TableSchema, write_text};
use crate::array::Array;
use crate::simulation::{ParameterValue, SimulationResult};

/// The table's name.
pub(super) const NAME: &str = "model_metadata";

/// The columns before the parameters.
const LEADING: [(&str, ColumnType); 7] = [
    ("primary_id", ColumnType::Signed),
    ("seed", ColumnType::Unsigned),
    ("delta_t", ColumnType::Double),
    ("population", ColumnType::Text),
    ("n_sims", ColumnType::Signed),
    ("start_date", ColumnType::Date),
    ("end_date", ColumnType::Date),
];

/// The schema that a task's parameters and compartments give.
///
/// # Errors
/// When a parameter is named like another column.
pub(super) fn schema(result: &SimulationResult) -> Result<TableSchema, OutputError> {
    let leading = LEADING.iter().map(|&(name, kind)| (name.to_owned(), kind));
    let parameters = result
        .parameters
        .iter()
        .map(|(name, _)| (name.clone(), ColumnType::Text));
    let initial = result
        .compartments
        .iter()
        .map(|name| (format!("init_{name}"), ColumnType::Text));
    let columns: Vec<_> = leading.chain(parameters).chain(initial).collect();
    check_distinct(NAME, columns.iter().map(|(name, _)| name.as_str()))?;
    Ok(TableSchema {
        name: NAME,
        columns,
    })
}

/// The row of a task.
pub(super) struct Metadata {
    primary_id: u32,
    seed: u64,
    delta_t: f64,
    population: String,
    n_sims: i64,
    /// First and last date of the rows, as days since 1970-01-01 and as text.
    dates: [(i32, String); 2],
    /// Parameters, then initial conditions.
    texts: Vec<String>,
}

impl Metadata {
    /// # Errors
    /// When a parameter's array can't be read.
    pub(super) fn new(
        result: &SimulationResult,
        checked: &CheckedResult,
    ) -> Result<Self, OutputError> {
        let fault = |source| OutputError::Result {
            task: result.primary_id,
            fault: ResultFault::Array {
                array: "parameters",
                source,
            },
        };
        let mut texts = Vec::with_capacity(result.parameters.len() + result.compartments.len());
        for (_, value) in &result.parameters {
            texts.push(match value {
                ParameterValue::Number(number) => super::python_float(*number),
                ParameterValue::Array(array) => json(array).map_err(fault)?,
            });
        }
        for counts in checked.initial.chunks(result.groups.len()) {
            texts.push(json_list(counts.iter().map(i64::to_string)));
        }
        let dates = &checked.label.dates;
        let (first, last) = (&dates[0], &dates[dates.len() - 1]);
        Ok(Self {
            primary_id: result.primary_id,
            seed: result.seed,
            delta_t: result.delta_t,
            population: result.population.clone(),
            n_sims: result.n_sims() as i64,
            dates: [first, last].map(|date| (date.days, date.text.clone())),
            texts,
        })
    }
}

impl Rows for Metadata {
    fn n_rows(&self) -> usize {
        1
    }

    fn n_held(&self) -> usize {
        self.texts.iter().map(String::len).sum::<usize>() / 8
    }

    fn write_csv(&self, _: Range<usize>, text: &mut Vec<u8>) {
        text.extend_from_slice(format!("{},{},", self.primary_id, self.seed).as_bytes());
        write_float(text, self.delta_t);
        text.push(b',');
        write_text(text, &self.population);
        let [(_, start), (_, end)] = &self.dates;
        text.extend_from_slice(format!(",{},{start},{end}", self.n_sims).as_bytes());
        for field in &self.texts {
            text.push(b',');
            write_text(text, field);
        }
        text.push(b'\n');
    }

    fn column(&self, column: usize, _: Range<usize>) -> ColumnValues {
        match column {
            0 => ColumnValues::Integer(vec![i64::from(self.primary_id)]),
            1 => ColumnValues::Integer(vec![self.seed.cast_signed()]),
            2 => ColumnValues::Double(vec![self.delta_t]),
            3 => ColumnValues::Text(vec![self.population.clone()]),
            4 => ColumnValues::Integer(vec![self.n_sims]),
            5 | 6 => ColumnValues::Date(vec![self.dates[column - 5].0]),
            _ => ColumnValues::Text(vec![self.texts[column - LEADING.len()].clone()]),
        }
    }
}

/// An array as a JSON list, nested by its shape; not-a-number and infinity, which JSON lacks, as
/// Python's `json` writes them.
fn json(array: &Array) -> Result<String, crate::array::ArrayError> {
    let elements: Vec<String> = array.to_f64()?.into_iter().map(json_number).collect();
    let Some((_, outer)) = array.shape().split_first() else {
        return Ok(elements.concat());
    };
    // Joins the innermost axis first.
    let mut lists = elements;
    for &length in outer.iter().rev() {
        let length = usize::try_from(length).unwrap_or(usize::MAX).max(1);
        lists = lists
            .chunks(length)
            .map(|chunk| json_list(chunk.iter().cloned()))
            .collect();
    }
    Ok(json_list(lists.into_iter()))
}

fn json_number(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned()
    } else {
        super::python_float(number)
    }
}

fn json_list(elements: impl Iterator<Item = String>) -> String {
    format!("[{}]", elements.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_json_lists_nested_as_they_are() {
        for (shape, expected) in [
            (vec![4], "[0.5,1.0,2.0,1e-05]"),
            (vec![1, 4], "[[0.5,1.0,2.0,1e-05]]"),
            (vec![2, 2], "[[0.5,1.0],[2.0,1e-05]]"),
        ] {
            let array = Array::from_f64(&shape, &[0.5, 1.0, 2.0, 1e-5]);
            assert_eq!(json(&array).unwrap(), expected);
        }
    }
}
