//! The suite's telemetry as ours.

use serde::Deserialize;
use serde_json::Value;
use tracing::warn;

use super::error::PythonError;
use crate::telemetry::{Configuration, ModelSummary};

/// What `ExecutionTelemetry.to_dict()` has, as far as it is used. What isn't understood of a
/// task is no reason to lose its result.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Telemetry {
    configuration: Configuration,
    runner: Runner,
    warnings: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Runner {
    models: Vec<Value>,
}

/// The experiment, and what the builder warns of.
pub(super) fn of_builder(json: &str) -> Result<(Configuration, Vec<String>), PythonError> {
    let telemetry: Telemetry = serde_json::from_str(json).map_err(|error| PythonError::Shape {
        what: "telemetry",
        source: Box::new(error),
    })?;
    let mut configuration = telemetry.configuration;
    // Suite 0.1.0 writes the name of its enumeration too.
    configuration.start_date = configuration
        .start_date
        .map(|date| date.rsplit('.').next().unwrap_or_default().to_owned());
    Ok((configuration, telemetry.warnings))
}

/// The task's model.
pub(super) fn of_task(json: &str, primary_id: u32, population: &str) -> ModelSummary {
    let without = || ModelSummary {
        primary_id,
        population: population.to_owned(),
        ..ModelSummary::default()
    };
    let telemetry: Telemetry = match serde_json::from_str(json) {
        Ok(telemetry) => telemetry,
        Err(error) => {
            warn!("could not read the suite's telemetry: {error}");
            return without();
        }
    };
    for warning in &telemetry.warnings {
        warn!("{warning}");
    }
    let Some(model) = telemetry.runner.models.into_iter().next_back() else {
        return without();
    };
    serde_json::from_value(model).unwrap_or_else(|error| {
        warn!("could not read the suite's telemetry of a model: {error}");
        without()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_builder_s_telemetry_is_read_as_suite_0_1_0_writes_it() {
        let json = r#"{"metadata": {"process_id": 1}, "builder": {"n_models": 2}, "warnings": ["w"],
            "configuration": {"workflow_type": "calibration", "populations": ["A", "B"],
            "n_populations": 2, "start_date": "StartDateTypeEnum.calibrated",
            "end_date": "2025-05-31", "delta_t": 1.0, "random_seed": 42}}"#;
        let (configuration, warnings) = of_builder(json).unwrap();
        assert_eq!(configuration.start_date.as_deref(), Some("calibrated"));
        assert_eq!(configuration.end_date.as_deref(), Some("2025-05-31"));
        assert_eq!(configuration.random_seed, Some(42));
        assert_eq!(warnings, ["w"]);
    }

    #[test]
    fn a_task_s_telemetry_is_read_and_what_is_unknown_costs_nothing_else() {
        let json = r#"{"runner": {"models": [{"primary_id": 3, "population": "A",
            "calibration": {"duration_seconds": 1.5, "strategy": "smc", "num_particles": 20},
            "projection": {"duration_seconds": 2.0, "requested_trajectories": 4,
            "successful_trajectories": 3, "failed_trajectories": 1}}], "errors": []}}"#;
        let model = of_task(json, 3, "A");
        assert_eq!(model.calibration.unwrap().num_particles, Some(20));
        assert_eq!(model.projection.unwrap().failed_trajectories, 1);
        for odd in ["", "{}", r#"{"runner": {"models": [{"calibration": 1}]}}"#] {
            let model = of_task(odd, 3, "A");
            assert_eq!((model.primary_id, model.population.as_str()), (3, "A"));
        }
    }
}
