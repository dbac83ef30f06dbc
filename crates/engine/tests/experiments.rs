//! Reads the experiments of the shared data and of the quickstart.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "its helpers fail the test, and say when it is skipped"
)]

use std::path::{Path, PathBuf};

use epycloud_config::{Severity, discover};
use epycloud_engine::schema::basemodel::{Parameter, TransitionKind, VaccinationSource};
use epycloud_engine::schema::output::Selection;
use epycloud_engine::schema::{Experiment, InvalidExperiment, read_experiment};

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
    assert_eq!(output.ignored_sections, Vec::<String>::new());
    let warnings: Vec<&str> = experiment
        .warnings
        .iter()
        .map(|fault| &*fault.path)
        .collect();
    assert_eq!(warnings, ["model.vaccination.scenario"]);
}

#[test]
fn sampling_and_calibration_are_refused_in_so_many_words() {
    let Some(forecast) = shared_forecast() else {
        return;
    };
    for (id, section) in [
        ("basic-sampling", "sampling"),
        ("basic-calibration", "calibration"),
        ("flu-calibration", "calibration"),
    ] {
        let invalid = read(&forecast, id).unwrap_err();
        let errors: Vec<String> = invalid
            .faults()
            .iter()
            .filter(|fault| fault.severity == Severity::Error)
            .map(|fault| format!("{}: {}", fault.path, fault.message))
            .collect();
        let expected =
            format!("modelset.{section}: needs {section}, which is not yet in the native engine");
        assert_eq!(errors, [expected], "{id}: {invalid}");
    }
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
