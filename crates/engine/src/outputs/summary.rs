//! What a run's outputs come to, for the end of a command and for logs.

use serde::{Deserialize, Serialize};

/// What was written.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OutputSummary {
    /// The files, in the order of the tables.
    pub files: Vec<OutputFile>,
    /// How many tasks the files contain.
    pub n_tasks: u32,
    /// What was asked for and not written, and why.
    pub warnings: Vec<String>,
    /// The main transition of the first tasks, at most [`N_SHOWN`](super::N_SHOWN).
    pub headline: Vec<HeadlineRow>,
}

/// A file of the outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFile {
    /// Its name.
    pub name: String,
    /// Rows, if it is a table.
    pub rows: Option<u64>,
    /// Columns, if it is a table.
    pub columns: Option<u64>,
}

/// The main transition of a task in a few numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadlineRow {
    /// The task.
    pub primary_id: u32,
    /// Its population (epydemix name).
    pub population: String,
    /// The column: `S_to_L_total`.
    pub transition: String,
    /// The date on which the median over the simulations is highest, `YYYY-MM-DD`; the first
    /// such date.
    pub peak_date: String,
    /// People on that date (in the period that ends on it, when results are resampled).
    pub peak: Interval,
    /// People over the whole time.
    pub total: Interval,
}

/// A median over simulations with its central 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The 2.5 % quantile.
    pub lower: f64,
    /// The median.
    pub median: f64,
    /// The 97.5 % quantile.
    pub upper: f64,
}
