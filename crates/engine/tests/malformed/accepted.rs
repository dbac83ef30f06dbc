//! What is accepted although it looks unusual: everything that some version of the suite accepts.

use epycloud_engine::schema::basemodel::{InitialCondition, Parameter, Rate, TransitionKind};
use epycloud_engine::schema::output::{HubOutput, Selection, TabularFormat, VariantKind};

use super::support::{Case, Repository, check_accepted};

#[test]
fn unusual_but_valid() {
    check_accepted(
        "accepted",
        &[
            Case::model(
                "numbers as text",
                "    delta_t: 0.5",
                "    delta_t: \"0.5\"",
            ),
            Case::model(
                "a number of simulations as text",
                "    n_sims: 20",
                "    n_sims: \"20\"",
            ),
            Case::model(
                "whole numbers with a point",
                "  random_seed: 42",
                "  random_seed: 42.0",
            ),
            Case::model(
                "the largest seed",
                "  random_seed: 42",
                "  random_seed: 18446744073709551615",
            ),
            Case::model(
                "no simulation section",
                "  simulation:\n    n_sims: 20\n    resample_frequency: W-SAT\n",
                "",
            ),
            Case::model(
                "an empty simulation section",
                "  simulation:\n    n_sims: 20\n    resample_frequency: W-SAT\n",
                "  simulation:\n",
            ),
            Case::model(
                "empty optional values",
                "    n_sims: 20\n    resample_frequency: W-SAT",
                "    n_sims:\n    resample_frequency: ~",
            ),
            Case::model("no seed", "  random_seed: 42\n", "  random_seed:\n"),
            Case::model(
                "a date with midnight",
                "    start_date: 2024-09-01",
                "    start_date: 2024-09-01T00:00:00",
            ),
            Case::model(
                "one day",
                "    start_date: 2024-09-01\n    end_date: \"2025-05-31\"",
                "    start_date: 2025-05-31\n    end_date: 2025-05-31",
            ),
            Case::model(
                "a week that isn't whole",
                "    resample_frequency: W-SAT",
                "    resample_frequency: W-MON",
            ),
            Case::model(
                "another form of a location",
                "    name: US-MA",
                "    name: Massachusetts\n    contact_matrix: \"25\"\n    location_type: iso",
            ),
            Case::model(
                "a population of one's own",
                "    name: US-MA",
                "    name: Atlantis",
            ),
            Case::model("a territory", "    name: US-MA", "    name: US-PR"),
            Case::model(
                "nobody anywhere yet",
                "      init: default\n    - id: I\n      init: 100\n    - id: R\n      init: [0.1, 0.2, 0.3, 0.4]",
                "    - id: I\n    - id: R",
            ),
            Case::model(
                "two compartments share the rest",
                "      init: 100",
                "      init: default",
            ),
            Case::model("a rate of numbers", "rate: 0.01}", "rate: 1/100}"),
            Case::model("a rate as text", "rate: 0.01}", "rate: \"1e-2\"}"),
            Case::model(
                "every operator",
                "rate: 0.01}",
                "rate: gamma % 2 ** -1 + +gamma}",
            ),
            Case::model(
                "several mediators",
                "    - {type: spontaneous, source: R, target: S, rate: 0.01}",
                "    - {type: multi_mediated, source: R, target: S, mediators: [{rate: beta, source: [I, V]}, {rate: 0.1, source: [S]}]}",
            ),
            Case::model(
                "functions, lists and shares in a calculation",
                "value: R0*gamma/eigenvalue",
                "value: \"np.sqrt(R0*gamma)/eigenvalue * (1 - R) + np.max([0.1, 1e-2])\"",
            ),
            Case::model(
                "a calculation with an age-varying parameter",
                "value: R0*gamma/eigenvalue",
                "value: 1 - p_sev",
            ),
            Case::model(
                "a calculation that is a number",
                "value: R0*gamma/eigenvalue",
                "value: 0.5",
            ),
            Case::model(
                "another way to the doses",
                "    scenario_data_path: data/coverage.csv",
                "    preprocessed_vaccination_data_path: data/doses.csv\n    scenario: A_B",
            ),
            Case::model(
                "a scenario that isn't used",
                "    scenario_data_path: data/coverage.csv",
                "    scenario_data_path: data/coverage.csv\n    scenario: A_B",
            ),
            Case::model(
                "no trough",
                "    seasonality_min_date: 2025-07-10",
                "    seasonality_min_date:",
            ),
            Case::model(
                "a factor of nothing",
                "      override_value: 0.02",
                "      scaling_factor: 0",
            ),
            Case::model(
                "an intervention outside the time",
                "      start_date: 2025-02-01\n      end_date: 2025-02-14",
                "      start_date: 2026-02-01\n      end_date: 2026-02-14",
            ),
            Case::model(
                "anchors and merges",
                "    R0: {type: scalar, value: 1.6}\n    gamma: {type: scalar, value: 1/3.5}",
                "    R0: &scalar {type: scalar, value: 1.6}\n    gamma: {<<: *scalar, value: 1/3.5}",
            ),
            Case::model(
                "unknown keys",
                "  random_seed: 42",
                "  random_sed: 42\n  owner: somebody",
            ),
            Case::model(
                "a compartment that leads to itself",
                "source: R, target: S, rate: 0.01",
                "source: R, target: R, rate: 0.01",
            ),
            Case::modelset("every location", "[US-MA, US-NY]", "[all]"),
            Case::modelset(
                "every location, and one",
                "[US-MA, US-NY]",
                "[all-states, US-MA]",
            ),
            Case::modelset(
                "populations in words",
                "  population_names",
                "  sampling: populations\n  population_names",
            ),
            Case::modelset(
                "populations with their type",
                "[US-MA, US-NY]",
                "[{name: US-MA, type: iso}, New York]",
            ),
            Case::output(
                "no tables",
                "    compartments: [I_total, I_65+]\n    transitions: true",
                "    compartments: []",
            ),
            Case::output(
                "words for booleans",
                "    transitions: true",
                "    transitions: \"yes\"",
            ),
            Case::output("tables in memory", "[CSVBytes, Parquet]", "[DataFrame]"),
            Case::output("no formats", "[CSVBytes, Parquet]", ""),
            Case::output(
                "the hub's quantiles",
                "    selections: [0.025, 0.5, 0.975]\n",
                "",
            ),
            Case::output(
                "suite 0.1.0's rate trends",
                "    rate_trends_source: hospital",
                "    rate_trends:\n      observed_data_path: data/hospital.csv\n      observed_value_column: value\n      observed_date_column: date\n      observed_location_column: location",
            ),
            Case::output(
                "emergency visits",
                "    rate_trends_source: hospital",
                "    hospitalizations:\n    metrocast: false\n    quantiles: [0.1, 0.9]\n    prop_ed: {strategy: transition, transition_name: S_to_I_total, target: visits}",
            ),
            Case::output(
                "another hub",
                "  flusight_format:\n    reference_date: 2025-01-04\n    rate_trends_source: hospital\n",
                "  covid19_format: {}\n",
            ),
            Case::output(
                "samples",
                "    rate_trends_source: hospital",
                "    samples: {n_samples: 100, method: random, seed: 7}",
            ),
            Case::output(
                "a scenario hub",
                "  flusight_format:\n    reference_date: 2025-01-04\n    rate_trends_source: hospital\n",
                "  flusmh_format: {origin_date: 2025-01-05, scenario_id: A-2025-01-01, targets: {inc hosp: S_to_I}}\n",
            ),
            Case::output(
                "our own hub",
                "  flusight_format:\n    reference_date: 2025-01-04\n    rate_trends_source: hospital\n",
                "  rsv_format: {samples: true, hospitalizations: {target: wk inc rsv hosp}}\n",
            ),
            Case::output(
                "posteriors of some generations",
                "  posteriors: false",
                "  posteriors: {generations: [1, 2]}",
            ),
            Case::output(
                "every plot",
                "        - {type: full, surveillance_source: hospital}",
                "        - {type: full, surveillance_points: 8, figsize: [8, 4]}\n        - {type: side_by_side, full_panel: {xlabel_interval: MS}, spacing: 0.2}\n      grid: {enabled: true, panels_per_row: 4}\n      single: [US-MA]\n      quantiles: [0, 0.5, 1]\n      calibration: {color: C2}\n    posterior: {single: true, grid: false, bins: 20}\n    categorical: {categories: [up, down], colors: [\"#000\", \"#fff\"], horizons: [-1, 0]}\n    figure_output_types: [PNG, SVG]\n    dpi: 300",
            ),
            Case::output(
                "old plots without a grid",
                "        - {type: full, surveillance_source: hospital}",
                "        - {type: side_by_side}\n      grid: false",
            ),
        ],
    );
}

#[test]
fn values_arrive_as_they_are_meant() {
    let case = Case::model(
        "values",
        "    - {type: spontaneous, source: R, target: S, rate: 0.01}",
        "    - {type: multi_mediated, source: R, target: S, mediators: [{rate: beta, source: [I, V]}, \
         {rate: \"0.5\", source: [S]}]}",
    );
    let Ok(experiment) = Repository::with(&case).experiment("flu", None) else {
        panic!("not accepted");
    };
    let base = &experiment.base;
    assert_eq!(
        base.compartments[2].init,
        Some(InitialCondition::ByGroup(vec![0.1, 0.2, 0.3, 0.4]))
    );
    let mediated = |rate: Rate, mediator: &str| TransitionKind::Mediated {
        rate,
        mediator: mediator.to_owned(),
    };
    let beta = || Rate::Expression("beta".to_owned());
    let kinds: Vec<&TransitionKind> = base.transitions.iter().map(|known| &known.kind).collect();
    assert_eq!(
        kinds[2..],
        [
            &mediated(beta(), "I"),
            &mediated(beta(), "V"),
            &mediated(Rate::Number(0.5), "S"),
            &TransitionKind::Vaccination,
        ]
    );
    assert_eq!(
        base.parameters[2].1,
        Parameter::AgeVarying(vec![
            Rate::Number(0.01),
            Rate::Number(0.001),
            Rate::Expression("1/50".to_owned()),
            Rate::Number(0.05),
        ])
    );
    let output = experiment.output.unwrap();
    assert_eq!(
        output.tabular_formats,
        [TabularFormat::CsvGz, TabularFormat::Parquet]
    );
    assert_eq!(
        output.trajectories.as_ref().unwrap().compartments,
        Selection::None
    );
    assert_eq!(
        output.quantiles.as_ref().unwrap().compartments,
        Selection::Only(vec!["I_total".to_owned(), "I_65+".to_owned()])
    );
    assert_eq!(output.calibration_sections(), ["flusight_format", "plots"]);
    let Some(HubOutput::Forecast(forecast)) = &output.hub else {
        panic!("no forecast");
    };
    assert_eq!(forecast.reference_date, Some(jiff::civil::date(2025, 1, 4)));
    let trends = forecast.rate_trends.as_ref().unwrap();
    assert_eq!(
        (&*trends.name, &*trends.data_path),
        ("hospital", "data/hospital.csv")
    );
    assert_eq!(
        forecast.hospitalizations.as_deref(),
        Some("wk inc flu hosp")
    );
    assert_eq!(forecast.quantiles.len(), 23);
    let plots = output.plots.as_ref().unwrap();
    let variant = &plots.quantiles.variants[0];
    assert_eq!(variant.kind, VariantKind::Full);
    assert_eq!(variant.surveillance.as_ref(), Some(trends));
    assert_eq!(variant.horizon_max, Some(3));
}

#[test]
fn all_is_every_location_in_the_tables_order() {
    let case = Case::modelset("all", "[US-MA, US-NY]", "[all]");
    let Ok(experiment) = Repository::with(&case).experiment("flu", None) else {
        panic!("not accepted");
    };
    let populations = experiment.populations();
    assert_eq!(populations.len(), 52);
    assert_eq!(populations[..2], ["United_States", "United_States_Alabama"]);
}
