//! What can go wrong while outputs are written.

use std::error::Error;

use epycloud_errors::{Diagnose, ExitCode};

use crate::array::ArrayError;

/// An output that couldn't be written. After one, the writer and the files it began are to be
/// thrown away.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The parts of a result contradict each other.
    #[error("the result of task `{task}` can't be used")]
    Result {
        /// The task.
        task: u32,
        /// What is wrong with it.
        #[source]
        fault: ResultFault,
    },
    /// A result isn't shaped like those before it, so it can't stand in the same table.
    #[error("task `{task}` has the {what} {found}, but task `{first}` has {expected}")]
    Layout {
        /// The task that differs.
        task: u32,
        /// The first task, which sets the columns.
        first: u32,
        /// What differs: `age groups`, `compartments`, `transitions` or `parameters`.
        what: &'static str,
        /// What the task has, in backticks.
        found: String,
        /// What the first task has, in backticks.
        expected: String,
    },
    /// The output configuration selects a column that the results don't have.
    #[error("`{section}` selects `{column}`, which the results don't have")]
    UnknownColumn {
        /// Where it is selected: `quantiles.compartments`, …
        section: &'static str,
        /// The column.
        column: String,
        /// The column most like it.
        nearest: Option<String>,
    },
    /// Two columns of a table would have the same name.
    #[error("two columns of `{table}` are named `{column}`")]
    RepeatedColumn {
        /// The table.
        table: &'static str,
        /// The name.
        column: String,
    },
    /// A quantile level isn't a probability.
    #[error("quantile level `{level}` isn't between 0 and 1")]
    Level {
        /// The level.
        level: f64,
    },
    /// Results don't come in the order of their tasks.
    #[error("task `{task}` comes after task `{previous}`")]
    Order {
        /// The task pushed.
        task: u32,
        /// The task pushed before it.
        previous: u32,
    },
    /// No thread could be started.
    #[error("could not start a thread to write outputs")]
    Threads {
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The sink refused a chunk.
    #[error("could not write `{file}`")]
    Sink {
        /// The file.
        file: String,
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A table couldn't be encoded.
    #[error("could not encode `{file}`")]
    Encode {
        /// The file.
        file: String,
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A figure couldn't be drawn.
    #[error("could not draw the figure `{name}`")]
    Figure {
        /// Its file's name without ending.
        name: String,
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The chart couldn't be drawn.
    #[error("could not draw `{file}`")]
    Chart {
        /// The file.
        file: &'static str,
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl Diagnose for OutputError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::UnknownColumn { .. } | Self::RepeatedColumn { .. } | Self::Level { .. } => {
                ExitCode::Usage
            }
            _ => ExitCode::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownColumn {
                nearest: Some(nearest),
                ..
            } => Some(format!("did you mean `{nearest}`?")),
            Self::UnknownColumn { nearest: None, .. } => {
                Some("columns are `{name}_{age group}` and `{name}_total`".to_owned())
            }
            Self::Result { .. } => Some("run the task again".to_owned()),
            _ => None,
        }
    }
}

/// How the parts of a result contradict each other.
#[derive(Debug, thiserror::Error)]
pub enum ResultFault {
    /// An array isn't what it says it is.
    #[error("`{array}` can't be read")]
    Array {
        /// The array's field.
        array: &'static str,
        /// What is wrong with it.
        #[source]
        source: ArrayError,
    },
    /// An array's shape doesn't follow from the names and dates.
    #[error("`{array}` has the shape {found:?}, expected {expected:?}")]
    Shape {
        /// The array's field.
        array: &'static str,
        /// Its shape.
        found: Vec<u64>,
        /// The shape that the names and dates give.
        expected: Vec<u64>,
    },
    /// There is nothing to tabulate.
    #[error("it has no {what}")]
    Empty {
        /// What there is none of: `simulations`, `dates`, …
        what: &'static str,
    },
    /// A count is negative, or too large for its group totals to be exact as floating point.
    #[error("`{array}` contains the count `{value}`")]
    Count {
        /// The array's field.
        array: &'static str,
        /// The count.
        value: i64,
    },
    /// A trajectory is of a particle that its generation doesn't have.
    #[error("a trajectory is of particle `{particle}` of {n_particles}")]
    Particle {
        /// The particle.
        particle: usize,
        /// How many its generation has.
        n_particles: usize,
    },
    /// What is compared with observations sums a column that wasn't projected.
    #[error("a comparison sums `{column}`, which isn't a column of its transitions")]
    Comparison {
        /// The column.
        column: String,
    },
    /// A date can't be read.
    #[error("`{value}` isn't a date")]
    Date {
        /// The text.
        value: String,
        /// Why.
        #[source]
        source: jiff::Error,
    },
}
