//! The tables that a simulation workflow's output configuration asks for.

use std::sync::Arc;

use super::column::{Column, check_distinct, select};
use super::counts::CheckedResult;
use super::error::OutputError;
use super::metadata::{self, Metadata};
use super::quantiles::{self, Level, Quantiles};
use super::rows::{Rows, TableSchema};
use super::trajectories::{self, DatePlace, Trajectories};
use crate::schema::output::{OutputConfig, QuantilesOutput, Selection, TrajectoriesOutput};
use crate::simulation::SimulationResult;

/// A compartment or a transition.
#[derive(Debug, Clone, Copy)]
enum Series {
    Compartments,
    Transitions,
}

/// What the rows of a table are made of.
enum Content {
    Quantiles {
        series: Series,
        columns: Arc<[Column]>,
        levels: Arc<[Level]>,
    },
    Trajectories {
        series: Series,
        columns: Arc<[Column]>,
    },
    Metadata,
}

/// A table of the configuration.
pub(super) struct Table {
    pub(super) schema: TableSchema,
    content: Content,
}

impl Table {
    /// The rows that a task gives to the table.
    ///
    /// # Errors
    /// When the result's parameters can't be read.
    pub(super) fn rows(
        &self,
        result: &SimulationResult,
        checked: &CheckedResult,
    ) -> Result<Arc<dyn Rows>, OutputError> {
        let label = Arc::clone(&checked.label);
        let counts = |series| match series {
            Series::Compartments => Arc::clone(&checked.compartments),
            Series::Transitions => Arc::clone(&checked.transitions),
        };
        Ok(match &self.content {
            Content::Quantiles {
                series,
                columns,
                levels,
            } => Arc::new(Quantiles::new(
                label,
                counts(*series),
                Arc::clone(columns),
                Arc::clone(levels),
            )),
            Content::Trajectories { series, columns } => Arc::new(Trajectories::new(
                label,
                counts(*series),
                Arc::clone(columns),
                DatePlace::Third,
            )),
            Content::Metadata => Arc::new(Metadata::new(result, checked)?),
        })
    }
}

/// The tables that a configuration asks for, in the order of their names in the suite; `result`
/// is the first task's and sets their columns.
///
/// # Errors
/// When a selected column doesn't exist, two have one name, or a level isn't a probability.
pub(super) fn tables(
    config: &OutputConfig,
    result: &SimulationResult,
) -> Result<Vec<Table>, OutputError> {
    let mut described = Vec::new();
    if let Some(output) = &config.quantiles {
        described.extend(quantile_tables(output, result)?);
    }
    if let Some(output) = &config.trajectories {
        described.extend(trajectory_tables(output, result)?);
    }
    described.push(Table {
        schema: metadata::schema(result)?,
        content: Content::Metadata,
    });
    for table in &described {
        let columns = table.schema.columns.iter().map(|(name, _)| name.as_str());
        check_distinct(table.schema.name, columns)?;
    }
    Ok(described)
}

fn quantile_tables(
    output: &QuantilesOutput,
    result: &SimulationResult,
) -> Result<Vec<Table>, OutputError> {
    let levels = output.selections.iter().map(|&level| Level::new(level));
    let levels: Arc<[Level]> = levels.collect::<Result<_, _>>()?;
    let tables = [
        (
            "quantiles_compartments",
            "quantiles.compartments",
            Series::Compartments,
            &output.compartments,
        ),
        (
            "quantiles_transitions",
            "quantiles.transitions",
            Series::Transitions,
            &output.transitions,
        ),
    ];
    let mut described = Vec::new();
    for (name, section, series, selection) in tables {
        let columns = columns_of(section, selection, series, result)?;
        if !columns.is_empty() && !levels.is_empty() {
            let (schema, levels) = (quantiles::schema(name, &columns), Arc::clone(&levels));
            described.push(Table {
                schema,
                content: Content::Quantiles {
                    series,
                    columns,
                    levels,
                },
            });
        }
    }
    Ok(described)
}

fn trajectory_tables(
    output: &TrajectoriesOutput,
    result: &SimulationResult,
) -> Result<Vec<Table>, OutputError> {
    let tables = [
        (
            "trajectories_compartments",
            "trajectories.compartments",
            Series::Compartments,
            &output.compartments,
        ),
        (
            "trajectories_transitions",
            "trajectories.transitions",
            Series::Transitions,
            &output.transitions,
        ),
    ];
    let mut described = Vec::new();
    for (name, section, series, selection) in tables {
        let columns = columns_of(section, selection, series, result)?;
        if !columns.is_empty() {
            let schema = trajectories::schema(name, &columns, DatePlace::Third);
            described.push(Table {
                schema,
                content: Content::Trajectories { series, columns },
            });
        }
    }
    Ok(described)
}

fn columns_of(
    section: &'static str,
    selection: &Selection,
    series: Series,
    result: &SimulationResult,
) -> Result<Arc<[Column]>, OutputError> {
    let names = match series {
        Series::Compartments => &result.compartments,
        Series::Transitions => &result.transitions,
    };
    select(section, selection, names, &result.groups).map(Into::into)
}
