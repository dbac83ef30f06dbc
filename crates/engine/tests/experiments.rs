//! Reads the experiments of the shared data and of the quickstart.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "its helpers fail the test, and say when it is skipped"
)]

use std::path::{Path, PathBuf};

use epycloud_config::discover;
use epycloud_engine::calibration::DistanceFunction;
use epycloud_engine::calibration::abc::{Smc, Strategy};
use epycloud_engine::schema::basemodel::{Parameter, TransitionKind, VaccinationSource};
use epycloud_engine::schema::modelset::sampling::Variable;
use epycloud_engine::schema::modelset::{Distribution, Study};
use epycloud_engine::schema::output::Selection;
use epycloud_engine::schema::{Experiment, InvalidExperiment, read_experiment};
use jiff::civil::date;

fn shared_forecast() -> Option<PathBuf> {
    let data = std::env::var_os("EPYCLOUD_SHARED_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let forecast = data.join("forecast");
    if forecast.is_dir() {
        return Some(forecast);
    }
    eprintln!("skipped: `{}` is not there", forecast.display());
    None
}

fn read(repository: &Path, id: &str) -> Result<Experiment, InvalidExperiment> {
    let files = discover(repository, &id.parse().unwrap(), None).unwrap();
    read_experiment(&files)
}

#[test]
fn the_standalone_experiment_is_read_whole() {
    let Some(forecast) = shared_forecast() else {
        return;
    };
    let experiment = read(&forecast, "basic-standalone").unwrap();
    let base = &experiment.base;
    assert_eq!(base.name.as_deref(), Some("example_SLIR_standalone"));
    assert_eq!(base.random_seed, Some(42));
    assert_eq!(base.timespan.delta_t, 0.2);
    assert_eq!(base.simulation.n_sims, 10);
    assert_eq!(base.compartments.len(), 8);
    assert_eq!(base.transitions.len(), 9);
    assert_eq!(base.transitions[4].kind, TransitionKind::Vaccination);
    assert_eq!(base.parameters.len(), 5);
    assert!(matches!(&base.parameters[3].1, Parameter::AgeVarying(values) if values.len() == 5));
    assert_eq!(base.interventions.len(), 4);
    let vaccination = base.vaccination.as_ref().unwrap();
    assert_eq!(
        vaccination.source,
        VaccinationSource::Scenario("data/vaccine_scenarios_2425_cd.csv".to_owned())
    );
    assert_eq!(experiment.populations(), ["United_States_Massachusetts"]);
    let output = experiment.output.as_ref().unwrap();
    assert_eq!(
        output.quantiles.as_ref().unwrap().compartments,
        Selection::All
    );
    assert!(output.calibration_sections().is_empty());
    let warnings: Vec<&str> = experiment
        .warnings
        .iter()
        .map(|fault| &*fault.path)
        .collect();
    assert_eq!(
        warnings,
        [
            "model.simulation.resample_frequency",
            "model.vaccination.scenario"
        ]
    );
}

#[test]
fn the_sampling_experiment_is_read_whole() {
    let Some(forecast) = shared_forecast() else {
        return;
    };
    let experiment = read(&forecast, "basic-sampling").unwrap();
    let modelset = experiment.modelset.as_ref().unwrap();
    assert_eq!(modelset.population_names, ["US-MA", "US-NY"]);
    let Study::Sampling(sampling) = &modelset.study else {
        unreachable!("{modelset:?}")
    };
    assert_eq!(sampling.grid[0].name, "eps");
    assert_eq!(sampling.grid[0].values, [0.1, 0.2, 0.3, 0.4, 0.5]);
    let hypercube = sampling.latin_hypercube.as_ref().unwrap();
    assert_eq!(hypercube.n_samples, 100);
    assert_eq!(hypercube.compartments[0].compartment, "I");
    assert_eq!(
        hypercube.variables,
        [
            Variable::Uniform {
                name: "beta".to_owned(),
                low: 0.0,
                high: 0.3
            },
            Variable::StartDate {
                reference_date: date(2024, 10, 1),
                low: 0.0,
                high: 30.0
            },
        ]
    );
}

#[test]
fn the_calibration_experiments_are_read_whole() {
    let Some(forecast) = shared_forecast() else {
        return;
    };
    let experiment = read(&forecast, "flu-calibration").unwrap();
    let modelset = experiment.modelset.as_ref().unwrap();
    let Study::Calibration(calibration) = &modelset.study else {
        unreachable!("{modelset:?}")
    };
    let smc = Smc {
        num_particles: 20,
        num_generations: 5,
        ..Smc::default()
    };
    assert_eq!(calibration.strategy, Strategy::Smc(smc));
    assert_eq!(calibration.distance, DistanceFunction::Rmse);
    let comparison = &calibration.comparison[0];
    assert_eq!(comparison.observed_location_column, "geo_value");
    assert_eq!(comparison.simulation.len(), 2);
    let names = |priors: &[(String, Distribution)]| {
        priors
            .iter()
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&calibration.parameters), ["Rt", "seasonality_min"]);
    assert_eq!(names(&calibration.compartments), ["L", "Initial_immune"]);
    let start_date = calibration.start_date.as_ref().unwrap();
    assert_eq!(start_date.reference_date, date(2024, 9, 15));
    assert_eq!(start_date.prior.args, [0.0, 80.0]);
    assert_eq!(calibration.projection.unwrap().n_trajectories, 100);

    let experiment = read(&forecast, "basic-calibration").unwrap();
    let modelset = experiment.modelset.as_ref().unwrap();
    let Study::Calibration(calibration) = &modelset.study else {
        unreachable!("{modelset:?}")
    };
    let Strategy::Smc(smc) = &calibration.strategy else {
        unreachable!("{calibration:?}")
    };
    assert_eq!(smc.max_seconds, Some(21_600.0));
    assert_eq!(calibration.projection, None);
}

#[test]
fn the_quickstart_is_valid_and_has_a_task_for_each_place() {
    let quickstart = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/quickstart"
    ));
    let experiment = read(quickstart, "quickstart").unwrap();
    assert_eq!(
        experiment.populations(),
        ["Harbour_Island", "Meadow_County"]
    );
    assert_eq!(experiment.warnings, []);
}
