//! The kinds of workflow, as the suite names them.

use epycloud_engine::schema::Experiment;
use epycloud_engine::schema::modelset::Study;

/// A kind of workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Workflow {
    Simulation,
    Sampling,
    Calibration,
    CalibrationProjection,
}

impl Workflow {
    const ALL: [Self; 4] = [
        Self::Simulation,
        Self::Sampling,
        Self::Calibration,
        Self::CalibrationProjection,
    ];

    /// What an experiment is. The suite calls a modelset that varies nothing but the population a
    /// sampling, too.
    pub(super) fn of(experiment: &Experiment) -> Self {
        match experiment.modelset.as_ref().map(|modelset| &modelset.study) {
            None => Self::Simulation,
            Some(Study::Populations | Study::Sampling(_)) => Self::Sampling,
            Some(Study::Calibration(calibration)) if calibration.projection.is_some() => {
                Self::CalibrationProjection
            }
            Some(Study::Calibration(_)) => Self::Calibration,
        }
    }

    /// The kind of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Simulation => "simulation",
            Self::Sampling => "sampling",
            Self::Calibration => "calibration",
            Self::CalibrationProjection => "calibration_projection",
        }
    }

    /// Whether its tasks are calibrations.
    pub(super) const fn is_calibration(self) -> bool {
        matches!(self, Self::Calibration | Self::CalibrationProjection)
    }
}
