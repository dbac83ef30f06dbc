//! What can go wrong with a calibration.

use epycloud_errors::{Diagnose, ExitCode};
use epycloud_kernel::PlanError;

use super::abc::SearchError;
use super::distance::DistanceError;
use super::observed::ObservedError;
use crate::array::ArrayError;
use crate::model::ModelError;
use crate::priors::PriorError;
use crate::simulation::FrequencyError;

/// A calibration that can't be built or run.
#[derive(Debug, thiserror::Error)]
pub enum CalibrationError {
    /// The experiment is no calibration.
    #[error("the experiment is not a calibration")]
    NotACalibration,
    /// The observations can't be used.
    #[error(transparent)]
    Observed(#[from] ObservedError),
    /// Nothing can be compared with the observations.
    #[error("the observations of `{population}` have no distance from anything")]
    Distance {
        /// The population.
        population: String,
        /// Why.
        source: DistanceError,
    },
    /// A simulation has no row on the day of an observation.
    #[error(
        "`{population}` is observed on {date}, on which a simulation resampled to `{frequency}` has \
         no value"
    )]
    NoRow {
        /// The population.
        population: String,
        /// The day.
        date: String,
        /// The frequency.
        frequency: String,
    },
    /// What is compared isn't a column of a transition.
    #[error("`{column}` is no column of a transition of the model")]
    NoColumn {
        /// The column.
        column: String,
    },
    /// The day of an observation isn't one.
    #[error("`{text}` is not the date of an observation")]
    Date {
        /// What is there.
        text: String,
    },
    /// A prior isn't one.
    #[error("the prior of `{parameter}` is none")]
    Prior {
        /// What is calibrated.
        parameter: String,
        /// Why.
        source: PriorError,
    },
    /// The model can't be built.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The model can't be simulated.
    #[error("the model can't be simulated")]
    Plan(#[from] PlanError),
    /// The resampling frequency isn't one.
    #[error(transparent)]
    Frequency(#[from] FrequencyError),
    /// An array isn't one, as in an artifact that wasn't written by the builder.
    #[error("the task is not a whole one")]
    Array(#[from] ArrayError),
    /// The search can't go on.
    #[error("could not calibrate `{population}`")]
    Search {
        /// The population.
        population: String,
        /// Why.
        source: SearchError,
    },
    /// The search found nothing to project from.
    #[error("no particle of `{population}` was found to project from")]
    NoParticle {
        /// The population.
        population: String,
    },
    /// There is no such generation to project from.
    #[error("there is no generation {asked} to project from: the search made {found}")]
    NoGeneration {
        /// The generation that the experiment asks for.
        asked: u32,
        /// Generations there are.
        found: usize,
    },
    /// The posterior makes no model.
    #[error("could not project `{population}`: {reason}")]
    Projection {
        /// The population.
        population: String,
        /// Why.
        reason: String,
    },
    /// The rows of trajectories depend on the start.
    #[error(
        "resampled to `{frequency}`, trajectories that begin on different days have different rows"
    )]
    Rows {
        /// The frequency.
        frequency: String,
    },
    /// Whoever watches the search has ended it.
    #[error("the calibration was interrupted")]
    Interrupted,
}

impl Diagnose for CalibrationError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Observed(error) => error.exit_code(),
            Self::Model(error) => error.exit_code(),
            Self::Frequency(error) => error.exit_code(),
            Self::NotACalibration
            | Self::Distance { .. }
            | Self::NoRow { .. }
            | Self::NoColumn { .. }
            | Self::Date { .. }
            | Self::Rows { .. }
            | Self::Prior { .. } => ExitCode::Usage,
            Self::Interrupted => ExitCode::Interrupted,
            Self::Plan(_)
            | Self::Array(_)
            | Self::Search { .. }
            | Self::NoParticle { .. }
            | Self::NoGeneration { .. }
            | Self::Projection { .. } => ExitCode::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Observed(error) => error.hint(),
            Self::Model(error) => error.hint(),
            Self::Frequency(error) => error.hint(),
            Self::NoRow { .. } => Some(
                "choose `simulation.resample_frequency` so that its days are those of the \
                 observations (`W-SAT` for weeks that end on Saturday)"
                    .to_owned(),
            ),
            Self::Rows { .. } => Some(
                "choose a frequency whose periods are fixed in the calendar: `D`, `W-SAT`, `MS`"
                    .to_owned(),
            ),
            Self::Search {
                source: SearchError::Invalid { .. },
                ..
            } => Some("narrow the priors to values that a model can have".to_owned()),
            Self::NoParticle { .. } => {
                Some("raise the strategy's `epsilon` or its budget".to_owned())
            }
            _ => None,
        }
    }
}
