//! The tables of an output configuration and the files each is written to.

use std::sync::Arc;

use super::batch::{Batch, ChunkSize};
use super::column::{Column, check_distinct, select};
use super::counts::CheckedResult;
use super::encoder::{FileFormat, Job};
use super::error::OutputError;
use super::metadata::{self, Metadata};
use super::quantiles::{self, Level, Quantiles};
use super::rows::{Piece, Rows, TableSchema};
use super::trajectories::{self, Trajectories};
use crate::schema::output::{
    OutputConfig, QuantilesOutput, Selection, TabularFormat, TrajectoriesOutput,
};
use crate::simulation::SimulationResult;

/// A CSV chunk is about half a megabyte of text: enough to compress well, and small enough for
/// several to be under way.
const CSV_CHUNK: ChunkSize = ChunkSize {
    n_fields: 1 << 16,
    n_held: 1 << 19,
};

/// A row group is a million fields: every row group costs a few hundred bytes a column in the
/// file's footer, which readers load first.
const ROW_GROUP: ChunkSize = ChunkSize {
    n_fields: 1 << 20,
    n_held: 1 << 20,
};

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

/// A table under construction.
pub(super) struct Table {
    content: Content,
    pub(super) n_columns: usize,
    pub(super) n_rows: u64,
    pub(super) files: Vec<TableFile>,
}

/// A file that a table is written to.
pub(super) struct TableFile {
    /// Its name.
    pub(super) name: String,
    /// Its number among the files of all tables.
    pub(super) index: usize,
    pub(super) format: FileFormat,
    batch: Batch,
}

impl TableFile {
    fn new(index: usize, schema: &TableSchema, format: TabularFormat) -> Result<Self, OutputError> {
        let name = file_name(schema.name, format);
        let (size, format) = match format {
            TabularFormat::CsvGz => (CSV_CHUNK, FileFormat::csv(schema)),
            TabularFormat::Parquet => match FileFormat::parquet(schema) {
                Ok(format) => (ROW_GROUP, format),
                Err(source) => return Err(OutputError::Encode { file: name, source }),
            },
        };
        Ok(Self {
            name,
            index,
            format,
            batch: Batch::new(size, schema.columns.len()),
        })
    }

    /// Takes a task's rows and returns the chunks they complete.
    pub(super) fn add(&mut self, rows: &Arc<dyn Rows>) -> Vec<Job> {
        let chunks = self.batch.add(rows);
        chunks.into_iter().map(|pieces| self.job(pieces)).collect()
    }

    /// The last chunk, if there is one.
    pub(super) fn rest(&mut self) -> Option<Job> {
        let pieces = self.batch.take()?;
        Some(self.job(pieces))
    }

    fn job(&mut self, pieces: Vec<Piece>) -> Job {
        Job {
            file: self.index,
            format: self.format.next_job(),
            pieces,
        }
    }
}

fn file_name(table: &str, format: TabularFormat) -> String {
    let ending = match format {
        TabularFormat::CsvGz => "csv.gz",
        TabularFormat::Parquet => "parquet",
    };
    format!("{table}.{ending}")
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
    described.push((metadata::schema(result)?, Content::Metadata));
    with_files(described, &formats(config))
}

/// A table that isn't begun yet.
type Described = (TableSchema, Content);

fn quantile_tables(
    output: &QuantilesOutput,
    result: &SimulationResult,
) -> Result<Vec<Described>, OutputError> {
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
            described.push((
                schema,
                Content::Quantiles {
                    series,
                    columns,
                    levels,
                },
            ));
        }
    }
    Ok(described)
}

fn trajectory_tables(
    output: &TrajectoriesOutput,
    result: &SimulationResult,
) -> Result<Vec<Described>, OutputError> {
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
            let schema = trajectories::schema(name, &columns);
            described.push((schema, Content::Trajectories { series, columns }));
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

/// The formats asked for, each once; CSV when there are none.
fn formats(config: &OutputConfig) -> Vec<TabularFormat> {
    let mut formats: Vec<TabularFormat> = Vec::new();
    for &format in &config.tabular_formats {
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    if formats.is_empty() {
        formats.push(TabularFormat::CsvGz);
    }
    formats
}

fn with_files(
    described: Vec<Described>,
    formats: &[TabularFormat],
) -> Result<Vec<Table>, OutputError> {
    let mut tables = Vec::with_capacity(described.len());
    let mut index = 0;
    for (schema, content) in described {
        check_distinct(
            schema.name,
            schema.columns.iter().map(|(name, _)| name.as_str()),
        )?;
        let mut files = Vec::with_capacity(formats.len());
        for &format in formats {
            files.push(TableFile::new(index, &schema, format)?);
            index += 1;
        }
        tables.push(Table {
            content,
            n_columns: schema.columns.len(),
            n_rows: 0,
            files,
        });
    }
    Ok(tables)
}
