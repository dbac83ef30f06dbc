//! What can go wrong between a valid experiment and its results.

use epycloud_errors::{Diagnose, ExitCode};

use crate::calibration::CalibrationError;
use crate::model::{ClosureError, ModelError, VaccinationError};
use crate::population::PopulationError;
use crate::sampling::SamplingError;
use crate::simulation::{FrequencyError, RunError};

/// An experiment that can't be built, or a task that can't be run.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Population data is missing or wrong.
    #[error(transparent)]
    Population(#[from] PopulationError),
    /// The model doesn't add up.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The parameter sets can't be drawn.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// A calibration can't be built or run.
    #[error(transparent)]
    Calibration(Box<CalibrationError>),
    /// The vaccination schedule can't be made.
    #[error(transparent)]
    Vaccination(#[from] VaccinationError),
    /// School closures can't be placed.
    #[error(transparent)]
    Closures(#[from] ClosureError),
    /// The resampling frequency isn't one.
    #[error(transparent)]
    Frequency(#[from] FrequencyError),
    /// A task can't be simulated.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl From<CalibrationError> for EngineError {
    fn from(error: CalibrationError) -> Self {
        Self::Calibration(Box::new(error))
    }
}

impl EngineError {
    fn inner(&self) -> &dyn Diagnose {
        match self {
            Self::Population(error) => error,
            Self::Model(error) => error,
            Self::Sampling(error) => error,
            Self::Calibration(error) => error.as_ref(),
            Self::Vaccination(error) => error,
            Self::Closures(error) => error,
            Self::Frequency(error) => error,
            Self::Run(error) => error,
        }
    }
}

impl Diagnose for EngineError {
    fn exit_code(&self) -> ExitCode {
        self.inner().exit_code()
    }

    fn hint(&self) -> Option<String> {
        self.inner().hint()
    }
}
